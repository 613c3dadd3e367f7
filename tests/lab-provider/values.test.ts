import assert from "node:assert/strict";
import { compare, isWithin, parsePropertyPath, propertyPath } from "../../lab/provider/diff.ts";
import {
  containsUnknown,
  fromStruct,
  isSecret,
  type JsonObject,
  keepSecrets,
  plainObject,
  secret,
  toStruct,
  unknownMarker,
} from "../../lab/provider/values.ts";

const boolMarker = "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7";

describe("values of the engine", () => {
  it("brings unknowns and secrets through a message unchanged", () => {
    const value: JsonObject = { a: secret("b"), list: [1, null, unknownMarker], nested: { yes: true, none: {} } };
    assert.deepEqual(fromStruct(toStruct(value)), value);
  });

  it("leaves absent fields out of a message", () => {
    assert.deepEqual(fromStruct(toStruct({ a: undefined, b: { c: undefined, d: 1 } })), { b: { d: 1 } });
  });

  it("takes secret wrappers and nulls away, at any depth", () => {
    const value: JsonObject = { a: secret({ b: [secret("c")], none: null }), d: null };
    assert.deepEqual(plainObject(value), { a: { b: ["c"] } });
  });

  it("keeps an unknown through the removal of its secret wrapper", () => {
    assert.deepEqual(plainObject({ a: secret(unknownMarker) }), { a: unknownMarker });
  });

  it("finds an unknown of any type, in lists and objects", () => {
    assert.equal(containsUnknown({ a: [{ b: unknownMarker }] }), true);
    assert.equal(containsUnknown({ a: boolMarker }), true);
    assert.equal(containsUnknown({ a: ["b", null, 1] }), false);
  });

  it("marks what was secret at the same place, and nothing else", () => {
    const marked = keepSecrets({ a: "1", b: { c: ["x", "y"] } }, { a: "1", b: { c: ["x", secret("y")] } });
    assert.deepEqual(marked, { a: "1", b: { c: ["x", secret("y")] } });
  });

  it("wraps a secret once", () => {
    assert.deepEqual(secret(secret("a")), secret("a"));
    assert.equal(isSecret(secret("a")), true);
    assert.equal(isSecret({ value: "a" }), false);
  });
});

describe("differences", () => {
  const paths = (before: JsonObject, after: JsonObject) =>
    compare(before, after).map(({ path, kind }) => `${kind} ${propertyPath(path)}`);

  it("are told by the deepest path that changed", () => {
    const before = { spec: { replicas: 1, containers: [{ image: "a" }], old: true } };
    const after = { spec: { replicas: 2, containers: [{ image: "b" }, { image: "c" }] } };
    assert.deepEqual(paths(before, after).sort(), [
      "add spec.containers[1]",
      "delete spec.old",
      "update spec.containers[0].image",
      "update spec.replicas",
    ]);
  });

  it("are none where a field is absent on one side and undefined on the other", () => {
    assert.deepEqual(paths({ a: 1 }, { a: 1, b: undefined }), []);
  });

  it("include every unknown", () => {
    assert.deepEqual(paths({ a: { b: "1" } }, { a: { b: unknownMarker } }), ["update a.b"]);
    assert.deepEqual(paths({ a: { b: "1" } }, { a: unknownMarker }), ["update a"]);
  });

  it("have paths that the engine can read", () => {
    const path = ["metadata", "labels", 'app.kubernetes.io/"name"', 3, "x"];
    assert.equal(propertyPath(path), 'metadata.labels["app.kubernetes.io/\\"name\\""][3].x');
    assert.deepEqual(parsePropertyPath(propertyPath(path)), path);
  });

  it("lie within a prefix, where a star stands for any step", () => {
    assert.equal(isWithin(["spec", "containers", 0, "image"], ["spec", "containers", "*"]), true);
    assert.equal(isWithin(["spec"], ["spec", "containers"]), false);
  });
});
