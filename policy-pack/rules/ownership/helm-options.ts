import type { ObjectRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { release } from "./cases.ts";
import type { OwnershipSettings } from "./settings.ts";

const dangers: Readonly<Record<string, string>> = {
  forceUpdate: "an upgrade deletes and creates what it cannot change, data with it",
  replace: "a release of the same name is taken over, which Helm itself calls unsafe in production",
  reuseValues: "values of the last release are mixed in, which no program shows",
};

/** Options of a release that delete or hide. */
export const helmOptions: ObjectRule<OwnershipSettings> = {
  id: "helm-options",
  subject: "object",
  kinds: ["Release"],
  level: "mandatory",
  title: "A Helm release is never forced, replaced or mixed with earlier values.",
  why: "These options delete running objects or make the outcome depend on what happened before.",
  fix: "remove the option",
  check(object, report) {
    if (object.group !== "helm.sh") return;
    for (const [key, danger] of Object.entries(dangers)) {
      report.check(object.root.at(key), (value) => value !== true, danger);
    }
  },
  good: [
    { name: "a custom kind of the same name", objects: [release({ apiVersion: "a.example/v1", replace: true })] },
    { name: "none of them", objects: [release()] },
    { name: "all of them false", objects: [release({ forceUpdate: false, replace: false, reuseValues: false })] },
  ],
  bad: [
    ...Object.keys(dangers).map((key) => ({ name: key, objects: [release({ [key]: true })], expect: [{ path: key }] })),
    {
      name: "forced, and an option that is not known yet",
      objects: [release({ forceUpdate: true, replace: unknown })],
      expect: [{ path: "forceUpdate" }, { path: "replace", verdict: "undecidable" }],
    },
  ],
};
