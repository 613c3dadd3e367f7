/** What the arithmetic refuses before anything is applied, each with its sum. */

import type { Mistake } from "../config/mistakes.ts";
import { bytes, cpuMillis, formatCpu, gibibyte } from "../kube/quantities.ts";
import { podsAtPeak } from "./pods-at-peak.ts";
import { type PoolLine, plannedShare } from "./pools.ts";
import { limitRange, type QuotaLine, type QuotaResource } from "./quota.ts";
import type { WorkloadPlan } from "./workload-plan.ts";

/** Largest tested number of pods in a namespace (Kubernetes SIG Scalability, thresholds). */
export const maximumPodsPerNamespace = 3000;

/** A number of a quota resource for people: cores, GiB or a count. */
export function quotaFigure(resource: QuotaResource, number: number): string {
  if (resource.endsWith(".cpu")) return formatCpu(number);
  if (resource.endsWith(".memory") || resource.endsWith(".storage")) {
    return `${Math.round((number / gibibyte) * 100) / 100}Gi`;
  }
  return String(number);
}

/** The peak of a workload as a sum, for example `60 running + 6 surge + 60 draining = 126 pods`. */
export function peakSum(plan: WorkloadPlan): string {
  const { running, surge, draining, total } = podsAtPeak(plan);
  return `${running} running + ${surge} surge + ${draining} draining = ${total} pods`;
}

function part(resource: QuotaResource, plan: WorkloadPlan): number {
  const pods = podsAtPeak(plan).total;
  switch (resource) {
    case "requests.cpu":
      return pods * plan.pod.requests.cpuMillis;
    case "requests.memory":
      return pods * plan.pod.requests.memoryBytes;
    case "limits.cpu":
      return pods * plan.pod.limits.cpuMillis;
    case "limits.memory":
      return pods * plan.pod.limits.memoryBytes;
    case "requests.storage":
      return plan.maxReplicas * (plan.claimBytes ?? 0);
    case "persistentvolumeclaims":
      return plan.claimBytes === undefined ? 0 : plan.maxReplicas;
    case "pods":
      return pods;
    default:
      return 0;
  }
}

/** Quota lines that hold less than is needed, as mistakes of the region's largest workload. */
export function quotaMistakes(region: string, lines: readonly QuotaLine[], plans: readonly WorkloadPlan[]): Mistake[] {
  const short = lines.filter((line) => line.need > line.granted);
  if (short.length === 0) return [];
  const servers = plans.find((plan) => plan.pool === "sessions");
  const sums = short.map((line) => {
    const terms = plans
      .map((plan) => ({ plan, value: part(line.resource, plan) }))
      .filter(({ value }) => value > 0)
      .map(({ plan, value }) => `${plan.name} ${quotaFigure(line.resource, value)}`);
    return `${line.resource} ${quotaFigure(line.resource, line.granted)} < ${quotaFigure(line.resource, line.need)} = ${terms.join(" + ")}`;
  });
  return [
    {
      path: `regions.${region}.gameServers.maxReplicas`,
      got: servers?.maxReplicas,
      want: ["maxima that fit the quota", ...sums].join("\n"),
      why: servers
        ? `${servers.name} needs room for ${peakSum(servers)}; pods beyond the quota are never created and the autoscaler waits for ever`
        : "pods beyond the quota are never created",
      fix: "lower maxReplicas, or let the quota be computed upward with game.quota.growToFit: true",
    },
  ];
}

const configPathOfPool = {
  worlds: "worlds.count",
  sessions: "gameServers.maxReplicas",
  services: "pools.services.maxNodes",
};

/** Pools that cannot hold the peak of their workloads. */
export function poolMistakes(region: string, lines: readonly PoolLine[], plans: readonly WorkloadPlan[]): Mistake[] {
  return lines
    .filter((line) => line.nodesNeeded > line.maxNodes)
    .map((line) => {
      const workloads = plans.filter((plan) => plan.pool === line.pool);
      const largest = workloads.reduce((one, other) => (podsAtPeak(other).total > podsAtPeak(one).total ? other : one));
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
        got: line.pool === "services" ? line.maxNodes : largest.maxReplicas,
        want: `a peak that pool ${line.pool} holds: ${line.nodesNeeded} nodes are needed, pools.${line.pool}.maxNodes is ${line.maxNodes}`,
        why: `${workloads.map((plan) => `${plan.name}: ${peakSum(plan)}`).join("; ")}; ${plannedShare * 100} % of a pool may be planned`,
        fix: `raise regions.${region}.pools.${line.pool}.maxNodes to ${line.nodesNeeded}, or lower ${path}`,
      };
    });
}

/** Containers, pods and volumes that the namespace's limit range would refuse. */
export function limitRangeMistakes(
  plans: readonly WorkloadPlan[],
  configPath: (plan: WorkloadPlan) => string,
): Mistake[] {
  const seen = new Set<string>();
  const mistakes: Mistake[] = [];
  const refuse = (plan: WorkloadPlan, what: string, got: string, want: string) => {
    const path = configPath(plan);
    if (seen.has(path + what)) return;
    seen.add(path + what);
    mistakes.push({
      path,
      got,
      want: `${what} within the limit range: ${want}`,
      why: `the API server refuses pods of ${plan.name}`,
    });
  };
  for (const plan of plans) {
    for (const { requests, limits } of plan.pod.containers) {
      for (const [key, number] of [["cpu", cpuMillis] as const, ["memory", bytes] as const]) {
        const { max, min } = limitRange.container;
        if (number(limits[key]) > number(max[key])) {
          refuse(plan, `${key} limit of a container`, limits[key], `at most ${max[key]}`);
        }
        if (number(requests[key]) < number(min[key])) {
          refuse(plan, `${key} request of a container`, requests[key], `at least ${min[key]}`);
        }
      }
    }
    const { max, min } = limitRange.claim;
    if (plan.claimBytes !== undefined && (plan.claimBytes > bytes(max) || plan.claimBytes < bytes(min))) {
      refuse(plan, "volume", `${plan.claimBytes / gibibyte}Gi`, `${min} to ${max}`);
    }
  }
  return mistakes;
}

/** More pods in the namespace than Kubernetes is tested with. */
export function podCountMistakes(region: string, plans: readonly WorkloadPlan[]): Mistake[] {
  const pods = plans.reduce((whole, plan) => whole + podsAtPeak(plan).total, 0);
  if (pods <= maximumPodsPerNamespace) return [];
  return [
    {
      path: `regions.${region}.gameServers.maxReplicas`,
      got: plans.find((plan) => plan.pool === "sessions")?.maxReplicas,
      want: `at most ${maximumPodsPerNamespace} pods in the namespace at the peak, not ${pods}`,
      why: "Kubernetes is tested to that number (SIG Scalability thresholds)",
      fix: "split the region into two, each with a cluster of its own",
    },
  ];
}
