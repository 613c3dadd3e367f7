/** What the arithmetic refuses before anything is applied, each with its sum. */

import type { Mistake } from "../config/mistakes.ts";
import type { PoolName } from "../config/regions.ts";
import { type Amount, amount, bytes, cpuMillis, formatBytes, formatCpu, gibibyte } from "../kube/quantities.ts";
import { podsAtPeak } from "./pods-at-peak.ts";
import { type PoolLine, plannedShare, plansOf } from "./pools.ts";
import { limitRange, type QuotaLine, type QuotaResource, quotaText, quotaUnit, workloadNeed } from "./quota.ts";
import type { WorkloadPlan } from "./workload-plan.ts";

/** Largest tested number of pods in a namespace (Kubernetes SIG Scalability, thresholds). */
export const maximumPodsPerNamespace = 3000;

/** A number of a quota resource for people: cores, GiB or a count. */
export function quotaFigure(resource: QuotaResource, number: number): string {
  if (quotaUnit(resource) === "bytes") return `${Math.round((number / gibibyte) * 100) / 100}Gi`;
  return quotaText(resource, number);
}

/** The peak of a workload as a sum, for example `60 running + 6 surge + 54 draining = 120 pods`. */
export function peakSum(plan: WorkloadPlan): string {
  const { running, surge, draining, total } = podsAtPeak(plan);
  return `${running} running + ${surge} surge + ${draining} draining = ${total} pods`;
}

/** What a person would make smaller in a namespace whose quota is too small. */
export interface Shrinkable {
  /** Where its size stands. */
  path: string;
  /** Which workloads it decides. */
  decides(plan: WorkloadPlan): boolean;
}

/** Where the sizes of a namespace stand. */
export interface NamespacePaths {
  /** What has the most pods. */
  pods: Shrinkable;
  /** What has the most volumes. */
  volumes: Shrinkable;
  /** The switch that lets the quota grow. */
  growToFit: string;
}

/** Quota lines that hold less than is needed, as a mistake of the workload that a person would make smaller. */
export function quotaMistakes(
  paths: NamespacePaths,
  lines: readonly QuotaLine[],
  plans: readonly WorkloadPlan[],
): Mistake[] {
  const short = lines.filter((line) => line.need > line.granted);
  if (short.length === 0) return [];
  const sums = short.map((line) => {
    const terms = plans
      .map((plan) => ({ plan, value: workloadNeed(plan)[line.resource] }))
      .filter(({ value }) => value > 0)
      .map(({ plan, value }) => `${plan.name} ${quotaFigure(line.resource, value)}`);
    return `${line.resource} ${quotaFigure(line.resource, line.granted)} < ${quotaFigure(line.resource, line.need)} = ${terms.join(" + ")}`;
  });
  const onlyVolumes = short.every(({ resource }) => /storage|persistentvolumeclaims/.test(resource));
  const { path, decides } = onlyVolumes ? paths.volumes : paths.pods;
  const largest = plans.filter(decides);
  const key = path.replace(/^regions\.[^.]*\./, "");
  return [
    {
      path,
      got: largest.reduce((whole, plan) => whole + plan.maxReplicas, 0),
      want: ["maxima that fit the quota", ...sums].join("\n"),
      why: `${largest.map((plan) => `${plan.name} needs room for ${peakSum(plan)}`).join("; ")}; what is beyond the quota is never created, and whoever asked for it waits for ever`,
      fix: `lower ${key}, or let the quota be computed upward with ${paths.growToFit}: true`,
    },
  ];
}

const configPathOfPool = {
  worlds: "worlds.count",
  sessions: "gameServers.maxReplicas",
  services: "pools.services.maxNodes",
  data: "pools.data.maxNodes",
};

/** Pools whose workloads have fixed sizes, so that only nodes can give. */
function isGivenByNodes(pool: PoolName): boolean {
  return pool === "services" || pool === "data";
}

