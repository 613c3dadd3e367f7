/**
 * A namespace while its controllers work, pod by pod: what the API server counts and refuses. Written from what the
 * controllers do, without a look at the arithmetic of the pack that it judges. Time is in whole seconds.
 */

/** What one pod counts for, by resource. */
export type Usage = Readonly<Record<string, number>>;

/** A Deployment that runs at `replicas`, is rolled once, and whose autoscaler goes down and up once. */
export interface SimulatedDeployment {
  kind: "Deployment";
  replicas: number;
  surge: number;
  unavailable: number;
  graceSeconds: number;
  minReadySeconds: number;
  /** Seconds from the start of the n-th new pod to ready. */
  bootSeconds(index: number): number;
  usage: Usage;
  /** What happens to it. */
  event: { kind: "rollout" } | { kind: "down and up"; minimum: number; afterSeconds: number };
}

/** Pods that replace each other one by one under a fixed name. */
export interface SimulatedSet {
  kind: "StatefulSet";
  replicas: number;
  graceSeconds: number;
  usage: Usage;
}

/** A job that runs every `everySeconds`, each run for at most `lastsSeconds`. */
export interface SimulatedJob {
  kind: "CronJob";
  parallelism: number;
  policy: "Forbid" | "Replace" | "Allow";
  everySeconds: number;
  lastsSeconds: number;
  graceSeconds: number;
  usage: Usage;
}

/** One workload. */
export type Simulated = SimulatedDeployment | SimulatedSet | SimulatedJob;

/** Takes pods in, and refuses those that no longer fit. */
class Quota {
  readonly #hard: Usage;
  readonly #used = new Map<string, number>();
  readonly peak = new Map<string, number>();
  refused = 0;

  constructor(hard: Usage) {
    this.#hard = hard;
  }

  admit(usage: Usage): boolean {
    for (const [resource, amount] of Object.entries(usage)) {
      const limit = this.#hard[resource];
      if (limit !== undefined && amount > 0 && (this.#used.get(resource) ?? 0) + amount > limit) {
        this.refused += 1;
        return false;
      }
    }
    for (const [resource, amount] of Object.entries(usage)) {
      const now = (this.#used.get(resource) ?? 0) + amount;
      this.#used.set(resource, now);
      this.peak.set(resource, Math.max(this.peak.get(resource) ?? 0, now));
    }
    return true;
  }

  release(usage: Usage): void {
    for (const [resource, amount] of Object.entries(usage)) {
      this.#used.set(resource, (this.#used.get(resource) ?? 0) - amount);
    }
  }
}

/** The clock: things to do at their time, and at one time in the order in which they were asked for. */
class Clock {
  now = 0;
  readonly #agenda = new Map<number, (() => void)[]>();

  at(time: number, work: () => void): void {
    const known = this.#agenda.get(time);
    if (known === undefined) this.#agenda.set(time, [work]);
    else known.push(work);
  }

  run(until: number): void {
    while (this.#agenda.size > 0) {
      this.now = Math.min(...this.#agenda.keys());
      if (this.now > until) return;
      const works = this.#agenda.get(this.now) ?? [];
      this.#agenda.delete(this.now);
      for (const work of works) work();
    }
  }
}

/** A Deployment's own state: pods that are neither terminating nor gone. */
class DeploymentRun {
  readonly #of: SimulatedDeployment;
  readonly #quota: Quota;
  readonly #clock: Clock;
  #wanted = 0;
  #old = 0;
  #fresh = 0;
  #available = 0;
  #started = 0;
  #rolling = false;
  #alive = 0;
  most = 0;
  mostAt = 0;

  constructor(of: SimulatedDeployment, quota: Quota, clock: Clock) {
    this.#of = of;
    this.#quota = quota;
    this.#clock = clock;
  }

  begin(start: number): void {
    this.#wanted = this.#of.replicas;
    while (this.#old < this.#wanted && this.#create()) this.#old += 1;
    const { event } = this.#of;
    if (event.kind === "rollout") {
      this.#clock.at(start, () => {
        this.#rolling = true;
        this.#reconcile();
      });
      return;
    }
    this.#clock.at(start, () => this.#scale(event.minimum));
    this.#clock.at(start + event.afterSeconds, () => this.#scale(this.#of.replicas));
  }

  #create(): boolean {
    if (!this.#quota.admit(this.#of.usage)) return false;
    this.#alive += 1;
    if (this.#alive > this.most) {
      this.most = this.#alive;
      this.mostAt = this.#clock.now;
    }
    return true;
  }

  #stop(): void {
    const gone = () => {
      this.#quota.release(this.#of.usage);
      this.#alive -= 1;
    };
    if (this.#of.graceSeconds === 0) gone();
    // A pod is there until the grace period is over: the next one comes first if it comes at that very second.
    else this.#clock.at(this.#clock.now + this.#of.graceSeconds, () => this.#clock.at(this.#clock.now + 0.5, gone));
  }

  #scale(to: number): void {
    this.#wanted = to;
    while (this.#old > to) {
      this.#old -= 1;
      this.#stop();
    }
    while (this.#old < to && this.#create()) this.#old += 1;
  }

  #reconcile(): void {
    if (!this.#rolling) return;
    const { replicas, surge, unavailable, minReadySeconds, bootSeconds } = this.#of;
    for (let moved = true; moved; ) {
      moved = false;
      // New ones first, as the controller does.
      while (this.#fresh < replicas && this.#old + this.#fresh < replicas + surge && this.#create()) {
        const available = this.#clock.now + bootSeconds(this.#started) + minReadySeconds;
        this.#started += 1;
        this.#fresh += 1;
        this.#clock.at(available, () => {
          this.#available += 1;
          this.#reconcile();
        });
        moved = true;
      }
      while (this.#old > 0 && this.#old + this.#available > replicas - unavailable) {
        this.#old -= 1;
        this.#stop();
        moved = true;
      }
    }
  }
}

