/** Whatever arrives, the pack says something about it or nothing: it never throws, and no rule of it crashes. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { accept, Complaints } from "./support/complaints.ts";
import { corpus, packFindings, type Resource } from "./support/corpus.ts";
import { leaves, replaced, type Spot, spots } from "./support/leaves.ts";

/** Evaluations of spoiled cases; all there are would be too many, so they are taken at even distances. */
const budget = 6_000;

/** Some of many things, at even distances and always the same. */
function some<T>(all: readonly T[], wanted: number): T[] {
  const step = Math.max(1, all.length / wanted);
  return Array.from({ length: Math.min(wanted, all.length) }, (_, index) => all[Math.floor(index * step)]).filter(
    (one) => one !== undefined,
  );
}

interface Place {
  /** Index of the case and of its object. */
  at: number;
  object: number;
  spot: Spot;
}

function placesOf(read: (value: unknown) => Spot[]): Place[] {
  return corpus.flatMap(({ resources }, at) =>
    resources.flatMap(({ props }, object) => read(props).map((spot) => ({ at, object, spot }))),
  );
}

function spoil({ at, object, spot }: Place, value: unknown, complaints: Complaints): void {
  const own = corpus[at];
  if (own === undefined) return;
  const resources = own.resources.map(
    (resource, index): Resource =>
      index === object ? { ...resource, props: replaced(resource.props, spot.path, value) } : resource,
  );
  complaints.read(packFindings(resources, own), `${own.name}, ${spot.path.join(".")}`);
}

const wrong: readonly (readonly [string, unknown])[] = [
  ["null", null],
  ["absent", undefined],
  ["0", 0],
  ["-1", -1],
  ["NaN", Number.NaN],
  ["1e308", 1e308],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["a big integer", 10n ** 40n],
  ["an empty text", ""],
  ["__proto__", "__proto__"],
  ["constructor", "constructor"],
  ["a text with half a character", "\ud800"],
  ["an empty list", []],
  ["a list of lists", [[], [[]], null, 0, "a"]],
  ["a list with holes", new Array(3)],
  ["an empty mapping", {}],
  ["a mapping of what every object has", JSON.parse('{"__proto__": {"a": 1}, "toString": 1, "length": -1}')],
  ["true", true],
  ["a function", () => "a"],
  ["a symbol", Symbol("a")],
  ["a date", new Date(0)],
  ["a map", new Map([["a", 1]])],
];

// Each makes some careless pattern go over the text again and again.
const long = 100_000;
const texts: readonly string[] = [
  "a",
  "1",
  " ",
  "a.",
  "a/",
  "-",
  "%",
  "{{",
  "0",
  "*",
  '["',
  "\n",
  "a:",
  "\\",
  "=",
  "@",
].map((part) => part.repeat(long / part.length));

describe("the whole pack", function () {
  this.timeout(120_000);

  it("knows cases to spoil", () => {
    assert.ok(corpus.length > 100);
  });

  const everyPlace = placesOf(spots);
  const share = Math.ceil(budget / wrong.length);
  for (const [index, [name, value]] of wrong.entries()) {
    it(`takes ${name} at ${share} of ${everyPlace.length} places`, () => {
      // Each value starts elsewhere, so that together they visit more places.
      const shifted = [...everyPlace.slice(index * 7), ...everyPlace.slice(0, index * 7)];
      const complaints = new Complaints();
      for (const place of some(shifted, share)) spoil(place, value, complaints);
      complaints.assertNone();
    });
  }

  it("takes long texts of many kinds in time", () => {
    const byPath = new Map(
      placesOf(leaves).map((place) => {
        const type = corpus[place.at]?.resources[place.object]?.type;
        return [`${type} ${place.spot.path.join(".")}`, place];
      }),
    );
    const complaints = new Complaints();
    for (const [index, place] of some([...byPath.values()], 1000).entries()) {
      spoil(place, texts[index % texts.length], complaints);
    }
    complaints.assertNone();
  });

  it("takes a text of a megabyte wherever a text stands in one object of each kind", () => {
    const byKind = new Map(placesOf((value) => [{ path: [], value }]).map((one) => [kindOf(one), one]));
    const complaints = new Complaints();
    for (const { at, object, spot } of byKind.values()) {
      const all = leaves(spot.value).filter(({ value }) => typeof value === "string");
      const big = all.reduce<unknown>((whole, { path }) => replaced(whole, path, "a".repeat(1 << 20)), spot.value);
      spoil({ at, object, spot }, big, complaints);
    }
    complaints.assertNone();
  });
});

function kindOf({ at, object }: Place): string {
  return corpus[at]?.resources[object]?.type?.split(":").at(-1) ?? "";
}

const tokens = [...new Set(corpus.flatMap(({ resources }) => resources.map(({ type }) => type ?? "")))];

describe("the whole pack on objects of no shape at all", function () {
  this.timeout(120_000);

  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withTypedArray: true,
    withUnicodeString: true,
    maxDepth: 3,
  });

  it(`1000 stacks of anything, as ${tokens.length} types`, () => {
    const resource = fc.record({ type: fc.constantFrom(...tokens), props: anything });
    fc.assert(
      fc.property(fc.array(resource, { minLength: 1, maxLength: 3 }), (resources) => {
        accept(packFindings(resources), "anything");
      }),
      { numRuns: 1000, seed: 20_260_630 },
    );
  });

  it("1000 cases with anything in up to four places", () => {
    const changes = fc.array(fc.tuple(fc.nat(), anything), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.nat(corpus.length - 1), fc.nat(), changes, (at, chosen, made) => {
        const own = corpus[at];
        if (own === undefined) return;
        const object = chosen % own.resources.length;
        const resources = own.resources.map((resource, index): Resource => {
          if (index !== object) return resource;
          return { ...resource, props: made.reduce<unknown>(withAnything, resource.props) };
        });
        accept(packFindings(resources, own), own.name);
      }),
      { numRuns: 1000, seed: 20_260_630 },
    );
  });

  it("cycles, and values that refuse to be read", () => {
    const cycle: Record<string, unknown> = { metadata: {}, spec: {} };
    cycle["spec"] = { template: cycle, containers: [cycle], rules: [cycle], selector: cycle };
    const refusing = {
      get metadata(): never {
        throw new Error("not known");
      },
      get spec(): never {
        throw new Error("not known");
      },
    };
    for (const type of tokens)
      accept(
        packFindings([
          { type, props: cycle },
          { type, props: refusing },
        ]),
        type,
      );
  });

  it("10,000 levels of mappings and of lists, at the top and in a spec", () => {
    let mappings: unknown = "a";
    let lists: unknown = "a";
    for (let depth = 0; depth < 10_000; depth++) {
      mappings = { spec: mappings };
      lists = [lists];
    }
    for (const type of tokens) {
      for (const props of [mappings, lists, { spec: { template: mappings } }, { spec: { containers: lists } }]) {
        accept(packFindings([{ type, props }]), type);
      }
    }
  });
});

// The place is the chosen one of those that the object has left.
function withAnything(props: unknown, [chosen, value]: readonly [number, unknown]): unknown {
  const left = spots(props);
  return replaced(props, left[chosen % left.length]?.path ?? [], value);
}
