/** Every rule proves itself with the cases that stand beside it. */
import assert from "node:assert/strict";
import type { Rule } from "../../policy-pack/core/rule.ts";
import { families } from "../../policy-pack/rules/families.ts";
import { findingsOf, keys } from "./support/findings.ts";

describe("rules", () => {
  for (const family of families) {
    for (const rule of family.rules as readonly Rule[]) {
      describe(`${family.name}/${rule.id}`, () => {
        for (const { name, objects, settings } of rule.good) {
          it(`accepts: ${name}`, () => {
            assert.deepEqual(keys(findingsOf(family, objects, settings)), []);
          });
        }
        for (const { name, objects, settings, expect } of rule.bad) {
          it(`refuses: ${name}`, () => {
            const wanted = expect.map(
              ({ path, verdict = "violated", rule: id = rule.id }) => `${family.name}/${id} ${path} ${verdict}`,
            );
            assert.deepEqual(keys(findingsOf(family, objects, settings)), wanted.sort());
          });
        }
      });
    }
  }
});

describe("registry of rules", () => {
  for (const family of families) {
    it(`${family.name} has a title, settings with descriptions, and rules with unique ids`, () => {
      assert.match(family.name, /^[a-z]+(-[a-z]+)*$/);
      assert.notEqual(family.title, "");
      const ids = family.rules.map((rule) => rule.id);
      assert.equal(new Set(ids).size, ids.length);
      for (const [key, setting] of Object.entries(family.schema as Record<string, { description: string }>)) {
        assert.match(setting.description, /\.$/, `${key} has no description`);
      }
    });
    for (const rule of family.rules) {
      it(`${family.name}/${rule.id} is documented and has a case that passes and one that fails`, () => {
        assert.match(rule.id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
        assert.match(rule.title, /\.$/, "title is a sentence");
        assert.match(rule.why, /\.$/, "why is a sentence");
        assert.match(rule.fix, /^[a-z].*[^.]$/s, "fix is what to do, without a full stop");
        assert.ok(rule.good.length > 0, "no case passes");
        assert.ok(rule.bad.length > 0, "no case fails");
        for (const bad of rule.bad) assert.ok(bad.expect.length > 0, `${bad.name} expects nothing`);
        const own = rule.bad.some((bad) => bad.expect.some((one) => (one.rule ?? rule.id) === rule.id));
        assert.ok(own, "no case expects the rule itself");
      });
    }
  }
});
