/** One ServiceAccount for each workload, without a token, and rights of those that watch the whole cluster. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** A ServiceAccount whose token no pod gets unless the pod itself asks for it. */
export function serviceAccount(
  resourceName: string,
  metadata: { name: string; namespace: string; labels: Record<string, string> },
  options: pulumi.CustomResourceOptions,
): k8s.core.v1.ServiceAccount {
  return new k8s.core.v1.ServiceAccount(resourceName, { metadata, automountServiceAccountToken: false }, options);
}

/**
 * An account that may read objects of the whole cluster, for what watches it. Answers what pods need that ask the API
 * server: the account, and the binding without which every answer is a refusal.
 */
export function clusterReader(
  resourceName: string,
  metadata: { name: string; namespace: string; labels: Record<string, string> },
  rules: { apiGroups: string[]; resources: string[]; verbs: ("get" | "list" | "watch")[] }[],
  options: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { name, namespace, labels } = metadata;
  // Roles of the cluster share one list of names with everybody's.
  const roleName = `${namespace}-${name}`;
  const account = serviceAccount(`${resourceName}-account`, metadata, options);
  const role = new k8s.rbac.v1.ClusterRole(
    `${resourceName}-role`,
    { metadata: { name: roleName, labels }, rules },
    options,
  );
  const binding = new k8s.rbac.v1.ClusterRoleBinding(
    `${resourceName}-binding`,
    {
      metadata: { name: roleName, labels },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: roleName },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
    { ...options, dependsOn: [role] },
  );
  return [account, binding];
}
