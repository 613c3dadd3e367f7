/** Monitoring: metrics, alerts, dashboards, traces and logs of one region. */
import * as pulumi from "@pulumi/pulumi";
import { createNetworkPolicies } from "../cluster/network-policies.ts";
import type { RegionConfig } from "../config/regions.ts";
import type { Config } from "../config/schema.ts";
import { labels as commonLabels } from "../kube/labels.ts";
import type { OperatedPool } from "../workload/placement.ts";
import { TelemetryAgent } from "./agent/agent.ts";
import { allDashboards } from "./dashboards/all.ts";
import { Exporters } from "./exporters.ts";
import { Grafana } from "./grafana.ts";
import { grafanaName } from "./grafana-settings.ts";
import { Logs } from "./logs/logs.ts";
import { lokiUrl } from "./logs/logs-plan.ts";
import { createNodeExporter } from "./node-exporter.ts";
import type { MonitoringPlan } from "./plan.ts";
import { Prometheus } from "./prometheus.ts";
import { monitoringPartOf, monitoringPorts } from "./prometheus-plan.ts";
import { rulesOf } from "./rules.ts";
import { createScrapes } from "./scrapes.ts";
import { Tracing } from "./tracing/tracing.ts";
import { gatewayHost, jaegerQueryUrl } from "./tracing/tracing-plan.ts";

/** Arguments of `Monitoring`. */
export interface MonitoringArgs {
  config: Config;
  regionName: string;
  region: RegionConfig;
  plan: MonitoringPlan;
}

/** Prometheus, Alertmanager, exporters, Grafana, and the network between them. */
export class Monitoring extends pulumi.ComponentResource {
  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:monitoring:Monitoring", name, {}, opts);
    const { config, regionName, region, plan } = args;
    const { namespace, workloads, watched } = plan;
    const { monitoring, cluster } = config;
    const child = { parent: this };
    const labels = { "app.kubernetes.io/part-of": monitoringPartOf, "app.kubernetes.io/managed-by": "realmgrid" };
    const placement = {
      pool: { name: "services", dedicated: region.pools.services.dedicated },
      storageClass: cluster.storageClass.name,
    } as const;
    const { monitoringNamespace, gatewayNamespace } = cluster;
    for (const [space, nodes] of [
      [namespace, plan.nodes],
      [plan.agentsNamespace, plan.agentNodes],
    ] as const) {
      createNetworkPolicies(name, { namespace: space, labels, nodes, gatewayNamespace, monitoringNamespace }, child);
    }
    new Prometheus(
      `${name}-prometheus`,
      {
        ...placement,
        config: monitoring,
        regionName,
        namespace,
        labels,
        plans: workloads,
        series: plan.series,
        rules: rulesOf(watched, plan.series.series),
        quietNamespaces: watched.quietNamespaces,
      },
      child,
    );
    createScrapes(name, { namespace, labels, targets: watched.targets, probes: watched.probes }, child);
    new Exporters(`${name}-exporters`, { namespace, labels, plans: workloads, pool: placement.pool }, child);
    createNodeExporter(
      `${name}-node-exporter`,
      { namespace: plan.agentsNamespace, plan: plan.agents.nodeExporter },
      child,
    );
    const selector = { app: grafanaName };
    const inside = (service: string, port: number) => `http://${service}.${namespace}.svc:${port}`;
    new Grafana(
      `${name}-grafana`,
      {
        ...placement,
        namespace,
        selector,
        labels: commonLabels(selector, { component: "dashboards", partOf: monitoringPartOf }),
        plan: workloads.grafana,
        config: monitoring.grafana,
        dataSources: {
          prometheus: inside("prometheus-operated", monitoringPorts.prometheus),
          alertmanager: inside("alertmanager-operated", monitoringPorts.alertmanager),
          jaeger: jaegerQueryUrl(namespace),
          ...(workloads.loki === undefined ? {} : { loki: lokiUrl(namespace) }),
        },
        dashboards: allDashboards(watched),
        protectData: cluster.protectData,
      },
      child,
    );
    this.createTelemetry(name, args, placement);
    this.registerOutputs({});
  }

  /** Traces and logs: agents on the nodes, the gateway, Jaeger and Loki. */
  private createTelemetry(
    name: string,
    { config, regionName, plan }: MonitoringArgs,
    placement: { pool: OperatedPool; storageClass: string },
  ): void {
    const { namespace, agentsNamespace, workloads, watched } = plan;
    const { tracing, logs } = config.monitoring;
    const child = { parent: this };
    const common = { ...placement, namespace, protectData: config.cluster.protectData };
    new Tracing(`${name}-tracing`, { ...common, tracing, plans: workloads }, child);
    const { store } = logs;
    if (store.kind === "loki" && workloads.loki !== undefined) {
      new Logs(`${name}-logs`, { ...common, store, keepDays: logs.keepDays, plan: workloads.loki }, child);
    }
    new TelemetryAgent(
      `${name}-telemetry`,
      {
        plan: plan.agents.telemetry,
        region: regionName,
        agentsNamespace,
        gatewayHost: gatewayHost(namespace),
        lokiUrl: lokiUrl(namespace),
        logs,
        gameNamespace: watched.game.namespace,
        worlds: watched.game.worlds.map(({ statefulSet }) => statefulSet),
      },
      child,
    );
  }
}
