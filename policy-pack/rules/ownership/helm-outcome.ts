import type { ObjectRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { release } from "./cases.ts";
import type { OwnershipSettings } from "./settings.ts";

/** A release ends done or undone, and whole. */
export const helmOutcome: ObjectRule<OwnershipSettings> = {
  id: "helm-outcome",
  subject: "object",
  kinds: ["Release"],
  level: "advisory",
  title: "A Helm release is atomic, is waited for and brings its kinds.",
  why: "A release that failed half way blocks the next upgrade, and what depends on it starts before it is there.",
  fix: "set atomic to true and leave out skipAwait and skipCrds",
  check(object, report) {
    if (object.group !== "helm.sh") return;
    const { root } = object;
    report.check(root.at("atomic"), (value) => value === true, "a failed upgrade is not rolled back");
    report.check(root.at("skipAwait"), (value) => value !== true, "nobody waits until the release is ready");
    report.check(root.at("skipCrds"), (value) => value !== true, "the chart's own kinds are not installed");
  },
  good: [
    { name: "a custom kind of the same name", objects: [release({ apiVersion: "a.example/v1", atomic: false })] },
    { name: "atomic", objects: [release()] },
    { name: "the others are false", objects: [release({ skipAwait: false, skipCrds: false })] },
  ],
  bad: [
    { name: "atomic is missing", objects: [release({ atomic: undefined })], expect: [{ path: "atomic" }] },
    { name: "atomic is false", objects: [release({ atomic: false })], expect: [{ path: "atomic" }] },
    { name: "nobody waits", objects: [release({ skipAwait: true })], expect: [{ path: "skipAwait" }] },
    { name: "kinds are skipped", objects: [release({ skipCrds: true })], expect: [{ path: "skipCrds" }] },
    {
      name: "atomic is not known yet",
      objects: [release({ atomic: unknown })],
      expect: [{ path: "atomic", verdict: "undecidable" }],
    },
  ],
};
