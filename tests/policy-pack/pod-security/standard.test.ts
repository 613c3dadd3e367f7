/** The family against the published standard: every field, value, level and version, and exactly the rules that speak. */
import assert from "node:assert/strict";
import { type ConfiguredFamily, configure, evaluateObject } from "../../../policy-pack/core/evaluate.ts";
import type { Finding } from "../../../policy-pack/core/finding.ts";
import { podSecurity } from "../../../policy-pack/rules/pod-security/family.ts";
import { objectsOf, today } from "../support/findings.ts";
import { controls, type Fixture, fixtures, levels, versions } from "../support/pod-security-fixtures.ts";
import type { Level } from "../support/pod-security-rows.ts";

function configured(level: Level, version: number): ConfiguredFamily {
  const read = configure(podSecurity, { level, version: `1.${version}` }, today);
  assert.deepEqual(read.mistakes, []);
  return read.configured;
}

function idsOf(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map(({ rule, verdict }) => `${verdict === "violated" ? "" : "?"}${rule.split("/")[1]}`))];
}

function mistakesOf(settings: ConfiguredFamily, all: readonly Fixture[]): string[] {
  return all.flatMap(({ name, level, version, pod, broken }) => {
    const told = objectsOf([pod]).flatMap((object) => idsOf(evaluateObject(settings, object)));
    const [want, got] = [broken.join(" "), told.sort().join(" ")];
    return want === got ? [] : [`${level} 1.${version} ${name}: want "${want}", got "${got}"`];
  });
}

describe("the Pod Security Standards", () => {
  for (const level of levels) {
    for (const control of controls) {
      const byVersion = versions.map((version) => ({ version, all: fixtures(control, level, version) }));
      const count = byVersion.reduce((sum, { all }) => sum + all.length, 0);
      it(`${level}: ${control}, ${count} pods of 1.0 to 1.${versions.at(-1)}`, () => {
        const mistakes = byVersion.flatMap(({ version, all }) => mistakesOf(configured(level, version), all));
        assert.deepEqual(mistakes.slice(0, 10), []);
      });
    }
  }
});
