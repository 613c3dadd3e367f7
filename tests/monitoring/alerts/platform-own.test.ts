import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { platformAlerts } from "../../../components/monitoring/alerts/platform.ts";
import { type RuleCase, ruleCases, series, unproven } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";

const groups = platformAlerts(sampleWatched(), { plannedSeries: 100_000 }).filter(({ name }) =>
  name.startsWith("monitoring-"),
);

const namespace = "monitoring";
const prometheus = { namespace, service: "prometheus", pod: "prometheus-realmgrid-0" };
const alertmanager = { namespace, service: "alertmanager" };
const gateway = { namespace, service: "otel-gateway" };
const agent = { namespace, service: "otel-agent" };
const loki = { namespace, service: "loki" };
const warning = { severity: "warning" };
const critical = { severity: "critical" };

function own(metric: string, values: string, labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { [series(metric, { ...prometheus, ...labels })]: values };
}

const remote = { remote_name: "global", url: "https://metrics.example.com/write" };

/** Newest sample in the queue, one a minute, and the newest that was sent. */
function remoteWrite(behind: number): Record<string, string> {
  return {
    ...own("prometheus_remote_storage_queue_highest_timestamp_seconds", "1000+60x60", remote),
    ...own("prometheus_remote_storage_queue_highest_sent_timestamp_seconds", `${1000 - behind}+60x60`, remote),
  };
}

/** What each of three Alertmanagers sees. */
function members(seen: readonly number[]): Record<string, string> {
  return Object.fromEntries(
    seen.flatMap((count, index) => {
      const labels = { ...alertmanager, pod: `alertmanager-realmgrid-${index}` };
      return [
        [series("alertmanager_cluster_members", labels), `${count}x60`],
        [series("up", labels), "1x60"],
      ];
    }),
  );
}

function lost(of: typeof gateway, metric: string, values: string): Record<string, string> {
  return { [series(metric, { ...of, pod: "pod-0", exporter: "otlp" })]: values };
}

