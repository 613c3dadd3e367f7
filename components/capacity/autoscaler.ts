/**
 * The HorizontalPodAutoscaler's rate limits and stabilisation, as its controller computes them (kubernetes.io, "Horizontal
 * Pod Autoscaling", configurable scaling behavior): what the behaviour values make of a load.
 */

import type { BehaviorConfig } from "../config/scaling.ts";
import type { WorkloadPlan } from "./workload-plan.ts";

interface Policy {
  type: string;
  value: number;
  periodSeconds: number;
}

interface Rules {
  stabilizationWindowSeconds?: number;
  selectPolicy?: string;
  policies?: Policy[];
}

/** What the controller is told. */
export interface AutoscalerSpec {
  minReplicas: number;
  maxReplicas: number;
  behavior: { scaleUp: Rules; scaleDown: Rules };
}

/** The behaviour of the configuration as an autoscaler has it. */
export function autoscalerBehavior({ scaleUp, scaleDown }: BehaviorConfig): AutoscalerSpec["behavior"] {
  return {
    scaleUp: {
      stabilizationWindowSeconds: scaleUp.stabilizationSeconds,
      selectPolicy: scaleUp.select,
      policies: [
        { type: "Percent", value: scaleUp.percent, periodSeconds: scaleUp.periodSeconds },
        { type: "Pods", value: scaleUp.pods, periodSeconds: scaleUp.periodSeconds },
      ],
    },
    scaleDown: {
      stabilizationWindowSeconds: scaleDown.stabilizationSeconds,
      selectPolicy: scaleDown.enabled ? "Min" : "Disabled",
      policies: [{ type: "Percent", value: scaleDown.percent, periodSeconds: scaleDown.periodSeconds }],
    },
  };
}

/** One autoscaler with its memory of earlier recommendations and changes. */
export class Autoscaler {
  #replicas: number;
  readonly #spec: AutoscalerSpec;
  readonly #recommended: { time: number; replicas: number }[] = [];
  readonly #changes: { time: number; by: number }[] = [];

  constructor(spec: AutoscalerSpec, replicas: number) {
    this.#spec = spec;
    this.#replicas = replicas;
  }

  /** One pass of the controller: `wanted` is what the metrics alone would ask for. Answers the new count. */
  step(now: number, wanted: number): number {
    const { minReplicas, maxReplicas, behavior } = this.#spec;
    const clamped = Math.min(Math.max(wanted, minReplicas), maxReplicas);
    this.#recommended.push({ time: now, replicas: clamped });
    const stable = this.#stabilised(now);
    const rated =
      stable > this.#replicas
        ? Math.min(stable, this.#limit(now, behavior.scaleUp, "up"))
        : Math.max(stable, this.#limit(now, behavior.scaleDown, "down"));
    if (rated !== this.#replicas) this.#changes.push({ time: now, by: rated - this.#replicas });
    this.#replicas = rated;
    return rated;
  }

  #stabilised(now: number): number {
    const { scaleUp, scaleDown } = this.#spec.behavior;
    const within = (window = 0) =>
      this.#recommended.filter((one) => one.time >= now - window).map((one) => one.replicas);
    const up = Math.min(...within(scaleUp.stabilizationWindowSeconds));
    const down = Math.max(...within(scaleDown.stabilizationWindowSeconds));
    if (this.#replicas < up) return up;
    return Math.min(this.#replicas, down);
  }

  #limit(now: number, rules: Rules, direction: "up" | "down"): number {
    const { selectPolicy = "Max", policies = [] } = rules;
    if (selectPolicy === "Disabled") return this.#replicas;
    const limits = policies.map(({ type, value, periodSeconds }) => {
      const moved = this.#changes.filter((one) => one.time > now - periodSeconds).reduce((sum, one) => sum + one.by, 0);
      const start = this.#replicas - moved;
      if (direction === "up") return type === "Pods" ? start + value : Math.ceil(start * (1 + value / 100));
      return type === "Pods" ? start - value : Math.trunc(start * (1 - value / 100));
    });
    // "Max" is the larger change: the higher count on the way up, the lower one on the way down.
    const larger = (selectPolicy === "Max") === (direction === "up");
    return larger ? Math.max(...limits) : Math.min(...limits);
  }
}

/** Seconds between two passes of the controller (--horizontal-pod-autoscaler-sync-period). */
export const syncSeconds = 15;

/** One change of the number of pods. */
export interface ScalingStep {
  /** Since the load changed. */
  seconds: number;
  replicas: number;
}

/**
 * How the number of pods goes from `from` to `wanted` when the load changes at once and stays: the first step waits for
 * the stabilisation window. Steps are empty where the behaviour or the bounds allow none.
 */
export function scalingSteps(spec: AutoscalerSpec, from: number, wanted: number): ScalingStep[] {
  const autoscaler = new Autoscaler(spec, from);
  const { scaleUp, scaleDown } = spec.behavior;
  const window = Math.max(scaleUp.stabilizationWindowSeconds ?? 0, scaleDown.stabilizationWindowSeconds ?? 0);
  const steps: ScalingStep[] = [];
  // Before the load changed, the metrics asked for what was running.
  for (let seconds = -window; seconds < 0; seconds += syncSeconds) autoscaler.step(seconds, from);
  let last = from;
  // Nothing more happens when neither a window nor a period can end any more.
  const periods = [...(scaleUp.policies ?? []), ...(scaleDown.policies ?? [])].map((policy) => policy.periodSeconds);
  const quiet = window + Math.max(0, ...periods) + syncSeconds;
  for (let [seconds, changed] = [0, 0]; seconds - changed <= quiet; seconds += syncSeconds) {
    const replicas = autoscaler.step(seconds, wanted);
    if (replicas === last) continue;
    steps.push({ seconds, replicas });
    [last, changed] = [replicas, seconds];
  }
  return steps;
}

/** How a workload scales when all at once everybody comes, and when everybody has left. */
export interface ScalingLine {
  plan: WorkloadPlan;
  up: ScalingStep[];
  down: ScalingStep[];
}

/** From the minimum to the maximum, and back. */
export function scalingLine(plan: WorkloadPlan, behavior: BehaviorConfig): ScalingLine {
  const { minReplicas, maxReplicas } = plan;
  const spec = { minReplicas, maxReplicas, behavior: autoscalerBehavior(behavior) };
  return {
    plan,
    up: scalingSteps(spec, minReplicas, maxReplicas),
    down: scalingSteps(spec, maxReplicas, minReplicas),
  };
}
