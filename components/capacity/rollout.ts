/** How long an update of a workload takes at its largest. */
import type { WorkloadPlan } from "./workload-plan.ts";

/** Longest time of a rollout and how it comes about. */
export interface Rollout {
  seconds: number;
  terms: string;
}

/** Time that an engine should wait for a rollout: half as long again as computed, and no less than its own default. */
export function awaitTimeout(plan: WorkloadPlan): string {
  return `${Math.max(600, Math.ceil(rollout(plan).seconds * 1.5))}s`;
}

/**
 * DaemonSet: a tenth of the nodes at a time. StatefulSet: one pod after the other, each drained, started and watched. Deployment: waves of `surgePods`; a drain
 * does not hold up the next wave. CronJob: the next run.
 */
export function rollout(plan: WorkloadPlan): Rollout {
  if (plan.kind === "CronJob") return { seconds: 0, terms: "with the next run" };
  const watch = plan.bootSeconds + plan.minReadySeconds;
  if (plan.kind === "DaemonSet") {
    return {
      seconds: 10 * (plan.graceSeconds + watch),
      terms: `10 waves x (stop ${plan.graceSeconds} + boot ${plan.bootSeconds} + watch ${plan.minReadySeconds})`,
    };
  }
  if (plan.kind === "StatefulSet") {
    return {
      seconds: plan.maxReplicas * (plan.graceSeconds + watch),
      terms: `${plan.maxReplicas} x (stop ${plan.graceSeconds} + boot ${plan.bootSeconds} + watch ${plan.minReadySeconds})`,
    };
  }
  const waves = Math.ceil(plan.maxReplicas / Math.max(1, plan.surgePods));
  return {
    seconds: waves * watch + plan.graceSeconds,
    terms: `${waves} ${waves === 1 ? "wave" : "waves"} x (boot ${plan.bootSeconds} + watch ${plan.minReadySeconds}) + last drain ${plan.graceSeconds}`,
  };
}
