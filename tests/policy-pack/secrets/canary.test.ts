/** No message of any family repeats what a Secret, a ConfigMap, an environment variable or an annotation holds. */
import assert from "node:assert/strict";
import type { Manifest, Rule } from "../../../policy-pack/core/rule.ts";
import { findingText } from "../../../policy-pack/core/text.ts";
import { families } from "../../../policy-pack/rules/families.ts";
import { findingsOf } from "../support/findings.ts";

const canary = "Canary7hZ2";
const hiding = new Set(["data", "stringData", "binaryData", "annotations"]);

// Every text below these keys, and the plain value of every environment variable, has the canary at its end.
function marked(value: unknown, inside = false): unknown {
  if (typeof value === "string") return inside ? `${value}${canary}` : value;
  if (Array.isArray(value)) return value.map((one) => marked(one, inside));
  if (typeof value !== "object" || value === null) return value;
  const variable = "name" in value && "value" in value;
  return Object.fromEntries(
    Object.entries(value).map(([key, below]) => [
      key,
      marked(below, inside || hiding.has(key) || (variable && key === "value") || key === "args" || key === "command"),
    ]),
  );
}

describe("messages", () => {
  for (const family of families) {
    it(`of ${family.name} hold no value`, () => {
      let told = 0;
      for (const { bad } of family.rules as readonly Rule[]) {
        for (const { objects, settings } of bad) {
          for (const finding of findingsOf(
            family,
            objects.map((one) => marked(one) as Manifest),
            settings,
          )) {
            told++;
            // A path names keys, and keys are names; values have no place in it either.
            assert.doesNotMatch(findingText(finding), new RegExp(canary));
          }
        }
      }
      assert.ok(told > 0, "no case gives a finding");
    });
  }
});
