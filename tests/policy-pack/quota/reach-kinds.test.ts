import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { shortestInterval } from "../../../policy-pack/kube/cron.ts";
import { maximumNodesAnnotation } from "../../../policy-pack/kube/reach.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { grace, type ReachCase, reach, scaler } from "../support/reach-cases.ts";

const hpa = (spec: Manifest, target?: Manifest) => scaler("HorizontalPodAutoscaler", spec, target);

const nodes = (said: unknown): Manifest => ({ [maximumNodesAnnotation]: said });

const cases: readonly ReachCase[] = [
  [
    "a StatefulSet has names, so nothing on top",
    "StatefulSet",
    { spec: { replicas: 5, podManagementPolicy: "Parallel" } },
    "5 of 5",
  ],
  [
    "a StatefulSet with an HPA",
    "StatefulSet",
    { beside: [hpa({ maxReplicas: 9 }, { kind: "StatefulSet", name: "app" })] },
    "9 of 9",
  ],
  ["a ReplicaSet has no rollout", "ReplicaSet", { spec: { replicas: 5 } }, "5 of 5"],
  [
    "a ReplicaSet that goes down and up",
    "ReplicaSet",
    { beside: [hpa({ maxReplicas: 9 }, { kind: "ReplicaSet", name: "app" })] },
    "9 of 17",
  ],
  ["a ReplicationController", "ReplicationController", {}, "1 of 1"],
  ["a DaemonSet where nobody knows the nodes", "DaemonSet", {}, "0? of 0?"],
  ["a DaemonSet has one pod on each node", "DaemonSet", { nodes: 7 }, "7 of 7"],
  ["a DaemonSet that says its nodes itself", "DaemonSet", { annotations: nodes("42") }, "42 of 42"],
  ["the setting goes before that", "DaemonSet", { nodes: 7, annotations: nodes("42") }, "7 of 7"],
  ["a number is no text", "DaemonSet", { annotations: nodes(42) }, "0? of 0?"],
  ["its nodes are not known yet", "DaemonSet", { annotations: nodes(unknown) }, "0? of 0?"],
  ...["", "0", "042", "4.2", "1e3", " 42", "-1", "4200000000", "many"].map(
    (text): ReachCase => [`nobody can read "${text}"`, "DaemonSet", { annotations: nodes(text) }, "0? of 0?"],
  ),
  ["only a DaemonSet has a pod for each node", "StatefulSet", { annotations: nodes("42") }, "1 of 1"],
  [
    "a DaemonSet that says its nodes, with surge",
    "DaemonSet",
    { annotations: nodes("7"), spec: { updateStrategy: { rollingUpdate: { maxSurge: "30%" } } } },
    "7 of 14",
  ],
  [
    "a DaemonSet with surge",
    "DaemonSet",
    { nodes: 7, spec: { updateStrategy: { rollingUpdate: { maxSurge: 1 } } }, pod: grace(0) },
    "7 of 8",
  ],
  [
    "a DaemonSet with surge, and pods that terminate",
    "DaemonSet",
    { nodes: 7, spec: { updateStrategy: { rollingUpdate: { maxSurge: "30%" } } } },
    "7 of 14",
  ],
  [
    "a DaemonSet that nobody rolls",
    "DaemonSet",
    { nodes: 7, spec: { updateStrategy: { type: "OnDelete", rollingUpdate: { maxSurge: 1 } } } },
    "7 of 7",
  ],
  [
    "an unknown surge of a DaemonSet",
    "DaemonSet",
    { nodes: 7, spec: { updateStrategy: { rollingUpdate: { maxSurge: unknown } } } },
    "7 of 7?",
  ],
  ["a job", "Job", {}, "1 of 1"],
  ["a job in parallel", "Job", { spec: { parallelism: 4 } }, "4 of 4"],
  ["no more in parallel than have to be completed", "Job", { spec: { parallelism: 4, completions: 2 } }, "2 of 2"],
  ["unknown completions", "Job", { spec: { parallelism: 4, completions: unknown } }, "0? of 0?"],
  ["an unknown parallelism", "Job", { spec: { parallelism: unknown } }, "0? of 0?"],
  ["Forbid: one run", "CronJob", { spec: { schedule: "* * * * *", concurrencyPolicy: "Forbid" } }, "1 of 1"],
  ["Forbid in parallel", "CronJob", { spec: { concurrencyPolicy: "Forbid", job: { parallelism: 3 } } }, "3 of 3"],
  [
    "Replace: the last run terminates beside the next",
    "CronJob",
    { spec: { concurrencyPolicy: "Replace", job: { parallelism: 3 } } },
    "6 of 6",
  ],
  [
    "Replace of pods that are gone at once",
    "CronJob",
    { spec: { concurrencyPolicy: "Replace" }, pod: grace(0) },
    "1 of 1",
  ],
  ["Allow without a deadline", "CronJob", { spec: { schedule: "0 * * * *" } }, "1? of 1?"],
  [
    "Allow with a deadline below the interval",
    "CronJob",
    { spec: { schedule: "0 * * * *", job: { activeDeadlineSeconds: 3000 } } },
    "1 of 1",
  ],
  [
    "Allow with a deadline of the interval, and the grace period",
    "CronJob",
    { spec: { schedule: "0 * * * *", job: { activeDeadlineSeconds: 3590 } } },
    "2 of 2",
  ],
  [
    "Allow with a deadline of many intervals",
    "CronJob",
    { spec: { schedule: "*/5 * * * *", job: { activeDeadlineSeconds: 1770, parallelism: 2 } } },
    "14 of 14",
  ],
  [
    "Allow with a schedule that is none",
    "CronJob",
    { spec: { schedule: "often", job: { activeDeadlineSeconds: 60 } } },
    "1? of 1?",
  ],
  ["an unknown concurrency policy", "CronJob", { spec: { concurrencyPolicy: unknown } }, "1? of 1?"],
  ["KEDA's jobs", "ScaledJob", { spec: { maxReplicaCount: 5, job: { parallelism: 2 } } }, "10 of 10"],
  ["KEDA's jobs, 100 by default", "ScaledJob", {}, "100 of 100"],
  // Game servers.
  ["a fleet", "Fleet", { spec: { replicas: 4 } }, "4 of 8"],
  [
    "a fleet with its autoscaler",
    "Fleet",
    {
      spec: { replicas: 4 },
      beside: [scaler("FleetAutoscaler", { policy: { type: "Buffer", buffer: { maxReplicas: 10 } } })],
    },
    "10 of 20",
  ],
  [
    "a fleet that a webhook scales",
    "Fleet",
    { spec: { replicas: 4 }, beside: [scaler("FleetAutoscaler", { policy: { type: "Webhook" } })] },
    "4? of 8?",
  ],
  ["a fleet starts anew without waiting", "Fleet", { spec: { replicas: 4, strategy: { type: "Recreate" } } }, "4 of 8"],
  ["a game server by itself", "GameServer", {}, "1 of 1"],
  ["a build of game servers", "GameServerBuild", { spec: { max: 20, standingBy: 2 } }, "20 of 20"],
  ["a build without maximum", "GameServerBuild", {}, "0? of 0?"],
  [
    "Argo: canary like a Deployment",
    "Rollout",
    { spec: { replicas: 8, strategy: { canary: { maxSurge: 1, maxUnavailable: 0 } } }, pod: grace(0) },
    "8 of 9",
  ],
  ["Argo: blue and green", "Rollout", { spec: { replicas: 8, strategy: { blueGreen: {} } }, pod: grace(0) }, "8 of 16"],
  ["a kind that nobody knows", "Thing", {}, "0? of 0?"],
];

