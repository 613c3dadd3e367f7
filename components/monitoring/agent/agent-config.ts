/** Configuration of the agent, the collector on every node: traces go to the gateway, log lines to their store. */

import type { MonitoringConfig } from "../../config/monitoring.ts";
import { traceAgent } from "../../kube/tracing.ts";
import {
  type CollectorConfiguration,
  collectorPorts,
  collectorTelemetry,
  healthCheck,
  listen,
  memoryLimiter,
} from "../collector.ts";
import { lineStatements, resourceStatements } from "../logs/reading.ts";
import { playerStatements, secretStatements } from "../logs/redaction.ts";

/** Folder of a node with the log files of its pods, written by kubelet and the runtime. */
export const podLogsFolder = "/var/log/pods";

/** Folder with the offsets of files that were read and the lines that wait to be sent. */
export const agentStateFolder = "/var/lib/otelcol";

/** Environment variable with the header that the user's own service wants. */
export const authorizationVariable = "LOGS_AUTHORIZATION";

/** Longest line in bytes; Loki's own limit. A longer one becomes several. */
export const longestLine = 256 * 1024;

/** Arguments of `agentConfiguration`. */
export interface AgentConfigurationArgs {
  region: string;
  agentsNamespace: string;
  /** Name under which all pods of the gateway are found. */
  gatewayHost: string;
  /** Address of Loki, without the path of OTLP. */
  lokiUrl: string;
  logs: Pick<MonitoringConfig["logs"], "store" | "playerFields">;
  gameNamespace: string;
  /** Names of the StatefulSets of worlds: the ordinal of their pods is the id of a world. */
  worlds: readonly string[];
}

/** Reads each file to its end, survives the rotation, and takes the pod's names from the path. */
function podLogs(agentsNamespace: string) {
  return {
    include: [`${podLogsFolder}/*/*/*.log`],
    // Its own lines about lines would never end.
    exclude: [`${podLogsFolder}/${agentsNamespace}_${traceAgent.name}-*/*/*.log`],
    // A pod that crashed before the agent of a new node ran is the one whose lines are wanted.
    start_at: "beginning",
    include_file_path: true,
    include_file_name: false,
    poll_interval: "500ms",
    storage: "file_storage",
    // Refused by the memory limiter: the file waits.
    retry_on_failure: { enabled: true },
    operators: [{ type: "container", max_log_size: longestLine }],
  };
}

/**
 * Batches up to 1 MiB. The queue is on disk and blocks when it is full: while the store is away, lines stay in the files of
 * the node, which kubelet keeps for 5 x 10 MiB a container. It never gives up.
 */
const logsQueue = {
  sending_queue: {
    storage: "file_storage",
    sizer: "items",
    queue_size: 20_000,
    block_on_overflow: true,
    num_consumers: 4,
    batch: { sizer: "bytes", min_size: 256 * 1024, max_size: 1024 * 1024, flush_timeout: "1s" },
  },
  retry_on_failure: { max_elapsed_time: "0s" },
} as const;

function logsExporter({ logs, lokiUrl }: AgentConfigurationArgs) {
  const { store } = logs;
  if (store.kind === "loki") return { endpoint: `${lokiUrl}/otlp`, ...logsQueue };
  const headers =
    store.secretName === undefined ? {} : { headers: { authorization: `\${env:${authorizationVariable}}` } };
  return { endpoint: store.endpoint, ...headers, ...logsQueue };
}

/** The configuration of the agent. */
export function agentConfiguration(args: AgentConfigurationArgs): CollectorConfiguration {
  return {
    extensions: {
      ...healthCheck,
      file_storage: {
        directory: agentStateFolder,
        create_directory: true,
        compaction: { on_start: true, on_rebound: true, directory: agentStateFolder },
      },
    },
    receivers: {
      otlp: { protocols: { grpc: listen(collectorPorts.grpc), http: listen(collectorPorts.http) } },
      file_log: podLogs(args.agentsNamespace),
    },
    processors: {
      ...memoryLimiter,
      batch: { timeout: "1s", send_batch_size: 512, send_batch_max_size: 1024 },
      // A line that could not be cleaned is not sent.
      "transform/redact": {
        error_mode: "propagate",
        log_statements: [
          { context: "log", statements: [...secretStatements(), ...playerStatements(args.logs.playerFields)] },
        ],
      },
      "transform/read": {
        error_mode: "silent",
        log_statements: [
          { context: "resource", statements: resourceStatements(args.region) },
          { context: "log", statements: lineStatements(args) },
        ],
      },
    },
    exporters: {
      // All spans of a trace go to one gateway: only who sees the whole trace can say whether it failed or was slow.
      load_balancing: {
        routing_key: "traceID",
        resolver: { dns: { hostname: args.gatewayHost, port: String(collectorPorts.grpc) } },
        // Retried here and not for one gateway: when that one is gone, its traces belong to another.
        protocol: {
          otlp: {
            tls: { insecure: true },
            timeout: "5s",
            retry_on_failure: { enabled: false },
            sending_queue: { enabled: false },
          },
        },
        retry_on_failure: { enabled: true, initial_interval: "1s", max_elapsed_time: "60s" },
        sending_queue: { enabled: true, queue_size: 500 },
      },
      "otlp_http/logs": logsExporter(args),
    },
    service: {
      extensions: ["health_check", "file_storage"],
      telemetry: collectorTelemetry,
      pipelines: {
        traces: { receivers: ["otlp"], processors: ["memory_limiter", "batch"], exporters: ["load_balancing"] },
        logs: {
          receivers: ["file_log"],
          processors: ["memory_limiter", "transform/redact", "transform/read"],
          exporters: ["otlp_http/logs"],
        },
      },
    },
  };
}
