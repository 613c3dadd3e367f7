/** Configuration of Jaeger 2, which is a collector with a store, a query service and a UI. */
import type { MonitoringConfig } from "../../config/monitoring.ts";
import {
  type CollectorConfiguration,
  collectorPorts,
  collectorTelemetry,
  listen,
  memoryLimiter,
} from "../collector.ts";

/** Ports of Jaeger. */
export const jaegerPorts = { ...collectorPorts, query: 16686, queryGrpc: 16685 } as const;

/** Path that says 200 while it runs (healthcheckv2extension). */
export const jaegerHealthPath = "/status";

/** Folder of the volume, and of the user's login to Elasticsearch or OpenSearch. */
export const jaegerFolders = { data: "/badger", login: "/etc/jaeger-login" } as const;

/** Environment variable with the user of Elasticsearch or OpenSearch. */
export const storageUserVariable = "STORAGE_USERNAME";

const store = "traces";

function backend({ storage, keepDays }: Pick<MonitoringConfig["tracing"], "storage" | "keepDays">) {
  if (storage.kind === "volume") {
    return {
      badger: {
        directories: { keys: `${jaegerFolders.data}/keys`, values: `${jaegerFolders.data}/values` },
        // Its default is a temporary folder: traces of the original were gone with the pod.
        ephemeral: false,
        ttl: { spans: `${keepDays * 24}h` },
      },
    };
  }
  return {
    [storage.kind]: {
      server_urls: [storage.url],
      auth: {
        basic: { username: `\${env:${storageUserVariable}}`, password_file: `${jaegerFolders.login}/password` },
      },
      indices: { index_prefix: "jaeger" },
    },
  };
}

/** The configuration of Jaeger. */
export function jaegerConfiguration(
  tracing: Pick<MonitoringConfig["tracing"], "storage" | "keepDays">,
): CollectorConfiguration {
  return {
    extensions: {
      healthcheckv2: { use_v2: true, http: listen(jaegerPorts.health) },
      jaeger_storage: { backends: { [store]: backend(tracing) } },
      jaeger_query: {
        storage: { traces: store },
        http: listen(jaegerPorts.query),
        grpc: listen(jaegerPorts.queryGrpc),
      },
    },
    receivers: { otlp: { protocols: { grpc: listen(jaegerPorts.grpc), http: listen(jaegerPorts.http) } } },
    processors: { ...memoryLimiter, batch: {} },
    exporters: { jaeger_storage_exporter: { trace_storage: store } },
    service: {
      extensions: ["healthcheckv2", "jaeger_storage", "jaeger_query"],
      telemetry: collectorTelemetry,
      pipelines: {
        traces: {
          receivers: ["otlp"],
          processors: ["memory_limiter", "batch"],
          exporters: ["jaeger_storage_exporter"],
        },
      },
    },
  };
}
