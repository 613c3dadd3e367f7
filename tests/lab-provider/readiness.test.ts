import assert from "node:assert/strict";
import { readinessRule, skipsAwait, timeoutSeconds } from "../../lab/provider/readiness.ts";
import type { JsonObject } from "../../lab/provider/values.ts";

function state(object: JsonObject): string | undefined {
  return readinessRule(object)?.(object).state;
}

const condition = (type: string, status = "True") => ({ conditions: [{ type, status }] });

const cases: [name: string, object: JsonObject, wanted: string | undefined][] = [
  ...[
    ["rolled out", { observedGeneration: 2, updatedReplicas: 3, availableReplicas: 3 }, "ready"] as const,
    ["not observed", { observedGeneration: 1, updatedReplicas: 3, availableReplicas: 3 }, "waiting"] as const,
    ["half updated", { observedGeneration: 2, updatedReplicas: 2, availableReplicas: 3 }, "waiting"] as const,
    ["not available", { observedGeneration: 2, updatedReplicas: 3, availableReplicas: 2 }, "waiting"] as const,
  ].map(([name, status, wanted]): [string, JsonObject, string] => [
    `Deployment ${name}`,
    { apiVersion: "apps/v1", kind: "Deployment", metadata: { generation: 2 }, spec: { replicas: 3 }, status },
    wanted,
  ]),
  ["Deployment of none", { apiVersion: "apps/v1", kind: "Deployment", spec: { replicas: 0 } }, "ready"],
  [
    "StatefulSet ready on its update revision",
    {
      ...{ apiVersion: "apps/v1", kind: "StatefulSet", spec: { replicas: 2 } },
      status: { readyReplicas: 2, currentRevision: "b", updateRevision: "b" },
    },
    "ready",
  ],
  [
    "StatefulSet ready on its old revision",
    {
      ...{ apiVersion: "apps/v1", kind: "StatefulSet", spec: { replicas: 2 } },
      status: { readyReplicas: 2, currentRevision: "a", updateRevision: "b", updatedReplicas: 1 },
    },
    "waiting",
  ],
  [
    "StatefulSet that keeps old pods below its partition",
    {
      ...{ apiVersion: "apps/v1", kind: "StatefulSet" },
      spec: { replicas: 2, updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } },
      status: { readyReplicas: 2, currentRevision: "a", updateRevision: "b", updatedReplicas: 1 },
    },
    "ready",
  ],
  [
    "DaemonSet with a node left",
    {
      ...{ apiVersion: "apps/v1", kind: "DaemonSet" },
      status: { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 },
    },
    "waiting",
  ],
  ["Job complete", { apiVersion: "batch/v1", kind: "Job", status: condition("Complete") }, "ready"],
  ["Job failed", { apiVersion: "batch/v1", kind: "Job", status: condition("Failed") }, "failed"],
  ["Job running", { apiVersion: "batch/v1", kind: "Job", status: {} }, "waiting"],
  ["Namespace active", { apiVersion: "v1", kind: "Namespace", status: { phase: "Active" } }, "ready"],
  ["Service", { apiVersion: "v1", kind: "Service", spec: { type: "ClusterIP" } }, "ready"],
  ["Service without its balancer", { apiVersion: "v1", kind: "Service", spec: { type: "LoadBalancer" } }, "waiting"],
  [
    "definition established",
    { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", status: condition("Established") },
    "ready",
  ],
  ["claim", { apiVersion: "v1", kind: "PersistentVolumeClaim" }, undefined],
  ["custom resource", { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject" }, undefined],
];

describe("readiness", () => {
  for (const [name, object, wanted] of cases) {
    it(`${name}: ${wanted ?? "not awaited"}`, () => assert.equal(state(object), wanted));
  }

  it("is not awaited where the annotation says so", () => {
    const annotated = (value: string) => ({ metadata: { annotations: { "pulumi.com/skipAwait": value } } });
    assert.equal(skipsAwait(annotated("true")), true);
    assert.equal(skipsAwait(annotated("false")), false);
    assert.equal(skipsAwait({}), false);
  });

  it("is awaited as long as the resource options say, then the annotation, then ten minutes", () => {
    const annotated = { metadata: { annotations: { "pulumi.com/timeoutSeconds": "30" } } };
    assert.equal(timeoutSeconds(5, annotated), 5);
    assert.equal(timeoutSeconds(0, annotated), 30);
    assert.equal(timeoutSeconds(0, {}), 600);
  });
});
