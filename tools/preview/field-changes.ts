/** Which fields of an object differ, as people would name them. */
import { type Path, propertyPath } from "../../lab/provider/diff.ts";
import type { FieldChange } from "./change.ts";
import { shownValue } from "./shown-value.ts";

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Items of a list by their names; undefined for a list whose items have none, or not one each. */
function named(list: readonly unknown[]): Fields | undefined {
  const entries = list.map((item): [unknown, unknown] => [isObject(item) ? item["name"] : undefined, item]);
  const isNamed = entries.every(([name]) => typeof name === "string");
  return isNamed && new Set(entries.map(([name]) => name)).size === list.length
    ? Object.fromEntries(entries)
    : undefined;
}

/** A list by name where both sides are so, else by place: what is put in the middle must not change all after it. */
function byKey(list: readonly unknown[], other: readonly unknown[]): { items: Fields; names: boolean } {
  const names = named(other) === undefined ? undefined : named(list);
  return names === undefined ? { items: { ...list }, names: false } : { items: names, names: true };
}

/** Fields that differ between two values of one kind of object, in the order of the newer one. */
export function fieldChanges(kind: string, before: unknown, after: unknown, path: Path = []): FieldChange[] {
  const [was, is] = [before ?? undefined, after ?? undefined];
  if (was === is) return [];
  if (Array.isArray(was) && Array.isArray(is)) {
    const [old, fresh] = [byKey(was, is), byKey(is, was)];
    // Without names nobody can say which items came and went.
    if (!fresh.names && was.length !== is.length) {
      return [
        { path: propertyPath(path), what: "changed", before: `${was.length} items`, after: `${is.length} items` },
      ];
    }
    const step = (key: string) => (fresh.names ? key : Number(key));
    return keysOf(fresh.items, old.items).flatMap((key) =>
      fieldChanges(kind, old.items[key], fresh.items[key], [...path, step(key)]),
    );
  }
  if (isObject(was) && isObject(is)) {
    return keysOf(is, was).flatMap((key) => fieldChanges(kind, was[key], is[key], [...path, key]));
  }
  return [
    {
      path: propertyPath(path),
      what: was === undefined ? "added" : is === undefined ? "removed" : "changed",
      before: shownValue(kind, path, was),
      after: shownValue(kind, path, is),
    },
  ];
}

function keysOf(one: Fields, other: Fields): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])];
}
