import type { ObjectRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { account, clusterRoleBinding, everyone, roleBinding, subject } from "./cases.ts";
import { bindingKinds, isRbac } from "./kinds.ts";
import type { AccessSettings } from "./settings.ts";

// kubernetes.io, "Using RBAC Authorization": names that the API server gives by itself.
const names: Readonly<Record<string, readonly string[]>> = {
  Group: ["system:authenticated", "system:unauthenticated", "system:serviceaccounts"],
  User: ["system:anonymous"],
};

/** CIS Kubernetes Benchmark, 5.1.1 and kubernetes.io "RBAC Good Practices". */
export const everyoneBound: ObjectRule<AccessSettings> = {
  id: "everyone-bound",
  subject: "object",
  kinds: bindingKinds,
  level: "mandatory",
  title: "No binding gives rights to everyone.",
  why: "Everyone includes any pod that was broken into, other teams and, for some names, callers without an identity.",
  fix: "name the ServiceAccounts or the group that need the right",
  check(object, report) {
    if (!isRbac(object)) return;
    for (const one of object.root.at("subjects").items()) {
      const [kind, name] = [one.at("kind"), one.at("name")];
      const all = Object.entries(names).flatMap(([key, list]) => (kind.unknown || kind.text === key ? list : []));
      if (all.length === 0) continue;
      if (kind.unknown && name.text !== undefined && all.includes(name.text)) report.undecidable(kind);
      else report.check(name, (value) => !all.some((entry) => entry === value), `${name.text ?? ""} is everyone`);
    }
  },
  good: [
    { name: "one account", objects: [roleBinding(), account()], settings: { elsewhereRoles: ["sample/sample"] } },
    { name: "a group of people", objects: [clusterRoleBinding({ subjects: [everyone("operators")] })] },
    {
      name: "an object of another group",
      objects: [
        {
          ...clusterRoleBinding({ subjects: [everyone("system:anonymous", "User")] }),
          apiVersion: "authorization.openshift.io/v1",
        },
      ],
    },
    { name: "nobody", objects: [clusterRoleBinding({ subjects: null })] },
  ],
  bad: [
    ...Object.entries(names).flatMap(([kind, list]) =>
      list.map((name) => ({
        name,
        objects: [account(), clusterRoleBinding({ subjects: [subject, everyone(name, kind)] })],
        expect: [{ path: "subjects[1].name" }],
      })),
    ),
    {
      name: "everyone, in one namespace",
      objects: [roleBinding({ subjects: [everyone("system:authenticated")] })],
      settings: { elsewhereRoles: ["sample/sample"] },
      expect: [{ path: "subjects[0].name" }],
    },
    {
      name: "a kind that is not known yet",
      objects: [clusterRoleBinding({ subjects: [everyone("system:anonymous", unknown)] })],
      expect: [
        { path: "subjects[0].kind", verdict: "undecidable" },
        { path: "subjects[0].kind", verdict: "undecidable", rule: "dangling-binding" },
      ],
    },
  ],
};
