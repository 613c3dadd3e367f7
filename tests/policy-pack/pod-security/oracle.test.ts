/** Random pods, judged by the rules and by a second reading of the standard that shares nothing with them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type ConfiguredFamily, configure, evaluateObject } from "../../../policy-pack/core/evaluate.ts";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { podSecurity } from "../../../policy-pack/rules/pod-security/family.ts";
import { objectsOf, today } from "../support/findings.ts";
import { controls, goodPod, levels, setAt, standard, versions } from "../support/pod-security-fixtures.ts";
import { brokenControls } from "../support/pod-security-oracle.ts";
import { hardened, type Level } from "../support/pod-security-rows.ts";

/** Pods of one run. */
const runs = 20_000;

interface Change {
  path: readonly string[];
  value: unknown;
}

// Changes by control, so that each control is met as often as any other.
const changes = new Map<string, Change[]>();

function add(control: string, path: readonly string[], values: readonly unknown[]): void {
  const known = changes.get(control) ?? [];
  changes.set(control, [...known, ...values.map((value) => ({ path, value }))]);
}

for (const { control, owner, path, allowed = [], forbidden = [], missing = [] } of standard) {
  const values = [...allowed, ...forbidden, ...missing];
  if (owner === "annotations") add(control, ["metadata", "annotations", ...path], values);
  else if (owner === "spec") add(control, ["spec", ...path], values);
  else {
    for (const list of ["containers.0", "containers.1", "initContainers.0", "ephemeralContainers.0"]) {
      add(control, ["spec", ...list.split("."), ...path], values);
    }
  }
}
add("os", ["spec", "os", "name"], ["windows", "linux", ""]);
add("users", ["spec", "hostUsers"], [false, true, null]);
add("context", ["spec", "securityContext"], [undefined, null, {}]);
add("context", ["spec", "containers", "0", "securityContext"], [undefined, null, {}]);
// The standard asks for one allowed source, though the API server refuses two.
add("volume-types", ["spec", "volumes"], [[{ name: "a", nfs: {}, emptyDir: {} }], [{ name: "a", nfs: null }]]);

const change = fc.constantFrom(...changes.values()).chain((all) => fc.constantFrom(...all));

// Init and ephemeral containers are there or not; what the changes leave alone is right.
const base = fc.record({ init: fc.boolean(), second: fc.boolean(), ephemeral: fc.boolean() }).map((has) => {
  const containers = [hardened("app"), ...(has.second ? [hardened("second")] : [])];
  return goodPod({
    spec: {
      containers,
      ...(has.init ? { initContainers: [hardened("init")] } : {}),
      ...(has.ephemeral ? { ephemeralContainers: [hardened("debug")] } : {}),
    },
  });
});

// A change below something that is not there, or that an earlier change made null, has no place.
function canHold(target: unknown, [key = "", ...rest]: readonly string[]): boolean {
  const isIndex = /^\d+$/.test(key);
  if (target === undefined) return !isIndex;
  if (typeof target !== "object" || target === null || Array.isArray(target) !== isIndex) return false;
  return rest.length === 0 || canHold(Reflect.get(target, key), rest);
}

const pods = fc.tuple(base, fc.array(change, { maxLength: 6 })).map(([pod, made]) => {
  for (const { path, value } of made) {
    // A later change may write into the value of an earlier one, and the table's values are shared.
    if (canHold(pod, path)) setAt(pod, path, structuredClone(value));
  }
  return JSON.parse(JSON.stringify(pod)) as Manifest;
});

const settings = new Map<string, ConfiguredFamily>();

function settingsOf(level: Level, version: number): ConfiguredFamily {
  const key = `${level} ${version}`;
  const known = settings.get(key) ?? configure(podSecurity, { level, version: `1.${version}` }, today).configured;
  settings.set(key, known);
  return known;
}

const control = new Set(controls);

function brokenByRules(pod: Manifest, level: Level, version: number): string[] {
  const findings = objectsOf([pod]).flatMap((object) => evaluateObject(settingsOf(level, version), object));
  assert.deepEqual(
    findings.filter((one) => one.verdict !== "violated"),
    [],
  );
  const ids = findings.map(({ rule }) => rule.slice("pod-security/".length));
  return [...new Set(ids)].filter((id) => control.has(id)).sort();
}

describe("the Pod Security Standards, read twice", () => {
  it(`${runs} random pods break the same controls, whoever reads the standard`, () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(pods, fc.constantFrom(...levels), fc.constantFrom(...versions), (pod, level, version) => {
        const want = brokenControls(pod, level === "restricted", version);
        assert.deepEqual(brokenByRules(pod, level, version), want);
        for (const id of want.length === 0 ? ["none"] : want) seen.set(id, (seen.get(id) ?? 0) + 1);
      }),
      { numRuns: runs, seed: 20_260_630 },
    );
    // A generator that never breaks a control would prove nothing about it.
    const scarce = [...controls, "none"].filter((id) => (seen.get(id) ?? 0) < runs / 500);
    assert.deepEqual(scarce, []);
  });

  it("breaks a control that one of the two forgets", () => {
    const pod = goodPod({ spec: { hostNetwork: true } });
    assert.deepEqual(brokenControls(pod, true, 37), ["host-namespaces"]);
    assert.deepEqual(brokenControls({ spec: { containers: [{}] } }, true, 37), [
      "capabilities",
      "privilege-escalation",
      "run-as-non-root",
      "seccomp",
    ]);
  });
});
