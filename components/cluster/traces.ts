/** Where workloads send their traces: to the collector's agent on their own node. */
import { agentsNamespace, type ClusterConfig } from "../config/cluster.ts";
import { traceAgent } from "../kube/tracing.ts";
import type { Call } from "./network-policies.ts";

/** The call of a workload to its agent. */
export function tracesCall(cluster: ClusterConfig): Call {
  const { name, ports } = traceAgent;
  return { to: "elsewhere", namespace: agentsNamespace(cluster), selector: { app: name }, ports: Object.values(ports) };
}
