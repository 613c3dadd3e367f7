/**
 * The three families about running and keeping things, with every value of every case made unknown or nonsense in turn.
 * What is known after an `up` may be what stood there before: so nothing new may be called violated, and what was
 * violated may become undecidable, but not silent.
 */
import assert from "node:assert/strict";
import { type ConfiguredFamily, configure, evaluate } from "../../../policy-pack/core/evaluate.ts";
import type { Finding } from "../../../policy-pack/core/finding.ts";
import type { Family, Manifest } from "../../../policy-pack/core/rule.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { autoscaling } from "../../../policy-pack/rules/autoscaling/family.ts";
import { availability } from "../../../policy-pack/rules/availability/family.ts";
import { dataProtection } from "../../../policy-pack/rules/data-protection/family.ts";
import { objectsOf, today } from "../support/findings.ts";

type Path = readonly (string | number)[];

/** Every place below a value. */
function places(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  const below = keys.flatMap((key) => places(Reflect.get(value, key), [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  const copy: object = Array.isArray(value) ? [...value] : { ...(value as object) };
  Reflect.set(copy, key, replaced(Reflect.get(copy, key), rest, by));
  return copy;
}

// A resource of the engine keeps its manifest below `props`; kind and version are never unknown.
function isSpoilable(manifest: Manifest, path: Path): boolean {
  const [first, second] = path;
  if (manifest["props"] === undefined) return first !== "kind" && first !== "apiVersion";
  return first === "props" && second !== undefined && second !== "kind" && second !== "apiVersion";
}

/** Each way in which one place of one object holds another value. */
function* spoiled(objects: readonly Manifest[], value: unknown): Generator<{ at: string; objects: Manifest[] }> {
  for (const [index, manifest] of objects.entries()) {
    for (const path of places(manifest)) {
      if (!isSpoilable(manifest, path)) continue;
      const changed = replaced(manifest, path, value) as Manifest;
      yield { at: `#${index} ${path.join(".")}`, objects: objects.map((one) => (one === manifest ? changed : one)) };
    }
  }
}

function key({ rule, object, path }: Finding): string {
  return `${rule} ${object.source} ${path}`;
}

function violations(findings: readonly Finding[]): string[] {
  return findings.filter(({ verdict }) => verdict === "violated").map(key);
}

// What KEDA is asked for often holds an address of another resource; that it is a text need not be said each time.
const meantSilence = /^#\d+ spec\.triggers\.\d+\.metadata\.\w+$/;

/** The violation stood before, there or below: a rule names what is unknown above its place. */
function stood(before: readonly string[], added: string): boolean {
  return before.some((one) => one.startsWith(added));
}

function told(family: ConfiguredFamily, objects: readonly Manifest[]): Finding[] {
  return evaluate([family], objectsOf(objects));
}

function check(family: ConfiguredFamily, objects: readonly Manifest[]): void {
  const before = violations(told(family, objects));
  for (const one of spoiled(objects, unknown)) {
    const findings = told(family, one.objects);
    for (const added of violations(findings)) {
      assert.ok(stood(before, added), `${one.at} is unknown, and yet: ${added}`);
    }
    if (before.length > 0 && !meantSilence.test(one.at)) {
      assert.ok(findings.length > 0, `${one.at} is unknown, and nothing is said of ${before.join()}`);
    }
  }
}

const nonsense: readonly unknown[] = [null, "x", { a: unknown, constructor: "x" }];

describe("unknown and odd values", () => {
  for (const family of [availability, autoscaling, dataProtection] as Family[]) {
    for (const rule of family.rules) {
      const cases = [...rule.good, ...rule.bad].map(({ objects, settings = {} }) => ({
        objects,
        family: configure({ ...family, rules: [rule] } as Family, settings, today).configured,
      }));
      it(`${family.name}/${rule.id} calls no unknown value wrong, and none right`, () => {
        for (const one of cases) check(one.family, one.objects);
      });
      it(`${family.name}/${rule.id} never crashes`, () => {
        for (const value of nonsense) {
          for (const one of cases) {
            for (const { at, objects } of spoiled(one.objects, value)) {
              const crashed = told(one.family, objects).some((finding) => finding.crashed === true);
              assert.ok(!crashed, `crashes on ${at}`);
            }
          }
        }
      });
    }
  }
});
