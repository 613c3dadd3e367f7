import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { Cluster } from "../../../policy-pack/core/cluster.ts";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { beyondMaximum } from "../../../policy-pack/kube/reach.ts";
import { quotaTable } from "../../../policy-pack/rules/quota/table.ts";
import { objectsOf } from "../support/findings.ts";
import { peakOf, type Simulated, type SimulatedDeployment, simulate } from "../support/quota-simulator.ts";
import { plainSettings } from "../support/quota-stacks.ts";

const mebibyte = 2 ** 20;

const sizes = fc.record({ cpu: fc.integer({ min: 1, max: 2000 }), memory: fc.integer({ min: 1, max: 512 }) });

function usage({ cpu, memory }: { cpu: number; memory: number }) {
  return { pods: 1, "requests.cpu": cpu, "requests.memory": memory * mebibyte };
}

const boots = fc
  .array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 8 })
  .map((list) => (index: number) => list[index % list.length] ?? 0);

// Down and up again, by an autoscaler that nothing slows. Pods that nobody stops the autoscaler never brings back.
const downAndUp = fc.record({
  kind: fc.constant("down and up" as const),
  minimum: fc.integer({ min: 1, max: 4 }),
  afterSeconds: fc.integer({ min: 1, max: 60 }),
});

const deployments = fc
  .record({
    replicas: fc.integer({ min: 1, max: 25 }),
    surge: fc.integer({ min: 0, max: 6 }),
    unavailable: fc.integer({ min: 0, max: 4 }),
    graceSeconds: fc.integer({ min: 0, max: 120 }),
    minReadySeconds: fc.integer({ min: 0, max: 40 }),
    bootSeconds: boots,
    usage: sizes.map(usage),
    event: fc.oneof(
      { weight: 3, arbitrary: fc.constant({ kind: "rollout" as const }) },
      { weight: 1, arbitrary: downAndUp },
    ),
  })
  .filter(({ surge, unavailable }) => surge + unavailable > 0)
  .map((one): SimulatedDeployment => {
    const unavailable = one.surge === 0 ? Math.max(1, one.unavailable) : one.unavailable;
    return { kind: "Deployment", ...one, unavailable: Math.min(unavailable, one.replicas) };
  });

const sets = fc.record({
  kind: fc.constant("StatefulSet" as const),
  replicas: fc.integer({ min: 0, max: 8 }),
  graceSeconds: fc.integer({ min: 0, max: 60 }),
  usage: sizes.map(usage),
});

const jobs = fc.record({
  kind: fc.constant("CronJob" as const),
  parallelism: fc.integer({ min: 1, max: 3 }),
  policy: fc.constantFrom("Forbid" as const, "Replace" as const, "Allow" as const),
  // Whole minutes, as a schedule has them; divisors of an hour, so that the gaps are all the same.
  everySeconds: fc.constantFrom(60, 300, 600, 1800, 3600),
  lastsSeconds: fc.integer({ min: 1, max: 1500 }),
  graceSeconds: fc.integer({ min: 0, max: 50 }),
  usage: sizes.map(usage),
});

const workloads = fc.array(fc.oneof({ weight: 3, arbitrary: deployments }, sets, jobs), { minLength: 1, maxLength: 5 });

function manifestsOf(workload: Simulated, index: number): Manifest[] {
  const metadata = { name: `app-${index}`, namespace: "sample" };
  const { "requests.cpu": cpu = 0, "requests.memory": memory = 0 } = workload.usage;
  const spec = {
    terminationGracePeriodSeconds: workload.graceSeconds,
    containers: [{ name: "app", image: "example.com/app:1", resources: { requests: { cpu: `${cpu}m`, memory } } }],
  };
  if (workload.kind === "CronJob") {
    const { parallelism, lastsSeconds, policy, everySeconds } = workload;
    const minutes = everySeconds / 60;
    const job = { parallelism, activeDeadlineSeconds: lastsSeconds, template: { spec } };
    const schedule = minutes === 60 ? "0 * * * *" : `*/${minutes} * * * *`;
    return [
      {
        apiVersion: "batch/v1",
        kind: "CronJob",
        metadata,
        spec: { schedule, concurrencyPolicy: policy, jobTemplate: { spec: job } },
      },
    ];
  }
  if (workload.kind === "StatefulSet") {
    return [
      {
        apiVersion: "apps/v1",
        kind: "StatefulSet",
        metadata,
        spec: { replicas: workload.replicas, template: { spec } },
      },
    ];
  }
  const { replicas, surge, unavailable, minReadySeconds, event } = workload;
  const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } };
  const own: Manifest = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: { replicas, strategy, minReadySeconds, template: { spec } },
  };
  if (event.kind === "rollout") return [own];
  const scaler = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata,
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: metadata.name },
      minReplicas: Math.min(event.minimum, replicas),
      maxReplicas: replicas,
    },
  };
  return [own, scaler];
}