// One pod after the other, from the last to the first: it goes, and when it is gone the next of its name comes.
function runSet(set: SimulatedSet, quota: Quota, clock: Clock, start: number): void {
  for (let index = 0; index < set.replicas; index++) quota.admit(set.usage);
  for (let index = 0; index < set.replicas; index++) {
    clock.at(start + (index + 1) * (set.graceSeconds + 1), () => {
      quota.release(set.usage);
      quota.admit(set.usage);
    });
  }
}

function runJob(job: SimulatedJob, quota: Quota, clock: Clock, start: number, until: number): void {
  let running: { over: boolean }[] = [];
  const end = (run: { over: boolean }) => {
    if (run.over) return;
    run.over = true;
    running = running.filter((one) => one !== run);
    for (let pod = 0; pod < job.parallelism; pod++) quota.release(job.usage);
  };
  const stop = (run: { over: boolean }) => {
    running = running.filter((one) => one !== run);
    if (job.graceSeconds === 0) end(run);
    else clock.at(clock.now + job.graceSeconds + 0.5, () => end(run));
  };
  for (let time = start; time <= until; time += job.everySeconds) {
    clock.at(time, () => {
      if (job.policy === "Forbid" && running.length > 0) return;
      if (job.policy === "Replace") for (const run of running) stop(run);
      const run = { over: false };
      let pods = 0;
      while (pods < job.parallelism && quota.admit(job.usage)) pods += 1;
      if (pods < job.parallelism) {
        for (let pod = 0; pod < pods; pod++) quota.release(job.usage);
        return;
      }
      running.push(run);
      // The deadline stops it; its pods terminate for their grace period. With Forbid the job lasts until they are gone.
      clock.at(time + job.lastsSeconds + job.graceSeconds + 0.5, () => end(run));
    });
  }
}

/** What came of it. */
export interface Outcome {
  /** Pods that the API server refused. */
  refused: number;
  /** The most that was in use at one time, by resource. */
  peak: Readonly<Record<string, number>>;
}

const horizon = 20_000;

/** Runs workloads in one namespace, each beginning at its time. */
export function simulate(workloads: readonly Simulated[], starts: readonly number[], hard: Usage): Outcome {
  const [quota, clock] = [new Quota(hard), new Clock()];
  workloads.forEach((one, index) => {
    const start = starts[index] ?? 0;
    if (one.kind === "Deployment") new DeploymentRun(one, quota, clock).begin(start);
    else if (one.kind === "StatefulSet") runSet(one, quota, clock, start);
    else runJob(one, quota, clock, start, horizon / 4);
  });
  clock.run(horizon);
  return { refused: quota.refused, peak: Object.fromEntries(quota.peak) };
}

/** The most pods of one Deployment at one time, and when, if it begins at 0 and nothing is in its way. */
export function peakOf(deployment: SimulatedDeployment): { pods: number; at: number } {
  const clock = new Clock();
  const run = new DeploymentRun(deployment, new Quota({}), clock);
  run.begin(0);
  clock.run(horizon);
  return { pods: run.most, at: run.mostAt };
}
