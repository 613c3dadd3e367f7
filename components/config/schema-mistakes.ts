/** Issues of zod as mistakes that a person can mend: what was got, what is wanted, why, and what was probably meant. */
import type { z } from "zod";
import { type Mistake, withheld } from "./mistakes.ts";
import { Config } from "./schema.ts";

/** The nearest word by number of edits, when it is near enough to be a slip of the finger. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const distance = (one: string, other: string): number => {
    let row = Array.from({ length: other.length + 1 }, (_, index) => index);
    for (let i = 1; i <= one.length; i++) {
      const next = [i];
      for (let j = 1; j <= other.length; j++) {
        const swap = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
        next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
      }
      row = next;
    }
    return row[other.length] ?? 0;
  };
  const [best] = words
    .map((candidate) => ({ candidate, edits: distance(word, candidate) }))
    .sort((one, other) => one.edits - other.edits);
  return best && best.edits <= Math.max(2, word.length / 3) ? best.candidate : undefined;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

/** Keys and documentation of the schema at a path; empty where the path leads nowhere. */
function schemaAt(path: readonly PropertyKey[]): { keys: string[]; why?: string } {
  let schema: unknown = Config;
  let why: string | undefined;
  for (const key of [...path, undefined]) {
    // The documentation belongs to the outermost type, for example the one with the default.
    why = readMeta(schema)?.why;
    while (isWrapper(schema)) schema = schema._zod.def.innerType;
    if (key === undefined) break;
    schema = step(schema, key);
  }
  return { keys: keysOf(schema), why };
}

interface Definition {
  type: string;
  innerType?: unknown;
  [key: string]: unknown;
}

function definitionOf(schema: unknown): Definition | undefined {
  return (schema as { _zod?: { def?: Definition } } | undefined)?._zod?.def;
}

function isWrapper(schema: unknown): schema is { _zod: { def: { innerType: unknown } } } {
  return definitionOf(schema)?.innerType !== undefined;
}

function readMeta(schema: unknown): { why?: string } | undefined {
  return typeof schema === "object" && schema !== null && "meta" in schema
    ? ((schema as z.ZodType).meta() as { why?: string } | undefined)
    : undefined;
}

/** Keys of an object; of a union, of its largest form, which for regions is the one that runs. */
function keysOf(schema: unknown): string[] {
  const definition = definitionOf(schema);
  if (definition?.type === "object") return Object.keys(definition["shape"] as object);
  if (definition?.type !== "union") return [];
  const [most] = (definition["options"] as unknown[]).map(keysOf).sort((one, other) => other.length - one.length);
  return most ?? [];
}

function step(schema: unknown, key: PropertyKey): unknown {
  const definition = definitionOf(schema);
  if (definition === undefined) return undefined;
  if (definition.type === "object") return (definition["shape"] as Record<PropertyKey, unknown>)[key];
  if (definition.type === "record") return definition["valueType"];
  if (definition.type === "array") return definition["element"];
  if (definition.type === "union") {
    return (definition["options"] as unknown[]).map((option) => step(option, key)).find((one) => one !== undefined);
  }
  return undefined;
}

/** A zod issue of the configuration as mistakes; `input` is what was parsed. */
export function mistakesOf(issue: z.core.$ZodIssue, input: unknown): Mistake[] {
  const path = issue.path.join(".");
  const got = valueAt(input, issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = schemaAt(issue.path).keys;
    return issue.keys.map((key) => {
      const meant = nearest(key, known);
      return {
        path: path === "" ? key : `${path}.${key}`,
        got: withheld(valueAt(input, [...issue.path, key])),
        want: known.length === 0 ? "no such key" : `one of the keys ${known.join(", ")}`,
        why: "a key that nobody reads would silently leave a default in force",
        fix: meant ? `write ${meant}` : `remove ${key}`,
      };
    });
  }
  const { why } = schemaAt(issue.path);
  return [{ path, got, want: want(issue, got), why, fix: got === undefined ? `add ${path}` : undefined }];
}

function want(issue: z.core.$ZodIssue, got: unknown): string {
  // A text of the schema's own says more than the kind of the issue.
  if (!issue.message.startsWith("Invalid") && !issue.message.startsWith("Too")) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `${/^[aeiou]/.test(issue.expected) ? "an" : "a"} ${issue.expected}`;
    case "too_big":
      return issue.origin === "string" ? `at most ${issue.maximum} characters` : `at most ${issue.maximum}`;
    case "too_small":
      return issue.origin === "string" ? `at least ${issue.minimum} characters` : `at least ${issue.minimum}`;
    case "invalid_value":
      return issue.values.length === 1
        ? JSON.stringify(issue.values[0])
        : `one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "invalid_union":
      return issue.discriminator === "enabled" ? "true or false" : issue.message;
    case "invalid_key":
      return "a region name of at most 30 lower-case letters, digits and dashes";
    default:
      return got === undefined ? "a value" : issue.message;
  }
}
