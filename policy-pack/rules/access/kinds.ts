/** Kinds of access control, and what Kubernetes brings of them. */
import type { KubeObject } from "../../kube/objects.ts";

/** Kinds with rules. */
export const roleKinds = ["Role", "ClusterRole"] as const;

/** Kinds with a reference to a role and with subjects. */
export const bindingKinds = ["RoleBinding", "ClusterRoleBinding"] as const;

/** An object of Kubernetes' own access control; OpenShift, for one, has kinds of the same names in its group. */
export function isRbac(object: KubeObject): boolean {
  return object.group === "rbac.authorization.k8s.io";
}

/** ClusterRoles that are in every cluster: kubernetes.io, "Default roles and role bindings". */
export function isBuiltInClusterRole(name: string): boolean {
  return ["admin", "cluster-admin", "edit", "view"].includes(name) || name.startsWith("system:");
}

/** Roles that are in the namespaces of every cluster: the same page, and those that kubeadm and API extensions use. */
export function isBuiltInRole(name: string): boolean {
  return name === "extension-apiserver-authentication-reader" || /^(system|kubeadm):/.test(name);
}
