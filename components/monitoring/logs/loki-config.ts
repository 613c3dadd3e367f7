/** Configuration of Loki: one process, files on its volume, labels that stay few. */
import { streamAttributes } from "./reading.ts";

/** Ports of Loki; gRPC is used by its own parts only, inside the pod. */
export const lokiPorts = { http: 3100, grpc: 9095 } as const;

/** Folder of the volume. */
export const lokiFolder = "/var/loki";

/** The configuration of Loki as an object; `keepDays` days of logs are kept. */
export function lokiConfiguration(keepDays: number) {
  return {
    // No tenants: who may reach it is decided by the network policies.
    auth_enabled: false,
    analytics: { reporting_enabled: false },
    server: { http_listen_port: lokiPorts.http, grpc_listen_port: lokiPorts.grpc, log_format: "json" },
    common: {
      instance_addr: "127.0.0.1",
      path_prefix: lokiFolder,
      replication_factor: 1,
      ring: { kvstore: { store: "inmemory" } },
      storage: {
        filesystem: { chunks_directory: `${lokiFolder}/chunks`, rules_directory: `${lokiFolder}/rules` },
      },
    },
    schema_config: {
      configs: [
        {
          // Immutable: a later schema is a second entry with a day to come.
          from: "2024-04-01",
          store: "tsdb",
          object_store: "filesystem",
          schema: "v13",
          index: { prefix: "index_", period: "24h" },
        },
      ],
    },
    // Lines of two hours are in memory; the write-ahead log is on the volume.
    ingester: {
      chunk_encoding: "snappy",
      wal: { enabled: true, dir: `${lokiFolder}/wal`, replay_memory_ceiling: "512MB" },
    },
    compactor: {
      working_directory: `${lokiFolder}/compactor`,
      retention_enabled: true,
      delete_request_store: "filesystem",
    },
    limits_config: {
      retention_period: `${keepDays * 24}h`,
      allow_structured_metadata: true,
      // An agent that was cut off sends what its node still has; beyond that, what was kept would end at once.
      reject_old_samples_max_age: `${keepDays * 24}h`,
      max_line_size_truncate: true,
      otlp_config: {
        resource_attributes: {
          // The defaults make labels of pods and instances: a stream for each pod that ever ran.
          ignore_defaults: true,
          attributes_config: [{ action: "index_label", attributes: Object.values(streamAttributes) }],
        },
      },
      // Far above what regions have: names of services times containers (judgement). Reached, something became a label.
      max_global_streams_per_user: 5000,
      ingestion_rate_mb: 16,
      ingestion_burst_size_mb: 32,
    },
  };
}
