/** Places within plain objects. */

/** A key of a mapping or an index of a list. */
export type Key = string | number;

/** A place within an object, and what stands there. */
export interface Spot {
  path: readonly Key[];
  value: unknown;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Every place of an object, the object itself first. */
export function spots(value: unknown, path: readonly Key[] = []): Spot[] {
  const below = Array.isArray(value)
    ? value.flatMap((item, index) => spots(item, [...path, index]))
    : isObject(value)
      ? Object.entries(value).flatMap(([key, item]) => spots(item, [...path, key]))
      : [];
  return [{ path, value }, ...below];
}

/** Places that hold one value and no others. */
export function leaves(value: unknown): Spot[] {
  return spots(value).filter((spot) => !isObject(spot.value) && spot.value !== undefined);
}

/** Places that hold others, without the object itself. */
export function branches(value: unknown): Spot[] {
  return spots(value).filter((spot) => isObject(spot.value) && spot.path.length > 0);
}

/** The object with another value at a place. The rest is shared, so nothing may be written into it. */
export function replaced(from: unknown, [key, ...rest]: readonly Key[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(from)) return from.map((item, index) => (index === key ? replaced(item, rest, value) : item));
  if (!isObject(from)) return from;
  return Object.fromEntries(
    Object.entries(from).map(([name, item]) => [name, name === key ? replaced(item, rest, value) : item]),
  );
}
