import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "mocha";
import { z } from "zod";
import { Config } from "../../components/config/schema.ts";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/seed-coverage.md", root), "utf8");

interface Schema {
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | false;
  oneOf?: Schema[];
  anyOf?: Schema[];
}

const config = z.toJSONSchema(Config, { io: "input" }) as Schema;

/** Whether the schema has a key, in a region that runs or in another section. */
function isKey(path: string): boolean {
  let schema: Schema | undefined = config;
  for (const key of path.split(".")) {
    const open: Schema | undefined = schema?.oneOf?.[0] ?? schema?.anyOf?.[0] ?? schema;
    // A strict object says false to every other key.
    schema = open?.properties?.[key] ?? (open?.additionalProperties || undefined);
  }
  return schema !== undefined;
}

const quoted = [...page.matchAll(/`([^`\n]+)`/g)].map(([, text = ""]) => text);

/** Texts in backticks that name a key of the configuration. */
const keys = quoted.filter((text) => /^(regions|cluster|game|data|ads|images|monitoring|delivery)\./.test(text));

/** Texts in backticks that name a file or folder of the project, and the targets of links. */
const paths = [
  ...quoted.filter(
    (text) =>
      /^(components|docs|lab|policy-pack|tests|tools|\.ci|\.github)\//.test(text) ||
      (/^[\w.-]+\.(ts|md|yaml|yml|json|sh|awk|sql)$/.test(text) && !keys.includes(text)),
  ),
  ...[...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, target = ""]) => `docs/${target}`),
];

const states = ["kept", "repaired", "replaced", "left out", "text", "later: edge"];

/** Every line of every table, as cells. */
const lines = page
  .split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) => line.split("|").slice(1, -1))
  .map((cells) => cells.map((cell) => cell.trim()));
const rows = lines.filter((cells) => cells[1] !== "state" && cells[1] !== "---");

describe("the page on the original designs", () => {
  it("names only keys that the configuration has", () => {
    assert.ok(keys.length > 100, String(keys.length));
    assert.deepEqual(
      keys.filter((key) => !isKey(key)),
      [],
    );
  });

  it("names only files that exist", () => {
    assert.ok(paths.length > 100, String(paths.length));
    assert.deepEqual(
      paths.filter((path) => !existsSync(new URL(path, root))),
      [],
    );
  });

  it("gives every line a state and a place", () => {
    assert.ok(rows.length > 300, String(rows.length));
    const wrong = rows.filter(
      ([said = "", state = "", where = "", ...more]) =>
        said === "" || !states.includes(state) || where === "" || more.length > 0,
    );
    assert.deepEqual(wrong, []);
  });

  it("explains each state, and uses it", () => {
    for (const state of states) {
      assert.ok(quoted.includes(state), state);
      assert.ok(
        rows.some((cells) => cells[1] === state),
        state,
      );
    }
  });

  it("says what was wrong wherever something was repaired and was there before", () => {
    const silent = rows.filter(
      ([said = "", state, where = ""]) =>
        state === "repaired" && !said.startsWith("Not there:") && !/\bbefore, /i.test(where),
    );
    assert.deepEqual(silent, []);
  });

  it("has the same columns in every table", () => {
    for (const [said = "", state, where] of lines.filter((cells) => cells[1] === "state")) {
      assert.match(said, /says$/);
      assert.deepEqual([state, where], ["state", "where it is here"]);
    }
  });
});
