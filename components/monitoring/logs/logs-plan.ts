/** Loki of a region as a plan: size, addresses, who calls it. */
import { type ContainerSize, podSize, type WorkloadPlan } from "../../capacity/workload-plan.ts";
import type { NetworkNode } from "../../cluster/network-policies.ts";
import type { MonitoringConfig } from "../../config/monitoring.ts";
import type { SelectorLabels } from "../../kube/labels.ts";
import { bytes } from "../../kube/quantities.ts";
import { tolerationSeconds } from "../../workload/service-plan.ts";
import { lokiPorts } from "./loki-config.ts";

/** Name of the StatefulSet, its Service, its node in the network graph, and the label `app` of its pod. */
export const lokiName = "loki";

/** Label of the pod. Immutable. */
export const lokiSelector: SelectorLabels = { app: lokiName };

/** Address of Loki. */
export function lokiUrl(namespace: string): string {
  return `http://${lokiName}.${namespace}.svc:${lokiPorts.http}`;
}

/** Where logs are kept, when that is Loki. */
export type LokiStore = Extract<MonitoringConfig["logs"]["store"], { kind: "loki" }>;

/** Size of Loki: 1.5 MiB for each of some hundred streams, half a gigabyte of log to replay, queries (judgement). */
export const lokiSize: ContainerSize = {
  requests: { cpu: "250m", memory: "1Gi" },
  limits: { cpu: "1", memory: "2Gi" },
};

/** One Loki; its index and chunks are files, which one process may write. */
export function planLoki(store: LokiStore): WorkloadPlan {
  return {
    name: lokiName,
    kind: "StatefulSet",
    pool: "services",
    minReplicas: 1,
    maxReplicas: 1,
    surgePods: 0,
    // What is in memory is written to the volume. Killed before that, it reads its log at the next start.
    graceSeconds: 60,
    minReadySeconds: 5,
    // 15 s in the ring before it takes lines (Loki, ingester `min_ready_duration`), and its log.
    bootSeconds: 30,
    tolerationSeconds: tolerationSeconds.withVolume,
    pod: podSize([lokiSize]),
    claimBytes: bytes(store.diskSize),
    objects: { services: 1, configMaps: 1, secrets: 0 },
  };
}

/** Loki as a node of the network graph; agents call it from their own namespace. */
export function lokiNode(agentsNamespace: string): NetworkNode {
  return {
    name: lokiName,
    selector: lokiSelector,
    calls: [],
    publicPorts: [],
    scrapes: [{ port: lokiPorts.http }],
    foreignCallers: [{ namespace: agentsNamespace, ports: [lokiPorts.http] }],
  };
}
