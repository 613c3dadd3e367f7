import type { ObjectRule } from "../../core/rule.ts";
import { isYes } from "../../kube/annotations.ts";
import { unknown } from "../../kube/tree.ts";
import { access, clusterRole } from "./cases.ts";
import { isRbac } from "./kinds.ts";
import type { AccessSettings } from "./settings.ts";

const widened = ["admin", "edit", "view", "cluster-reader"] as const;

function label(role: string): string {
  return `rbac.authorization.k8s.io/aggregate-to-${role}`;
}

/** ClusterRoles whose rights are not written where people look; kubernetes.io, "Aggregated ClusterRoles". */
export const aggregatedRole: ObjectRule<AccessSettings> = {
  id: "aggregated-role",
  subject: "object",
  kinds: ["ClusterRole"],
  level: "advisory",
  title: "A ClusterRole says itself what it grants, and widens no other.",
  why: "What an aggregated role grants is decided by labels of other roles, also of those that operators add later.",
  fix: "write the rules into the role that is bound, or exempt it with the reason why it is aggregated",
  check(object, report) {
    if (!isRbac(object)) return;
    const { root } = object;
    const selectors = root.at("aggregationRule", "clusterRoleSelectors");
    if (selectors.unknown) report.undecidable(selectors);
    else if (selectors.items().length > 0) {
      report.violated(selectors, "the rights of this role are those of every role with these labels");
    }
    for (const role of widened) {
      report.check(
        root.at("metadata", "labels", label(role)),
        (value) => !isYes(value),
        `its rights go to everyone who has the role ${role}`,
      );
    }
  },
  good: [
    { name: "rules of its own", objects: [clusterRole()] },
    { name: "an aggregation of nothing", objects: [clusterRole({ aggregationRule: { clusterRoleSelectors: [] } })] },
    {
      name: "an object of another group",
      objects: [
        { ...clusterRole({}, { labels: { [label("view")]: "true" } }), apiVersion: "authorization.openshift.io/v1" },
      ],
    },
    { name: "the label says false", objects: [clusterRole({}, { labels: { [label("view")]: "false" } })] },
  ],
  bad: [
    {
      name: "an aggregation",
      objects: [clusterRole({ aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] }, rules: null })],
      expect: [{ path: "aggregationRule.clusterRoleSelectors" }],
    },
    {
      name: "an aggregation of every role",
      objects: [clusterRole({ aggregationRule: { clusterRoleSelectors: [{}] }, rules: [access()] })],
      expect: [{ path: "aggregationRule.clusterRoleSelectors" }],
    },
    ...widened.map((role) => ({
      name: `it widens ${role}`,
      objects: [clusterRole({}, { labels: { [label(role)]: "true" } })],
      expect: [{ path: `metadata.labels["${label(role)}"]` }],
    })),
    {
      name: "an aggregation that is not known yet",
      objects: [clusterRole({ aggregationRule: unknown })],
      expect: [{ path: "aggregationRule", verdict: "undecidable" }],
    },
  ],
};
