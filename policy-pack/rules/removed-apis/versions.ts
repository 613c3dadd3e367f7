/**
 * API versions that Kubernetes has removed or will remove. Sources: the "Deprecated API Migration Guide" of
 * kubernetes.io, and for what it leaves out the lifecycle that k8s.io/api 0.19 to 0.37 states for each type (`APILifecycleRemoved`).
 * Alpha versions that state none have the version in whose release notes they went.
 */
import type { KubeObject } from "../../kube/objects.ts";

/** The end of one API version of some kinds. Numbers are minors of Kubernetes 1.x. */
export interface ApiEnd {
  group: string;
  version: string;
  kinds: readonly string[];
  deprecated: number;
  /** First version that does not serve it; absent where none is announced. */
  removed?: number;
  /** `apiVersion` that takes its place, with the kind where that is another; absent where nothing does. */
  instead?: string;
}

function end(
  apiVersion: string,
  kinds: string,
  [deprecated, removed]: readonly [number, number?],
  instead?: string,
): ApiEnd {
  const slash = apiVersion.indexOf("/");
  return {
    group: slash < 0 ? "" : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kinds: kinds.split(" "),
    deprecated,
    ...(removed === undefined ? {} : { removed }),
    ...(instead === undefined ? {} : { instead }),
  };
}

const [admission, apf, certificates] = [
  "admissionregistration.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "certificates.k8s.io",
];
const [rbac, storage, resource] = ["rbac.authorization.k8s.io", "storage.k8s.io", "resource.k8s.io"];
const roles = "ClusterRole ClusterRoleBinding Role RoleBinding";
const flows = "FlowSchema PriorityLevelConfiguration";
const webhooks = "MutatingWebhookConfiguration ValidatingWebhookConfiguration";
const validating = "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding";
const mutating = "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding";
const claims = "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice";

