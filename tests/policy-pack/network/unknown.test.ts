/**
 * Of three families: what a rule says while one value is not known holds whatever the value turns out to be. A
 * violation stays one, and where a value could break the rule, the rule is not silent.
 */
import assert from "node:assert/strict";
import { configure, evaluate } from "../../../policy-pack/core/evaluate.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { type CorpusCase, corpus, objectsFrom } from "../support/corpus.ts";
import { today } from "../support/findings.ts";
import { type Key, replaced, spots } from "../support/leaves.ts";

/** Places that are tried, of all that the cases have. */
const budget = 2_000;

// What the value may turn out to be, beside what it is in the case: of each, some rule takes notice.
const values: readonly unknown[] = [undefined, "*", "x", [], ["*"], {}, 80, true, "sample", "cluster-admin"];

// Said in the documentation of each rule: silence, or a verdict, although something is not known.
const documented: Readonly<Record<string, RegExp>> = {
  // Names that are not known yet are made to differ.
  "ownership/one-owner": /metadata|\bname|namespace/,
  // What the Service selects is a matter of service-target.
  "network/service-port": /metadata|selector|spec$|template$/,
  // A snippet is one by its key.
  "network/ingress-snippets": /-snippets?$/,
};

// A controller without a pod is refused by the API server; and the kind says what an object is.
const left = /(^|\.)(kind|apiVersion)$|^(spec|spec\.template|spec\.template\.spec(\.template(\.spec)?)?)$|^$/;

type Said = "violated" | "undecidable" | "silent";

function saidBy({ family, settings, resources }: CorpusCase, at: number, path: readonly Key[], value: unknown) {
  const { configured } = configure(family, settings, today);
  const spoiled = resources.map((one, index) =>
    index === at ? { ...one, props: replaced(one.props, path, value) } : one,
  );
  const findings = evaluate([configured], objectsFrom(spoiled));
  return (id: string): Said => {
    const own = findings.filter(({ rule }) => rule === id);
    return own.some(({ verdict }) => verdict === "violated") ? "violated" : own.length > 0 ? "undecidable" : "silent";
  };
}

describe("an unknown value", () => {
  for (const name of ["network", "access", "ownership"]) {
    const places = corpus
      .filter(({ family }) => family.name === name)
      .flatMap((own) =>
        own.resources.flatMap(({ props }, at) =>
          spots(props)
            .filter(({ path }) => !left.test(path.join(".")) || /^(roleRef|subjects)/.test(path.join(".")))
            .map(({ path, value }) => ({ own, at, path, value })),
        ),
      );
    const step = Math.max(1, Math.ceil((places.length * 3) / budget));
    it(`never makes a rule of ${name} say what may turn out wrong, at 1 of ${step} of ${places.length} places`, () => {
      for (const { own, at, path, value } of places.filter((_, index) => index % step === 0)) {
        const where = path.join(".");
        const first = saidBy(own, at, path, unknown);
        const others = [value, ...values].map((one) => saidBy(own, at, path, one));
        for (const rule of own.family.rules) {
          const id = `${own.family.name}/${rule.id}`;
          if (documented[id]?.test(where) === true) continue;
          const possible = new Set(others.map((said) => said(id)));
          const what = `${id}, ${where} of "${own.name}"`;
          if (first(id) === "violated") assert.ok(!possible.has("silent"), `${what}: violated, though it may be right`);
          if (first(id) === "silent") assert.ok(!possible.has("violated"), `${what}: silent, though it may be wrong`);
        }
      }
    });
  }
});
