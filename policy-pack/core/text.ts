/** A finding as a sentence. */
import { describe } from "../kube/objects.ts";
import type { Finding } from "./finding.ts";

/** What, where and how to fix it, for people: `[quota/sum] ResourceQuota a/b: spec.hard: ... Fix: ...`. */
export function findingText(finding: Finding): string {
  const { rule, verdict, object, path, message, fix } = finding;
  const where = path === "" ? describe(object) : `${describe(object)}, ${path}`;
  const what = verdict === "undecidable" ? `undecidable: ${message}` : message;
  return `[${rule}] ${where}: ${what}. Fix: ${fix}.`;
}