/** Pools that cannot hold the peak of their workloads. */
export function poolMistakes(region: string, lines: readonly PoolLine[], plans: readonly WorkloadPlan[]): Mistake[] {
  return lines
    .filter((line) => line.nodesNeeded > line.maxNodes)
    .map((line) => {
      const workloads = plansOf(line.pool, plans);
      const path = `regions.${region}.${configPathOfPool[line.pool]}`;
      if (line.misfit !== undefined) {
        const { cpuMillis: cpu, memoryBytes } = line.misfit.pod.requests;
        return {
          path: `regions.${region}.pools.${line.pool}`,
          got: `${line.maxNodes} nodes`,
          want: `nodes that hold one pod of ${line.misfit.name}: ${formatCpu(cpu)} CPU and ${memoryBytes / gibibyte}Gi beside what is reserved`,
          why: "the pod would stay pending for ever",
          fix: "use larger nodes, or smaller requests",
        };
      }
      return {
        path,
        got: isGivenByNodes(line.pool) ? line.maxNodes : workloads.reduce((whole, plan) => whole + plan.maxReplicas, 0),
        want: `a peak that pool ${line.pool} holds: ${line.nodesNeeded} nodes are needed, pools.${line.pool}.maxNodes is ${line.maxNodes}`,
        why: `${workloads.map((plan) => `${plan.name}: ${peakSum(plan)}`).join("; ")}; ${plannedShare * 100} % of a pool may be planned`,
        fix: `raise regions.${region}.pools.${line.pool}.maxNodes to ${line.nodesNeeded}${isGivenByNodes(line.pool) ? "" : `, or lower ${path}`}`,
      };
    });
}

/** Where in the configuration the sizes of a workload stand. */
export interface SizePaths {
  /** Of each container and init container, in the order of the plan. */
  containers: readonly string[];
  /** True where these have no sizes of their own, but decide what is computed. */
  computed?: boolean;
  claim?: string;
  secondClaim?: string;
}

/** Containers, pods and volumes that the namespace's limit range would refuse. */
export function limitRangeMistakes(
  plans: readonly WorkloadPlan[],
  sizePaths: (plan: WorkloadPlan) => SizePaths,
): Mistake[] {
  const mistakes = new Map<string, Mistake>();
  const refuse = (path: string, got: string, want: string, plan: WorkloadPlan) => {
    const why = `the API server refuses it, so no pod of ${plan.name} would start`;
    // Groups of worlds share their sizes: one mistake, not one for each group.
    mistakes.set(`${path} ${want}`, { path, got, want: `${want} (limit range of the namespace)`, why });
  };
  const { container, pod, claim } = limitRange;
  for (const plan of plans) {
    const paths = sizePaths(plan);
    plan.pod.containers.forEach(({ requests, limits }, index) => {
      const path = paths.containers[index] ?? plan.name;
      const check = (field: string, got: string, want: string) =>
        paths.computed ? refuse(path, got, `${field} ${want}`, plan) : refuse(`${path}.${field}`, got, want, plan);
      for (const [key, number] of [["cpu", cpuMillis] as const, ["memory", bytes] as const]) {
        if (number(limits[key]) > number(container.max[key])) {
          check(`limits.${key}`, limits[key], `at most ${container.max[key]}`);
        }
        if (number(requests[key]) < number(container.min[key])) {
          check(`requests.${key}`, requests[key], `at least ${container.min[key]}`);
        }
      }
    });
    const whole = paths.containers[0] ?? plan.name;
    const [max, min] = [amount(pod.max), amount(pod.min)];
    const { requests, limits } = plan.pod;
    if (limits.cpuMillis > max.cpuMillis || limits.memoryBytes > max.memoryBytes) {
      refuse(whole, sizeText(limits), `limits of all containers together at most ${sizeText(max)}`, plan);
    }
    if (requests.cpuMillis < min.cpuMillis || requests.memoryBytes < min.memoryBytes) {
      refuse(whole, sizeText(requests), `requests of all containers together at least ${sizeText(min)}`, plan);
    }
    // Volumes of jobs follow from those of the stores, and the limit range from them (`largestClaim`).
    if (plan.kind === "CronJob") continue;
    for (const [size, path] of [
      [plan.claimBytes, paths.claim],
      [plan.secondClaimBytes, paths.secondClaim],
    ] as const) {
      if (size !== undefined && (size > bytes(claim.max) || size < bytes(claim.min))) {
        refuse(path ?? plan.name, formatBytes(size), `${claim.min} to ${claim.max}`, plan);
      }
    }
  }
  return [...mistakes.values()];
}

function sizeText({ cpuMillis: millis, memoryBytes }: Amount): string {
  return `${formatCpu(millis)} CPU and ${formatBytes(memoryBytes)}`;
}

/** More pods in the namespace than Kubernetes is tested with. */
export function podCountMistakes(
  { pods: largest }: Pick<NamespacePaths, "pods">,
  plans: readonly WorkloadPlan[],
): Mistake[] {
  const pods = plans.reduce((whole, plan) => whole + podsAtPeak(plan).total, 0);
  if (pods <= maximumPodsPerNamespace) return [];
  return [
    {
      path: largest.path,
      got: plans.find(largest.decides)?.maxReplicas,
      want: `at most ${maximumPodsPerNamespace} pods in the namespace at the peak, not ${pods}`,
      why: "Kubernetes is tested to that number (SIG Scalability thresholds)",
      fix: "split the region into two, each with a cluster of its own",
    },
  ];
}
