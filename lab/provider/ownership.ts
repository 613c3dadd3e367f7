// Who owns which field under server-side apply. Pure.
import { isObject, type Json, type JsonObject, textAt } from "./values.ts";

/** The name under which this provider owns fields. */
export const fieldManager = "pulumi-kubernetes";

interface Entry extends JsonObject {
  manager?: string;
  operation?: string;
  subresource?: string;
  fieldsV1?: JsonObject;
}

/**
 * The managed fields after taking over what people changed with kubectl and what this provider created, or undefined
 * when there is nothing to take over. As in the official provider: a hand-made change of a field that the program sets
 * is not a conflict. What goes through a subresource (`kubectl scale`) is left alone.
 */
export function takeOver(live: JsonObject): JsonObject[] | undefined {
  const entries = entriesOf(live);
  const isOurs = (entry: Entry) => entry.manager === fieldManager && entry.operation === "Apply" && !entry.subresource;
  const taken = entries.filter((entry) => !isOurs(entry) && isTakenOver(entry));
  const [first] = taken;
  if (first === undefined) return undefined;
  const ours = entries.find(isOurs) ?? { ...first, manager: fieldManager, operation: "Apply", fieldsV1: {} };
  const fieldsV1 = taken.reduce<JsonObject>(
    (fields, entry) => union(fields, entry.fieldsV1 ?? {}),
    ours.fieldsV1 ?? {},
  );
  return [...entries.filter((entry) => !isOurs(entry) && !isTakenOver(entry)), { ...ours, fieldsV1 }];
}

function isTakenOver(entry: Entry): boolean {
  if (entry.subresource) return false;
  const manager = entry.manager ?? "";
  if (manager.startsWith("kubectl")) return true;
  if (entry.operation !== "Update") return false;
  return manager.startsWith(fieldManager) || manager === "before-first-apply";
}

// Field sets are tries of objects, so the union of two sets is a deep merge.
function union(one: JsonObject, other: JsonObject): JsonObject {
  const result: JsonObject = { ...one };
  for (const [key, child] of Object.entries(other)) {
    const mine = result[key];
    result[key] = isObject(mine) && isObject(child) ? union(mine, child) : (child ?? mine);
  }
  return result;
}

function entriesOf(live: JsonObject): Entry[] {
  const metadata = live.metadata;
  const entries: Json | undefined = isObject(metadata) ? metadata.managedFields : undefined;
  return Array.isArray(entries) ? entries.filter(isObject) : [];
}

/** The words for a refused apply: which fields, and who owns them. */
export function conflictMessage(object: JsonObject, refusal: JsonObject): string {
  const details = isObject(refusal.details) ? refusal.details : {};
  const causes = Array.isArray(details.causes) ? details.causes.filter(isObject) : [];
  const fields = causes.map((cause) => `${textAt(cause, "field")}: ${textAt(cause, "message")}`);
  const name = `${textAt(object, "kind")} "${textAt(object, "metadata", "name")}"`;
  return [
    `server-side apply of ${name} refused: another manager owns fields that the program sets`,
    ...(fields.length > 0 ? fields : [textAt(refusal, "message")]),
    'leave the field out of the program, or set the annotation pulumi.com/patchForce: "true" to take it over',
  ].join("; ");
}
