/** What Prometheus, Alertmanager and the exporters say to each other and to the world, as nodes of the network graph. */
import type { Call, NetworkNode } from "../cluster/network-policies.ts";
import type { MonitoringConfig } from "../config/monitoring.ts";
import {
  alertmanagerName,
  blackboxName,
  kubeStateMetricsName,
  monitoringPorts as ports,
  prometheusName,
} from "./prometheus-plan.ts";
import type { ScrapeTarget } from "./watched.ts";

/** Arguments of `prometheusNodes`. */
export interface PrometheusNodesArgs {
  config: MonitoringConfig;
  /** What is scraped in other namespaces. */
  targets: readonly ScrapeTarget[];
  /** Nodes of the monitoring namespace beside these, which are scraped and send alerts' readers here. */
  others: readonly NetworkNode[];
  /** Addresses of the API server and of the cluster's nodes. */
  apiServerCidrs: readonly string[];
  nodeCidrs: readonly string[];
  /** Namespace of KEDA, which asks Prometheus. */
  kedaNamespace: string;
}

const scraped = (node: Pick<NetworkNode, "scrapes">) => node.scrapes.map(({ port }) => port);

/** Prometheus and all that it scrapes in its own namespace. */
export function prometheusNodes(args: PrometheusNodesArgs): NetworkNode[] {
  const { config } = args;
  const apiServer: Call = { to: "addresses", cidrs: args.apiServerCidrs, ports: [443, 6443] };
  const alertmanager: NetworkNode = {
    name: alertmanagerName,
    selector: { app: alertmanagerName },
    calls: [
      { to: alertmanagerName, ports: [ports.alertmanagerPeers], udp: true },
      // Whoever is told: public services.
      ...(Object.keys(config.receivers).length > 0 ? [{ to: "internet" } as const] : []),
    ],
    publicPorts: [],
    scrapes: [{ port: ports.alertmanager }],
  };
  const kubeStateMetrics: NetworkNode = {
    name: kubeStateMetricsName,
    selector: { app: kubeStateMetricsName },
    calls: [apiServer],
    publicPorts: [],
    scrapes: [{ port: ports.kubeStateMetrics }],
  };
  const blackbox: NetworkNode = {
    name: blackboxName,
    selector: { app: blackboxName },
    calls: [{ to: "internet" }],
    publicPorts: [],
    scrapes: [{ port: ports.blackbox }],
  };
  const inside = [alertmanager, kubeStateMetrics, blackbox, ...args.others];
  const prometheus: NetworkNode = {
    name: prometheusName,
    selector: { app: prometheusName },
    calls: [
      apiServer,
      { to: "addresses", cidrs: args.nodeCidrs, ports: [ports.kubelet, ports.nodeExporter] },
      ...args.targets.map(
        (target): Call => ({
          to: "elsewhere",
          namespace: target.namespace,
          selector: target.selector,
          ports: scraped(target),
        }),
      ),
      ...inside
        .filter((node) => node.scrapes.length > 0)
        .map((node): Call => ({ to: node.name, ports: scraped(node) })),
      // Each of two scrapes itself and the other.
      { to: prometheusName, ports: [ports.prometheus] },
      ...(config.prometheus.remoteWrite.length > 0 ? [{ to: "internet" } as const] : []),
    ],
    publicPorts: [],
    scrapes: [{ port: ports.prometheus }],
    foreignCallers: [{ namespace: args.kedaNamespace, ports: [ports.prometheus] }],
  };
  return [prometheus, ...inside];
}
