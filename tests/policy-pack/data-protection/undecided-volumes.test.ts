/** What each rule says where a value is known only after an `up`, and where one at the edge is fine. */
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { claim, workload } from "../../../policy-pack/rules/data-protection/cases.ts";
import { dataProtection } from "../../../policy-pack/rules/data-protection/family.ts";
import { itSays, type Row } from "../support/single-rule.ts";

const volume = "spec.template.spec.volumes[0].persistentVolumeClaim";
const mount = "spec.template.spec.containers[0].volumeMounts[0]";
const three = { replicas: 3 };

function mounting(claimName: unknown, more: Manifest = {}): Manifest {
  return workload({ ...three, ...more }, { volumes: [{ name: "data", persistentVolumeClaim: { claimName } }] });
}

function named(manifest: Manifest, name: unknown, namespace: unknown = "sample"): Manifest {
  return { ...manifest, metadata: { name, namespace } };
}

function on(source: object, at: object = {}): Manifest {
  const volumeMounts = [{ name: "data", mountPath: "/var/lib/mysql", ...at }];
  return workload({}, { containers: [{ name: "app", volumeMounts }], volumes: [{ name: "data", ...source }] });
}

const rows: Row[] = [
  ["access-mode", "an unknown claim", [mounting(unknown), claim()], [`${volume} undecidable`]],
  ["access-mode", "an unknown claim, and none in the stack", [mounting(unknown)], []],
  ["access-mode", "a claim of an unknown name", [mounting("data"), named(claim(), unknown)], [`${volume} undecidable`]],
  ["access-mode", "a claim of another name beside it", [mounting("other"), claim()], []],
  ["access-mode", "a claim of another namespace", [mounting("data"), named(claim(), "data", "other")], []],
  [
    "access-mode",
    "an unknown mode",
    [mounting("data"), claim({ accessModes: ["ReadWriteOnce", unknown] })],
    [`${volume} undecidable`],
  ],
  [
    "access-mode",
    "an unknown mode beside one for many nodes",
    [mounting("data"), claim({ accessModes: [unknown, "ReadWriteMany"] })],
    [],
  ],
  ["access-mode", "no mode", [mounting("data"), claim({ accessModes: [] })], []],
  [
    "access-mode",
    "an unknown number of pods",
    [mounting("data", { replicas: unknown }), claim()],
    [`${volume} undecidable`],
  ],
  [
    "access-mode",
    "a volume without a claim beside it",
    [workload(three, { volumes: [{ name: "tmp", emptyDir: {} }] }), claim()],
    [],
  ],
  ["access-mode", "a job of one pod", [{ ...workload({}), kind: "Job" }, claim()], []],
  [
    "claim-rollout",
    "an unknown type",
    [workload({ strategy: { type: unknown } }), claim()],
    ["spec.strategy undecidable"],
  ],
  [
    "claim-rollout",
    "an unknown surge",
    [workload({ strategy: { rollingUpdate: { maxSurge: unknown } } }), claim()],
    ["spec.strategy undecidable"],
  ],
  [
    "claim-rollout",
    "an unknown mode",
    [workload({ strategy: null }), claim({ accessModes: [unknown] })],
    ["spec.strategy undecidable"],
  ],
  [
    "claim-rollout",
    "one claim of two lets one node in",
    [
      workload(
        { strategy: null },
        { volumes: ["data", "many"].map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) },
      ),
      claim(),
      named(claim({ accessModes: ["ReadWriteMany"] }), "many"),
    ],
    ["spec.strategy violated"],
  ],
  [
    "empty-dir-data",
    "an unknown folder",
    [on({ emptyDir: {} }, { mountPath: unknown })],
    [`${mount}.mountPath undecidable`],
  ],
  ["empty-dir-data", "an unknown volume", [on({ emptyDir: {} }, { name: unknown })], [`${mount}.name undecidable`]],
  [
    "empty-dir-data",
    "a volume of an unknown name",
    [on({ name: unknown, emptyDir: {} })],
    ["spec.template.spec.volumes[0] undecidable"],
  ],
  [
    "empty-dir-data",
    "an unknown source",
    [on({ emptyDir: unknown })],
    ["spec.template.spec.volumes[0].emptyDir undecidable"],
  ],
  ["empty-dir-data", "a mount without a folder", [on({ emptyDir: {} }, { mountPath: null })], []],
  ["empty-dir-data", "a mount without a volume", [on({ emptyDir: {} }, { name: null })], []],
];

describe("volumes and unknown values", () => {
  itSays(dataProtection, rows);
});
