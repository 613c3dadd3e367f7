/** Prometheus, Alertmanager and the exporters of a cluster as plans: names, sizes, who they call. */
import { limitRange } from "../capacity/quota.ts";
import type { SeriesPlan } from "../capacity/series.ts";
import { type ContainerSize, podSize, type WorkloadPlan } from "../capacity/workload-plan.ts";
import type { MonitoringConfig } from "../config/monitoring.ts";
import { bytes, formatBytes, formatCpu } from "../kube/quantities.ts";
import { tolerationSeconds } from "../workload/service-plan.ts";

/** Label `app` of the pods, name of the network policy, and value of the label `service` of their own metrics. */
export const prometheusName = "prometheus";
export const alertmanagerName = "alertmanager";
export const kubeStateMetricsName = "kube-state-metrics";
export const blackboxName = "blackbox-exporter";
export const nodeExporterName = "node-exporter";

/** Label `app.kubernetes.io/part-of` of everything of monitoring. */
export const monitoringPartOf = "realmgrid-monitoring";

/** Name of the Prometheus and of the Alertmanager object; the operator's StatefulSets are `prometheus-<name>`. */
export const operatedName = "realmgrid";

/** Ports that pods listen on. */
export const monitoringPorts = {
  prometheus: 9090,
  alertmanager: 9093,
  /** Between Alertmanagers, TCP and UDP. */
  alertmanagerPeers: 9094,
  /** The operator's program beside both. */
  reloader: 8080,
  kubeStateMetrics: 8080,
  kubeStateMetricsOwn: 8081,
  blackbox: 9115,
  nodeExporter: 9100,
  kubelet: 10250,
} as const;

/** Seconds between two scrapes and two evaluations (both original designs). */
export const scrapeIntervalSeconds = 15;

/** Size of the operator's program beside Prometheus and Alertmanager, which loads rules anew (its default is unlimited). */
export const reloaderSize: ContainerSize = {
  requests: { cpu: "50m", memory: "128Mi" },
  limits: { cpu: "200m", memory: "128Mi" },
};

/** Alertmanager holds the alerts that fire; a few megabytes (judgement). */
export const alertmanagerSize: ContainerSize = {
  requests: { cpu: "50m", memory: "128Mi" },
  limits: { cpu: "200m", memory: "256Mi" },
};

/** kube-state-metrics: 2 KiB for each series and what its watches hold (judgement; measure yours). */
export const kubeStateMetricsSize: ContainerSize = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "500m", memory: "1Gi" },
};

/** The smallest pod that the namespaces' limit range allows. */
export const smallExporterSize: ContainerSize = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "200m", memory: "256Mi" },
};

/** Size of Alertmanager's volume: silences, and what was told to whom. */
export const alertmanagerDisk = "1Gi";

/** Size of a Prometheus: memory from its series, half a CPU for queries and one for each 50,000 samples a second (judgement). */
export function prometheusSize({ memoryBytes, samplesPerSecond }: SeriesPlan): ContainerSize {
  const millis = Math.ceil((500 + samplesPerSecond / 50) / 100) * 100;
  // Twice the request, or what a container of the namespace may have; an API server refuses a request above its limit.
  const most = Math.min(memoryBytes * 2, bytes(limitRange.container.max.memory));
  return {
    requests: { cpu: `${millis}m`, memory: formatBytes(memoryBytes) },
    limits: { cpu: formatCpu(Math.max(2000, millis)), memory: formatBytes(Math.max(memoryBytes, most)) },
  };
}

/** The volume of a Prometheus: what the configuration says, else what the series need. */
export function prometheusDisk(config: MonitoringConfig["prometheus"], series: SeriesPlan): string {
  return config.diskSize ?? formatBytes(series.diskBytes);
}

const noObjects = { services: 0, configMaps: 0, secrets: 0 } as const;

