/** What may be secret is in no finding: every value of a Secret, a ConfigMap, an environment variable or an annotation. */
import assert from "node:assert/strict";
import { configure, evaluate } from "../../policy-pack/core/evaluate.ts";
import type { Finding } from "../../policy-pack/core/finding.ts";
import type { ObjectRule } from "../../policy-pack/core/rule.ts";
import { findingText } from "../../policy-pack/core/text.ts";
import { type CorpusCase, corpus, objectsFrom, packFindings, type Resource } from "./support/corpus.ts";
import { today } from "./support/findings.ts";
import { type Key, leaves, replaced, type Spot } from "./support/leaves.ts";

const mark = "hunter2canary";
const encodedMark = Buffer.from(mark).toString("base64").replaceAll("=", "");

// Keys below which every value is meant; a value of an environment variable stands beside its name.
const secretive: Readonly<Record<string, readonly string[]>> = {
  Secret: ["data", "stringData"],
  ConfigMap: ["data", "binaryData"],
};

function isSecretive(kind: string, path: readonly Key[]): boolean {
  if (path.some((key, index) => key === "annotations" && index < path.length - 1)) return true;
  if (path.at(-1) === "value" && typeof path.at(-2) === "number" && path.at(-3) === "env") return true;
  return secretive[kind]?.includes(String(path[0])) === true;
}

function kindOf({ type = "" }: Resource): string {
  return (/(\w+)$/.exec(type)?.[1] ?? "").replace(/Patch$/, "");
}

function secretSpots(resource: Resource): Spot[] {
  return leaves(resource.props).filter(({ path }) => isSecretive(kindOf(resource), path));
}

/** Ways to hide the mark in a value, so that it still is what a rule looks for. */
const disguises: Readonly<Record<string, (value: unknown) => unknown>> = {
  "in its place": () => mark,
  "behind it": (value) => `${String(value)}${mark}`,
  "before it": (value) => `${mark}${String(value)}`,
  "in every text of its JSON": (value) => inJson(String(value)),
  "as a password of a URL": () => `postgres://app:${mark}@db.example.com/game`,
  "as a private key": () => `-----BEGIN PRIVATE KEY-----\n${mark}\n-----END PRIVATE KEY-----\n`,
  "as YAML": () => `password: ${mark}\nspec:\n  containers: [{ name: ${mark}, image: ${mark} }]\n`,
  "as base64": () => Buffer.from(mark).toString("base64"),
  "as a list": () => [mark],
  "as a mapping": () => ({ key: mark, list: [mark] }),
};

function inJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), (_, value) => (typeof value === "string" ? `${value}${mark}` : value));
  } catch {
    return JSON.stringify({ key: mark });
  }
}

function marked({ resources }: CorpusCase, disguise: (value: unknown) => unknown): Resource[] {
  return resources.map((resource) => ({
    ...resource,
    props: secretSpots(resource).reduce<unknown>(
      (props, { path, value }) => replaced(props, path, disguise(value)),
      resource.props,
    ),
  }));
}

function leaks(finding: Finding): boolean {
  const text = findingText(finding);
  return text.includes(mark) || text.includes(encodedMark);
}

const secretCases = corpus.filter(({ resources }) => resources.some((one) => secretSpots(one).length > 0));

// Objects whose every other value is broken say more than good ones.
const broken: readonly unknown[] = [null, -1, "", [], {}, "Unconfined"];

describe("findings about objects with secrets", () => {
  it("have cases with values of each kind to look for", () => {
    const kinds = new Set(
      secretCases.flatMap(({ resources }) =>
        resources.flatMap((one) =>
          secretSpots(one).map(({ path }) =>
            path.includes("annotations") ? "annotation" : path.includes("env") ? "env" : kindOf(one),
          ),
        ),
      ),
    );
    assert.deepEqual([...kinds].sort(), ["ConfigMap", "Secret", "annotation", "env"]);
  });

  for (const [name, disguise] of Object.entries(disguises)) {
    it(`say no value of ${secretCases.length} cases that is hidden ${name}`, () => {
      for (const one of secretCases) {
        const leaking = packFindings(marked(one, disguise), one).filter(leaks).map(findingText);
        assert.deepEqual(leaking, [], one.name);
      }
    });
  }

  it("say none either where something else of the object is broken", () => {
    for (const [index, one] of secretCases.entries()) {
      const whole = marked(one, (value) => `${String(value)}${mark}`);
      for (const [at, resource] of whole.entries()) {
        const others = leaves(resource.props).filter(({ path }) => !isSecretive(kindOf(resource), path));
        for (const [turn, { path }] of others.entries()) {
          const value = broken[(index + turn) % broken.length];
          const props = replaced(resource.props, path, value);
          const spoiled = whole.map((other, place) => (place === at ? { ...other, props } : other));
          const leaking = packFindings(spoiled, one).filter(leaks).map(findingText);
          assert.deepEqual(leaking, [], `${one.name}, ${path.join(".")}`);
        }
      }
    }
  });

  it("would be caught if they said one", () => {
    const talkative: ObjectRule<object> = {
      id: "talkative",
      subject: "object",
      level: "mandatory",
      title: "Says what it reads.",
      why: "For this test.",
      fix: "nothing",
      check(object, report) {
        const data = object.root.at("data", "password");
        report.violated(data, `the password ${String(data.value)} is weak`);
      },
      good: [],
      bad: [],
    };
    const family = { name: "talkative", title: "", level: "mandatory" as const, schema: {}, rules: [talkative] };
    const objects = objectsFrom([{ type: "kubernetes:core/v1:Secret", props: { data: { password: mark } } }]);
    const findings = evaluate([configure(family, {}, today).configured], objects);
    assert.deepEqual(findings.map(leaks), [true]);
  });
});
