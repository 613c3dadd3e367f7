import type { ObjectRule } from "../../core/rule.ts";
import { apiVersion } from "../../kube/objects.ts";
import { api } from "./cases.ts";
import { minorOf, type RemovedApiSettings } from "./settings.ts";
import { apiEnds, endOf, insteadText, isDeprecated } from "./versions.ts";

/** What still works, and will not for long. */
export const deprecated: ObjectRule<RemovedApiSettings> = {
  id: "deprecated",
  subject: "object",
  level: "advisory",
  title: "No API version is deprecated in the Kubernetes version of the clusters.",
  why: "A deprecated version is served for three more releases or less, and then an upgrade of the cluster breaks.",
  fix: "write the object in the API version that takes its place",
  check(object, report, settings) {
    const own = endOf(object);
    if (own === undefined || !isDeprecated(own, minorOf(settings))) return;
    const until = own.removed === undefined ? "" : `, and will not be served from 1.${own.removed} on`;
    report.violated(
      object.root.at("apiVersion"),
      `${apiVersion(object)} ${object.kind} is deprecated since 1.${own.deprecated}${until}${insteadText(own)}`,
    );
  },
  good: [
    { name: "stable versions", objects: [api("v1", "Service"), api("discovery.k8s.io/v1", "EndpointSlice")] },
    { name: "before it was deprecated", objects: [api("v1", "Endpoints")], settings: { version: "1.32" } },
  ],
  bad: [
    ...apiEnds
      .filter((one) => isDeprecated(one, 36))
      .flatMap((one) =>
        one.kinds.map((kind) => ({
          name: `${one.group}/${one.version} ${kind}`,
          objects: [api(one.group === "" ? one.version : `${one.group}/${one.version}`, kind)],
          expect: [{ path: "apiVersion" }],
        })),
      ),
    {
      name: "an old version, before it went",
      objects: [api("batch/v1beta1", "CronJob")],
      settings: { version: "1.24" },
      expect: [{ path: "apiVersion" }],
    },
  ],
};
