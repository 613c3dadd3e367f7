/** How long a workload takes to come back after each kind of failure, as a sum whose terms are shown. */
import type { WorkloadPlan } from "./workload-plan.ts";

/** Terms that Kubernetes sets, in seconds. */
export const kubernetesTerms = {
  /** kube-controller-manager --node-monitor-grace-period (kubernetes/kubernetes#126287). */
  nodeMonitorGrace: 50,
  /** Seconds between two nodes that get the NoExecute taint: --node-eviction-rate 0.1 (kubernetes/kubernetes#131182). */
  evictionInterval: 10,
  /** Watch, schedule, start of a container whose image is on the node (judgement, measured in the lab). */
  schedule: 5,
  /** Pods of a deleted node are collected every 20 s after 40 s of quarantine (podgc controller). */
  orphanCollection: 60,
  /** Attaching a block volume to another node (judgement; the cloud decides). */
  attach: 30,
} as const;

/** Failures of the recovery table. */
export const failures = [
  "process exits",
  "process hangs",
  "pod deleted",
  "node deleted",
  "node hangs",
  "zone lost",
  "bad image",
] as const;

/** One of `failures`. */
export type Failure = (typeof failures)[number];

/** Time to the last pod that is back; `seconds` is absent where a person has to act. */
export interface Recovery {
  failure: Failure;
  seconds?: number;
  /** The terms of the sum, or what a person has to do. */
  terms: string;
}

/** What the arithmetic needs besides the plan. */
export interface RecoveryContext {
  /** Nodes of the workload's pool in one zone, at the pool's maximum. */
  nodesPerZone: number;
  zones: number;
  /** True when a volume cannot leave its zone. */
  zonalVolumes: boolean;
  /** Seconds until a hung process is seen, and the grace that it then gets. */
  hungDetectionSeconds: number;
  hungGraceSeconds: number;
}

function total(failure: Failure, parts: readonly [string, number][]): Recovery {
  return {
    failure,
    seconds: parts.reduce((whole, [, seconds]) => whole + seconds, 0),
    terms: parts.map(([what, seconds]) => `${what} ${seconds}`).join(" + "),
  };
}

/** The recovery table of one workload. */
export function recoveries(plan: WorkloadPlan, context: RecoveryContext): Recovery[] {
  const { nodeMonitorGrace, evictionInterval, schedule, orphanCollection, attach } = kubernetesTerms;
  const stateful = plan.claimBytes !== undefined;
  const boot: [string, number] = ["boot", plan.bootSeconds];
  const place: [string, number][] = stateful
    ? [["schedule", schedule], ["attach", attach], boot]
    : [["schedule", schedule], boot];
  const lost = Math.max(1, context.nodesPerZone);
  const unseen: [string, number] = ["node monitor", nodeMonitorGrace];
  const tolerated: [string, number] = ["toleration", plan.tolerationSeconds];
  const hung: Recovery = stateful
    ? { failure: "node hangs", terms: "a person deletes the node or marks it out of service: two writers are worse" }
    : total("node hangs", [unseen, tolerated, ...place]);
  const zone: Recovery =
    context.zones < 2
      ? { failure: "zone lost", terms: "one zone only: the region is gone" }
      : stateful && context.zonalVolumes
        ? { failure: "zone lost", terms: "volumes stay in their zone: wait for it, or restore from a snapshot" }
        : stateful
          ? { failure: "zone lost", terms: "a person marks the nodes out of service" }
          : total("zone lost", [unseen, ["eviction rate", evictionInterval * (lost - 1)], tolerated, ...place]);
  const bad: Recovery = stateful
    ? total("bad image", [
        ["1 world of each group, after the good image is applied: stop", plan.graceSeconds],
        ...place,
      ])
    : { failure: "bad image", seconds: 0, terms: "old pods serve on: maxUnavailable 0" };
  return [
    total("process exits", [boot]),
    total("process hangs", [["liveness", context.hungDetectionSeconds], ["stop", context.hungGraceSeconds], boot]),
    total("pod deleted", stateful ? [["drain, at most", plan.graceSeconds], ...place] : place),
    total("node deleted", [["orphan collection", orphanCollection], ...place]),
    hung,
    zone,
    bad,
  ];
}