const cases: RuleCase[] = [
  {
    title: "wake somebody when rules cannot be evaluated, since their alerts are silent",
    series: own("prometheus_rule_evaluation_failures_total", "0 1+1x30", { rule_group: "game-load" }),
    alert: "PrometheusRuleFails",
    at: {
      "5m": [],
      "7m": [
        {
          labels: { ...prometheus, rule_group: "game-load", ...critical },
          summary: "prometheus-realmgrid-0 cannot evaluate rules of game-load",
        },
      ],
    },
  },
  {
    title: "are silent about rules that failed once, long ago",
    series: own("prometheus_rule_evaluation_failures_total", "3x30", { rule_group: "game-load" }),
    alert: "PrometheusRuleFails",
    at: { "7m": [], "20m": [] },
  },
  {
    title: "warn when new settings cannot be loaded",
    series: own("prometheus_config_last_reload_successful", "1 0x20"),
    alert: "PrometheusReloadFailed",
    at: {
      "10m": [],
      "11m": [{ labels: { ...prometheus, ...warning }, summary: "prometheus-realmgrid-0 could not load its settings" }],
    },
  },
  {
    title: "are silent about settings that were put right",
    series: own("prometheus_config_last_reload_successful", "1 0x5 1x20"),
    alert: "PrometheusReloadFailed",
    at: { "11m": [], "20m": [] },
  },
  {
    title: "warn when the global view is more than two minutes behind",
    series: remoteWrite(121),
    alert: "PrometheusRemoteWriteBehind",
    at: {
      "885s": [],
      "15m": [
        {
          labels: { ...prometheus, url: remote.url, ...warning },
          summary: `prometheus-realmgrid-0 is 2m 1s behind with ${remote.url}`,
        },
      ],
    },
  },
  {
    title: "are silent about two minutes",
    series: remoteWrite(120),
    alert: "PrometheusRemoteWriteBehind",
    at: { "15m": [], "40m": [] },
  },
  {
    title: "warn of a write-ahead log that was found damaged before the first scrape",
    series: own("prometheus_tsdb_wal_corruptions_total", "1x20"),
    alert: "PrometheusWalCorrupt",
    at: {
      "0s": [
        {
          labels: { ...prometheus, ...warning },
          summary: "The write-ahead log of prometheus-realmgrid-0 was damaged",
        },
      ],
    },
  },
  {
    title: "are silent about one that is whole",
    series: own("prometheus_tsdb_wal_corruptions_total", "0x20"),
    alert: "PrometheusWalCorrupt",
    at: { "0s": [], "15m": [] },
  },
  {
    title: "warn when blocks cannot be compacted for an hour",
    series: own("prometheus_tsdb_compactions_failed_total", "0+1x200"),
    alert: "PrometheusCompactionsFail",
    at: {
      "60m": [],
      "62m": [{ labels: { ...prometheus, ...warning }, summary: "prometheus-realmgrid-0 cannot compact its blocks" }],
    },
  },
  {
    title: "are silent while they can",
    series: own("prometheus_tsdb_compactions_failed_total", "0x200"),
    alert: "PrometheusCompactionsFail",
    at: { "62m": [], "180m": [] },
  },
  {
    title: "warn when there are half as many series again as were planned for",
    series: own("prometheus_tsdb_head_series", "160000x60"),
    alert: "PrometheusSeriesAbovePlan",
    at: {
      "29m": [],
      "30m": [{ labels: { ...prometheus, ...warning }, summary: "prometheus-realmgrid-0 holds 160k series" }],
    },
  },
  {
    title: "are silent at that number",
    series: own("prometheus_tsdb_head_series", "150000x60"),
    alert: "PrometheusSeriesAbovePlan",
    at: { "30m": [], "50m": [] },
  },
  {
    title: "wake somebody when messages fail for ten minutes",
    series: {
      [series("alertmanager_notifications_failed_total", {
        ...alertmanager,
        pod: "alertmanager-realmgrid-0",
        integration: "slack",
        reason: "serverError",
      })]: "0+2x30",
    },
    alert: "AlertmanagerNotificationsFail",
    at: {
      "10m": [],
      "11m": [
        {
          labels: { ...alertmanager, integration: "slack", ...critical },
          summary: "Alertmanager cannot send by slack",
        },
      ],
    },
  },
  {
    title: "are silent about one message that went out with the second try",
    series: {
      [series("alertmanager_notifications_failed_total", { ...alertmanager, integration: "slack" })]: "0x3 1x30",
    },
    alert: "AlertmanagerNotificationsFail",
    at: { "6m": [], "11m": [], "15m": [] },
  },
  {
    title: "warn of Alertmanagers that do not see each other",
    series: members([2, 2, 1]),
    alert: "AlertmanagerMembersMissing",
    at: {
      "885s": [],
      "15m": [
        {
          labels: { ...alertmanager, ...warning },
          summary: "An Alertmanager in monitoring sees 1 members only",
        },
      ],
    },
  },
  {
    title: "are silent about three that see three",
    series: members([3, 3, 3]),
    alert: "AlertmanagerMembersMissing",
    at: { "15m": [], "40m": [] },
  },
  {
    title: "are silent about one that is alone by design",
    series: members([1]),
    alert: "AlertmanagerMembersMissing",
    at: { "15m": [] },
  },
  {
    title: "warn when spans cannot be passed on",
    series: lost(gateway, "otelcol_exporter_send_failed_spans_total", "0+100x40"),
    alert: "CollectorLosesSpans",
    at: {
      "5m": [],
      "15m": [
        {
          labels: { ...gateway, ...warning },
          summary: "otel-gateway in monitoring lost 1k spans in 10m",
        },
      ],
    },
  },
  {
    title: "warn when spans are refused for memory",
    series: lost(gateway, "otelcol_receiver_refused_spans_total", "0+100x40"),
    alert: "CollectorLosesSpans",
    at: { "15m": [{ labels: { ...gateway, ...warning } }] },
  },
  {
    title: "are silent about spans that were lost long ago, and about log lines",
    series: {
      ...lost(gateway, "otelcol_exporter_send_failed_spans_total", "700x40"),
      ...lost(agent, "otelcol_exporter_send_failed_log_records_total", "0+100x40"),
    },
    alert: "CollectorLosesSpans",
    at: { "6m": [], "30m": [] },
  },
  {
    title: "warn when log lines find no room in the queue",
    series: lost(agent, "otelcol_exporter_enqueue_failed_log_records_total", "0+5x40"),
    alert: "CollectorLosesLogs",
    at: {
      "5m": [],
      "15m": [{ labels: { ...agent, ...warning }, summary: "otel-agent in monitoring lost 50 log lines in 10m" }],
    },
  },
  {
    title: "are silent while all are passed on",
    series: lost(agent, "otelcol_exporter_enqueue_failed_log_records_total", "0x40"),
    alert: "CollectorLosesLogs",
    at: { "6m": [], "30m": [] },
  },
  {
    title: "warn when Loki refuses lines, and say why",
    series: { [series("loki_discarded_samples_total", { ...loki, pod: "loki-0", reason: "rate_limited" })]: "0+5x40" },
    alert: "LokiRejectsLogs",
    at: {
      "5m": [],
      "15m": [
        {
          labels: { ...loki, reason: "rate_limited", ...warning },
          summary: "Loki in monitoring refused 50 log lines in 10m: rate_limited",
        },
      ],
    },
  },
  {
    title: "are silent about lines that it refused long ago",
    series: { [series("loki_discarded_samples_total", { ...loki, pod: "loki-0", reason: "rate_limited" })]: "5x40" },
    alert: "LokiRejectsLogs",
    at: { "6m": [], "30m": [] },
  },
];

describe("the alerts on monitoring itself", () => {
  ruleCases(groups, cases);

  it("are proven, each in both ways", () => {
    assert.deepEqual(unproven(groups, cases), []);
  });
});