/** The table, oldest removal first. */
export const apiEnds: readonly ApiEnd[] = [
  end("extensions/v1beta1", "DaemonSet Deployment ReplicaSet", [8, 16], "apps/v1"),
  end("extensions/v1beta1", "NetworkPolicy", [9, 16], "networking.k8s.io/v1"),
  end("extensions/v1beta1", "PodSecurityPolicy", [11, 16]),
  end("apps/v1beta1", "ControllerRevision Deployment ReplicaSet StatefulSet", [8, 16], "apps/v1"),
  end("apps/v1beta2", "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet", [9, 16], "apps/v1"),
  end("auditregistration.k8s.io/v1alpha1", "AuditSink", [19, 19]),
  end("settings.k8s.io/v1alpha1", "PodPreset", [19, 20]),
  end("batch/v2alpha1", "CronJob", [20, 21], "batch/v1"),
  end(`${apf}/v1alpha1`, flows, [20, 21], `${apf}/v1`),
  end(`${admission}/v1beta1`, webhooks, [16, 22], `${admission}/v1`),
  end("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", [16, 22], "apiextensions.k8s.io/v1"),
  end("apiregistration.k8s.io/v1beta1", "APIService", [10, 22], "apiregistration.k8s.io/v1"),
  end("authentication.k8s.io/v1beta1", "TokenReview", [19, 22], "authentication.k8s.io/v1"),
  end(
    "authorization.k8s.io/v1beta1",
    "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
    [19, 22],
    "authorization.k8s.io/v1",
  ),
  end(`${certificates}/v1beta1`, "CertificateSigningRequest", [19, 22], `${certificates}/v1`),
  end("coordination.k8s.io/v1beta1", "Lease", [19, 22], "coordination.k8s.io/v1"),
  end("extensions/v1beta1", "Ingress", [14, 22], "networking.k8s.io/v1"),
  end("networking.k8s.io/v1beta1", "Ingress IngressClass", [19, 22], "networking.k8s.io/v1"),
  end(`${rbac}/v1beta1`, roles, [17, 22], `${rbac}/v1`),
  end("scheduling.k8s.io/v1beta1", "PriorityClass", [14, 22], "scheduling.k8s.io/v1"),
  end(`${storage}/v1beta1`, "CSIDriver CSINode StorageClass VolumeAttachment", [19, 22], `${storage}/v1`),
  end(`${rbac}/v1alpha1`, roles, [17, 23], `${rbac}/v1`),
  end("scheduling.k8s.io/v1alpha1", "PriorityClass", [14, 23], "scheduling.k8s.io/v1"),
  end(`${storage}/v1alpha1`, "CSIStorageCapacity VolumeAttachment", [21, 24], `${storage}/v1`),
  end("autoscaling/v2beta1", "HorizontalPodAutoscaler", [22, 25], "autoscaling/v2"),
  end("batch/v1beta1", "CronJob", [21, 25], "batch/v1"),
  end("discovery.k8s.io/v1beta1", "EndpointSlice", [21, 25], "discovery.k8s.io/v1"),
  end("events.k8s.io/v1beta1", "Event", [22, 25], "events.k8s.io/v1"),
  end("node.k8s.io/v1beta1", "RuntimeClass", [22, 25], "node.k8s.io/v1"),
  end("policy/v1beta1", "Eviction PodDisruptionBudget", [21, 25], "policy/v1"),
  end("policy/v1beta1", "PodSecurityPolicy", [21, 25]),
  end("autoscaling/v2beta2", "HorizontalPodAutoscaler", [23, 26], "autoscaling/v2"),
  end(`${apf}/v1beta1`, flows, [23, 26], `${apf}/v1`),
  end(`${storage}/v1beta1`, "CSIStorageCapacity", [24, 27], `${storage}/v1`),
  end(`${resource}/v1alpha1`, "PodScheduling ResourceClaim ResourceClaimTemplate ResourceClass", [26, 27]),
  end(`${apf}/v1beta2`, flows, [26, 29], `${apf}/v1`),
  end("networking.k8s.io/v1alpha1", "ClusterCIDR", [28, 29]),
  end(
    `${resource}/v1alpha2`,
    `PodSchedulingContext ResourceClass ResourceClassParameters ResourceClaimParameters ${claims}`,
    [30, 31],
    `${resource}/v1`,
  ),
  end(`${apf}/v1beta3`, flows, [29, 32], `${apf}/v1`),
  end(`${admission}/v1alpha1`, validating, [29, 32], `${admission}/v1`),
  end("authentication.k8s.io/v1alpha1", "SelfSubjectReview", [29, 32], "authentication.k8s.io/v1"),
  end("coordination.k8s.io/v1alpha1", "LeaseCandidate", [31, 32], "coordination.k8s.io/v1beta1"),
  end("authentication.k8s.io/v1beta1", "SelfSubjectReview", [30, 33], "authentication.k8s.io/v1"),
  end("networking.k8s.io/v1alpha1", "IPAddress ServiceCIDR", [30, 33], "networking.k8s.io/v1"),
  end(`${admission}/v1beta1`, validating, [31, 34], `${admission}/v1`),
  end(`${storage}/v1alpha1`, "VolumeAttributesClass", [32, 35], `${storage}/v1`),
  end("storagemigration.k8s.io/v1alpha1", "StorageVersionMigration", [33, 36], "storagemigration.k8s.io/v1"),
  end(`${certificates}/v1alpha1`, "ClusterTrustBundle", [34, 37], `${certificates}/v1`),
  end("networking.k8s.io/v1beta1", "IPAddress ServiceCIDR", [34, 37], "networking.k8s.io/v1"),
  end(`${resource}/v1alpha3`, claims, [34, 37], `${resource}/v1`),
  end(`${storage}/v1beta1`, "VolumeAttributesClass", [34, 37], `${storage}/v1`),
  end(`${admission}/v1alpha1`, mutating, [35, 38], `${admission}/v1`),
  end("coordination.k8s.io/v1alpha2", "LeaseCandidate", [35, 38], "coordination.k8s.io/v1beta1"),
  end(`${resource}/v1beta1`, claims, [35, 38], `${resource}/v1`),
  end("coordination.k8s.io/v1beta1", "LeaseCandidate", [36, 39]),
  end(`${resource}/v1alpha3`, "DeviceTaintRule", [36, 39], `${resource}/v1`),
  end(`${resource}/v1beta2`, claims, [36, 39], `${resource}/v1`),
  end(`${admission}/v1beta1`, mutating, [37, 40], `${admission}/v1`),
  end(`${certificates}/v1beta1`, "ClusterTrustBundle PodCertificateRequest", [37, 40], `${certificates}/v1`),
  end("storagemigration.k8s.io/v1beta1", "StorageVersionMigration", [37, 40], "storagemigration.k8s.io/v1"),
  end("v1", "ComponentStatus", [19]),
  end("v1", "Endpoints", [33], "discovery.k8s.io/v1 EndpointSlice"),
];

const byApi = new Map(
  apiEnds.flatMap((one) => one.kinds.map((kind): [string, ApiEnd] => [`${one.group}\n${one.version}\n${kind}`, one])),
);

/** The end of an API version, if it has one. */
export function endOf({ group, version, kind }: Pick<KubeObject, "group" | "version" | "kind">): ApiEnd | undefined {
  return byApi.get(`${group}\n${version}\n${kind}`);
}

/** No longer served in that minor of Kubernetes. */
export function isRemoved(api: ApiEnd | undefined, minor: number): boolean {
  return api?.removed !== undefined && api.removed <= minor;
}

/** Still served in that minor, and on its way out. */
export function isDeprecated(api: ApiEnd | undefined, minor: number): boolean {
  return api !== undefined && api.deprecated <= minor && !isRemoved(api, minor);
}

/** `; use apps/v1`, or nothing. */
export function insteadText({ instead }: ApiEnd): string {
  return instead === undefined ? "; nothing takes its place" : `; use ${instead}`;
}
