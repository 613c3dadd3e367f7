/** Monitoring of one region as plans: what runs in its two namespaces, and how large it has to be. */
import { podsAtPeak } from "../capacity/pods-at-peak.ts";
import { type SeriesPlan, seriesPlan } from "../capacity/series.ts";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import type { NetworkNode } from "../cluster/network-policies.ts";
import { agentsNamespace, type ClusterConfig } from "../config/cluster.ts";
import type { MonitoringConfig } from "../config/monitoring.ts";
import { poolNames, type RegionConfig } from "../config/regions.ts";
import { traceAgent } from "../kube/tracing.ts";
import { agentNode, agentObjects, agentSize } from "./agent/agent-plan.ts";
import { dashboardKeys } from "./dashboards/all.ts";
import { grafanaNode, grafanaPlan } from "./grafana-settings.ts";
import { lokiNode, planLoki } from "./logs/logs-plan.ts";
import { prometheusNodes } from "./nodes.ts";
import {
  alertmanagerName,
  blackboxName,
  planAlertmanager,
  planBlackbox,
  planDaemonSet,
  planKubeStateMetrics,
  planNodeExporter,
  planPrometheus,
  prometheusName,
  scrapeIntervalSeconds,
} from "./prometheus-plan.ts";
import { nodeExporterTarget } from "./scrapes.ts";
import { gatewayName, planGateway, planJaeger, tracingNodes } from "./tracing/tracing-plan.ts";
import type { ScrapeTarget, Watched } from "./watched.ts";

/** Monitoring of one region. */
export interface MonitoringPlan {
  namespace: string;
  agentsNamespace: string;
  /** What is watched, monitoring's own pods among it. */
  watched: Watched;
  series: SeriesPlan;
  /** What runs in the namespace, by part. */
  workloads: {
    prometheus: WorkloadPlan;
    alertmanager: WorkloadPlan;
    kubeStateMetrics: WorkloadPlan;
    blackbox: WorkloadPlan;
    grafana: WorkloadPlan;
    gateway: WorkloadPlan;
    jaeger: WorkloadPlan;
    /** Absent where logs go to a service of the user's own. */
    loki?: WorkloadPlan;
  };
  /** What runs on every node. */
  agents: { nodeExporter: WorkloadPlan; telemetry: WorkloadPlan };
  /** The network graphs of both namespaces. */
  nodes: readonly NetworkNode[];
  agentNodes: readonly NetworkNode[];
}

/** Arguments of `planMonitoring`. */
export interface MonitoringInput {
  config: MonitoringConfig;
  cluster: ClusterConfig;
  region: RegionConfig;
  /** What game, ads and stores hand over. */
  watched: Watched;
  /** Pods that there may be at one time beside those of monitoring. */
  pods: number;
}

const daySeconds = 86_400;

/** The plan of one region. */
export function planMonitoring({ config, cluster, region, watched, pods }: MonitoringInput): MonitoringPlan {
  const namespace = cluster.monitoringNamespace;
  const agents = agentsNamespace(cluster);
  const nodes = poolNames.reduce((whole, pool) => whole + region.pools[pool].maxNodes, 0);
  const { store } = config.logs;
  const fixed = {
    alertmanager: planAlertmanager(config.prometheus),
    kubeStateMetrics: planKubeStateMetrics(),
    blackbox: planBlackbox(),
    grafana: grafanaPlan(config.grafana, dashboardKeys(watched).length),
    gateway: planGateway(config.tracing),
    jaeger: planJaeger(config.tracing),
    ...(store.kind === "loki" ? { loki: planLoki(store) } : {}),
  };
  const onNodes = {
    nodeExporter: planNodeExporter(nodes),
    telemetry: planDaemonSet(traceAgent.name, { nodes, size: agentSize, objects: agentObjects }),
  };
  const agentNodes = [
    agentNode({
      namespace: agents,
      callers: watched.namespaces.filter((one) => one !== namespace && one !== agents),
      logs: config.logs,
      monitoringNamespace: namespace,
    }),
  ];
  const onEveryNode = targetsOf(agents, agentNodes, () => nodes);
  const graph = prometheusNodes({
    config,
    targets: [...watched.targets, ...onEveryNode],
    others: [
      grafanaNode(config),
      ...tracingNodes({ tracing: config.tracing, agentsNamespace: agents }),
      ...(store.kind === "loki" ? [lokiNode(agents)] : []),
    ],
    apiServerCidrs: region.apiServerCidrs,
    nodeCidrs: region.nodeCidrs,
    kedaNamespace: cluster.kedaNamespace,
  });
  // Pods of what is scraped here; the others are one each.
  const podsOf: Readonly<Record<string, number>> = {
    [prometheusName]: config.prometheus.replicas,
    [alertmanagerName]: fixed.alertmanager.maxReplicas,
    [gatewayName]: podsAtPeak(fixed.gateway).total,
    [blackboxName]: podsAtPeak(fixed.blackbox).total,
  };
  const targets = [
    ...watched.targets,
    ...targetsOf(namespace, graph, (name) => podsOf[name] ?? 1),
    ...onEveryNode,
    nodeExporterTarget(agents, nodes),
  ];
  const series = seriesPlan({
    scraped: targets.map((target) => ({
      pods: target.pods,
      intervals: target.scrapes.map(({ intervalSeconds = scrapeIntervalSeconds }) => intervalSeconds),
    })),
    nodes,
    pods,
    intervalSeconds: scrapeIntervalSeconds,
    retentionSeconds: config.prometheus.retentionDays * daySeconds,
  });
  return {
    namespace,
    agentsNamespace: agents,
    watched: { ...watched, targets },
    series,
    workloads: { prometheus: planPrometheus(config.prometheus, series), ...fixed },
    agents: onNodes,
    nodes: graph,
    agentNodes,
  };
}

function targetsOf(namespace: string, graph: readonly NetworkNode[], podsOf: (name: string) => number): ScrapeTarget[] {
  return graph
    .filter((node) => node.scrapes.length > 0)
    .map(({ name, selector, scrapes }) => ({ name, namespace, selector, scrapes, pods: podsOf(name) }));
}
