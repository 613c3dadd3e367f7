import type { ObjectRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { configMap, secret } from "./cases.ts";
import type { SecretSettings } from "./settings.ts";

const annotation = "kubectl.kubernetes.io/last-applied-configuration";
const path = `metadata.annotations["${annotation}"]`;

/** kubectl keeps a copy of what it applied, data and all, where nobody looks for secrets. */
export const literalLastApplied: ObjectRule<SecretSettings> = {
  id: "literal-last-applied",
  subject: "object",
  kinds: ["Secret"],
  level: "mandatory",
  title: "No Secret carries a copy of itself in an annotation.",
  why: "Tools that hide the data of a Secret print its annotations, and the copy keeps values that were changed since.",
  fix: "remove the annotation kubectl.kubernetes.io/last-applied-configuration",
  check(object, report) {
    const field = object.root.at("metadata", "annotations", annotation);
    report.check(field, (value) => value === undefined, "the annotation repeats the data of the Secret");
  },
  good: [
    { name: "a Secret with other annotations", objects: [secret({}, { annotations: { owner: "team" } })] },
    {
      name: "an object without secrets",
      objects: [configMap({}, { metadata: { annotations: { [annotation]: "{}" } } })],
    },
  ],
  bad: [
    { name: "a copy", objects: [secret({}, { annotations: { [annotation]: "{}" } })], expect: [{ path }] },
    {
      name: "a copy that is not known yet",
      objects: [secret({}, { annotations: { [annotation]: unknown } })],
      expect: [
        { path, verdict: "undecidable" },
        { path, verdict: "undecidable", rule: "secret-in-annotation" },
      ],
    },
  ],
};
