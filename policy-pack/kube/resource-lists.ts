/** Lists of resources (`requests`, `limits`, `hard`) in which single values, or the whole list, may be unknown. */
import { readQuantity } from "./quantities.ts";
import type { Field } from "./tree.ts";

/** An amount of a resource, in billionths: exactly `least`, or at least that much. */
export interface Amount {
  least: bigint;
  exact: boolean;
}

/** Amounts by resource. What is not in it is not set, unless the list is `open`: then nobody knows. */
export interface ResourceList {
  readonly amounts: ReadonlyMap<string, Amount>;
  readonly open: boolean;
}

/** A list without resources. */
export const nothing: ResourceList = { amounts: new Map(), open: false };

/** The amount of which nothing is known. */
export const unknownAmount: Amount = { least: 0n, exact: false };

/** Reads a mapping of resources. What is malformed counts as unknown; the rule about quantities tells it. */
export function readList(field: Field): ResourceList {
  if (field.unknown) return { amounts: new Map(), open: true };
  const amounts = new Map<string, Amount>();
  for (const [resource, quantity] of field.entries()) {
    const reading = readQuantity(quantity);
    if (reading === "absent") continue;
    amounts.set(resource, typeof reading === "bigint" ? { least: reading, exact: true } : unknownAmount);
  }
  return { amounts, open: false };
}

/** The amount of a resource; undefined where it is not set. In an open list everything may be set. */
export function amountOf(list: ResourceList, resource: string): Amount | undefined {
  return list.amounts.get(resource) ?? (list.open ? unknownAmount : undefined);
}

/** The larger of two amounts. */
export function larger(one: Amount, other: Amount): Amount {
  const { least } = one.least > other.least ? one : other;
  return { least, exact: one.exact && other.exact };
}

function combine(one: ResourceList, other: ResourceList, join: (one: Amount, other: Amount) => Amount): ResourceList {
  const amounts = new Map<string, Amount>();
  for (const resource of new Set([...one.amounts.keys(), ...other.amounts.keys()])) {
    const [first, second] = [amountOf(one, resource), amountOf(other, resource)];
    const joined = first !== undefined && second !== undefined ? join(first, second) : (first ?? second);
    if (joined !== undefined) amounts.set(resource, joined);
  }
  return { amounts, open: one.open || other.open };
}

/** Both lists together. A resource of one list only is that list's. */
export function add(one: ResourceList, other: ResourceList): ResourceList {
  return combine(one, other, (first, second) => ({
    least: first.least + second.least,
    exact: first.exact && second.exact,
  }));
}

/** The larger amount of each resource. */
export function largest(one: ResourceList, other: ResourceList): ResourceList {
  return combine(one, other, larger);
}

/** The list, and what only `others` sets. What an open list may set itself stays unknown. */
export function withMissing(list: ResourceList, others: ResourceList): ResourceList {
  const amounts = new Map(list.amounts);
  for (const [resource, amount] of others.amounts) {
    if (!amounts.has(resource)) amounts.set(resource, list.open ? unknownAmount : amount);
  }
  return { amounts, open: list.open || others.open };
}

/** The list, in which nothing is sure: whether it counts is itself unknown. */
export function inDoubt(list: ResourceList): ResourceList {
  return {
    amounts: new Map([...list.amounts].map(([resource, { least }]) => [resource, { least, exact: false }])),
    open: list.open,
  };
}
