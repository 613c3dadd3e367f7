import { exceptionsAnnotation, exceptionsIn, isOver } from "../../core/exemptions.ts";
import type { PodRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { annotated } from "./cases.ts";
import type { PodSecuritySettings } from "./settings.ts";

const exception = {
  allow: "writable-root-filesystem",
  because: "the engine writes beside itself",
  until: "2026-12-31",
};
const path = `metadata.annotations["${exceptionsAnnotation}"]`;

function carrying(exceptions: unknown): readonly [ReturnType<typeof annotated>] {
  const text = typeof exceptions === "string" ? exceptions : JSON.stringify(exceptions);
  return [annotated({ [exceptionsAnnotation]: text })];
}

/** Exceptions that pods carry can be read, say why, and end. */
export const securityException: PodRule<PodSecuritySettings> = {
  id: "security-exception",
  subject: "pod",
  level: "mandatory",
  title: "Each exception that a pod carries has a reason and a last day, and has not ended.",
  why: "An exception without an end outlives its reason, and one that nobody can read excuses nothing.",
  fix: 'write the annotation as [{"allow": "...", "because": "...", "until": "YYYY-MM-DD"}], or remove it',
  check(template, report) {
    const field = template.metadata.at("annotations", exceptionsAnnotation);
    if (field.unknown) {
      report.undecidable(field);
      return;
    }
    const exceptions = exceptionsIn(template.metadata);
    if (exceptions === undefined) {
      report.violated(field, "the security exceptions are no JSON list of allow, because and until");
      return;
    }
    const ended = exceptions.filter(({ until }) => isOver(until, report.today)).length;
    if (ended > 0) report.violated(field, `${ended} of ${exceptions.length} security exceptions have ended`);
  },
  good: [
    { name: "an exception with all that it needs", objects: carrying([exception]) },
    { name: "today is its last day", objects: carrying([{ ...exception, until: "2026-06-30" }]) },
    { name: "an empty list", objects: carrying([]) },
  ],
  bad: [
    {
      name: "it ended yesterday",
      objects: carrying([exception, { ...exception, until: "2026-06-29" }]),
      expect: [{ path }],
    },
    {
      name: "it is not known yet",
      objects: [annotated({ [exceptionsAnnotation]: unknown })],
      expect: [{ path, verdict: "undecidable" }],
    },
    { name: "it has no reason", objects: carrying([{ ...exception, because: " " }]), expect: [{ path }] },
    { name: "it has no end", objects: carrying([{ ...exception, until: undefined }]), expect: [{ path }] },
    { name: "it never ends", objects: carrying([{ ...exception, until: "never" }]), expect: [{ path }] },
    { name: "it allows nothing", objects: carrying([{ ...exception, allow: undefined }]), expect: [{ path }] },
    { name: "it is one, not a list", objects: carrying(exception), expect: [{ path }] },
    { name: "it is only a name", objects: carrying(["writable-root-filesystem"]), expect: [{ path }] },
    { name: "it is nothing", objects: carrying([null]), expect: [{ path }] },
    { name: "it is no JSON", objects: carrying("writable-root-filesystem"), expect: [{ path }] },
    { name: "it is empty", objects: carrying(""), expect: [{ path }] },
  ],
};
