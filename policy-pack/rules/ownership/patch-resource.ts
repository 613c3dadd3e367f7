import type { ObjectRule } from "../../core/rule.ts";
import { engineDeployment } from "./cases.ts";
import type { OwnershipSettings } from "./settings.ts";

/** Whole objects instead of patches. */
export const patchResource: ObjectRule<OwnershipSettings> = {
  id: "patch-resource",
  subject: "object",
  level: "advisory",
  title: "No object is shared with another owner through a patch.",
  why: "What a patch changes has two owners: who deletes the object, or removes the patch, decides what remains.",
  fix: "declare the whole object where it is made, or exempt the patch with the reason why it cannot be",
  check(object, report) {
    if (object.partial) report.violated(object.root.at("metadata", "name"), "a patch of an object that has an owner");
  },
  good: [{ name: "a whole object", objects: [engineDeployment([])] }],
  bad: [{ name: "a patch", objects: [engineDeployment([], "DeploymentPatch")], expect: [{ path: "metadata.name" }] }],
};
