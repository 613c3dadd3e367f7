/** Changes as rows of text: what is the same in several regions is said once. */
import { count } from "../table.ts";
import { type Changes, type FieldChange, fates, type ObjectChange } from "./change.ts";
import type { FigureChange } from "./figures.ts";
import type { Rows } from "./tables.ts";

/** A change that is the same in each of the regions. */
export interface SharedChange extends Omit<ObjectChange, "region"> {
  regions: string[];
}

/** Changes of several regions that differ in nothing but the region, as one. */
export function sharedChanges(objects: readonly ObjectChange[]): SharedChange[] {
  const shared = new Map<string, SharedChange>();
  for (const { region, ...rest } of objects) {
    const key = JSON.stringify(rest);
    const one = shared.get(key) ?? { ...rest, regions: [] };
    if (region !== "") one.regions.push(region);
    shared.set(key, one);
  }
  return [...shared.values()];
}

/** How many objects have each fate, for example `1 removed, 3 changed`. */
export function fateCounts(objects: readonly ObjectChange[]): string {
  const counts = fates
    .map((fate) => ({ fate, number: objects.filter((one) => one.fate === fate).length }))
    .filter(({ number }) => number > 0);
  return counts.length === 0 ? "no object differs" : counts.map(({ fate, number }) => `${number} ${fate}`).join(", ");
}

/** One thing to say of a change. */
export interface Detail {
  /** Field that it is said of; empty for what is said of the object as a whole. */
  path: string;
  text: string;
}

/** What becomes of a field: `60 -> 80`, or `changed` where its values are not repeated. */
function fieldText({ what, before, after }: FieldChange): string {
  if (what === "changed" && before !== undefined && after !== undefined) return `${before} -> ${after}`;
  const value = what === "added" ? after : what === "removed" ? before : undefined;
  return value === undefined ? what : `${what} (${value})`;
}

/** Why an object is replaced, what somebody should know, and its fields, `most` of them. */
export function detailsOf({ because, notes, fields }: SharedChange, most = 8): Detail[] {
  const replacing = because.map((reason): Detail => {
    const field = fields.find(({ path }) => path === reason);
    if (field === undefined) return { path: "", text: `replaced by ${reason}` };
    return { path: reason, text: `${fieldText(field)}, replaces it` };
  });
  const rest = fields.filter(({ path }) => !because.includes(path));
  return [
    ...replacing,
    ...notes.map((text) => ({ path: "", text })),
    ...rest.slice(0, most).map((field) => ({ path: field.path, text: fieldText(field) })),
    ...(rest.length > most && most > 0 ? [{ path: "", text: count(rest.length - most, "more field") }] : []),
  ];
}

/** A detail as one text. */
export function detailText({ path, text }: Detail): string {
  return path === "" ? text : `${path} ${text}`;
}

/** Header of the table of changes. */
export const changeHeader = ["change", "object", "regions", "what"];

/** Every object that differs. */
export function changeRows({ objects }: Changes): Rows {
  const rows = sharedChanges(objects).map((change) => [
    change.fate,
    `${change.kind} ${change.name}`,
    change.regions.join(", "),
    detailsOf(change).map(detailText).join("; "),
  ]);
  return { header: changeHeader, rows };
}

function numberText({ name, before, after }: FigureChange["numbers"][number]): string {
  if (before === "") return `${name} ${after} (new)`;
  return after === "" ? `${name} ${before} (gone)` : `${name} ${before} -> ${after}`;
}

/** Every number of the plan that differs. */
export function figureRows({ figures }: Changes): Rows {
  const rows = figures.map(({ region, subject, numbers }) => [region, subject, numbers.map(numberText).join("; ")]);
  return { header: ["region", "of", "numbers"], rows };
}
