/** One ServiceAccount for each workload, without a token. */
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
