import assert from "node:assert/strict";
import { RandomProvider, text } from "../../lab/provider/random.ts";
import type { Operation } from "../../lab/provider/resource-provider.ts";
import { isSecret, type JsonObject, plainObject, unknownMarker } from "../../lab/provider/values.ts";

const provider = new RandomProvider();

function operation(kind: string, inputs: JsonObject, rest: Partial<Operation> = {}): Operation {
  const type = `random:index/${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`;
  const empty = { urn: "", id: "", isPreview: false, timeout: 0, oldInputs: {}, oldOutputs: {}, ignoreChanges: [] };
  return { ...empty, type, inputs, ...rest };
}

describe("the random provider", () => {
  it("makes a secret password of the wanted length and characters", async () => {
    const inputs = { length: 24, special: false, minNumeric: 3 };
    const { outputs } = await provider.create(operation("RandomPassword", inputs));
    assert.equal(isSecret(outputs.result), true);
    const result = String(plainObject(outputs).result);
    assert.match(result, /^[A-Za-z0-9]{24}$/);
    assert.ok(result.replace(/\D/g, "").length >= 3);
  });

  it("does not make one in a preview", async () => {
    const { id, outputs } = await provider.create(operation("RandomPassword", { length: 24 }, { isPreview: true }));
    assert.equal(id, "");
    assert.equal(plainObject(outputs).result, unknownMarker);
  });

  it("replaces on any change, keepers included, and on nothing else", async () => {
    const before = { length: 24, keepers: { epoch: "1" } };
    const diff = async (inputs: JsonObject) => {
      const { detailed } = await provider.diff(operation("RandomPassword", inputs, { oldInputs: before }));
      return [...detailed].map(([path, { replaces }]) => `${path} ${replaces}`);
    };
    assert.deepEqual(await diff(before), []);
    assert.deepEqual(await diff({ ...before, keepers: { epoch: "2" } }), ["keepers.epoch true"]);
    assert.deepEqual(await diff({ ...before, length: 25 }), ["length true"]);
  });

  it("uses the special characters it is given", () => {
    assert.match(text({ length: 8, lower: false, upper: false, numeric: false, overrideSpecial: "_" }), /^_{8}$/);
  });

  it("refuses minimums that do not fit", () => {
    assert.throws(() => text({ length: 2, minLower: 3 }), /length 2/);
  });

  it("makes ids, texts, UUIDs and numbers", async () => {
    const make = async (kind: string, inputs: JsonObject) => (await provider.create(operation(kind, inputs))).outputs;
    assert.match(String((await make("RandomId", { byteLength: 4 })).hex), /^[0-9a-f]{8}$/);
    assert.match(String((await make("RandomString", { length: 5 })).result), /^.{5}$/);
    assert.match(String((await make("RandomUuid", {})).result), /^[0-9a-f-]{36}$/);
    assert.equal((await make("RandomInteger", { min: 7, max: 7 })).result, 7);
  });

  it("names what it cannot make", async () => {
    await assert.rejects(provider.create(operation("RandomPet", {})), /has no random:index\/randomPet:RandomPet/);
  });
});
