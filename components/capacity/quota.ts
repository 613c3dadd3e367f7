/** Quota and limit range of a namespace: needed by the plans against granted. */
import { bytes, cpuMillis, formatBytes, formatCpu, gibibyte, multiply, type Size } from "../kube/quantities.ts";
import { podsAtPeak } from "./pods-at-peak.ts";
import type { WorkloadPlan } from "./workload-plan.ts";

/** Resources that the ResourceQuota limits, in the order of the original design. */
export const quotaResources = [
  "requests.cpu",
  "requests.memory",
  "limits.cpu",
  "limits.memory",
  "requests.storage",
  "persistentvolumeclaims",
  "pods",
  "services",
  "secrets",
  "configmaps",
  "services.loadbalancers",
  "services.nodeports",
] as const;

/** One of `quotaResources`. */
export type QuotaResource = (typeof quotaResources)[number];

/** The game's quota as the original design sets it (game design, `mmorpg-game-quota`). */
export const baseQuota: Readonly<Record<QuotaResource, string>> = {
  "requests.cpu": "50",
  "requests.memory": "100Gi",
  "limits.cpu": "100",
  "limits.memory": "200Gi",
  "requests.storage": "1Ti",
  persistentvolumeclaims: "20",
  pods: "200",
  services: "50",
  secrets: "100",
  configmaps: "100",
  "services.loadbalancers": "10",
  "services.nodeports": "20",
};

/** Room above the computed need, in percent: a hot fix beside a rollout (judgement). */
export const quotaHeadroomPercent = 10;

/** What a quota resource is counted in. */
export function quotaUnit(resource: QuotaResource): "cpu" | "bytes" | "count" {
  if (resource.endsWith(".cpu")) return "cpu";
  return resource.endsWith(".memory") || resource.endsWith(".storage") ? "bytes" : "count";
}

/** Number of a quota value: CPU in thousandths, sizes in bytes, counts as they are. */
export function quotaNumber(resource: QuotaResource, value: string): number {
  return { cpu: cpuMillis, bytes, count: Number }[quotaUnit(resource)](value);
}

/** Text of a quota number; the reverse of `quotaNumber`. */
export function quotaText(resource: QuotaResource, number: number): string {
  return { cpu: formatCpu, bytes: formatBytes, count: String }[quotaUnit(resource)](number);
}

function total(sizes: readonly number[]): number {
  return sizes.reduce((whole, size) => whole + size, 0);
}

/** What one workload needs at its peak. */
export function workloadNeed(plan: WorkloadPlan): Record<QuotaResource, number> {
  const pods = podsAtPeak(plan).total;
  const requests = multiply(plan.pod.requests, pods);
  const limits = multiply(plan.pod.limits, pods);
  const { claims = [] } = plan.objects;
  const volumes = [plan.claimBytes, plan.secondClaimBytes].filter((size) => size !== undefined);
  return {
    "requests.cpu": requests.cpuMillis,
    "requests.memory": requests.memoryBytes,
    "limits.cpu": limits.cpuMillis,
    "limits.memory": limits.memoryBytes,
    "requests.storage": plan.maxReplicas * total(volumes) + total(claims),
    persistentvolumeclaims: plan.maxReplicas * volumes.length + claims.length,
    pods,
    services: plan.objects.services,
    secrets: plan.objects.secrets,
    configmaps: plan.objects.configMaps,
    "services.loadbalancers": 0,
    "services.nodeports": 0,
  };
}

/** ConfigMaps that Kubernetes itself puts into each namespace: kube-root-ca.crt. */
const ownConfigMaps = 1;

/** What the plans of a namespace need at their peak. */
export function quotaNeed(plans: readonly WorkloadPlan[]): Record<QuotaResource, number> {
  const needs = plans.map(workloadNeed);
  const sumOf = (resource: QuotaResource) => total(needs.map((need) => need[resource]));
  const sums = Object.fromEntries(quotaResources.map((resource) => [resource, sumOf(resource)]));
  return { ...(sums as Record<QuotaResource, number>), configmaps: sumOf("configmaps") + ownConfigMaps };
}

/** One line of the quota table. */
export interface QuotaLine {
  resource: QuotaResource;
  base: number;
  need: number;
  granted: number;
}

function roundUp(resource: QuotaResource, number: number): number {
  const step = { cpu: 1000, bytes: gibibyte, count: 1 }[quotaUnit(resource)];
  return Math.ceil(number / step) * step;
}

/**
 * The quota of a namespace: the base, or the need with headroom where that is more and `growToFit` allows it. Without
 * `growToFit` the base is granted whatever is needed; `quotaMistakes` in capacity/checks.ts then refuses the stack.
 */
export function quotaLines(plans: readonly WorkloadPlan[], growToFit: boolean): QuotaLine[] {
  const need = quotaNeed(plans);
  return quotaResources.map((resource) => {
    const base = quotaNumber(resource, baseQuota[resource]);
    const wanted = roundUp(resource, (need[resource] * (100 + quotaHeadroomPercent)) / 100);
    return { resource, base, need: need[resource], granted: growToFit ? Math.max(base, wanted) : base };
  });
}

/** `spec.hard` of the ResourceQuota. */
export function quotaHard(lines: readonly QuotaLine[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => [line.resource, quotaText(line.resource, line.granted)]));
}

/**
 * Largest volume that a claim of the namespace may ask for, in bytes: that of the original design, or what a job needs
 * for as long as it runs; a restore holds a dump and a whole store side by side.
 */
export function largestClaim(plans: readonly WorkloadPlan[]): number {
  const scratch = plans.filter((plan) => plan.kind === "CronJob").map((plan) => plan.claimBytes ?? 0);
  return Math.max(bytes(limitRange.claim.max), ...scratch);
}

/** Limit range of the game's namespace (game design, `mmorpg-game-limits`). */
export const limitRange = {
  container: {
    default: { cpu: "500m", memory: "1Gi" },
    defaultRequest: { cpu: "100m", memory: "256Mi" },
    max: { cpu: "4", memory: "8Gi" },
    min: { cpu: "50m", memory: "128Mi" },
  },
  pod: { max: { cpu: "8", memory: "16Gi" }, min: { cpu: "100m", memory: "256Mi" } },
  claim: { max: "100Gi", min: "1Gi" },
} as const satisfies {
  container: Record<string, Size>;
  pod: Record<string, Size>;
  claim: Record<string, string>;
};
