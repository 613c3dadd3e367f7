import type { ObjectRule } from "../../core/rule.ts";
import { isYes } from "../../kube/annotations.ts";
import { unknown } from "../../kube/tree.ts";
import { configMap } from "./cases.ts";
import type { OwnershipSettings } from "./settings.ts";

const annotation = "pulumi.com/patchForce";

/** Server-side apply without force. */
export const forceConflicts: ObjectRule<OwnershipSettings> = {
  id: "force-conflicts",
  subject: "object",
  level: "mandatory",
  title: "No object takes fields from other owners by force.",
  why: "A forced apply overwrites fields of autoscalers, operators and other tools without a word, with every up.",
  fix: "remove the annotation and leave the field to one owner; exempt a take-over until it is done",
  check(object, report) {
    report.check(
      object.root.at("metadata", "annotations", annotation),
      (value) => !isYes(value),
      "conflicts with other owners of a field are overwritten",
    );
  },
  good: [
    { name: "no annotations", objects: [configMap()] },
    { name: "the annotation says false", objects: [configMap({ annotations: { [annotation]: "false" } })] },
  ],
  bad: [
    {
      name: "the annotation says true",
      objects: [configMap({ annotations: { [annotation]: "true" } })],
      expect: [{ path: `metadata.annotations["${annotation}"]` }],
    },
    {
      name: "the annotation is a boolean",
      objects: [configMap({ annotations: { [annotation]: true } })],
      expect: [{ path: `metadata.annotations["${annotation}"]` }],
    },
    {
      name: "the annotation is not known yet",
      objects: [configMap({ annotations: { [annotation]: unknown } })],
      expect: [{ path: `metadata.annotations["${annotation}"]`, verdict: "undecidable" }],
    },
  ],
};
