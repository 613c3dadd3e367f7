/** Configuration of the gateway, which sees whole traces and decides which of them are kept. */
import type { MonitoringConfig } from "../../config/monitoring.ts";
import {
  type CollectorConfiguration,
  collectorPorts,
  collectorTelemetry,
  healthCheck,
  listen,
  memoryLimiter,
} from "../collector.ts";

/** What decides which traces are kept. */
export type SamplingConfig = Pick<MonitoringConfig["tracing"], "keepPercent" | "slowMs">;

/**
 * Seconds from the first span of a trace to its decision: the time after which it is slow, then 5 s that an SDK keeps a
 * span for (OTEL_BSP_SCHEDULE_DELAY), 1 s in the agent, and as much again for retries. A slow trace is known as one when
 * its longest span has ended and not before.
 */
export function decisionSeconds({ slowMs }: SamplingConfig): number {
  return Math.ceil(slowMs / 1000) + 10;
}

/** The configuration of the gateway; `jaeger` is host and port that take OTLP. */
export function gatewayConfiguration(sampling: SamplingConfig, jaeger: string): CollectorConfiguration {
  return {
    extensions: healthCheck,
    receivers: { otlp: { protocols: { grpc: listen(collectorPorts.grpc) } } },
    processors: {
      ...memoryLimiter,
      tail_sampling: {
        decision_wait: `${decisionSeconds(sampling)}s`,
        // 50,000 traces of 5 spans of 1 KiB are half of the memory that the limiter leaves (judgement; measure yours).
        num_traces: 50_000,
        // Spans that come late share the fate of their trace.
        decision_cache: { sampled_cache_size: 100_000, non_sampled_cache_size: 100_000 },
        policies: [
          { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
          { name: "slow", type: "latency", latency: { threshold_ms: sampling.slowMs } },
          // Every gateway of every region decides alike about the same trace.
          {
            name: "share",
            type: "probabilistic",
            probabilistic: { hash_salt: "realmgrid", sampling_percentage: sampling.keepPercent },
          },
        ],
      },
      batch: { timeout: "1s", send_batch_size: 512, send_batch_max_size: 2048 },
    },
    exporters: {
      otlp_grpc: {
        endpoint: jaeger,
        tls: { insecure: true },
        // A restart of Jaeger, which reads its volume first.
        retry_on_failure: { enabled: true, max_elapsed_time: "120s" },
        sending_queue: { enabled: true, queue_size: 500 },
      },
    },
    service: {
      extensions: ["health_check"],
      telemetry: collectorTelemetry,
      pipelines: {
        traces: {
          receivers: ["otlp"],
          processors: ["memory_limiter", "tail_sampling", "batch"],
          exporters: ["otlp_grpc"],
        },
      },
    },
  };
}
