/** Truth as annotations, labels and settings write it: as a text. */
import type { Tree } from "./tree.ts";

/** `true` and "true", in any case. */
export function isYes(value: Tree): boolean {
  return value === true || (typeof value === "string" && value.trim().toLowerCase() === "true");
}

/** `false` and "false", in any case: said, not left out. */
export function isNo(value: Tree): boolean {
  return value === false || (typeof value === "string" && value.trim().toLowerCase() === "false");
}
