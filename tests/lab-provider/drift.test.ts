import assert from "node:assert/strict";
import { liveInputs } from "../../lab/provider/drift.ts";
import { conflictMessage, takeOver } from "../../lab/provider/ownership.ts";
import type { JsonObject } from "../../lab/provider/values.ts";

const inputs = {
  kind: "Deployment",
  metadata: { name: "a", labels: {} },
  spec: { replicas: 2, template: { containers: [{ name: "a", cpu: "1000m" }] } },
};

describe("drift", () => {
  it("keeps the program's spelling where the API server would write the same", () => {
    const live = {
      kind: "Deployment",
      metadata: { name: "a", uid: "1" },
      spec: { replicas: 2, paused: false, template: { containers: [{ name: "a", cpu: "1", defaulted: true }] } },
    };
    assert.deepEqual(liveInputs(inputs, live, live), inputs);
  });

  it("shows a value that was changed by hand, and only that", () => {
    const wanted = { ...inputs, spec: { replicas: 2, template: { containers: [{ name: "a", cpu: "1" }] } } };
    const live = { ...wanted, spec: { ...wanted.spec, replicas: 5 } };
    assert.deepEqual(liveInputs(inputs, live, wanted), { ...inputs, spec: { ...inputs.spec, replicas: 5 } });
  });

  it("shows a field that was removed by hand as missing", () => {
    const { replicas: _, ...spec } = inputs.spec;
    assert.deepEqual(liveInputs(inputs, { ...inputs, spec }, inputs), { ...inputs, spec });
  });

  it("never looks at a field the program leaves to somebody else", () => {
    const free = { kind: "Deployment", spec: { selector: { a: "b" } } };
    const live = { kind: "Deployment", spec: { selector: { a: "b" }, replicas: 9 } };
    assert.deepEqual(liveInputs(free, live, { kind: "Deployment", spec: { selector: { a: "b" }, replicas: 3 } }), free);
  });

  it("finds items of a list by what identifies them when somebody else has added one", () => {
    const program = { env: [{ name: "B", value: "2" }] };
    const live = {
      env: [
        { name: "A", value: "1" },
        { name: "B", value: "3" },
      ],
    };
    const wanted = {
      env: [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
      ],
    };
    assert.deepEqual(liveInputs(program, live, wanted), { env: [{ name: "B", value: "3" }] });
  });

  it("reads a Secret's stringData from its data", () => {
    const secret = { kind: "Secret", stringData: { password: "old" } };
    const data = (value: string) => ({ password: Buffer.from(value).toString("base64") });
    const unchanged = { kind: "Secret", data: data("old") };
    assert.deepEqual(liveInputs(secret, unchanged, unchanged), secret);
    const changed = { kind: "Secret", data: data("by hand") };
    assert.deepEqual(liveInputs(secret, changed, unchanged), { kind: "Secret", stringData: { password: "by hand" } });
  });

  it("uses the live values where the API server cannot say what it would write", () => {
    assert.deepEqual(liveInputs({ a: "1", b: "2" }, { a: "1", b: "3", c: "4" }, undefined), { a: "1", b: "3" });
  });
});

describe("field ownership", () => {
  const entry = (manager: string, operation: string, fieldsV1: JsonObject, subresource?: string) => ({
    ...{ manager, operation, apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1 },
    ...(subresource === undefined ? {} : { subresource }),
  });
  const object = (...managedFields: ReturnType<typeof entry>[]) => ({ metadata: { managedFields } });

  it("takes over what kubectl changed and what the provider created", () => {
    const taken = takeOver(
      object(
        entry("pulumi-kubernetes", "Update", { "f:data": { "f:a": {} } }),
        entry("kubectl-edit", "Update", { "f:data": { "f:b": {} } }),
        entry("keda", "Update", { "f:spec": {} }),
      ),
    );
    assert.deepEqual(
      taken?.map(({ manager, operation }) => `${manager} ${operation}`),
      ["keda Update", "pulumi-kubernetes Apply"],
    );
    assert.deepEqual(taken?.at(-1)?.fieldsV1, { "f:data": { "f:a": {}, "f:b": {} } });
  });

  it("leaves alone what came through a subresource, other managers and its own entry", () => {
    assert.equal(
      takeOver(
        object(
          entry("pulumi-kubernetes", "Apply", {}),
          entry("kubectl", "Update", { "f:spec": { "f:replicas": {} } }, "scale"),
          entry("kube-controller-manager", "Update", {}, "status"),
        ),
      ),
      undefined,
    );
  });

  it("names fields and owners in a conflict", () => {
    const causes = [{ field: ".spec.replicas", message: 'conflict with "hpa"', reason: "FieldManagerConflict" }];
    const message = conflictMessage({ kind: "Deployment", metadata: { name: "a" } }, { details: { causes } });
    assert.match(message, /Deployment "a".*\.spec\.replicas: conflict with "hpa".*patchForce/);
  });
});
