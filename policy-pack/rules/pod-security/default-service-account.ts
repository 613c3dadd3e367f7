import type { PodRule } from "../../core/rule.ts";
import { isOperated } from "../../kube/operated.ts";
import type { PodTemplate } from "../../kube/pods.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { excused as excusedFrom, pod } from "./cases.ts";
import type { PodSecuritySettings } from "./settings.ts";

// The tokens that a pod asks for: the one that comes by itself, and those that it mounts by hand.
function tokens(template: PodTemplate): Field[] {
  const automatic = template.spec.at("automountServiceAccountToken");
  const byHand = template.spec
    .at("volumes")
    .items()
    .flatMap((volume) => volume.at("projected", "sources").items())
    .map((source) => source.at("serviceAccountToken"))
    .filter((token) => !token.absent);
  const off = automatic.value === false || (automatic.absent && template.object.partial);
  return off ? byHand : [automatic, ...byHand];
}

const excused = excusedFrom("service-account-token");
const withToken = { automountServiceAccountToken: true };

/** A pod that has an identity has one of its own. */
export const defaultServiceAccount: PodRule<PodSecuritySettings> = {
  id: "default-service-account",
  subject: "pod",
  level: "advisory",
  title: "A pod with a token has a service account of its own.",
  why: "What is granted to the default account of a namespace is granted to every pod that names none.",
  fix: "make a service account for the workload and name it in serviceAccountName",
  check(template, report) {
    // The operators that are known here give what they make an account of its own, whatever the template says.
    if (template.object.madeBy !== undefined || isOperated(template.object)) return;
    const asked = tokens(template);
    if (asked.length === 0) return;
    const name = template.spec.at("serviceAccountName");
    // The old name of the field; the API server copies it.
    const account = name.absent || name.value === "" ? template.spec.at("serviceAccount") : name;
    const isOwn = (value: unknown) => value !== undefined && value !== "" && value !== "default";
    const perhaps = asked.every((token) => token.unknown) ? asked[0] : undefined;
    if (perhaps === undefined) {
      report.check(account.absent ? name : account, isOwn, "the default service account has a token");
    } else if (account.unknown || !isOwn(account.value ?? undefined)) report.undecidable(perhaps);
  },
  good: [
    { name: "an account of its own", objects: [pod({ ...withToken, serviceAccountName: "backup" }, {}, excused)] },
    {
      name: "the old name of the field",
      objects: [pod({ ...withToken, serviceAccountName: undefined, serviceAccount: "backup" }, {}, excused)],
    },
    {
      name: "poolers, to which their operator gives an account",
      objects: [
        {
          apiVersion: "postgresql.cnpg.io/v1",
          kind: "Pooler",
          metadata: { name: "pooler", namespace: "sample" },
          spec: { cluster: { name: "db" }, template: { metadata: { annotations: excused }, spec: { containers: [] } } },
        },
      ],
    },
    { name: "without a token the account is only a name", objects: [pod({ serviceAccountName: undefined })] },
  ],
  bad: [
    {
      name: "no account is named",
      objects: [pod({ ...withToken, serviceAccountName: undefined }, {}, excused)],
      expect: [{ path: "spec.serviceAccountName" }],
    },
    {
      name: "the default account is named",
      objects: [pod({ ...withToken, serviceAccountName: "default" }, {}, excused)],
      expect: [{ path: "spec.serviceAccountName" }],
    },
    {
      name: "by the old name of the field",
      objects: [pod({ ...withToken, serviceAccountName: undefined, serviceAccount: "default" }, {}, excused)],
      expect: [{ path: "spec.serviceAccount" }],
    },
    {
      name: "an account that is not known yet",
      objects: [pod({ ...withToken, serviceAccountName: unknown }, {}, excused)],
      expect: [{ path: "spec.serviceAccountName", verdict: "undecidable" }],
    },
    {
      name: "nobody knows yet whether the default account has a token",
      objects: [pod({ automountServiceAccountToken: unknown, serviceAccountName: "default" }, {}, excused)],
      expect: [{ path: "spec.automountServiceAccountToken", verdict: "undecidable" }],
    },
    {
      name: "a token is mounted by hand",
      objects: [
        pod({
          serviceAccountName: undefined,
          volumes: [{ name: "t", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } }],
        }),
      ],
      expect: [{ path: "spec.serviceAccountName" }],
    },
  ],
};
