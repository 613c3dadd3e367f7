/** What each rule says where a value is known only after an `up`, and where one at the edge is fine. */
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import {
  autoscaler,
  cpuTrigger,
  scaledObject,
  target,
  vertical,
  workload,
} from "../../../policy-pack/rules/autoscaling/cases.ts";
import { autoscaling } from "../../../policy-pack/rules/autoscaling/family.ts";
import { itSays, type Row } from "../support/single-rule.ts";

const unnamed: Manifest = { ...workload(), metadata: { name: unknown, namespace: "sample" } };
const named = (name: unknown) => ({ ...target, name });
const fallback = (more: object) => scaledObject({ fallback: { failureThreshold: 1, replicas: 3, ...more } });

const rows: Row[] = [
  [
    "target-exists",
    "an unknown name",
    [workload(), autoscaler({ scaleTargetRef: named(unknown) })],
    ["spec.scaleTargetRef.name undecidable"],
  ],
  ["target-exists", "a workload of an unknown name", [unnamed, autoscaler()], ["spec.scaleTargetRef.name undecidable"]],
  [
    "target-exists",
    "an unknown version",
    [workload(), autoscaler({ scaleTargetRef: { ...target, apiVersion: unknown } })],
    ["spec.scaleTargetRef.apiVersion undecidable"],
  ],
  [
    "target-exists",
    "no version, and an unknown name hides nothing",
    [workload(), autoscaler({ scaleTargetRef: { kind: "Deployment", name: unknown } })],
    ["spec.scaleTargetRef.apiVersion violated", "spec.scaleTargetRef.name undecidable"],
  ],
  [
    "target-exists",
    "a chart of another namespace",
    [{ apiVersion: "helm.sh/v3", kind: "Release", namespace: "other", name: "x" }, autoscaler()],
    ["spec.scaleTargetRef.name violated"],
  ],
  [
    "replicas-owned-twice",
    "unknown replicas",
    [workload({ replicas: unknown }), autoscaler()],
    ["spec.replicas undecidable"],
  ],
  [
    "replicas-owned-twice",
    "an autoscaler of an unknown name",
    [workload({ replicas: 2 }), autoscaler({ scaleTargetRef: named(unknown) })],
    ["spec.replicas undecidable"],
  ],
  [
    "replicas-owned-twice",
    "no replicas, and an autoscaler of an unknown name",
    [workload(), autoscaler({ scaleTargetRef: named(unknown) })],
    [],
  ],
  ["bounds", "an unknown maximum", [autoscaler({ maxReplicas: unknown })], ["spec.maxReplicas undecidable"]],
  ["bounds", "an unknown minimum", [scaledObject({ minReplicaCount: unknown })], ["spec.minReplicaCount undecidable"]],
  [
    "bounds",
    "an unknown idle count",
    [scaledObject({ idleReplicaCount: unknown })],
    ["spec.idleReplicaCount undecidable"],
  ],
  ["bounds", "an idle count below the minimum", [scaledObject({ idleReplicaCount: 1 })], []],
  ["bounds", "the minimum is the maximum", [autoscaler({ minReplicas: 5 })], []],
  [
    "bounds",
    "an unknown name that the settings may list",
    [{ ...scaledObject({ minReplicaCount: 0 }), metadata: { name: unknown } }],
    ["spec.minReplicaCount undecidable"],
    { scaleToZero: ["sample/sample"] },
  ],
  [
    "bounds",
    "an unknown name that no setting can list",
    [{ ...scaledObject({ minReplicaCount: 0 }), metadata: { name: unknown } }],
    ["spec.minReplicaCount violated"],
  ],
  [
    "bounds",
    "jobs from one",
    [{ ...scaledObject({ minReplicaCount: 6 }), kind: "ScaledJob" }],
    ["spec.minReplicaCount violated"],
  ],
  ["room-to-scale", "an unknown minimum", [autoscaler({ minReplicas: unknown })], ["spec.minReplicas undecidable"]],
  ["room-to-scale", "an unknown maximum", [autoscaler({ maxReplicas: unknown })], ["spec.maxReplicas undecidable"]],
  [
    "one-autoscaler",
    "another one of an unknown name",
    [autoscaler(), autoscaler({ scaleTargetRef: named(unknown) }, "other")],
    ["spec.scaleTargetRef undecidable"],
  ],
  ["one-autoscaler", "an unknown name alone", [autoscaler({ scaleTargetRef: named(unknown) })], []],
  [
    "one-autoscaler",
    "an unknown name of another kind",
    [autoscaler(), autoscaler({ scaleTargetRef: { ...named(unknown), kind: "StatefulSet" } }, "other")],
    [],
  ],
  [
    "one-autoscaler",
    "an unknown name in another namespace",
    [
      { ...autoscaler({ scaleTargetRef: named(unknown) }), metadata: { name: "sample", namespace: "other" } },
      autoscaler(),
    ],
    [],
  ],
  [
    "one-autoscaler",
    "an unknown name, and one for the size",
    [vertical(), autoscaler({ scaleTargetRef: named(unknown) })],
    [],
  ],
  [
    "one-autoscaler",
    "an unknown kind, and another name",
    [scaledObject(), autoscaler({ scaleTargetRef: { kind: unknown, name: "other" } })],
    [],
  ],
  [
    "one-autoscaler",
    "two without a target",
    [autoscaler({ scaleTargetRef: null }), autoscaler({ scaleTargetRef: null }, "other")],
    [],
  ],
  [
    "behavior",
    "an unknown period",
    [autoscaler({ behavior: { scaleUp: { policies: [{ type: "Pods", value: 1, periodSeconds: unknown }] } } })],
    ["spec.behavior.scaleUp.policies[0].periodSeconds undecidable"],
  ],
  [
    "keda-triggers",
    "a fallback at both ends",
    [fallback({ replicas: 2 }), fallback({ replicas: 5, failureThreshold: 0 })],
    [],
  ],
  [
    "keda-triggers",
    "a fallback to none, where the minimum is none",
    [
      {
        ...fallback({ replicas: 0 }),
        spec: { ...(fallback({ replicas: 0 })["spec"] as object), minReplicaCount: null },
      },
    ],
    [],
  ],
  [
    "keda-triggers",
    "a fallback below an unknown maximum",
    [{ ...fallback({}), spec: { ...(fallback({})["spec"] as object), maxReplicaCount: unknown } }],
    ["spec.fallback.replicas undecidable"],
  ],
  [
    "keda-triggers",
    "an unknown name beside another",
    [scaledObject({ triggers: [{ ...cpuTrigger, name: unknown }, cpuTrigger] })],
    ["spec.triggers[0].name undecidable"],
  ],
  [
    "keda-triggers",
    "an unknown address",
    [scaledObject({ triggers: [{ type: "prometheus", metadata: { serverAddress: unknown } }] })],
    [],
  ],
  [
    "keda-triggers",
    "an unknown type takes what any type takes",
    [scaledObject({ triggers: [{ type: unknown, metricType: "Value", metadata: {} }] })],
    ["spec.triggers[0].type undecidable"],
  ],
  [
    "keda-triggers",
    "times at the edge",
    [scaledObject({ pollingInterval: 1, cooldownPeriod: 0, initialCooldownPeriod: 0 })],
    [],
  ],
  [
    "bounds",
    "an absent minimum of an HPA above the maximum is one",
    [autoscaler({ minReplicas: null, maxReplicas: 1 })],
    [],
  ],
  [
    "bounds",
    "an idle count beside an absent minimum",
    [scaledObject({ minReplicaCount: null, idleReplicaCount: 0 })],
    ["spec.idleReplicaCount violated", "spec.minReplicaCount violated"],
  ],
  [
    "replicas-owned-twice",
    "an unknown kind of that name",
    [workload({ replicas: 2 }), autoscaler({ scaleTargetRef: { kind: unknown, name: "sample" } })],
    ["spec.replicas undecidable"],
  ],
  [
    "replicas-owned-twice",
    "an unknown kind of another name",
    [workload({ replicas: 2 }), autoscaler({ scaleTargetRef: { kind: unknown, name: "other" } })],
    [],
  ],
  [
    "replicas-owned-twice",
    "an unknown name in another namespace",
    [
      workload({ replicas: 2 }),
      { ...autoscaler({ scaleTargetRef: named(unknown) }), metadata: { name: "x", namespace: "other" } },
    ],
    [],
  ],
  [
    "replicas-owned-twice",
    "a count of a kind that is not scaled by name",
    [{ ...workload({ replicas: 2 }), kind: "Job" }, autoscaler({ scaleTargetRef: { kind: unknown, name: unknown } })],
    [],
  ],
  [
    "replicas-owned-twice",
    "the count is let go of, among others",
    [
      {
        type: "kubernetes:apps/v1:Deployment",
        props: workload({ replicas: 2 }),
        options: { protect: false, ignoreChanges: ["metadata.labels", "spec.replicas"] },
      },
      autoscaler(),
    ],
    [],
  ],
  [
    "one-autoscaler",
    "an unknown kind of that name",
    [scaledObject(), autoscaler({ scaleTargetRef: { kind: unknown, name: "sample" } })],
    ["spec.scaleTargetRef undecidable"],
  ],
];

describe("number of pods and unknown values", () => {
  itSays(autoscaling, rows);
});
