import type { ExpectedFinding, ObjectRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { account, clusterRoleBinding, everyone, roleBinding, roleRef } from "./cases.ts";
import { bindingKinds, isRbac } from "./kinds.ts";
import type { AccessSettings } from "./settings.ts";

const group = "system:masters";

// Bound to the whole cluster, both read every Secret and take the identity of every ServiceAccount: in one namespace
// they are what Kubernetes made them for.
const tooWideForCluster = ["admin", "edit"];

/** CIS Kubernetes Benchmark, 5.1.1. */
export const clusterAdmin: ObjectRule<AccessSettings> = {
  id: "cluster-admin",
  subject: "object",
  kinds: bindingKinds,
  level: "mandatory",
  title: "No binding makes anyone an administrator of the cluster.",
  why: "Who holds such a binding's account owns every namespace, every Secret and every node.",
  fix: "bind a Role or ClusterRole with what the account needs",
  check(object, report) {
    if (!isRbac(object)) return;
    const [kind, name] = [object.root.at("roleRef", "kind"), object.root.at("roleRef", "name")];
    const wide = object.kind === "ClusterRoleBinding" ? tooWideForCluster : [];
    // A Role of such a name is a role of its own.
    const isAdmin = name.text === "cluster-admin" || wide.some((one) => one === name.text);
    if (kind.text !== "Role" && name.unknown) report.undecidable(name);
    else if (isAdmin && kind.unknown) report.undecidable(kind);
    else if (isAdmin && kind.text !== "Role") report.violated(name, `binds the role ${name.text}`);
    for (const subject of object.root.at("subjects").items()) {
      // An account or a user of that name is not the group.
      const [kind, called] = [subject.at("kind"), subject.at("name")];
      if (kind.text === "Group") {
        report.check(called, (value) => value !== group, `the group ${group} passes every check already`);
      } else if (kind.unknown && (called.unknown || called.text === group)) report.undecidable(kind);
    }
  },
  good: [
    { name: "a role that only reads", objects: [clusterRoleBinding(), account()] },
    {
      name: "edit in one namespace",
      objects: [roleBinding({ roleRef: roleRef("ClusterRole", "edit") }), account()],
    },
    {
      name: "a Role that is named like it",
      objects: [roleBinding({ roleRef: roleRef("Role", "cluster-admin") }), account()],
      settings: { elsewhereRoles: ["sample/cluster-admin"] },
    },
    {
      name: "an object of another group",
      objects: [
        {
          ...clusterRoleBinding({ roleRef: roleRef("ClusterRole", "cluster-admin") }),
          apiVersion: "authorization.openshift.io/v1",
        },
      ],
    },
    { name: "a group of people", objects: [clusterRoleBinding({ subjects: [everyone("operators")] })] },
    { name: "a user with the group's name", objects: [clusterRoleBinding({ subjects: [everyone(group, "User")] })] },
  ],
  bad: [
    ...["cluster-admin", ...tooWideForCluster].map((name) => ({
      name: `${name} in the whole cluster`,
      objects: [clusterRoleBinding({ roleRef: roleRef("ClusterRole", name) }), account()],
      expect: [{ path: "roleRef.name" }],
    })),
    {
      name: "cluster-admin in one namespace",
      objects: [roleBinding({ roleRef: roleRef("ClusterRole", "cluster-admin") }), account()],
      expect: [{ path: "roleRef.name" }],
    },
    {
      name: "the group of administrators",
      objects: [clusterRoleBinding({ subjects: [everyone(group)] })],
      expect: [{ path: "subjects[0].name" }],
    },
    {
      name: "the group of administrators beside a role that is not known yet",
      objects: [clusterRoleBinding({ roleRef: roleRef("ClusterRole", unknown), subjects: [everyone(group)] })],
      expect: [
        { path: "subjects[0].name" },
        { path: "roleRef.name", verdict: "undecidable" },
        { path: "roleRef.name", verdict: "undecidable", rule: "dangling-binding" },
      ],
    },
    {
      name: "the name of that role with a kind that is not known yet",
      objects: [roleBinding({ roleRef: roleRef(unknown, "cluster-admin") }), account()],
      expect: [
        { path: "roleRef.kind", verdict: "undecidable" },
        { path: "roleRef.kind", verdict: "undecidable", rule: "dangling-binding" },
      ],
    },
    {
      name: "a subject that is not known yet",
      objects: [clusterRoleBinding({ subjects: [unknown] })],
      expect: ["cluster-admin", "everyone-bound", "default-account-bound", "dangling-binding"].map(
        (rule): ExpectedFinding => ({ path: "subjects[0]", verdict: "undecidable", rule }),
      ),
    },
    {
      name: "the name of that group with a kind that is not known yet",
      objects: [clusterRoleBinding({ subjects: [everyone(group, unknown)] })],
      expect: [
        { path: "subjects[0].kind", verdict: "undecidable" },
        { path: "subjects[0].kind", verdict: "undecidable", rule: "dangling-binding" },
      ],
    },
  ],
};
