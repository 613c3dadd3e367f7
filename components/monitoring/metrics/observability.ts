/** What monitoring exports of itself: Prometheus, Alertmanager, probes, collectors, Jaeger, Loki, Grafana. */
import type { Exporter } from "./exporter.ts";
import { counter, gauge, histogram } from "./metric.ts";

const remote = ["remote_name", "url"];

/** Series that Prometheus makes of its own accord, for each target and each alert. */
const synthetic: Exporter = {
  program: "Prometheus 3.13, of each scrape and each alert",
  services: ["*"],
  source: "https://prometheus.io/docs/concepts/jobs_instances/",
  metrics: [
    gauge("up", "1 when the target was scraped"),
    gauge("scrape_duration_seconds", "Seconds that the scrape took"),
    gauge("scrape_samples_post_metric_relabeling", "Series of the target that are kept"),
    gauge("scrape_series_added", "Series of the target that are new"),
    gauge("ALERTS", "1 for each alert that waits or fires", {
      alertname: [],
      alertstate: ["pending", "firing"],
      severity: ["critical", "warning", "none"],
    }),
  ],
};

const prometheus: Exporter = {
  program: "Prometheus 3.13",
  services: ["prometheus"],
  source: "https://github.com/prometheus/prometheus",
  metrics: [
    gauge("prometheus_build_info", "1, with the version", ["version"]),
    gauge("prometheus_config_last_reload_successful", "1 when the settings were last loaded without a fault"),
    counter("prometheus_rule_evaluation_failures_total", "Rules that could not be evaluated", ["rule_group"]),
    gauge("prometheus_rule_group_last_duration_seconds", "Seconds that a group of rules took", ["rule_group"]),
    gauge("prometheus_rule_group_interval_seconds", "Seconds between two evaluations", ["rule_group"]),
    counter("prometheus_rule_group_iterations_missed_total", "Evaluations that were left out", ["rule_group"]),
    gauge("prometheus_tsdb_head_series", "Series of the last hours"),
    counter("prometheus_tsdb_head_samples_appended_total", "Samples that were taken in", ["type"]),
    gauge("prometheus_tsdb_storage_blocks_bytes", "Bytes of the blocks on the volume"),
    gauge("prometheus_tsdb_wal_storage_size_bytes", "Bytes of the write-ahead log"),
    counter("prometheus_tsdb_wal_corruptions_total", "Faults that were found in the write-ahead log"),
    counter("prometheus_tsdb_compactions_failed_total", "Compactions that failed"),
    gauge("prometheus_tsdb_lowest_timestamp_seconds", "Oldest sample, in seconds since 1970"),
    counter("prometheus_target_scrapes_exceeded_sample_limit_total", "Scrapes that were thrown away as too large"),
    gauge("prometheus_engine_query_duration_seconds", "Seconds of queries by quantile", ["slice", "quantile"]),
    counter("prometheus_notifications_dropped_total", "Alerts that reached no Alertmanager"),
    gauge("prometheus_notifications_alertmanagers_discovered", "Alertmanagers that are known"),
    gauge("prometheus_remote_storage_queue_highest_timestamp_seconds", "Newest sample in the queue", remote),
    gauge("prometheus_remote_storage_queue_highest_sent_timestamp_seconds", "Newest sample that was sent", remote),
    gauge("prometheus_remote_storage_samples_pending", "Samples that wait to be sent", remote),
    counter("prometheus_remote_storage_samples_failed_total", "Samples that were given up", remote),
    counter("prometheus_remote_storage_bytes_total", "Bytes that were sent", remote),
    gauge("process_resident_memory_bytes", "Memory of the process"),
    counter("process_cpu_seconds_total", "Seconds of CPU of the process"),
  ],
};

const integration = ["integration", "reason"];

const alertmanager: Exporter = {
  program: "Alertmanager 0.34",
  services: ["alertmanager"],
  source: "https://github.com/prometheus/alertmanager",
  metrics: [
    gauge("alertmanager_alerts", "Alerts that are known", { state: ["active", "suppressed", "unprocessed"] }),
    gauge("alertmanager_silences", "Silences", { state: ["active", "pending", "expired"] }),
    gauge("alertmanager_cluster_members", "Members that this one sees, itself among them"),
    gauge("alertmanager_config_last_reload_successful", "1 when the settings were last loaded without a fault"),
    counter("alertmanager_notifications_total", "Messages that were to be sent", ["integration"]),
    counter("alertmanager_notifications_failed_total", "Messages that could not be sent", integration),
    histogram("alertmanager_notification_latency_seconds", "Seconds that a message took", ["integration"]),
  ],
};

