/** How many pods run at the least, and whether there may be several. */
import assert from "node:assert/strict";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { Autoscalers } from "../../../policy-pack/kube/autoscalers.ts";
import { floorOf, mayBeSeveral } from "../../../policy-pack/kube/floor.ts";
import { type KubeObject, toObject } from "../../../policy-pack/kube/objects.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { autoscaler, scaledObject, workload } from "../../../policy-pack/rules/availability/cases.ts";
import { objectsOf } from "../support/findings.ts";

const any = Number.POSITIVE_INFINITY;

function read(manifests: readonly Manifest[]): { object: KubeObject; autoscalers: Autoscalers } {
  const objects = objectsOf(manifests);
  const [object] = objects;
  assert.ok(object !== undefined);
  return { object, autoscalers: new Autoscalers(objects) };
}

function paused(replicas: unknown): Manifest {
  const annotations = { "autoscaling.keda.sh/paused-replicas": replicas };
  return { ...scaledObject(), metadata: { name: "sample", namespace: "sample", annotations } };
}

const named = (name: unknown) => autoscaler({ scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name } });
const open = workload({ replicas: null });

const table: [name: string, objects: Manifest[], atLeast: number, atMost: number, several: boolean | undefined][] = [
  ["replicas", [workload()], 3, 3, true],
  ["absent replicas", [open], 1, 1, false],
  ["zero", [workload({ replicas: 0 })], 0, 0, false],
  ["KEDA starts from zero", [workload({ replicas: 0 }), scaledObject()], 3, 3, true],
  ["zero switches the autoscaler off", [workload({ replicas: 0 }), autoscaler()], 0, 0, true],
  ["unknown replicas", [workload({ replicas: unknown })], 0, any, undefined],
  ["replicas in quotes", [workload({ replicas: "3" })], 0, any, false],
  ["an HPA", [open, autoscaler()], 3, 3, true],
  ["an HPA without minimum", [open, autoscaler({ minReplicas: null })], 1, 1, true],
  ["an HPA up to one", [open, autoscaler({ minReplicas: 1, maxReplicas: 1 })], 1, 1, false],
  ["an HPA with an unknown minimum", [open, autoscaler({ minReplicas: unknown })], 1, any, true],
  ["an HPA with an unknown maximum", [open, autoscaler({ maxReplicas: unknown })], 3, 3, undefined],
  ["a ScaledObject", [open, scaledObject()], 3, 3, true],
  ["a ScaledObject without bounds", [open, scaledObject({ minReplicaCount: null, maxReplicaCount: null })], 1, 1, true],
  ["a paused ScaledObject", [open, paused("5")], 5, 5, true],
  ["a ScaledObject that may be paused", [open, paused(unknown)], 0, any, true],
  ["a ScaledObject whose pause is no number", [open, paused("yes")], 3, 3, true],
  ["two autoscalers", [open, autoscaler(), scaledObject({ minReplicaCount: 2 })], 2, 2, true],
  ["an HPA of another name", [open, named("other")], 1, 1, false],
  ["an HPA of an unknown name", [open, named(unknown)], 0, any, undefined],
  ["an HPA of an unknown name, and replicas", [workload(), named(unknown)], 0, any, true],
  [
    "a workload of an unknown name",
    [workload({}, "Deployment", unknown as unknown as string), named("other")],
    0,
    any,
    true,
  ],
  ["a DaemonSet", [workload({ replicas: null }, "DaemonSet")], 0, any, false],
  [
    "a custom resource with a count",
    [{ apiVersion: "agones.dev/v1", kind: "Fleet", spec: { replicas: 4 } }],
    4,
    4,
    true,
  ],
  ["a bare pod", [{ apiVersion: "v1", kind: "Pod", spec: {} }], 1, 1, false],
];

describe("floor of pods", () => {
  for (const [name, manifests, atLeast, atMost, several] of table) {
    it(`${name}: ${atLeast} to ${atMost}, several: ${several}`, () => {
      const { object, autoscalers } = read(manifests);
      const floor = floorOf(object, autoscalers);
      assert.deepEqual({ atLeast: floor.atLeast, atMost: floor.atMost }, { atLeast, atMost });
      assert.equal(mayBeSeveral(object, autoscalers), several);
    });
  }

  it("is unknown only where an unknown value is why", () => {
    for (const [, manifests, atLeast, atMost] of table) {
      const { object, autoscalers } = read(manifests);
      if (atLeast === atMost) assert.equal(floorOf(object, autoscalers).unknown, false);
    }
    const { object, autoscalers } = read([workload({ replicas: unknown })]);
    assert.equal(floorOf(object, autoscalers).unknown, true);
    const text = read([workload({ replicas: "3" })]);
    assert.equal(floorOf(text.object, text.autoscalers).unknown, false);
  });

  it("of a Patch without replicas is anything, and no unknown value is why", () => {
    const props = workload({ replicas: null });
    const object = toObject({ type: "kubernetes:apps/v1:DeploymentPatch", props, source: "#0" });
    assert.ok(object !== undefined);
    assert.deepEqual(floorOf(object, new Autoscalers([object])), { atLeast: 0, atMost: any, unknown: false });
  });
});

describe("autoscalers by target", () => {
  it("finds the target of each, and the autoscalers of a target", () => {
    const objects = objectsOf([open, workload({}, "StatefulSet"), autoscaler(), scaledObject()]);
    const [deployment, statefulSet] = objects;
    const index = new Autoscalers(objects);
    assert.ok(deployment !== undefined && statefulSet !== undefined);
    assert.deepEqual(
      index.all.map((one) => index.targetOf(one)),
      [deployment, deployment],
    );
    assert.equal(index.horizontalOf(deployment).length, 2);
    assert.equal(index.horizontalOf(statefulSet).length, 0);
    assert.equal(index.verticalOf(deployment).length, 0);
  });

  it("an unknown name may be that of any workload of its kind and namespace", () => {
    const objects = objectsOf([open, workload({}, "StatefulSet"), named(unknown)]);
    const [deployment, statefulSet] = objects;
    const index = new Autoscalers(objects);
    const [own] = index.all;
    assert.ok(deployment !== undefined && statefulSet !== undefined && own !== undefined);
    assert.equal(index.mayBeScaled(deployment), true);
    assert.equal(index.mayBeScaled(statefulSet), false);
    assert.equal(index.mayHaveTarget(own), true);
  });
});
