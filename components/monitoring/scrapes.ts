/** What Prometheus scrapes, as objects of its operator: each pod once, with the labels that rules and dashboards rely on. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { blackboxName, kubeStateMetricsName, monitoringPorts, nodeExporterName } from "./prometheus-plan.ts";
import type { ScrapeTarget } from "./watched.ts";

/** A target, and how its pages differ from the usual. */
export interface Scraped extends ScrapeTarget {
  /** Its series speak of other objects, so their own labels namespace, pod and container hold. */
  honorLabels?: boolean;
}

/** Where the objects of the operator go, and the labels by which Prometheus finds them. */
export interface ScrapesArgs {
  namespace: string;
  labels: Record<string, string>;
}

function seconds(interval: number | undefined): { interval?: string; scrapeTimeout?: string } {
  if (interval === undefined) return {};
  return { interval: `${interval}s`, scrapeTimeout: `${Math.max(1, interval - 1)}s` };
}

/** Name of the PodMonitor of a target: two namespaces may have a `redis` each. */
export function podMonitorName({ namespace, name }: Pick<ScrapeTarget, "namespace" | "name">): string {
  return `${namespace}-${name}`;
}

/** `spec` of the PodMonitor of a target. `service` is the name of the row: what alerts and dashboards group by. */
export function podMonitorSpec(target: Scraped) {
  return {
    namespaceSelector: { matchNames: [target.namespace] },
    selector: { matchLabels: { ...target.selector } },
    podMetricsEndpoints: target.scrapes.map(({ port, intervalSeconds }) => ({
      portNumber: port,
      path: "/metrics",
      ...seconds(intervalSeconds),
      ...(target.honorLabels ? { honorLabels: true } : {}),
      relabelings: [{ action: "replace", targetLabel: "service", replacement: target.name }],
    })),
  };
}

/** Series of cAdvisor that are kept; the others are several times as many, and nobody reads them. */
const containerMetrics = [
  "container_cpu_usage_seconds_total",
  "container_cpu_cfs_periods_total",
  "container_cpu_cfs_throttled_periods_total",
  "container_memory_working_set_bytes",
  "container_memory_rss",
  "container_network_receive_bytes_total",
  "container_network_transmit_bytes_total",
  "container_fs_reads_bytes_total",
  "container_fs_writes_bytes_total",
  "container_oom_events_total",
  "machine_cpu_cores",
  "machine_memory_bytes",
];

/** Series of kubelet that are kept. */
const kubeletMetrics = [
  "kubelet_running_pods",
  "kubelet_volume_stats_available_bytes",
  "kubelet_volume_stats_capacity_bytes",
  "kubelet_volume_stats_inodes",
  "kubelet_volume_stats_inodes_used",
  "kubelet_volume_stats_used_bytes",
  "kubelet_pod_start_duration_seconds_(bucket|sum|count)",
];

function keep(names: readonly string[]) {
  return [{ action: "keep", sourceLabels: ["__name__"], regex: names.join("|") }];
}

/** `spec` of the ServiceMonitor of every kubelet, whose addresses the operator keeps in a Service of kube-system. */
export function kubeletMonitorSpec() {
  const common = {
    port: "https-metrics",
    scheme: "https",
    honorLabels: true,
    // The account's token; kubelet asks the API server whether it may read `nodes/metrics`.
    bearerTokenFile: "/var/run/secrets/kubernetes.io/serviceaccount/token",
    // Kubelets sign their own certificates unless the cluster is told otherwise, so there is no authority to ask.
    tlsConfig: { insecureSkipVerify: true },
    relabelings: [
      { action: "replace", targetLabel: "service", replacement: "kubelet" },
      { action: "replace", sourceLabels: ["__meta_kubernetes_endpointslice_address_target_name"], targetLabel: "node" },
    ],
  };
  return {
    namespaceSelector: { matchNames: ["kube-system"] },
    selector: { matchLabels: { "app.kubernetes.io/name": "kubelet", "k8s-app": "kubelet" } },
    serviceDiscoveryRole: "EndpointSlice",
    endpoints: [
      { ...common, path: "/metrics", metricRelabelings: keep(kubeletMetrics) },
      { ...common, path: "/metrics/cadvisor", metricRelabelings: keep(containerMetrics) },
    ],
  };
}

/** `spec` of the Probe of addresses; the label `target` has the address. */
export function probeSpec(namespace: string, addresses: readonly string[]) {
  return {
    prober: { url: `${blackboxName}.${namespace}.svc:${monitoringPorts.blackbox}` },
    module: "https_answers",
    interval: "30s",
    targets: {
      staticConfig: {
        static: [...addresses],
        relabelingConfigs: [
          { action: "replace", sourceLabels: ["__param_target"], targetLabel: "target" },
          { action: "replace", targetLabel: "service", replacement: blackboxName },
        ],
      },
    },
  };
}

/** Targets whose pages speak of others. */
export function honorsLabels(name: string): boolean {
  return name === kubeStateMetricsName;
}

/** The node-exporter as a target; its pods have the addresses of their nodes, so the graph does not know it. */
export function nodeExporterTarget(namespace: string, nodes: number): ScrapeTarget {
  return {
    name: nodeExporterName,
    namespace,
    selector: { app: nodeExporterName },
    scrapes: [{ port: monitoringPorts.nodeExporter }],
    pods: nodes,
  };
}

/** Creates the monitors of all targets, of kubelets and of addresses. */
export function createScrapes(
  name: string,
  args: ScrapesArgs & { targets: readonly ScrapeTarget[]; probes: readonly string[] },
  options: pulumi.CustomResourceOptions,
): void {
  const { namespace, labels } = args;
  const create = (kind: string, objectName: string, spec: object) =>
    new k8s.apiextensions.CustomResource(
      `${name}-${kind.toLowerCase()}-${objectName}`,
      { apiVersion: "monitoring.coreos.com/v1", kind, metadata: { name: objectName, namespace, labels }, spec },
      options,
    );
  for (const target of args.targets) {
    create("PodMonitor", podMonitorName(target), podMonitorSpec({ ...target, honorLabels: honorsLabels(target.name) }));
  }
  create("ServiceMonitor", "kubelet", kubeletMonitorSpec());
  if (args.probes.length > 0) create("Probe", "public-hosts", probeSpec(namespace, args.probes));
}
