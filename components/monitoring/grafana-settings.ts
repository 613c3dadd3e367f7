/** Grafana as plain data: its plan, its place in the network, its settings, and what it provisions itself with. */
import { stringify } from "yaml";
import { type ContainerSize, podSize, type WorkloadPlan } from "../capacity/workload-plan.ts";
import type { NetworkNode } from "../cluster/network-policies.ts";
import type { MonitoringConfig } from "../config/monitoring.ts";
import { bytes } from "../kube/quantities.ts";
import { tolerationSeconds } from "../workload/service-plan.ts";
import { dashboardUid } from "./dashboards/keys.ts";
import { dataSources } from "./dashboards/panel.ts";
import { lokiName } from "./logs/logs-plan.ts";
import { lokiPorts } from "./logs/loki-config.ts";
import { alertmanagerName, monitoringPorts, prometheusName, scrapeIntervalSeconds } from "./prometheus-plan.ts";
import { jaegerPorts } from "./tracing/jaeger-config.ts";
import { jaegerName } from "./tracing/tracing-plan.ts";

/** Name of the StatefulSet, its Service and its account, and label `app` of its pod. */
export const grafanaName = "grafana";

/** Port of pages, API and metrics. */
export const grafanaPort = 3000;

/** Names of objects that the pod refers to. */
export const grafanaNames = { settings: "grafana-settings", secret: "grafana-admin" } as const;

/** Keys of the Secret. */
export const grafanaSecretKeys = {
  user: "admin-user",
  password: "admin-password",
  /** Encrypts what people save with their data sources; it never changes. */
  encryption: "secret-key",
} as const;

/** Folders in the container. Dashboards have one of their own: below a link Grafana would take each update for new files. */
export const grafanaFolders = {
  settings: "/etc/grafana",
  provisioning: "/etc/grafana/provisioning",
  dashboards: "/etc/grafana-dashboards",
  data: "/var/lib/grafana",
} as const;

/** A server and three plugins of some 40 MB each (judgement; measure yours). */
export const grafanaSize: ContainerSize = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "1", memory: "512Mi" },
};

/** Grafana: one pod, since its database is a file on its volume. `dashboards`: how many the region has. */
export function grafanaPlan(grafana: MonitoringConfig["grafana"], dashboards: number): WorkloadPlan {
  return {
    name: grafanaName,
    kind: "StatefulSet",
    pool: "services",
    minReplicas: 1,
    maxReplicas: 1,
    surgePods: 0,
    graceSeconds: 30,
    minReadySeconds: 0,
    bootSeconds: 30,
    tolerationSeconds: tolerationSeconds.withVolume,
    pod: podSize([grafanaSize]),
    claimBytes: bytes(grafana.diskSize),
    // Settings, and a ConfigMap for each dashboard.
    objects: { services: 1, configMaps: 1 + dashboards, secrets: 1 },
  };
}

/** Grafana as a node of the network graph: it calls what it shows, and nothing outside. */
export function grafanaNode(config: MonitoringConfig): NetworkNode {
  return {
    name: grafanaName,
    selector: { app: grafanaName },
    calls: [
      { to: prometheusName, ports: [monitoringPorts.prometheus] },
      { to: alertmanagerName, ports: [monitoringPorts.alertmanager] },
      { to: jaegerName, ports: [jaegerPorts.query] },
      ...(config.logs.store.kind === "loki" ? [{ to: lokiName, ports: [lokiPorts.http] }] : []),
    ],
    publicPorts: [],
    scrapes: [{ port: grafanaPort }],
  };
}

/** Plugins that are in the image and that nothing here asks: each would be a process of its own. */
const unusedPlugins = [
  "cloudwatch",
  "elasticsearch",
  "grafana-postgresql-datasource",
  "grafana-pyroscope-datasource",
  "influxdb",
  "mssql",
  "mysql",
  "opentsdb",
  "stackdriver",
  "tempo",
  "zipkin",
];

