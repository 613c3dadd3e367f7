/** Quota and limit range of a namespace: needed by the plans against granted. */
import { bytes, cpuMillis, formatBytes, formatCpu, gibibyte, multiply, type Size, sum } from "../kube/quantities.ts";
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

/** Number of a quota value: CPU in thousandths, sizes in bytes, counts as they are. */
export function quotaNumber(resource: QuotaResource, value: string): number {
  if (resource.endsWith(".cpu")) return cpuMillis(value);
  if (resource.endsWith(".memory") || resource.endsWith(".storage")) return bytes(value);
  return Number(value);
}

/** Text of a quota number; the reverse of `quotaNumber`. */
export function quotaText(resource: QuotaResource, number: number): string {
  if (resource.endsWith(".cpu")) return formatCpu(number);
  if (resource.endsWith(".memory") || resource.endsWith(".storage")) return formatBytes(number);
  return String(number);
}

/** What the plans of a namespace need at their peak. */
export function quotaNeed(plans: readonly WorkloadPlan[]): Record<QuotaResource, number> {
  const peaks = plans.map((plan) => ({ plan, pods: podsAtPeak(plan).total }));
  const total = (part: "requests" | "limits") => sum(peaks.map(({ plan, pods }) => multiply(plan.pod[part], pods)));
  const count = (of: (plan: WorkloadPlan) => number) => plans.reduce((whole, plan) => whole + of(plan), 0);
  const claims = plans.filter((plan) => plan.claimBytes !== undefined);
  return {
    "requests.cpu": total("requests").cpuMillis,
    "requests.memory": total("requests").memoryBytes,
    "limits.cpu": total("limits").cpuMillis,
    "limits.memory": total("limits").memoryBytes,
    "requests.storage": claims.reduce((whole, plan) => whole + plan.maxReplicas * (plan.claimBytes ?? 0), 0),
    persistentvolumeclaims: claims.reduce((whole, plan) => whole + plan.maxReplicas, 0),
    pods: peaks.reduce((whole, { pods }) => whole + pods, 0),
    services: count((plan) => plan.objects.services),
    secrets: count((plan) => plan.objects.secrets),
    // Kubernetes itself puts kube-root-ca.crt into each namespace.
    configmaps: count((plan) => plan.objects.configMaps) + 1,
    "services.loadbalancers": 0,
    "services.nodeports": 0,
  };
}

/** One line of the quota table. */
export interface QuotaLine {
  resource: QuotaResource;
  base: number;
  need: number;
  granted: number;
}

function roundUp(resource: QuotaResource, number: number): number {
  const step = resource.endsWith(".cpu") ? 1000 : /memory|storage/.test(resource) ? gibibyte : 1;
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
