import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { z } from "zod";
import { effects } from "../../components/config/fields.ts";
import { Config } from "../../components/config/schema.ts";

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
  description?: string;
  effect?: string;
  source?: string;
  default?: unknown;
}

interface Leaf {
  path: string;
  schema: Schema;
}

/** Fields that a person sets: every schema below the sections that has no keys of its own. */
function leaves(schema: Schema, path: string): Leaf[] {
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return options.flatMap((one, index) => leaves(one, `${path}|${index}`));
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([key, inner]) =>
      leaves(inner, path === "" ? key : `${path}.${key}`),
    );
  }
  const inner = schema.additionalProperties;
  if (typeof inner === "object" && inner.type !== "string") return leaves(inner, `${path}.*`);
  return [{ path, schema }];
}

describe("the schema of the configuration", () => {
  const fields = leaves(z.toJSONSchema(Config, { io: "input" }) as Schema, "");

  it("has the fields of all sections", () => {
    assert.ok(fields.length > 80, `only ${fields.length} fields were found`);
    assert.deepEqual(
      [...new Set(fields.map(({ path }) => path.split(/[.|]/)[0]))],
      ["regions", "cluster", "game", "data", "ads", "monitoring", "delivery", "images"],
    );
  });

  it("says of every field what it is", () => {
    assert.deepEqual(
      fields.filter(({ schema }) => !schema.description).map(({ path }) => path),
      [],
    );
  });

  it("says of every field what a change of it does", () => {
    assert.deepEqual(
      fields.filter(({ schema }) => !Object.keys(effects).includes(schema.effect ?? "")).map(({ path }) => path),
      [],
    );
  });

  it("says of every field where its value comes from", () => {
    assert.deepEqual(
      fields.filter(({ schema }) => !schema.source).map(({ path }) => path),
      [],
    );
  });

  it("describes in one sentence without a full stop, so that units and ranges can follow", () => {
    assert.deepEqual(
      fields.filter(({ schema }) => schema.description?.endsWith(".")).map(({ path }) => path),
      [],
    );
  });

  it("fills in every section and field that a stack leaves out", () => {
    const parsed = Config.parse({ regions: {} });
    assert.deepEqual(parsed, Config.parse(parsed));
  });
});