const blackbox: Exporter = {
  program: "blackbox-exporter 0.28",
  services: ["blackbox-exporter"],
  source: "https://github.com/prometheus/blackbox_exporter/blob/master/prober/http.go",
  metrics: [
    gauge("probe_success", "1 when the address answered as it should", ["target"]),
    gauge("probe_duration_seconds", "Seconds that the answer took", ["target"]),
    gauge("probe_http_status_code", "Status of the answer", ["target"]),
    gauge("probe_http_duration_seconds", "Seconds of each part of it", {
      target: [],
      phase: ["resolve", "connect", "tls", "processing", "transfer"],
    }),
    gauge("probe_ssl_earliest_cert_expiry", "When the first certificate of the chain ends, in seconds since 1970", [
      "target",
    ]),
  ],
};

/**
 * Counters end in `_total`, as they do where `readers` are set and `without_type_suffix` is not (opentelemetry-collector
 * 0.120). Without `readers` they would not, and the address would be localhost.
 */
const collector: Exporter = {
  program: "OpenTelemetry collector 0.165; Jaeger 2.20, which is one",
  services: ["otel-agent", "otel-gateway", "jaeger"],
  source: "https://opentelemetry.io/docs/collector/internal-telemetry/",
  metrics: [
    counter("otelcol_receiver_accepted_spans_total", "Spans that came in", ["receiver", "transport"]),
    counter("otelcol_receiver_refused_spans_total", "Spans that were refused, most often for memory", ["receiver"]),
    counter("otelcol_receiver_accepted_log_records_total", "Log lines that came in", ["receiver", "transport"]),
    counter("otelcol_receiver_refused_log_records_total", "Log lines that were refused", ["receiver"]),
    counter("otelcol_exporter_sent_spans_total", "Spans that were passed on", ["exporter"]),
    counter("otelcol_exporter_send_failed_spans_total", "Spans that were given up after all tries", ["exporter"]),
    counter("otelcol_exporter_enqueue_failed_spans_total", "Spans for which the queue had no room", ["exporter"]),
    counter("otelcol_exporter_sent_log_records_total", "Log lines that were passed on", ["exporter"]),
    counter("otelcol_exporter_send_failed_log_records_total", "Log lines that were given up after all tries", [
      "exporter",
    ]),
    counter("otelcol_exporter_enqueue_failed_log_records_total", "Log lines without room in the queue", ["exporter"]),
    gauge("otelcol_exporter_queue_size", "Batches that wait to be passed on", ["exporter"]),
    gauge("otelcol_exporter_queue_capacity", "Batches that may wait", ["exporter"]),
    counter("otelcol_processor_tail_sampling_global_count_traces_sampled_total", "Traces by decision", {
      sampled: ["true", "false"],
    }),
    counter("otelcol_processor_tail_sampling_new_trace_id_received_total", "Traces that began"),
    counter("otelcol_processor_tail_sampling_sampling_trace_dropped_too_early_total", "Traces without a decision"),
    gauge("otelcol_processor_tail_sampling_sampling_traces_on_memory", "Traces that wait for the decision"),
  ],
};

const loki: Exporter = {
  program: "Loki 3.7",
  services: ["loki"],
  source: "https://grafana.com/docs/loki/latest/operations/request-validation-rate-limits/",
  metrics: [
    counter("loki_discarded_samples_total", "Log lines that were refused", ["reason", "tenant"]),
    counter("loki_discarded_bytes_total", "Bytes of log lines that were refused", ["reason", "tenant"]),
    counter("loki_distributor_lines_received_total", "Log lines that came in", ["tenant"]),
    counter("loki_distributor_bytes_received_total", "Bytes of log lines that came in", ["tenant"]),
    gauge("loki_ingester_memory_streams", "Streams that are open", ["tenant"]),
    histogram("loki_request_duration_seconds", "Seconds of requests", ["route", "method", "status_code"]),
  ],
};

const grafana: Exporter = {
  program: "Grafana 12",
  services: ["grafana"],
  source: "https://grafana.com/docs/grafana/latest/setup-grafana/set-up-grafana-monitoring/",
  metrics: [
    gauge("grafana_build_info", "1, with the version", ["version"]),
    histogram("grafana_http_request_duration_seconds", "Seconds of requests", ["handler", "status_code"]),
    counter("grafana_datasource_request_total", "Requests to sources of data", ["datasource", "code", "method"]),
  ],
};

/** Exporters of monitoring itself. */
export const observabilityExporters: readonly Exporter[] = [
  synthetic,
  prometheus,
  alertmanager,
  blackbox,
  collector,
  loki,
  grafana,
];
