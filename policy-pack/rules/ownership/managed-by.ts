import type { ObjectRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { configMap } from "./cases.ts";
import type { OwnershipSettings } from "./settings.ts";

const label = "app.kubernetes.io/managed-by";
const path = `metadata.labels["${label}"]`;

/** The label of "Recommended Labels" on kubernetes.io. Charts that Pulumi renders say "Helm": hence advisory. */
export const managedBy: ObjectRule<OwnershipSettings> = {
  id: "managed-by",
  subject: "object",
  level: "advisory",
  title: "The label app.kubernetes.io/managed-by names this program or is absent.",
  why: "People ask the tool that the label names for a change, and Helm takes over what says it is Helm's.",
  fix: "write a name of the setting managers into the label",
  check(object, report, { managers }) {
    report.check(
      object.root.at("metadata", "labels", label),
      (value) => value === undefined || (typeof value === "string" && managers.includes(value)),
      "the label names an owner that is not this program",
    );
  },
  good: [
    { name: "no label", objects: [configMap()] },
    { name: "this program", objects: [configMap({ labels: { [label]: "realmgrid" } })] },
    {
      name: "a manager of the settings",
      objects: [configMap({ labels: { [label]: "x" } })],
      settings: { managers: ["x"] },
    },
  ],
  bad: [
    { name: "Helm", objects: [configMap({ labels: { [label]: "Helm" } })], expect: [{ path }] },
    { name: "another spelling", objects: [configMap({ labels: { [label]: "Realmgrid" } })], expect: [{ path }] },
    {
      name: "a label that is not known yet",
      objects: [configMap({ labels: { [label]: unknown } })],
      expect: [{ path, verdict: "undecidable" }],
    },
  ],
};
