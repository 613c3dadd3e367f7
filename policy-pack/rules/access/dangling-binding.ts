import type { Cluster } from "../../core/cluster.ts";
import type { ClusterRule, Report } from "../../core/rule.ts";
import { type KubeObject, nameField, nameOf, namespaceField, namespaceOf } from "../../kube/objects.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import {
  access,
  account,
  clusterRole,
  clusterRoleBinding,
  everyone,
  role,
  roleBinding,
  roleRef,
  subject,
} from "./cases.ts";
import { bindingKinds, isBuiltInClusterRole, isBuiltInRole, isRbac } from "./kinds.ts";
import type { AccessSettings } from "./settings.ts";

/** What the stack has, by `namespace/name`, or by `name` where there is no namespace. */
class Known {
  readonly #names: ReadonlySet<string>;
  /** Namespaces, "" for none, in which something has a name or a namespace that is not known yet. */
  readonly #vague = new Set<string>();
  #anywhere = false;

  constructor(objects: readonly KubeObject[], elsewhere: readonly string[]) {
    const names = new Set(elsewhere);
    for (const object of objects) {
      const [name, namespace] = [nameOf(object), namespaceOf(object)];
      if (namespaceField(object).unknown) this.#anywhere = true;
      else if (name !== undefined) names.add(keyOf(namespace, name));
      else if (nameField(object).unknown) this.#vague.add(namespace ?? "");
    }
    this.#names = names;
  }

  has(namespace: string | undefined, name: string): boolean {
    return this.#names.has(keyOf(namespace, name));
  }

  mayHave(namespace: string | undefined): boolean {
    return this.#anywhere || this.#vague.has(namespace ?? "");
  }
}

function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** A cluster as bindings see it. */
interface View {
  roles: Known;
  clusterRoles: Known;
  accounts: Known;
  /** Namespaces in which the stack has something beside bindings: there it can be expected to have the account too. */
  own: ReadonlySet<string>;
  /** Namespaces of Helm releases, which bring accounts and roles that nobody sees; undefined where one is not known. */
  opaque: ReadonlySet<string | undefined>;
}

function viewOf(cluster: Cluster, settings: AccessSettings): View {
  const rbac = (kind: string) => cluster.ofKind(kind).filter(isRbac);
  const own = new Set<string>();
  for (const object of cluster.objects) {
    const isNamespace = object.kind === "Namespace" && object.group === "";
    const namespace = isNamespace ? nameOf(object) : namespaceOf(object);
    if (namespace !== undefined && !(isRbac(object) && object.kind === "RoleBinding")) own.add(namespace);
  }
  return {
    roles: new Known(rbac("Role"), settings.elsewhereRoles),
    clusterRoles: new Known(rbac("ClusterRole"), settings.elsewhereRoles),
    accounts: new Known(cluster.ofKind("ServiceAccount"), settings.elsewhereAccounts),
    own,
    opaque: new Set(cluster.opaque().map(namespaceOf)),
  };
}

// Others make objects there too: a Helm release in its own namespace, by Helm's convention, and cluster-wide ones.
function isForeign({ opaque, own }: View, namespace: string | undefined): boolean {
  if (namespace === undefined) return opaque.size > 0;
  return opaque.has(namespace) || opaque.has(undefined) || !own.has(namespace);
}

function checkRole(binding: KubeObject, view: View, report: Report): void {
  const [kind, name] = [binding.root.at("roleRef", "kind"), binding.root.at("roleRef", "name")];
  const at = (field: Field) => ({ field, object: binding });
  const fits = kind.text === "ClusterRole" || (kind.text === "Role" && binding.kind === "RoleBinding");
  report.check(at(kind), () => fits, `a ${binding.kind} cannot refer to this kind`);
  if (name.unknown) report.undecidable(at(name));
  if (!fits || name.unknown || (name.absent && binding.partial)) return;
  const wanted = name.text ?? "";
  const isClusterRole = kind.text === "ClusterRole";
  const namespace = isClusterRole ? undefined : namespaceOf(binding);
  const roles = isClusterRole ? view.clusterRoles : view.roles;
  if (isClusterRole ? isBuiltInClusterRole(wanted) : isBuiltInRole(wanted)) return;
  if (!isClusterRole && namespace === undefined) report.undecidable(at(name));
  else if (roles.has(namespace, wanted)) return;
  else if (roles.mayHave(namespace) || isForeign(view, namespace))
    report.undecidable(at(name), "may be made elsewhere");
  else report.violated(at(name), `the stack has no ${kind.text} "${wanted}"`);
}

