/** The API groups that Kubernetes itself serves; every other group is that of a custom resource. */
import type { KubeObject } from "./objects.ts";

/**
 * Groups of k8s.io/api 0.19 to 0.37, and the two of its extension servers. Many groups of custom resources end in
 * `.k8s.io` as well (`gateway.networking.k8s.io`, `autoscaling.k8s.io`), so the ending alone tells nothing.
 */
export const builtInGroups: ReadonlySet<string> = new Set([
  "",
  "admission.k8s.io",
  "admissionregistration.k8s.io",
  "apidiscovery.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "apps",
  "auditregistration.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "extensions",
  "flowcontrol.apiserver.k8s.io",
  "imagepolicy.k8s.io",
  "internal.apiserver.k8s.io",
  "lifecycle.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "settings.k8s.io",
  "storage.k8s.io",
  "storagemigration.k8s.io",
]);

/** The object is of a group that Kubernetes itself serves. */
export function isBuiltInGroup(object: Pick<KubeObject, "group">): boolean {
  return builtInGroups.has(object.group);
}

/** The object is a Helm release: it has no metadata, and brings objects that nobody sees. */
export function isRelease(object: Pick<KubeObject, "group" | "kind">): boolean {
  return object.group === "helm.sh" && object.kind === "Release";
}
