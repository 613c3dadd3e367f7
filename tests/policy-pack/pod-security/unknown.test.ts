/** A value that a preview does not know hides no violation beside it, and nothing is claimed that depends on it. */
import assert from "node:assert/strict";
import { configure, evaluateObject } from "../../../policy-pack/core/evaluate.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { podSecurity } from "../../../policy-pack/rules/pod-security/family.ts";
import { objectsOf, today } from "../support/findings.ts";
import { branches, leaves, replaced, type Spot } from "../support/leaves.ts";
import { controls, type Fixture, fixtures, levels } from "../support/pod-security-fixtures.ts";
import { newest } from "../support/pod-security-rows.ts";

const settings = Object.fromEntries(
  levels.map((level) => [level, configure(podSecurity, { level, version: `1.${newest}` }, today).configured]),
);

/** What the family says about a pod: places that are broken, and rules that cannot decide. */
interface Answer {
  broken: Set<string>;
  undecided: Set<string>;
}

function answer(level: Fixture["level"], pod: unknown): Answer {
  const own = settings[level];
  if (own === undefined) throw new Error(`no settings for ${level}`);
  // The engine names the kind, so it is known whatever else is not.
  const objects = objectsOf([{ type: "kubernetes:core/v1:Pod", props: pod }]);
  const findings = objects.flatMap((object) => evaluateObject(own, object));
  for (const { crashed, message } of findings) assert.notEqual(crashed, true, message);
  const of = (verdict: string) => findings.filter((one) => one.verdict === verdict);
  return {
    broken: new Set(of("violated").map(({ rule, path }) => `${rule} ${path}`)),
    undecided: new Set(of("undecidable").map(({ rule }) => rule)),
  };
}

const ruleOf = (place: string) => place.slice(0, place.indexOf(" "));

// What the value may turn out to be: values that some rule likes and some rule does not, of any type.
function candidates({ value }: Spot): unknown[] {
  switch (typeof value) {
    case "boolean":
      return [undefined, true, false];
    case "number":
      return [undefined, 0, 1];
    case "string":
      return [undefined, value, "", "other", "ALL", "NET_BIND_SERVICE", "RuntimeDefault", "Default", "windows"];
    default:
      return [undefined, true, false, 0, 1, "", "other", "RuntimeDefault", "Default", ["other"]];
  }
}

// What the host hands over for an unknown boolean, number and text, and a text that was built from one.
function sentinels({ value }: Spot): string[] {
  switch (typeof value) {
    case "boolean":
      return ["1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"];
    case "number":
      return ["3eeb2bf0-c639-47a8-9e75-3b44932eb421"];
    default:
      return ["04da6b54-80e4-46f7-96ec-b56ff0331ba9", "localhost/04da6b54-80e4-46f7-96ec-b56ff0331ba9-a"];
  }
}

function common(sets: readonly Set<string>[]): Set<string> {
  return sets.reduce((one, other) => one.intersection(other));
}

function check({ level, pod, name }: Fixture, leaf: Spot): void {
  const what = `${name}, ${leaf.path.join(".")} unknown`;
  const got = answer(level, replaced(pod, leaf.path, unknown));
  const possible = candidates(leaf).map((value) => answer(level, replaced(pod, leaf.path, value)).broken);
  const certain = common(possible);
  assert.deepEqual([...got.broken].sort(), [...certain].sort(), what);
  const perhaps = new Set(
    possible
      .flatMap((broken) => [...broken])
      .filter((place) => !certain.has(place))
      .map(ruleOf),
  );
  assert.deepEqual([...got.undecided].sort(), [...perhaps].sort(), what);
  for (const sentinel of sentinels(leaf))
    assert.deepEqual(answer(level, replaced(pod, leaf.path, sentinel)), got, what);
}

// A whole part of the pod, for which fewer things can be said: it is as it was, or nothing is in it.
function checkPart({ level, pod, name }: Fixture, { path }: Spot): void {
  const what = `${name}, all of ${path.join(".")} unknown`;
  const got = answer(level, replaced(pod, path, unknown));
  const possible = [pod, replaced(pod, path, {})].map((one) => answer(level, one).broken);
  const certain = common(possible);
  assert.deepEqual([...got.broken.difference(certain)], [], `${what}, and yet it is claimed`);
  const spoken = new Set([...[...got.broken].map(ruleOf), ...got.undecided]);
  const silent = possible.flatMap((broken) => [...broken].map(ruleOf)).filter((rule) => !spoken.has(rule));
  assert.deepEqual(silent, [], `${what}, and nobody says that it matters`);
  assert.deepEqual(answer(level, replaced(pod, path, "dd056dcd-154b-4c76-9bd3-c8f88648b5ff")), got, what);
}

// One pod for each field in which something is wrong or right, whatever the value, in one list of containers after another.
function chosen(level: Fixture["level"], control: string): Fixture[] {
  const groups = Map.groupBy(fixtures(control, level, newest), ({ name, broken }) => {
    const field = name.replace(/:.*?(?= with |$)/, "").replace(/^spec\.\w*ontainers\.0\./, "container ");
    return `${broken.includes(control)} ${field}`;
  });
  return [...groups.values()].flatMap((group, index) => {
    const byList = [...Map.groupBy(group, ({ name }) => name.split(".")[1]).values()];
    return byList[index % byList.length]?.at(-1) ?? [];
  });
}

describe("unknown values in pods of the Pod Security Standards", () => {
  for (const level of levels) {
    for (const control of controls) {
      const pods = chosen(level, control);
      const single = pods.flatMap((fixture) => leaves(fixture.pod).map((leaf) => ({ fixture, leaf })));
      const parts = pods.flatMap((fixture) => branches(fixture.pod).map((part) => ({ fixture, part })));
      it(`${level}: ${control}, ${single.length} values and ${parts.length} parts unknown`, () => {
        for (const { fixture, leaf } of single) check(fixture, leaf);
        for (const { fixture, part } of parts) checkPart(fixture, part);
      });
    }
  }
});
