/** Who is excused from what, and until when. */
import { type KubeObject, nameOf, namespaceOf } from "../kube/objects.ts";
import type { Field } from "../kube/tree.ts";
import type { Exemption, Finding } from "./finding.ts";
import { dayPattern } from "./settings.ts";

/** Annotation of a pod or a Namespace with the exceptions that its program grants, as a JSON list of `Exception`. */
export const exceptionsAnnotation = "realmgrid.io/security-exceptions";

/** An exception as an object carries it. */
export interface Exception {
  /** Name of the allowance, such as `PodRule.allowance`. */
  allow: string;
  because: string;
  /** Last day on which it holds, as YYYY-MM-DD. */
  until: string;
}

function matches(wanted: string, name: string | undefined): boolean {
  return wanted === "*" || wanted === name;
}

/** The exemption covers that rule of that object, whether or not it is still valid. */
export function covers(exemption: Exemption, rule: string, object: KubeObject): boolean {
  return (
    matches(exemption.rule, rule) &&
    matches(exemption.namespace, namespaceOf(object)) &&
    matches(exemption.name, nameOf(object)) &&
    (exemption.kind === undefined || exemption.kind === object.kind)
  );
}

/** Days are compared as text: YYYY-MM-DD sorts as time does. */
export function isOver(lastDay: string, today: string): boolean {
  return lastDay < today;
}

/** Findings without those that a valid exemption covers. */
export function withoutExempted(findings: readonly Finding[], exemptions: readonly Exemption[], today: string) {
  const valid = exemptions.filter((one) => !isOver(one.expires, today));
  return findings.filter((finding) => {
    const rule = finding.rule.slice(finding.family.length + 1);
    return !valid.some((exemption) => covers(exemption, rule, finding.object));
  });
}

/**
 * Exceptions that a pod or an object carries in its metadata; none where there is no such annotation, and undefined where
 * the annotation cannot be read or one of them lacks its reason or its day: then nothing is excused.
 */
export function exceptionsIn(metadata: Field): Exception[] | undefined {
  const field = metadata.at("annotations", exceptionsAnnotation);
  if (field.absent) return [];
  if (field.text === undefined) return undefined;
  try {
    const list: unknown = JSON.parse(field.text);
    return Array.isArray(list) && list.every(isException) ? list : undefined;
  } catch {
    return undefined;
  }
}

/** What has been said of an allowance: it holds, or it held until a day that is over; undefined where nothing was said. */
export function stateOf(allowance: string, metadata: Field, today: string): "holds" | "ended" | undefined {
  const own = exceptionsIn(metadata)?.filter((one) => one.allow === allowance) ?? [];
  if (own.length === 0) return undefined;
  return own.some((one) => !isOver(one.until, today)) ? "holds" : "ended";
}

function isDay(value: unknown): boolean {
  return typeof value === "string" && new RegExp(dayPattern).test(value);
}

function isException(value: unknown): value is Exception {
  if (typeof value !== "object" || value === null) return false;
  const { allow, because, until } = value as Record<string, unknown>;
  // A day that is no day, such as "never", sorts behind every day and would hold for ever.
  return typeof allow === "string" && typeof because === "string" && /\S/.test(because) && isDay(until);
}
