/** Tracing and logs: what collectors take in and pass on, what Jaeger and Loki keep, and what is lost on the way. */
import type { Watched } from "../watched.ts";
import { type Dashboard, drawDashboard } from "./dashboard.ts";
import type { PanelArgs } from "./panel.ts";
import { anyOf, query, rate, series, share, sumBy } from "./queries.ts";
import { memoryOfLimit, restarts, volumes } from "./workload-panels.ts";

/** Values of the label `service`. Jaeger is a collector with a store and exports the same metrics. */
const collectors = anyOf(["otel-agent", "otel-gateway", "jaeger"]);

function flow(what: "spans" | "log_records", name: string): PanelArgs[] {
  const by = (label: string, metric: string) => sumBy(["service", label], rate(metric, { service: collectors }));
  return [
    {
      title: `${name} that come in`,
      unit: "perSecond",
      description: "Taken in, and refused, which is most often for lack of memory. The sender tries again for a while.",
      queries: [
        { expression: by("receiver", `otelcol_receiver_accepted_${what}_total`), legend: "{{service}} {{receiver}}" },
        {
          expression: by("receiver", `otelcol_receiver_refused_${what}_total`),
          legend: "{{service}} {{receiver}} refused",
        },
      ],
    },
    {
      title: `${name} that are passed on`,
      unit: "perSecond",
      description: "Passed on, and lost: after all tries, or because the queue was full.",
      queries: [
        { expression: by("exporter", `otelcol_exporter_sent_${what}_total`), legend: "{{service}} {{exporter}}" },
        {
          expression: by("exporter", `otelcol_exporter_send_failed_${what}_total`),
          legend: "{{service}} {{exporter}} failed",
        },
        {
          expression: by("exporter", `otelcol_exporter_enqueue_failed_${what}_total`),
          legend: "{{service}} {{exporter}} without room",
        },
      ],
    },
  ];
}

function sampling(): PanelArgs[] {
  return [
    {
      title: "Traces by decision",
      unit: "perSecond",
      description: "Traces that were kept and that were not. Those that failed or were slow are always kept.",
      queries: query(
        sumBy(["sampled"], rate("otelcol_processor_tail_sampling_global_count_traces_sampled_total")),
        "kept: {{sampled}}",
      ),
    },
    {
      title: "Traces that wait for the decision",
      unit: "count",
      description: "In memory until they are whole. Those that had to go before are lost, whatever they were.",
      queries: [
        {
          expression: sumBy(["pod"], series("otelcol_processor_tail_sampling_sampling_traces_on_memory")),
          legend: "{{pod}}",
        },
        {
          expression: sumBy(
            ["pod"],
            `increase(${series("otelcol_processor_tail_sampling_sampling_trace_dropped_too_early_total")}[5m])`,
          ),
          legend: "{{pod}} lost in five minutes",
        },
      ],
    },
  ];
}

function loki(): PanelArgs[] {
  return [
    {
      title: "Bytes that Loki takes in",
      unit: "bytesPerSecond",
      description: "Bytes of log lines, and those that were refused. Limits are there to spare the others.",
      queries: [
        { expression: `sum(${rate("loki_distributor_bytes_received_total")})`, legend: "taken in" },
        { expression: sumBy(["reason"], rate("loki_discarded_bytes_total")), legend: "refused: {{reason}}" },
      ],
    },
    {
      title: "Open streams",
      unit: "count",
      description: "Streams in memory. Many of them come from a label with many values.",
      queries: query(`sum(${series("loki_ingester_memory_streams")})`, "streams"),
    },
    {
      title: "Time of Loki's requests",
      unit: "seconds",
      description: "99th percentile by route.",
      queries: query(
        `histogram_quantile(0.99, ${sumBy(["le", "route"], rate("loki_request_duration_seconds_bucket"))})`,
        "{{route}}",
      ),
    },
    {
      title: "Failed requests of Loki",
      unit: "perSecond",
      description: "Requests that ended with a status of 500 or more, by route.",
      queries: query(
        sumBy(["route"], rate("loki_request_duration_seconds_count", { status_code: "=~5.." })),
        "{{route}}",
      ),
    },
  ];
}

/** The dashboard of tracing and logs. */
export function tracingAndLogs({ thresholds }: Watched): Dashboard {
  const parts = anyOf(["otel-agent", "otel-gateway", "jaeger", "loki"]);
  const pods = { namespace: "=~.+", service: parts, thresholds };
  const queue = (metric: string) =>
    sumBy(["service", "pod", "exporter"], series(`otelcol_exporter_queue_${metric}`, { service: collectors }));
  return drawDashboard({
    key: "tracing-and-logs",
    description: "For whoever runs tracing and logs: does all arrive, and what is lost on the way?",
    rows: [
      { title: "Traces", panels: [...flow("spans", "Spans"), ...sampling()] },
      { title: "Logs", panels: [...flow("log_records", "Log lines"), ...loki()] },
      {
        title: "Pods",
        panels: [
          {
            title: "Parts that answer",
            unit: "ratio",
            description: "Part of the pods of collectors, Jaeger and Loki that could be scraped.",
            queries: query(`avg by (service) (${series("up", { service: parts })})`, "{{service}}"),
          },
          {
            title: "Queues",
            unit: "ratio",
            description: "Used part of each queue. A full one loses what comes in.",
            queries: query(share(queue("size"), queue("capacity")), "{{service}} {{pod}} {{exporter}}"),
            lines: [{ value: 1, color: "red" }],
          },
          volumes(pods),
          memoryOfLimit(pods),
          restarts(pods),
        ],
      },
    ],
  });
}
