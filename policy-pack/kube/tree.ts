/**
 * Any object as a plain tree in which values that a preview cannot know are marked. The policy host throws when an
 * unknown value is read; copied once, with the throw caught per value, one unknown hides nothing beside it.
 */

/** Stands for a value that is known only after an `up`. */
export const unknown: unique symbol = Symbol("unknown");

/** Stands for what lies deeper than `maxDepth`: a rule cannot decide on it, like on an unknown value. */
export const maxDepth = 100;

/** A value of the tree. */
export type Tree = string | number | boolean | null | undefined | typeof unknown | Tree[] | { [key: string]: Tree };

/** What `@pulumi/policy` hands over in place of an unknown boolean, number, string, list, asset, archive and object. */
const sentinels = [
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];
const sentinelLength = 36;

// A text that a program built from an unknown value arrives with the sentinel in its middle.
function holdsSentinel(text: string): boolean {
  return text.length >= sentinelLength && sentinels.some((sentinel) => text.includes(sentinel));
}

function read(from: object, key: string | number): unknown {
  try {
    return Reflect.get(from, key);
  } catch {
    // The host's proxy throws for unknown values, and an object with a broken getter tells as little.
    return unknown;
  }
}

function copyInto(value: unknown, depth: number, above: readonly object[]): Tree {
  switch (typeof value) {
    case "string":
      return holdsSentinel(value) ? unknown : value;
    case "number":
    case "boolean":
    case "undefined":
      return value;
    case "bigint":
      return String(value);
    case "object":
      break;
    default:
      return value === unknown ? unknown : undefined;
  }
  if (value === null) return null;
  // A cycle would never end; no manifest has one, so what it means cannot be said.
  if (depth > maxDepth || above.includes(value)) return unknown;
  const path = [...above, value];
  if (Array.isArray(value)) {
    const list: Tree[] = [];
    for (let index = 0; index < value.length; index++) list.push(copyInto(read(value, index), depth + 1, path));
    return list;
  }
  // Without a prototype, a key such as "constructor" or "__proto__" is a key like any other.
  const copied: { [key: string]: Tree } = Object.create(null);
  for (const key of Object.keys(value)) copied[key] = copyInto(read(value, key), depth + 1, path);
  return copied;
}

/** Copies any value. Never throws: what cannot be read is `unknown`, functions and symbols are absent. */
export function toTree(value: unknown): Tree {
  return copyInto(value, 0, []);
}

/** A place in a tree: the value and the path that leads there, as people write it (`spec.containers[0].image`). */
export class Field {
  readonly value: Tree;
  readonly path: string;

  constructor(value: Tree, path = "") {
    this.value = value;
    this.path = path;
  }

  /** The value, or something above it, is known only after an `up`; `path` is then that of the unknown value. */
  get unknown(): boolean {
    return this.value === unknown;
  }

  /** Not there, or null, which Kubernetes reads the same. */
  get absent(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** The field below, however deep. Below an unknown value everything is that unknown value. */
  at(...keys: string[]): Field {
    let field: Field = this;
    for (const key of keys) {
      if (field.unknown) return field;
      const { value } = field;
      const below = typeof value === "object" && value !== null && !Array.isArray(value) ? value[key] : undefined;
      field = new Field(below, joinPath(field.path, key));
    }
    return field;
  }

  /** The elements of a list. An unknown list is one unknown element; anything else that is no list has none. */
  items(): Field[] {
    if (this.unknown) return [this];
    const { value, path } = this;
    return Array.isArray(value) ? value.map((item, index) => new Field(item, `${path}[${index}]`)) : [];
  }

  /** The entries of a mapping; none for anything else, an unknown mapping too (ask `unknown` first). */
  entries(): [string, Field][] {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
    return Object.keys(value).map((key) => [key, this.at(key)]);
  }

  /** The text, or undefined for anything that is no text. */
  get text(): string | undefined {
    return typeof this.value === "string" ? this.value : undefined;
  }

  /** The number, or undefined for anything that is no number. */
  get number(): number | undefined {
    return typeof this.value === "number" ? this.value : undefined;
  }
}

/** `spec` and `a.b/c` -> `spec["a.b/c"]`: keys that are no plain words stand in brackets. */
export function joinPath(path: string, key: string): string {
  if (/^[A-Za-z_$][\w$-]*$/.test(key)) return path === "" ? key : `${path}.${key}`;
  return `${path}[${JSON.stringify(key)}]`;
}
