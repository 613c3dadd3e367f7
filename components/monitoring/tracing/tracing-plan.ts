/** Gateway and Jaeger of a region as plans: sizes, addresses, who calls whom. */
import { type ContainerSize, podSize, type WorkloadPlan } from "../../capacity/workload-plan.ts";
import type { Call, NetworkNode } from "../../cluster/network-policies.ts";
import type { MonitoringConfig } from "../../config/monitoring.ts";
import type { SelectorLabels } from "../../kube/labels.ts";
import { bytes } from "../../kube/quantities.ts";
import { tolerationSeconds } from "../../workload/service-plan.ts";
import { collectorPorts } from "../collector.ts";
import { decisionSeconds } from "./gateway-config.ts";
import { jaegerPorts } from "./jaeger-config.ts";

/** Names of the workloads, which are also the labels `app` of their pods and the nodes of the network graph. */
export const gatewayName = "otel-gateway";
export const jaegerName = "jaeger";

/** Services of Jaeger: where spans go to, and where people and Grafana read them. */
export const jaegerServices = { collector: "jaeger-collector", query: "jaeger-query" } as const;

/** Labels of the pods. Immutable. */
export const gatewaySelector: SelectorLabels = { app: gatewayName };
export const jaegerSelector: SelectorLabels = { app: jaegerName };

/** Host under which all pods of the gateway are found. */
export function gatewayHost(namespace: string): string {
  return `${gatewayName}.${namespace}.svc`;
}

/** Address of Jaeger's query service. */
export function jaegerQueryUrl(namespace: string): string {
  return `http://${jaegerServices.query}.${namespace}.svc:${jaegerPorts.query}`;
}

/** Size of a gateway: 50,000 undecided traces, and as much again (judgement; measure yours). */
export const gatewaySize: ContainerSize = {
  requests: { cpu: "250m", memory: "512Mi" },
  limits: { cpu: "1", memory: "1Gi" },
};

/**
 * Size of Jaeger. The original's 100m and 256Mi to 200m and 512Mi are too small for badger, which may hold five tables of
 * 64 MiB and 256 MiB of blocks in memory (badger v4, `DefaultOptions`). Measured with 300,000 spans of 12 attributes in a
 * row: 0.97 GiB at most, and one core for 15,000 spans a second.
 */
export const jaegerSize: ContainerSize = {
  requests: { cpu: "250m", memory: "1Gi" },
  limits: { cpu: "1", memory: "2Gi" },
};

/** The gateway: two, so that a node may be drained; one more during a rollout. */
export function planGateway(tracing: MonitoringConfig["tracing"]): WorkloadPlan {
  return {
    name: gatewayName,
    kind: "Deployment",
    pool: "services",
    minReplicas: 2,
    maxReplicas: 2,
    surgePods: 1,
    // What is undecided is decided when it stops, with what is there; then it is sent.
    graceSeconds: 30,
    // Agents ask DNS every 5 s. Until all know the new gateway, a trace may be in two of them.
    minReadySeconds: decisionSeconds(tracing),
    bootSeconds: 5,
    tolerationSeconds: tolerationSeconds.stateless,
    pod: podSize([gatewaySize]),
    objects: { services: 1, configMaps: 1, secrets: 0 },
  };
}

/** Jaeger: one, since badger belongs to one process. A StatefulSet with a volume, or a Deployment before your cluster. */
export function planJaeger({ storage }: MonitoringConfig["tracing"]): WorkloadPlan {
  return {
    name: jaegerName,
    kind: storage.kind === "volume" ? "StatefulSet" : "Deployment",
    pool: "services",
    minReplicas: 1,
    maxReplicas: 1,
    surgePods: storage.kind === "volume" ? 0 : 1,
    // Badger writes its tables: 19 s after the 300,000 spans above.
    graceSeconds: 60,
    minReadySeconds: 5,
    // Badger reads its log first (judgement).
    bootSeconds: 15,
    tolerationSeconds: storage.kind === "volume" ? tolerationSeconds.withVolume : tolerationSeconds.stateless,
    pod: podSize([jaegerSize]),
    ...(storage.kind === "volume" ? { claimBytes: bytes(storage.diskSize) } : {}),
    objects: { services: 2, configMaps: 1, secrets: 0 },
  };
}

/** An HTTPS address on its usual port is on the internet; for any other, a network policy of yours is needed. */
export function outside(url: string): Call[] {
  const { protocol, port } = new URL(url);
  return protocol === "https:" && port === "" ? [{ to: "internet" }] : [];
}

/** Gateway and Jaeger as nodes of the network graph. The UI has no login: who may reach it must call it in the graph. */
export function tracingNodes(args: { tracing: MonitoringConfig["tracing"]; agentsNamespace: string }): NetworkNode[] {
  const { storage } = args.tracing;
  return [
    {
      name: gatewayName,
      selector: gatewaySelector,
      calls: [{ to: jaegerName, ports: [jaegerPorts.grpc] }],
      publicPorts: [],
      scrapes: [{ port: collectorPorts.metrics }],
      foreignCallers: [{ namespace: args.agentsNamespace, ports: [collectorPorts.grpc] }],
    },
    {
      name: jaegerName,
      selector: jaegerSelector,
      calls: storage.kind === "volume" ? [] : outside(storage.url),
      publicPorts: [],
      scrapes: [{ port: jaegerPorts.metrics }],
    },
  ];
}
