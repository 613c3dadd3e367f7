/** How many pods of a workload can exist at one time, terminating ones included. */
import type { WorkloadPlan } from "./workload-plan.ts";

/** Pods of one workload at its peak. */
export interface PodsAtPeak {
  /** The maximum of the autoscaler, or the fixed number. */
  running: number;
  /** Started beyond it by a rollout. */
  surge: number;
  /** Terminating pods, which drain players and still count for quota and node. */
  draining: number;
  total: number;
}

/**
 * Deployment: maximum + surge + draining. A rollout replaces `surge` pods at a time and each must be ready for
 * `minReadySeconds`, so in one grace period at most surge x (grace / minReady + 1) pods start to terminate. There are never
 * more than twice the maximum, since every pod is an old one or a new one and there are at most the maximum of each.
 * Deployments do not wait for terminating pods.
 * It holds for one rollout at a time: a second one while players of the first still drain may wait at the quota until
 * they are gone. It loses nothing, since old pods serve on until new ones are ready.
 * StatefulSet, DaemonSet: the old pod is gone before the new one starts. CronJob: one, `concurrencyPolicy: Forbid`.
 */
export function podsAtPeak(plan: WorkloadPlan): PodsAtPeak {
  if (plan.kind !== "Deployment") {
    const running = plan.kind === "CronJob" ? 1 : plan.maxReplicas;
    return { running, surge: 0, draining: 0, total: running };
  }
  const waves =
    plan.minReadySeconds === 0 ? Number.POSITIVE_INFINITY : Math.floor(plan.graceSeconds / plan.minReadySeconds) + 1;
  const { maxReplicas: running } = plan;
  const surge = Math.min(plan.surgePods, running);
  // Without a surge the old pod is gone before the new one starts.
  const draining = surge === 0 ? 0 : Math.min(running - surge, plan.surgePods * waves);
  return { running, surge, draining, total: running + surge + draining };
}