function bounded(workload: Simulated): Simulated {
  if (workload.kind !== "Deployment" || workload.event.kind === "rollout") return workload;
  const minimum = Math.min(workload.event.minimum, workload.replicas);
  return { ...workload, event: { ...workload.event, minimum } };
}

function stack(all: readonly Simulated[], hard: Readonly<Record<string, number>>): Manifest[] {
  const granted = Object.fromEntries(
    Object.entries(hard).map(([resource, amount]) => [resource, resource === "requests.cpu" ? `${amount}m` : amount]),
  );
  const metadata = { name: "quota", namespace: "sample" };
  return [{ apiVersion: "v1", kind: "ResourceQuota", metadata, spec: { hard: granted } }, ...all.flatMap(manifestsOf)];
}

function verdicts(all: readonly Simulated[], hard: Readonly<Record<string, number>>): string[] {
  return quotaTable(new Cluster(objectsOf(stack(all, hard))), plainSettings).map((row) => row.verdict);
}

/** What the pack says that a namespace needs, in thousandths of a CPU, bytes and pods. */
function needs(all: readonly Simulated[]): Record<string, number> {
  const none = { pods: 0, "requests.cpu": 0, "requests.memory": 0 };
  const rows = quotaTable(new Cluster(objectsOf(stack(all, none))), plainSettings);
  const units: Record<string, number> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };
  return Object.fromEntries(
    rows.map(({ resource, need }) => {
      const [, number = "0", unit = ""] = /^(\d+)(\w*)$/.exec(need) ?? [];
      if (resource === "requests.cpu") return [resource, Number(number) * (unit === "m" ? 1 : 1000)];
      return [resource, Number(number) * (units[unit] ?? 1)];
    }),
  );
}

describe("a quota that the pack says holds", () => {
  it("refuses no pod, whatever the controllers do and when", () => {
    let busy = 0;
    fc.assert(
      fc.property(
        workloads,
        fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 5, maxLength: 5 }),
        (drawn, starts) => {
          const all = drawn.map(bounded);
          const hard = needs(all);
          assert.ok(verdicts(all, hard).every((verdict) => verdict === "fits"));
          const { refused, peak } = simulate(all, starts, hard);
          assert.equal(refused, 0, `${JSON.stringify(hard)} was not enough`);
          if ((peak["pods"] ?? 0) > (hard["pods"] ?? 0) / 2) busy += 1;
        },
      ),
      { numRuns: 2000 },
    );
    assert.ok(busy > 700, `only ${busy} stacks came near their quota: the simulator does too little`);
  });

  it("is needed to the last pod where a rollout makes nothing unavailable", () => {
    fc.assert(
      fc.property(fc.array(deployments, { minLength: 1, maxLength: 4 }), (drawn) => {
        // Every pod is ready at once, and every rollout begins so that all peaks are at the same second.
        const all = drawn.map(
          (one): SimulatedDeployment => ({
            ...one,
            unavailable: 0,
            surge: Math.max(1, one.surge),
            // Without any grace a peak is over within its second, and which of two comes first there is chance.
            graceSeconds: Math.max(1, one.graceSeconds),
            bootSeconds: () => 0,
            event: { kind: "rollout" },
          }),
        );
        const peaks = all.map(peakOf);
        const last = Math.max(...peaks.map(({ at }) => at));
        const { peak } = simulate(
          all,
          peaks.map(({ at }) => last - at),
          {},
        );
        assert.deepEqual(verdicts(all, peak), ["fits", "fits", "fits"]);
        for (const [resource, amount] of Object.entries(peak)) {
          const short = { ...peak, [resource]: amount - 1 };
          assert.ok(verdicts(all, short).includes("exceeds"), `one less ${resource} is enough`);
          assert.ok(
            simulate(
              all,
              peaks.map(({ at }) => last - at),
              short,
            ).refused > 0,
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it("is larger than needed by at most the pods that a rollout may make unavailable", () => {
    let exact = 0;
    let all = 0;
    for (let replicas = 1; replicas <= 12; replicas++) {
      for (const [surge, unavailable] of [
        [0, 1],
        [0, 3],
        [1, 1],
        [2, 1],
        [1, 3],
        [4, 4],
      ] as const) {
        for (const graceSeconds of [0, 1, 9, 10, 25, 100]) {
          for (const minReadySeconds of [0, 1, 10, 13]) {
            if (unavailable > replicas) continue;
            const rollout = { surge, unavailable, graceSeconds, minReadySeconds };
            const said = replicas + beyondMaximum(replicas, rollout);
            const { pods } = peakOf({
              kind: "Deployment",
              replicas,
              ...rollout,
              bootSeconds: () => 0,
              usage: { pods: 1 },
              event: { kind: "rollout" },
            });
            assert.ok(pods <= said && said <= pods + unavailable, JSON.stringify({ replicas, ...rollout, pods, said }));
            exact += said === pods ? 1 : 0;
            all += 1;
          }
        }
      }
    }
    assert.ok(exact / all > 0.9, `only ${exact} of ${all} are exact`);
  });
});
