// What changed between two objects, and where. Pure.
import { isObject, isUnknown, type Json } from "./values.ts";

/** Steps from the root of an object to a value. */
export type Path = readonly (string | number)[];

/** One difference between the old and the new inputs. */
export interface Change {
  path: Path;
  kind: "add" | "delete" | "update";
}

/** Every place where the new value differs from the old one. An unknown value counts as a change. */
export function compare(before: Json | undefined, after: Json | undefined, path: Path = []): Change[] {
  const was = before ?? undefined;
  const is = after ?? undefined;
  if (was === undefined) return is === undefined ? [] : [{ path, kind: "add" }];
  if (is === undefined) return [{ path, kind: "delete" }];
  if (isUnknown(is)) return [{ path, kind: "update" }];
  if (Array.isArray(was) && Array.isArray(is)) {
    const length = Math.max(was.length, is.length);
    return Array.from({ length }, (_, index) => compare(was[index], is[index], [...path, index])).flat();
  }
  if (isObject(was) && isObject(is)) {
    const keys = new Set([...Object.keys(was), ...Object.keys(is)]);
    return [...keys].flatMap((key) => compare(was[key], is[key], [...path, key]));
  }
  return was === is ? [] : [{ path, kind: "update" }];
}

/** True when both values are the same. */
export function same(one: Json | undefined, other: Json | undefined): boolean {
  return compare(one, other).length === 0;
}

/** The engine's notation: `spec.containers[0].image`, `metadata.labels["app.kubernetes.io/name"]`. */
export function propertyPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (/^[A-Za-z_$][\w$]*$/.test(step)) return text === "" ? step : `${text}.${step}`;
    return `${text}[${JSON.stringify(step)}]`;
  }, "");
}

/** Reads the engine's notation back. */
export function parsePropertyPath(text: string): Path {
  const steps: (string | number)[] = [];
  for (const [, name, index, quoted] of text.matchAll(/([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/g)) {
    if (name !== undefined) steps.push(name);
    else if (index !== undefined) steps.push(Number(index));
    else steps.push(JSON.parse(`"${quoted}"`) as string);
  }
  return steps;
}

/** True when `path` is `prefix` or lies below it; "*" in the prefix stands for any step. */
export function isWithin(path: Path, prefix: Path): boolean {
  return prefix.length <= path.length && prefix.every((step, index) => step === "*" || step === path[index]);
}
