/** What each rule says where a value is known only after an `up`, and where one at the edge is fine. */
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { autoscaler, operated, template, workload } from "../../../policy-pack/rules/availability/cases.ts";
import { availability } from "../../../policy-pack/rules/availability/family.ts";
import { itSays, type Row } from "../support/single-rule.ts";

const constraints = "spec.template.spec.topologySpreadConstraints";
const ofUnknownName = autoscaler({ scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: unknown } });

const claimed = (claimName: unknown) =>
  workload({
    strategy: { type: "Recreate" },
    template: template({ volumes: [{ name: "data", persistentVolumeClaim: { claimName } }] }),
  });
const claim = (accessModes: unknown[]): Manifest => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "data", namespace: "sample" },
  spec: { accessModes },
});
const spread = (constraint: unknown) => [workload({ template: template({ topologySpreadConstraints: [constraint] }) })];

const rows: Row[] = [
  ["minimum-replicas", "unknown replicas", [workload({ replicas: unknown })], ["spec.replicas undecidable"]],
  [
    "minimum-replicas",
    "an autoscaler of an unknown name",
    [workload({ replicas: null }), ofUnknownName],
    ["spec.replicas undecidable"],
  ],
  ["minimum-replicas", "enough, and an autoscaler of an unknown name", [workload(), ofUnknownName], []],
  ["minimum-replicas", "as many as asked for", [workload({ replicas: 2 })], []],
  ["spread", "an unknown constraint", spread(unknown), [`${constraints} undecidable`]],
  [
    "spread",
    "an unknown topology",
    spread({ topologyKey: unknown, labelSelector: { matchLabels: { app: "sample" } } }),
    [`${constraints} undecidable`],
  ],
  [
    "spread",
    "an unknown topology of other pods",
    spread({ topologyKey: unknown, labelSelector: { matchLabels: { app: "other" } } }),
    [`${constraints} violated`],
  ],
  [
    "spread",
    "unknown replicas",
    [workload({ replicas: unknown, template: template({ topologySpreadConstraints: null }) })],
    [`${constraints} undecidable`],
  ],
  ["spread", "unknown replicas that are spread", [workload({ replicas: unknown })], []],
  [
    "rollout",
    "an unknown surge",
    [workload({ strategy: { rollingUpdate: { maxSurge: unknown, maxUnavailable: 1 } } })],
    ["spec.strategy.rollingUpdate.maxSurge undecidable"],
  ],
  ["rollout", "an unknown type", [workload({ strategy: { type: unknown } })], ["spec.strategy.type undecidable"]],
  [
    "rollout",
    "an unknown deadline",
    [workload({ progressDeadlineSeconds: unknown })],
    ["spec.progressDeadlineSeconds undecidable"],
  ],
  ["rollout", "an unknown wait", [workload({ minReadySeconds: unknown })], ["spec.minReadySeconds undecidable"]],
  ["rollout", "a second more", [workload({ minReadySeconds: 10, progressDeadlineSeconds: 11 })], []],
  [
    "rollout",
    "a StatefulSet whose maxUnavailable is zero takes one",
    [workload({ updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } }, "StatefulSet")],
    [],
  ],
  ["recreate", "an unknown type", [workload({ strategy: { type: unknown } })], ["spec.strategy.type undecidable"]],
  ["recreate", "an unknown claim", [claimed(unknown), claim(["ReadWriteMany"])], ["spec.strategy.type undecidable"]],
  ["recreate", "an unknown mode", [claimed("data"), claim([unknown])], ["spec.strategy.type undecidable"]],
  [
    "recreate",
    "unknown volumes",
    [workload({ strategy: { type: "Recreate" }, template: template({ volumes: unknown }) })],
    ["spec.strategy.type undecidable"],
  ],
  ["spread", "pods that an operator makes", [operated("mysql.oracle.com/v2", "InnoDBCluster")], []],
  [
    "minimum-replicas",
    "routers that an operator makes",
    [operated("mysql.oracle.com/v2", "InnoDBCluster", { router: { instances: 1 } })],
    [],
  ],
  [
    "spread",
    "two pods",
    [workload({ replicas: 2, template: template({ topologySpreadConstraints: null }) })],
    [`${constraints} violated`],
  ],
  ["spread", "one pod", [workload({ replicas: 1, template: template({ topologySpreadConstraints: null }) })], []],
  [
    "spread",
    "an unknown namespace of a term",
    [
      workload({
        template: template({
          topologySpreadConstraints: null,
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { topologyKey: "x", labelSelector: {}, namespaces: ["other", unknown] },
              ],
            },
          },
        }),
      }),
    ],
    [`${constraints} undecidable`],
  ],
  [
    "spread",
    "an unknown label that must differ",
    [
      workload({
        template: template({
          topologySpreadConstraints: null,
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { topologyKey: "x", labelSelector: {}, mismatchLabelKeys: [unknown] },
              ],
            },
          },
        }),
      }),
    ],
    [`${constraints} undecidable`],
  ],
];

describe("workloads and unknown values", () => {
  itSays(availability, rows);
});
