import { whole } from "../../core/evaluate.ts";
import type { ObjectRule } from "../../core/rule.ts";
import { engineDeployment } from "./cases.ts";
import type { OwnershipSettings } from "./settings.ts";

// Parts that hold all that matters of some kind. A field of them, such as spec.replicas, may have another owner.
const parts = new Set([
  "",
  "binaryData",
  "data",
  "metadata",
  "roleRef",
  "rules",
  "spec",
  "spec.jobTemplate",
  "spec.jobTemplate.spec",
  "spec.jobTemplate.spec.template",
  "spec.jobTemplate.spec.template.spec",
  "spec.template",
  "spec.template.spec",
  "stringData",
  "subjects",
  "webhooks",
]);

/** `spec`, `["spec"]`, `spec.*` and `.spec` are one; `*` is the whole object, "". */
function plainPath(path: string): string {
  return path
    .replaceAll(/\["([^"\]]*)"\]/g, ".$1")
    .split(".")
    .filter((key) => key !== "" && key !== "*")
    .join(".");
}

/** Drift that stays visible. */
export const ignoreChanges: ObjectRule<OwnershipSettings> = {
  id: "ignore-changes",
  subject: "object",
  level: "advisory",
  title: "ignoreChanges names single fields, never a whole spec.",
  why: "Below an ignored field the engine keeps what it once applied: later changes of the program are lost.",
  fix: "ignore the one field that has another owner, for example spec.replicas",
  check(object, report) {
    for (const ignored of object.options?.ignoreChanges ?? []) {
      const path = plainPath(ignored);
      if (!parts.has(path)) continue;
      const field = path === "" ? whole(object) : object.root.at(...path.split("."));
      report.violated(field, `changes of ${path === "" ? "the whole object" : `the whole ${path}`} are ignored`);
    }
  },
  good: [
    { name: "nothing is ignored", objects: [engineDeployment([])] },
    {
      name: "single fields are ignored",
      objects: [engineDeployment(["spec.replicas", 'metadata.annotations["example.com/a"]', "status"])],
    },
  ],
  bad: [
    { name: "the spec", objects: [engineDeployment(["spec"])], expect: [{ path: "spec" }] },
    { name: "the spec in brackets", objects: [engineDeployment(['["spec"]'])], expect: [{ path: "spec" }] },
    { name: "everything in the spec", objects: [engineDeployment(["spec.*"])], expect: [{ path: "spec" }] },
    { name: "everything", objects: [engineDeployment(["*"])], expect: [{ path: "" }] },
    {
      name: "the pod, beside a single field",
      objects: [engineDeployment(["spec.replicas", 'spec["template"].spec'])],
      expect: [{ path: "spec.template.spec" }],
    },
  ],
};