/** Prometheus: a StatefulSet of the operator's, with its governing Service, rules and settings. */
export function planPrometheus(config: MonitoringConfig["prometheus"], series: SeriesPlan): WorkloadPlan {
  return {
    name: `prometheus-${operatedName}`,
    kind: "StatefulSet",
    pool: "services",
    minReplicas: config.replicas,
    maxReplicas: config.replicas,
    surgePods: 0,
    // The operator's: the head block is written to the volume.
    graceSeconds: 600,
    minReadySeconds: 0,
    // The write-ahead log of two hours is read first.
    bootSeconds: 60,
    tolerationSeconds: tolerationSeconds.withVolume,
    pod: podSize([prometheusSize(series), reloaderSize], [reloaderSize]),
    claimBytes: bytes(prometheusDisk(config, series)),
    // The operator's: `prometheus-operated`; the rule files; settings, assets of TLS, settings of its own web server and of
    // a Thanos that is not there.
    objects: { services: 1, configMaps: 1, secrets: 4 },
  };
}

/** Alertmanager: a StatefulSet of the operator's. Three of them agree on what was told, or one. */
export function planAlertmanager(config: MonitoringConfig["prometheus"]): WorkloadPlan {
  const replicas = config.replicas === 1 ? 1 : 3;
  return {
    name: `alertmanager-${operatedName}`,
    kind: "StatefulSet",
    pool: "services",
    minReplicas: replicas,
    maxReplicas: replicas,
    surgePods: 0,
    graceSeconds: 120,
    minReadySeconds: 0,
    bootSeconds: 10,
    tolerationSeconds: tolerationSeconds.withVolume,
    pod: podSize([alertmanagerSize, reloaderSize], [reloaderSize]),
    claimBytes: bytes(alertmanagerDisk),
    // The operator's: `alertmanager-operated`; what it generates, assets of TLS, web server, cluster. Ours: the settings.
    objects: { services: 1, configMaps: 0, secrets: 5 },
  };
}

function planExporter(name: string, replicas: number, exporter: Pick<WorkloadPlan, "pod" | "objects">): WorkloadPlan {
  return {
    name,
    kind: "Deployment",
    pool: "services",
    minReplicas: replicas,
    maxReplicas: replicas,
    // One that must be alone is stopped before its successor starts.
    surgePods: replicas === 1 ? 0 : 1,
    graceSeconds: 30,
    minReadySeconds: replicas === 1 ? 0 : 10,
    bootSeconds: 20,
    tolerationSeconds: tolerationSeconds.stateless,
    ...exporter,
  };
}

/** What Kubernetes itself knows of its objects. One: two would count everything twice. */
export function planKubeStateMetrics(): WorkloadPlan {
  return planExporter(kubeStateMetricsName, 1, { pod: podSize([kubeStateMetricsSize]), objects: noObjects });
}

/** Asks public addresses from inside; either of the two may be asked to. */
export function planBlackbox(): WorkloadPlan {
  const objects = { ...noObjects, services: 1, configMaps: 1 };
  return planExporter(blackboxName, 2, { pod: podSize([smallExporterSize]), objects });
}

/** A DaemonSet on every node of the cluster. Nodes keep room for it (`cluster.nodeReserved`). */
export function planDaemonSet(
  name: string,
  args: { nodes: number; size: ContainerSize; objects: WorkloadPlan["objects"] },
): WorkloadPlan {
  return {
    name,
    kind: "DaemonSet",
    pool: "services",
    minReplicas: args.nodes,
    maxReplicas: args.nodes,
    surgePods: 0,
    graceSeconds: 30,
    minReadySeconds: 0,
    bootSeconds: 5,
    tolerationSeconds: tolerationSeconds.stateless,
    pod: podSize([args.size]),
    objects: args.objects,
  };
}

/** node-exporter on every node. */
export function planNodeExporter(nodes: number): WorkloadPlan {
  return planDaemonSet(nodeExporterName, { nodes, size: smallExporterSize, objects: noObjects });
}
