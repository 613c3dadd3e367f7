// Values as the engine sends them: plain JSON in which unknowns and secrets are marked. Everything here is pure.

import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";

/** A JSON value; the unknown markers are strings among the others. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
/** A JSON object. */
export interface JsonObject {
  [key: string]: Json | undefined;
}

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** The marker of an unknown value of any type. */
export const unknownMarker = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

// The engine has one marker for each type a value will have once it is known.
const unknownMarkers: ReadonlySet<string> = new Set([
  unknownMarker,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** True for an object that is neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for a value the engine does not know yet. */
export function isUnknown(value: unknown): boolean {
  return typeof value === "string" && unknownMarkers.has(value);
}

/** True when the value, or anything inside it, is unknown. */
export function containsUnknown(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some(containsUnknown);
  if (isObject(value)) return Object.values(value).some(containsUnknown);
  return isUnknown(value);
}

/** True for a value in a secret wrapper. */
export function isSecret(value: unknown): value is JsonObject {
  return isObject(value) && value[signatureKey] === secretSignature;
}

/** Puts a value in a secret wrapper, once. */
export function secret(value: Json): Json {
  return isSecret(value) ? value : { [signatureKey]: secretSignature, value };
}

/** The value without secret wrappers and without the nulls by which a program says "not set". */
export function plain(value: Json): Json {
  if (isSecret(value)) return plain(value.value ?? null);
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const [key, child] of Object.entries(value)) {
    const bare = plain(child ?? null);
    if (bare !== null) result[key] = bare;
  }
  return result;
}

/** As `plain`, for an object. */
export function plainObject(value: JsonObject): JsonObject {
  const bare = plain(value);
  return isObject(bare) ? bare : {};
}

/** Marks as secret in `target` whatever is secret at the same place in `marked`. */
export function keepSecrets(target: Json, marked: Json | undefined): Json {
  if (marked === undefined || target === null) return target;
  if (isSecret(marked)) return secret(target);
  if (Array.isArray(target) && Array.isArray(marked)) {
    return target.map((item, index) => keepSecrets(item, marked[index]));
  }
  if (!isObject(target) || !isObject(marked)) return target;
  const result: JsonObject = {};
  for (const [key, child] of Object.entries(target)) {
    result[key] = child === undefined ? undefined : keepSecrets(child, marked[key]);
  }
  return result;
}

/** The object inside a message of the engine; no message is an empty object. */
export function fromStruct(struct: Struct | undefined): JsonObject {
  return (struct?.toJavaScript() ?? {}) as JsonObject;
}

/** The message for an object. Absent fields are left out, since the wire format has no word for them. */
export function toStruct(value: JsonObject): Struct {
  return structs.Struct.fromJavaScript(withoutAbsent(value) as Parameters<typeof Struct.fromJavaScript>[0]);
}

function withoutAbsent(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutAbsent);
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const [key, child] of Object.entries(value)) if (child !== undefined) result[key] = withoutAbsent(child);
  return result;
}

/** The value at a path of keys, or undefined. */
export function at(value: Json | undefined, ...path: string[]): Json | undefined {
  let current = value;
  for (const key of path) {
    if (!isObject(current)) return undefined;
    current = current[key];
  }
  return current;
}

/** The text at a path, or "" where there is none. */
export function textAt(value: Json | undefined, ...path: string[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

/** The number at a path, or `otherwise`. */
export function numberAt(value: Json | undefined, otherwise: number, ...path: string[]): number {
  const found = at(value, ...path);
  return typeof found === "number" ? found : otherwise;
}
