/** Where workloads send their traces: to the collector's agent on their own node. */
import { agentsNamespace, type ClusterConfig } from "../config/cluster.ts";
import type { Call } from "./network-policies.ts";

/** The agent as its callers see it: Service and label `app` of its pods, and the ports of OTLP. */
export const traceAgent = { name: "otel-agent", ports: { grpc: 4317, http: 4318 } } as const;

/** The call of a workload to its agent. */
export function tracesCall(cluster: ClusterConfig): Call {
  const { name, ports } = traceAgent;
  return { to: "elsewhere", namespace: agentsNamespace(cluster), selector: { app: name }, ports: Object.values(ports) };
}
