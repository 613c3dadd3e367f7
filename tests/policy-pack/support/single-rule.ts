/** One rule at a time, for what a case of the whole family cannot show: values that are known only after an `up`. */
import assert from "node:assert/strict";
import type { Family, Manifest, Rule } from "../../../policy-pack/core/rule.ts";
import { findingsOf, keys } from "./findings.ts";

/** A rule, what is special about the objects, the objects, and each finding as `path verdict`. */
export type Row = [rule: string, name: string, objects: Manifest[], expected: string[], settings?: object];

/** One test for each row. */
export function itSays<S>(family: Family<S>, rows: readonly Row[]): void {
  for (const [id, name, objects, expected, settings = {}] of rows) {
    it(`${id}: ${name}`, () => {
      const rules = (family.rules as readonly Rule[]).filter((rule) => rule.id === id);
      assert.equal(rules.length, 1, `the family has no rule ${id}`);
      const found = keys(findingsOf({ ...family, rules } as Family, objects, settings));
      assert.deepEqual(
        found,
        expected.map((one) => `${family.name}/${id} ${one}`),
      );
    });
  }
}
