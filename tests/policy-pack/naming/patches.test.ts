/** A `*Patch` resource holds a part of an object: what it leaves out may be in the cluster and breaks nothing. */
import assert from "node:assert/strict";
import { configure, evaluate } from "../../../policy-pack/core/evaluate.ts";
import type { Family, Manifest } from "../../../policy-pack/core/rule.ts";
import { toObject } from "../../../policy-pack/kube/objects.ts";
import { images } from "../../../policy-pack/rules/images/family.ts";
import { pod } from "../../../policy-pack/rules/naming/cases.ts";
import { naming } from "../../../policy-pack/rules/naming/family.ts";
import { secrets } from "../../../policy-pack/rules/secrets/family.ts";
import { keys, today } from "../support/findings.ts";

/** What the families say about a Patch, with manifests beside it. */
function said(
  type: string,
  props: Manifest,
  beside: readonly Manifest[] = [],
  options?: { ignoreChanges: string[] },
): string[] {
  const objects = [
    toObject({
      type,
      props,
      source: "patch",
      ...(options === undefined ? {} : { options: { protect: false, ...options } }),
    }),
    ...beside.map((one, index) => toObject({ props: one, source: `#${index}` })),
  ].filter((object) => object !== undefined);
  const families = [images, naming, secrets].map(
    (family) => configure(family as unknown as Family, {}, today).configured,
  );
  return keys(evaluate(families, objects));
}

const metadata = { name: "sample", namespace: "sample" };
const bad = { containers: [{ name: "app", image: "app:latest", env: [{ name: "PASSWORD", value: "hunter2" }] }] };
const reader = pod({
  containers: [
    { name: "app", image: "app:1", env: [{ name: "A", valueFrom: { secretKeyRef: { name: "sample", key: "KEY" } } }] },
  ],
});

describe("patches", () => {
  it("are right where they leave out", () => {
    assert.deepEqual(said("kubernetes:core/v1:PodPatch", { metadata, spec: { containers: [{ name: "app" }] } }), []);
    assert.deepEqual(
      said("kubernetes:apps/v1:DeploymentPatch", { metadata: { name: "sample" }, spec: { replicas: 2 } }),
      [],
    );
    assert.deepEqual(
      said("kubernetes:apps/v1:DeploymentPatch", { metadata, spec: { selector: {}, template: {} } }),
      [],
    );
    assert.deepEqual(
      said("kubernetes:apps/v1:DeploymentPatch", { metadata, spec: { selector: { matchLabels: { a: "b" } } } }),
      [],
    );
    assert.deepEqual(said("kubernetes:core/v1:SecretPatch", { metadata, type: "kubernetes.io/tls", data: {} }), []);
    const mounts = { containers: [{ name: "app", volumeMounts: [{ name: "data", mountPath: "/data" }] }] };
    assert.deepEqual(said("kubernetes:core/v1:PodPatch", { metadata, spec: mounts }), []);
  });

  it("are wrong in what they say", () => {
    assert.deepEqual(said("kubernetes:core/v1:PodPatch", { metadata, spec: bad }), [
      "images/fixed-tag spec.containers[0].image violated",
      "secrets/plain-text-secret spec.containers[0].env[0].value violated",
    ]);
  });

  it("may leave the policy of an image to the cluster", () => {
    const spec = { containers: [{ name: "app", image: "app:main" }] };
    assert.deepEqual(said("kubernetes:core/v1:PodPatch", { metadata, spec }), [
      "images/fixed-tag spec.containers[0].image violated",
    ]);
  });

  it("of one object stand beside each other, and beside the object", () => {
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata };
    assert.deepEqual(said("kubernetes:core/v1:ConfigMapPatch", { metadata, data: {} }, [map]), []);
  });

  it("are objects that exist, with keys that nobody sees", () => {
    assert.deepEqual(said("kubernetes:core/v1:SecretPatch", { metadata, data: {} }, [reader]), []);
  });

  it("and objects whose data the engine ignores are not asked for keys", () => {
    assert.deepEqual(
      said("kubernetes:core/v1:Secret", { metadata, data: {} }, [reader], { ignoreChanges: ["data"] }),
      [],
    );
    assert.deepEqual(said("kubernetes:core/v1:Secret", { metadata, data: {} }, [reader], { ignoreChanges: ["type"] }), [
      "naming/references spec.containers[0].env[0].valueFrom.secretKeyRef.key violated",
    ]);
  });
});