/** Sections of `grafana.ini`. No secret is here: user, password and key come from the Secret. */
const sections: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>> = {
  server: { http_port: grafanaPort },
  paths: { data: grafanaFolders.data, provisioning: grafanaFolders.provisioning },
  log: { mode: "console" },
  "log.console": { format: "json" },
  "auth.anonymous": { enabled: false },
  users: { allow_sign_up: false },
  security: { disable_gravatar: true },
  analytics: {
    reporting_enabled: false,
    check_for_updates: false,
    check_for_plugin_updates: false,
    feedback_links_enabled: false,
  },
  news: { news_feed_enabled: false },
  snapshots: { external_enabled: false },
  public_dashboards: { enabled: false },
  metrics: { enabled: true },
  // Alertmanager tells people. Rules in Grafana would be a second place to look for them.
  unified_alerting: { enabled: false },
  plugins: {
    // The sources of Prometheus, Jaeger and Loki are plugins in the image. With this off Grafana would bring them up to
    // date at its start: it stops them, cannot remove their read-only files, and has no data source any more
    // (grafana-community/helm-charts#787).
    preinstall_disabled: true,
    plugin_admin_enabled: false,
    public_key_retrieval_disabled: true,
    disable_plugins: unusedPlugins.join(","),
  },
  dashboards: { default_home_dashboard_path: `${grafanaFolders.dashboards}/${dashboardUid("fleet")}.json` },
};

/** `grafana.ini`. */
export function grafanaIni(): string {
  return Object.entries(sections)
    .map(([section, values]) =>
      [`[${section}]`, ...Object.entries(values).map(([key, value]) => `${key} = ${value}`), ""].join("\n"),
    )
    .join("\n");
}

/** Where the data sources are, each an `http://` URL. */
export interface DataSourceAddresses {
  prometheus: string;
  alertmanager: string;
  jaeger: string;
  /** Absent where logs go to a service of the user's own. */
  loki?: string;
}

/** Grafana puts variables of the environment in place of `$NAME`; two of them are one. */
const dollar = "$$";

/** Provisioned data sources; traces, logs and exemplars lead to each other by the id of the trace. */
export function dataSourcesFile({ prometheus, alertmanager, jaeger, loki }: DataSourceAddresses): string {
  const common = { access: "proxy", orgId: 1, editable: false };
  const trace = { datasourceUid: dataSources.jaeger.uid, urlDisplayLabel: "Trace" };
  const toLogs = {
    datasourceUid: dataSources.loki.uid,
    spanStartTimeShift: "-5m",
    spanEndTimeShift: "5m",
    // A span names its row and a line its workload, so the id of the trace finds the lines; the label narrows the search.
    tags: [{ key: "game.region", value: "game_region" }],
    customQuery: true,
    query: `{${dollar}{__tags}} | trace_id = "${dollar}{__trace.traceId}"`,
  };
  const sources = [
    {
      name: "Prometheus",
      ...dataSources.prometheus,
      ...common,
      url: prometheus,
      isDefault: true,
      jsonData: {
        httpMethod: "POST",
        prometheusType: "Prometheus",
        timeInterval: `${scrapeIntervalSeconds}s`,
        exemplarTraceIdDestinations: [{ name: "trace_id", ...trace }],
      },
    },
    {
      name: "Alertmanager",
      ...dataSources.alertmanager,
      ...common,
      url: alertmanager,
      jsonData: { implementation: "prometheus", handleGrafanaManagedAlerts: false },
    },
    {
      name: "Jaeger",
      ...dataSources.jaeger,
      ...common,
      url: jaeger,
      jsonData: loki === undefined ? {} : { tracesToLogsV2: toLogs },
    },
    ...(loki === undefined
      ? []
      : [
          {
            name: "Loki",
            ...dataSources.loki,
            ...common,
            url: loki,
            jsonData: {
              derivedFields: [
                {
                  name: "trace_id",
                  matcherType: "label",
                  matcherRegex: "trace_id",
                  url: `${dollar}{__value.raw}`,
                  ...trace,
                },
              ],
            },
          },
        ]),
  ];
  // What is no longer here is removed from Grafana.
  return stringify({ apiVersion: 1, prune: true, datasources: sources });
}

/** Where Grafana finds dashboards. It looks again twice a minute, so that a changed one needs no restart. */
export function providersFile(): string {
  return stringify({
    apiVersion: 1,
    providers: [
      {
        name: "realmgrid",
        orgId: 1,
        folder: "Realmgrid",
        folderUid: "realmgrid",
        type: "file",
        disableDeletion: false,
        allowUiUpdates: false,
        updateIntervalSeconds: 30,
        options: { path: grafanaFolders.dashboards },
      },
    ],
  });
}
