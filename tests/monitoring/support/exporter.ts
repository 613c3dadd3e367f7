/** Pods that speak the metrics contract: an HTTP server on loopback with a page for each. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type ContractMetric, contractMetrics } from "../../../components/kube/metrics.ts";

/** A pod, with the labels that its PodMonitor sets on every series. */
export interface FakePod {
  namespace: string;
  pod: string;
  container: string;
  service: string;
  /** Which part of the contract it exports. */
  kind: ContractMetric["from"][number];
  /** Values that are not 0, by the name of the metric. They may change at any time. */
  values: Record<string, number>;
}

/** Serves the pages of pods. */
export class FakeExporter {
  readonly pods: readonly FakePod[];
  readonly #server: Server;

  private constructor(pods: readonly FakePod[]) {
    this.pods = pods;
    this.#server = createServer((request, response) => {
      const pod = pods.find((one) => request.url === path(one));
      if (pod === undefined) response.writeHead(404).end();
      else response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(page(pod));
    });
  }

  static async listen(pods: readonly FakePod[]): Promise<FakeExporter> {
    const exporter = new FakeExporter(pods);
    await new Promise<void>((resolve, reject) =>
      exporter.#server.once("error", reject).listen(0, "127.0.0.1", resolve),
    );
    return exporter;
  }

  /** What Prometheus is told of the pods, as its discovery and the PodMonitors' relabelling would find out. */
  targets() {
    const { port } = this.#server.address() as AddressInfo;
    return this.pods.map((one) => ({
      targets: [`127.0.0.1:${port}`],
      labels: {
        __metrics_path__: path(one),
        namespace: one.namespace,
        pod: one.pod,
        container: one.container,
        service: one.service,
      },
    }));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function path({ namespace, pod }: FakePod): string {
  return `/${namespace}/${pod}/metrics`;
}

function page({ kind, values }: FakePod): string {
  return Object.values<ContractMetric>(contractMetrics)
    .filter(({ from }) => from.includes(kind))
    .map((metric) => lines(metric, values[metric.name] ?? 0).join("\n"))
    .join("\n")
    .concat("\n");
}

function lines(metric: ContractMetric, value: number): string[] {
  const { name, type, labels, about, buckets = [] } = metric;
  const head = [`# HELP ${name} ${about}`, `# TYPE ${name} ${type}`];
  if (type === "histogram") {
    const bounds = [...buckets, "+Inf"].map((bound) => `${name}_bucket{le="${bound}"} ${value}`);
    return [...head, ...bounds, `${name}_sum ${value}`, `${name}_count ${value}`];
  }
  const sets = Object.entries(labels).reduce<string[]>(
    (all, [label, known]) =>
      all.flatMap((one) => (known.length > 0 ? known : ["200"]).map((text) => `${one}${label}="${text}",`)),
    [""],
  );
  return [...head, ...sets.map((one) => `${name}${one === "" ? "" : `{${one.slice(0, -1)}}`} ${value}`)];
}
