import type { ExpectedFinding, ObjectRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { account, clusterRoleBinding, everyone, subject } from "./cases.ts";
import { bindingKinds, isRbac } from "./kinds.ts";
import type { AccessSettings } from "./settings.ts";

/** The group of all ServiceAccounts of a namespace starts like this; kubernetes.io, "Using RBAC Authorization". */
const namespaceGroup = "system:serviceaccounts:";

/** CIS Kubernetes Benchmark, 5.1.5. */
export const defaultAccountBound: ObjectRule<AccessSettings> = {
  id: "default-account-bound",
  subject: "object",
  kinds: bindingKinds,
  level: "mandatory",
  title: "The default ServiceAccount of a namespace has no rights.",
  why: "Every pod that names no account has this one, so a right for one workload becomes a right for all.",
  fix: "make a ServiceAccount for the workload and bind that",
  check(object, report) {
    if (!isRbac(object)) return;
    for (const one of object.root.at("subjects").items()) {
      const [kind, name] = [one.at("kind"), one.at("name")];
      const isGroup = name.text?.startsWith(namespaceGroup) === true;
      if (kind.text === "Group") {
        report.check(name, () => !isGroup, "the group includes the default account");
      } else if (kind.text === "ServiceAccount") {
        report.check(name, (value) => value !== "default", "the default account");
      } else if (kind.unknown && (name.unknown || isGroup || name.text === "default")) report.undecidable(kind);
    }
  },
  good: [
    { name: "an account of its own", objects: [clusterRoleBinding(), account()] },
    {
      name: "an object of another group",
      objects: [
        {
          ...clusterRoleBinding({ subjects: [{ ...subject, name: "default" }] }),
          apiVersion: "authorization.openshift.io/v1",
        },
      ],
    },
    { name: "a user named default", objects: [clusterRoleBinding({ subjects: [everyone("default", "User")] })] },
  ],
  bad: [
    {
      name: "the default account",
      objects: [clusterRoleBinding({ subjects: [{ ...subject, name: "default" }] })],
      expect: [{ path: "subjects[0].name" }],
    },
    {
      name: "the default account, behind another one",
      objects: [account(), clusterRoleBinding({ subjects: [subject, { ...subject, name: "default" }] })],
      expect: [{ path: "subjects[1].name" }],
    },
    {
      name: "all accounts of a namespace",
      objects: [clusterRoleBinding({ subjects: [everyone(`${namespaceGroup}sample`)] })],
      expect: [{ path: "subjects[0].name" }],
    },
    {
      name: "a group that is not known yet",
      objects: [clusterRoleBinding({ subjects: [everyone(unknown)] })],
      expect: ["cluster-admin", "everyone-bound", "default-account-bound"].map(
        (rule): ExpectedFinding => ({ path: "subjects[0].name", verdict: "undecidable", rule }),
      ),
    },
    ...["default", `${namespaceGroup}sample`].map((name) => ({
      name: `${name} with a kind that is not known yet`,
      objects: [clusterRoleBinding({ subjects: [{ kind: unknown, name, namespace: "sample" }] })],
      expect: ["default-account-bound", "dangling-binding"].map(
        (rule): ExpectedFinding => ({ path: "subjects[0].kind", verdict: "undecidable", rule }),
      ),
    })),
    {
      name: "an account that is not known yet",
      objects: [clusterRoleBinding({ subjects: [{ ...subject, name: unknown }] })],
      expect: [
        { path: "subjects[0].name", verdict: "undecidable" },
        { path: "subjects[0].name", verdict: "undecidable", rule: "dangling-binding" },
      ],
    },
  ],
};