describe("reach of other kinds", () => {
  for (const [name, kind, parts, want] of cases) {
    it(`${kind}: ${name}`, () => {
      assert.equal(reach(kind, parts), want);
    });
  }
});

describe("shortestInterval", () => {
  for (const [schedule, minutes] of [
    ["0 * * * *", 60],
    ["17 3 * * *", 60],
    ["* * * * *", 1],
    ["*/5 * * * *", 5],
    ["*/7 * * * *", 4],
    ["0,30 * * * *", 30],
    ["0,5 * * * *", 5],
    ["50,10 * * * *", 20],
    ["10-12 * * * *", 1],
    ["10-30/10 * * * *", 10],
    ["55/2 * * * *", 2],
    ["? * * * *", 1],
    ["CRON_TZ=Europe/Berlin 0 4 * * *", 60],
    ["TZ=UTC 0 4 * * *", 60],
    ["@hourly", 60],
    ["@daily", 24 * 60],
  ] as const) {
    it(`of ${schedule} is ${minutes} minutes`, () => {
      assert.equal(shortestInterval(schedule), minutes * 60);
    });
  }

  it("is not known for what is no schedule", () => {
    for (const text of ["", "often", "* * * *", "60 * * * *", "5-1 * * * *", "*/0 * * * *", "a * * * *", "@every 5m"]) {
      assert.equal(shortestInterval(text), undefined, text);
    }
    assert.equal(shortestInterval(`${"1,".repeat(100_000)}1 * * * *`), undefined);
  });
});
