/** Node pools: how many nodes the pods of a pool need at their peak. */
import type { PoolConfig, PoolName } from "../config/regions.ts";
import { type Amount, amount, type Size } from "../kube/quantities.ts";
import { podsAtPeak } from "./pods-at-peak.ts";
import type { WorkloadPlan } from "./workload-plan.ts";

/** Share of a pool that may be planned: the rest absorbs pods that do not fill a node evenly (judgement). */
export const plannedShare = 0.95;

/** One line of the pool table. */
export interface PoolLine {
  pool: PoolName;
  pods: number;
  /** Nodes that the pods need, `Infinity` where a pod fits on no node. */
  nodesNeeded: number;
  maxNodes: number;
  /** Workload that fits on no node of the pool, and its request. */
  misfit?: WorkloadPlan;
}

/** What pods may use of a node: its size less what kubelet, the system and daemon sets take. */
export function allocatable(pool: PoolConfig, reserved: Size): Amount {
  const whole = amount(pool);
  const kept = amount(reserved);
  return {
    cpuMillis: Math.max(0, whole.cpuMillis - kept.cpuMillis),
    memoryBytes: Math.max(0, whole.memoryBytes - kept.memoryBytes),
  };
}

/** Pods of one workload that fit on an empty node. */
export function podsPerNode(plan: WorkloadPlan, pool: PoolConfig, reserved: Size): number {
  const free = allocatable(pool, reserved);
  return Math.min(
    Math.floor(free.cpuMillis / plan.pod.requests.cpuMillis),
    Math.floor(free.memoryBytes / plan.pod.requests.memoryBytes),
    pool.maxPods,
  );
}

/** Workloads whose pods need nodes of a pool; those of a DaemonSet have the room that every node keeps. */
export function plansOf(pool: PoolName, plans: readonly WorkloadPlan[]): WorkloadPlan[] {
  return plans.filter((plan) => plan.pool === pool && plan.kind !== "DaemonSet");
}

/** Nodes for the peak of every workload of the pool: each takes the share of a node that its best fit leaves it. */
export function poolLine(name: PoolName, pool: PoolConfig, plans: readonly WorkloadPlan[], reserved: Size): PoolLine {
  const peaks = plansOf(name, plans).map((plan) => ({
    plan,
    pods: podsAtPeak(plan).total,
    fit: podsPerNode(plan, pool, reserved),
  }));
  const shares = peaks.reduce((whole, { pods, fit }) => whole + pods / fit, 0);
  return {
    pool: name,
    pods: peaks.reduce((whole, { pods }) => whole + pods, 0),
    nodesNeeded: Math.ceil(shares / plannedShare),
    maxNodes: pool.maxNodes,
    misfit: peaks.find(({ fit }) => fit === 0)?.plan,
  };
}