function checkSubject(binding: KubeObject, subject: Field, view: View, report: Report): void {
  const [kind, name, namespace] = [subject.at("kind"), subject.at("name"), subject.at("namespace")];
  const at = (field: Field) => ({ field, object: binding });
  // Users and groups live outside the cluster.
  if (!kind.unknown && kind.text !== "ServiceAccount") return;
  if (kind.unknown) {
    if (!view.accounts.has(namespace.text ?? "", name.text ?? "")) report.undecidable(at(kind));
    return;
  }
  if (namespace.absent || namespace.text === "") {
    report.violated(at(namespace), "an account is named with its namespace");
  } else if (name.unknown || namespace.unknown) report.undecidable(at(name.unknown ? name : namespace));
  else {
    const [inside, wanted] = [namespace.text ?? "", name.text ?? ""];
    // Kubernetes makes the default account of every namespace.
    if (wanted === "default" || view.accounts.has(inside, wanted)) return;
    if (view.accounts.mayHave(inside) || isForeign(view, inside)) {
      report.undecidable(at(name), "may be made elsewhere");
    } else report.violated(at(name), `the stack has no ServiceAccount "${wanted}" in ${inside}`);
  }
}

/** Helm releases, and namespaces in which the stack has nothing, make it undecidable: see the two settings. */
export const danglingBinding: ClusterRule<AccessSettings> = {
  id: "dangling-binding",
  subject: "cluster",
  level: "mandatory",
  title: "Bindings name roles and accounts that exist.",
  why: "A binding to nothing gives no rights today, and whoever makes the missing account or role later gets them.",
  fix: "mend the name, or list what is made elsewhere in elsewhereAccounts or elsewhereRoles",
  check(cluster, report, settings) {
    const bindings = cluster.ofKind(...bindingKinds).filter(isRbac);
    if (bindings.length === 0) return;
    const view = viewOf(cluster, settings);
    for (const binding of bindings) {
      checkRole(binding, view, report);
      for (const subject of binding.root.at("subjects").items()) checkSubject(binding, subject, view, report);
    }
  },
  good: [
    { name: "role and account are there", objects: [role(access()), account(), roleBinding()] },
    { name: "a built-in role", objects: [account(), clusterRoleBinding()] },
    {
      name: "a role of the system",
      objects: [account(), clusterRoleBinding({ roleRef: roleRef("ClusterRole", "system:auth-delegator") })],
    },
    {
      name: "a role that API extensions bind in kube-system",
      objects: [account(), roleBinding({ roleRef: roleRef("Role", "extension-apiserver-authentication-reader") })],
    },
    {
      name: "a ClusterRole of the stack",
      objects: [clusterRole(), account(), roleBinding({ roleRef: roleRef("ClusterRole", "sample") })],
    },
    {
      name: "a kind that is not known yet, of a name that an account has",
      objects: [account(), clusterRoleBinding({ subjects: [{ ...subject, kind: unknown }] })],
    },
    { name: "a user", objects: [clusterRoleBinding({ subjects: [everyone("jane", "User")] })] },
    {
      name: "listed as made elsewhere",
      objects: [roleBinding(), clusterRoleBinding({ roleRef: roleRef("ClusterRole", "other") })],
      settings: { elsewhereRoles: ["sample/sample", "other"], elsewhereAccounts: ["sample/sample"] },
    },
    {
      name: "a patch of a binding says only what it changes",
      objects: [
        account(),
        {
          type: "kubernetes:rbac.authorization.k8s.io/v1:RoleBindingPatch",
          props: { metadata: { name: "sample", namespace: "sample" }, subjects: [subject] },
        },
      ],
    },
    {
      name: "a binding of another group",
      objects: [{ ...roleBinding(), apiVersion: "authorization.openshift.io/v1" }],
    },
  ],
  bad: [
    { name: "no role", objects: [account(), roleBinding()], expect: [{ path: "roleRef.name" }] },
    {
      name: "the role is in another namespace",
      objects: [account(), { ...role(access()), metadata: { name: "sample", namespace: "other" } }, roleBinding()],
      expect: [{ path: "roleRef.name" }],
    },
    {
      name: "a Role where a ClusterRole is meant",
      objects: [account(), clusterRole(), roleBinding()],
      expect: [{ path: "roleRef.name" }],
    },
    {
      name: "a ClusterRoleBinding of a Role",
      objects: [account(), role(access()), clusterRoleBinding({ roleRef: roleRef("Role", "sample") })],
      expect: [{ path: "roleRef.kind" }],
    },
    {
      name: "a kind in the wrong case",
      objects: [account(), clusterRole(), clusterRoleBinding({ roleRef: roleRef("Clusterrole", "sample") })],
      expect: [{ path: "roleRef.kind" }],
    },
    {
      name: "a built-in role in the wrong case",
      objects: [account(), clusterRoleBinding({ roleRef: roleRef("ClusterRole", "View") })],
      expect: [{ path: "roleRef.name" }],
    },
    { name: "no account", objects: [role(access()), roleBinding()], expect: [{ path: "subjects[0].name" }] },
    {
      name: "the second account is missing",
      objects: [role(access()), account(), roleBinding({ subjects: [subject, { ...subject, name: "other" }] })],
      expect: [{ path: "subjects[1].name" }],
    },
    {
      name: "an account without its namespace",
      objects: [role(access()), account(), roleBinding({ subjects: [{ ...subject, namespace: undefined }] })],
      expect: [{ path: "subjects[0].namespace" }],
    },
    {
      name: "no account in a namespace that the stack makes",
      objects: [{ apiVersion: "v1", kind: "Namespace", metadata: { name: "sample" } }, clusterRoleBinding()],
      expect: [{ path: "subjects[0].name" }],
    },
    {
      name: "no name of a role",
      objects: [account(), roleBinding({ roleRef: roleRef("ClusterRole", undefined) })],
      expect: [{ path: "roleRef.name" }],
    },
    {
      name: "a namespace of an account that is not known yet",
      objects: [account(), clusterRoleBinding({ subjects: [{ ...subject, namespace: unknown }] })],
      expect: [{ path: "subjects[0].namespace", verdict: "undecidable" }],
    },
    {
      name: "the stack has an account whose namespace is not known yet",
      objects: [account("sample", unknown), role(access()), roleBinding()],
      expect: [{ path: "subjects[0].name", verdict: "undecidable" }],
    },
    {
      name: "a binding whose namespace is not known yet",
      objects: [account(), role(access()), roleBinding({ metadata: { name: "sample", namespace: unknown } })],
      expect: [{ path: "roleRef.name", verdict: "undecidable" }],
    },
    {
      name: "a kind that is not known yet, of a name that no account has",
      objects: [account(), clusterRoleBinding({ subjects: [subject, { ...subject, kind: unknown, name: "other" }] })],
      expect: [{ path: "subjects[1].kind", verdict: "undecidable" }],
    },
    {
      name: "an account in a namespace in which the stack has nothing",
      objects: [clusterRoleBinding()],
      expect: [{ path: "subjects[0].name", verdict: "undecidable" }],
    },
    {
      name: "a role in a namespace in which the stack has nothing else",
      objects: [account(), roleBinding({ metadata: { name: "sample", namespace: "other" } })],
      expect: [{ path: "roleRef.name", verdict: "undecidable" }],
    },
    {
      name: "an account that a Helm release of its namespace may bring",
      objects: [
        role(access()),
        roleBinding(),
        { apiVersion: "helm.sh/v3", kind: "Release", name: "sample", namespace: "sample" },
      ],
      expect: [{ path: "subjects[0].name", verdict: "undecidable" }],
    },
    {
      name: "a Helm release of another namespace brings no account",
      objects: [
        role(access()),
        roleBinding(),
        { apiVersion: "helm.sh/v3", kind: "Release", name: "sample", namespace: "other" },
      ],
      expect: [{ path: "subjects[0].name" }],
    },
    {
      name: "a ClusterRole that any Helm release may bring",
      objects: [
        account(),
        clusterRoleBinding({ roleRef: roleRef("ClusterRole", "sample") }),
        { apiVersion: "helm.sh/v3", kind: "Release", name: "sample", namespace: "other" },
      ],
      expect: [{ path: "roleRef.name", verdict: "undecidable" }],
    },
    {
      name: "no role, and accounts whose names are not known yet",
      objects: [account(unknown), roleBinding()],
      expect: [{ path: "roleRef.name" }, { path: "subjects[0].name", verdict: "undecidable" }],
    },
    {
      name: "no account, and a role whose name is not known yet",
      objects: [account("other"), roleBinding({ roleRef: roleRef("Role", unknown) })],
      expect: [{ path: "roleRef.name", verdict: "undecidable" }, { path: "subjects[0].name" }],
    },
  ],
};
