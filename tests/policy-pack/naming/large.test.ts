/** Large stacks are judged in time that grows with them: each of these would take minutes if every pair were compared. */
import assert from "node:assert/strict";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { container, labels, object, pod } from "../../../policy-pack/rules/naming/cases.ts";
import { naming } from "../../../policy-pack/rules/naming/family.ts";
import { findingsOf } from "../support/findings.ts";

const rules = { "recommended-labels": "disabled" };

describe("large stacks", () => {
  it("5,000 pods with a reference each", () => {
    const objects = Array.from({ length: 5_000 }, (_, index): Manifest[] => [
      {
        ...pod({ containers: [container({ envFrom: [{ secretRef: { name: `secret-${index}` } }] })] }),
        metadata: { name: `pod-${index}`, namespace: "sample", labels },
      },
      object("v1", "Secret", { metadata: { name: `secret-${index}`, namespace: "sample" } }),
      object("example.com/v1", "World", { metadata: { name: `world-${index}`, namespace: "sample" } }),
    ]);
    assert.deepEqual(findingsOf(naming, objects.flat(), { rules }), []);
  });

  it("a pod of 3,000 containers with names, ports, variables and mounts", () => {
    const containers = Array.from({ length: 3_000 }, (_, index) =>
      container({
        name: `c-${index}`,
        env: [{ name: "A", value: "1" }],
        ports: [{ name: `p-${index}`, containerPort: index }],
        volumeMounts: [{ name: `v-${index}`, mountPath: "/data" }],
      }),
    );
    const volumes = Array.from({ length: 3_000 }, (_, index) => ({ name: `v-${index}`, emptyDir: {} }));
    assert.deepEqual(findingsOf(naming, [pod({ containers, volumes })]), []);
  });

  it("a name of a megabyte of separators", () => {
    const name = "a-".repeat(500_000);
    const found = findingsOf(naming, [pod({ serviceAccountName: name }), object("a.example.com/v1", "World")]);
    assert.deepEqual(
      found.map(({ rule, path }) => `${rule} ${path}`),
      ["naming/references spec.serviceAccountName"],
    );
  });
});
