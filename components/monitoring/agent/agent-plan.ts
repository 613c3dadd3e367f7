/** The agent of every node: size, address, who calls whom. */
import type { ContainerSize } from "../../capacity/workload-plan.ts";
import type { Call, NetworkNode } from "../../cluster/network-policies.ts";
import type { MonitoringConfig } from "../../config/monitoring.ts";
import type { SelectorLabels } from "../../kube/labels.ts";
import { traceAgent } from "../../kube/tracing.ts";
import { collectorPorts } from "../collector.ts";
import { lokiSelector } from "../logs/logs-plan.ts";
import { lokiPorts } from "../logs/loki-config.ts";
import { gatewaySelector, outside } from "../tracing/tracing-plan.ts";

/** Label of the pods. Immutable. */
export const agentSelector: SelectorLabels = { app: traceAgent.name };

/**
 * Size of an agent. Measured with the shipped configuration, 40,000 lines at once: 79 MiB at most, 0.2 ms of one core for a
 * line of 330 bytes of JSON and 0.12 ms for one of 250 bytes of text; so 500m are enough for 2,400 lines a second. Traces
 * that wait for a gateway come on top.
 */
export const agentSize: ContainerSize = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "500m", memory: "512Mi" },
};

/** What comes with the agent in its namespace. */
export const agentObjects = { services: 1, configMaps: 1, secrets: 1 } as const;

/** The agent as a node of the network graph of its own namespace. */
export function agentNode(args: {
  namespace: string;
  /** Namespaces whose workloads send traces. */
  callers: readonly string[];
  logs: Pick<MonitoringConfig["logs"], "store">;
  monitoringNamespace: string;
}): NetworkNode {
  const { store } = args.logs;
  const there = (selector: SelectorLabels, port: number): Call => ({
    to: "elsewhere",
    namespace: args.monitoringNamespace,
    selector,
    ports: [port],
  });
  return {
    name: traceAgent.name,
    selector: agentSelector,
    calls: [
      there(gatewaySelector, collectorPorts.grpc),
      ...(store.kind === "loki" ? [there(lokiSelector, lokiPorts.http)] : outside(store.endpoint)),
    ],
    publicPorts: [],
    scrapes: [{ port: collectorPorts.metrics }],
    foreignCallers: args.callers.map((namespace) => ({ namespace, ports: Object.values(traceAgent.ports) })),
  };
}
