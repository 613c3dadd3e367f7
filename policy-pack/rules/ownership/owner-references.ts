import type { ObjectRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { configMap, deployment } from "./cases.ts";
import type { OwnershipSettings } from "./settings.ts";

const reasons = {
  ownerReferences: "the garbage collector deletes the object when that owner is gone, or at once when its uid is wrong",
  finalizers: "the object cannot be deleted until somebody removes the finalizer",
} as const;

/** Ownership that controllers write. */
export const ownerReferences: ObjectRule<OwnershipSettings> = {
  id: "owner-references",
  subject: "object",
  level: "advisory",
  title: "Nobody writes metadata.ownerReferences or metadata.finalizers by hand.",
  why: "Both are promises between controllers: written by hand, they delete an object too early or never.",
  fix: "remove it; use protect, retainOnDelete or dependsOn of the program instead",
  check(object, report) {
    for (const [key, reason] of Object.entries(reasons)) {
      report.check(
        object.root.at("metadata", key),
        (value) => value === undefined || (Array.isArray(value) && value.length === 0),
        reason,
      );
    }
  },
  good: [
    { name: "neither", objects: [configMap()] },
    { name: "empty lists", objects: [configMap({ ownerReferences: [], finalizers: [] })] },
  ],
  bad: [
    {
      name: "an owner",
      objects: [configMap({ ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "a", uid: "b" }] })],
      expect: [{ path: "metadata.ownerReferences" }],
    },
    {
      name: "a finalizer",
      objects: [deployment({ finalizers: ["example.com/keep"] })],
      expect: [{ path: "metadata.finalizers" }],
    },
    {
      name: "owners that are not known yet",
      objects: [configMap({ ownerReferences: unknown })],
      expect: [{ path: "metadata.ownerReferences", verdict: "undecidable" }],
    },
  ],
};
