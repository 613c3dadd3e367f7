/**
 * The HorizontalPodAutoscaler's rate limits and stabilisation, as its controller computes them: an independent reading of
 * the behaviour fields, to see what they make of a load.
 */

interface Policy {
  type: string;
  value: number;
  periodSeconds: number;
}

interface Rules {
  stabilizationWindowSeconds?: number;
  selectPolicy?: string;
  policies?: readonly Policy[];
}

/** What the simulated controller is told. */
export interface AutoscalerSpec {
  minReplicas: number;
  maxReplicas: number;
  behavior: { scaleUp: Rules; scaleDown: Rules };
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
