import type { ObjectRule } from "../../core/rule.ts";
import { isBuiltInGroup } from "../../kube/api-groups.ts";
import { apiVersion } from "../../kube/objects.ts";
import { api } from "./cases.ts";
import { minorOf, type RemovedApiSettings } from "./settings.ts";
import { endOf, isDeprecated, isRemoved } from "./versions.ts";

/** Custom kinds are left alone: many are stable in all but name, and their version says nothing about the cluster. */
export const unstable: ObjectRule<RemovedApiSettings> = {
  id: "unstable",
  subject: "object",
  level: "advisory",
  title: "No API of Kubernetes itself is an alpha or a beta.",
  why: "Alpha and, since 1.24, new beta versions are off unless a cluster turns them on, and go without a successor.",
  fix: "use the stable version, or do without",
  check(object, report, settings) {
    if (!isBuiltInGroup(object) || !/^v\d+(?:alpha|beta)\d*$/.test(object.version)) return;
    const [own, minor] = [endOf(object), minorOf(settings)];
    // The other rules of the family say more.
    if (isRemoved(own, minor) || isDeprecated(own, minor)) return;
    report.violated(object.root.at("apiVersion"), `${apiVersion(object)} is no stable version`);
  },
  good: [
    { name: "a stable version", objects: [api("resource.k8s.io/v1", "ResourceClaim")] },
    {
      name: "custom kinds, in groups that look like those of Kubernetes too",
      objects: [
        api("keda.sh/v1alpha1", "ScaledObject"),
        api("gateway.networking.k8s.io/v1beta1", "ReferenceGrant"),
        api("snapshot.storage.k8s.io/v1beta1", "VolumeSnapshot"),
      ],
    },
  ],
  bad: [
    { name: "an alpha", objects: [api("scheduling.k8s.io/v1alpha2", "PodGroup")], expect: [{ path: "apiVersion" }] },
    {
      name: "a beta",
      objects: [api("certificates.k8s.io/v1beta1", "PodCertificateRequest")],
      expect: [{ path: "apiVersion" }],
    },
    {
      name: "a beta that is neither deprecated nor removed yet",
      objects: [api("resource.k8s.io/v1beta2", "ResourceClaim")],
      settings: { version: "1.35" },
      expect: [{ path: "apiVersion" }],
    },
  ],
};
