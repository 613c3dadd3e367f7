/** Roles and bindings that every rule of the family accepts, and ways to spoil one thing of them. */
import type { Manifest } from "../../core/rule.ts";

const apiVersion = "rbac.authorization.k8s.io/v1";

/** One harmless rule with changes. */
export function access(changes: Manifest = {}): Manifest {
  return { apiGroups: [""], resources: ["configmaps"], verbs: ["get"], ...changes };
}

/** A Role of these rules. */
export function role(...rules: readonly unknown[]): Manifest {
  return { apiVersion, kind: "Role", metadata: { name: "sample", namespace: "sample" }, rules };
}

/** A ClusterRole with changes. */
export function clusterRole(changes: Manifest = {}, metadata: Manifest = {}): Manifest {
  return { apiVersion, kind: "ClusterRole", metadata: { name: "sample", ...metadata }, rules: [access()], ...changes };
}

/** A ServiceAccount that bindings of these cases name. */
export function account(name: unknown = "sample", namespace: unknown = "sample"): Manifest {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } };
}

/** The subject that is that ServiceAccount. */
export const subject: Manifest = { kind: "ServiceAccount", name: "sample", namespace: "sample" };

/** A RoleBinding of the Role and the ServiceAccount of these cases, with changes. */
export function roleBinding(changes: Manifest = {}): Manifest {
  return {
    apiVersion,
    kind: "RoleBinding",
    metadata: { name: "sample", namespace: "sample" },
    roleRef: roleRef("Role", "sample"),
    subjects: [subject],
    ...changes,
  };
}

/** A ClusterRoleBinding of a built-in role that only reads, with changes. */
export function clusterRoleBinding(changes: Manifest = {}): Manifest {
  return {
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata: { name: "sample" },
    roleRef: roleRef("ClusterRole", "view"),
    subjects: [subject],
    ...changes,
  };
}

/** A reference to a role. */
export function roleRef(kind: unknown, name: unknown): Manifest {
  return { apiGroup: "rbac.authorization.k8s.io", kind, name };
}

/** A group or a user as a subject. */
export function everyone(name: unknown, kind: unknown = "Group"): Manifest {
  return { apiGroup: "rbac.authorization.k8s.io", kind, name };
}
