/** Alerts on monitoring itself: Prometheus, Alertmanager, collectors, Loki. */
import type { Alert, RuleGroup } from "./alert.ts";

/** Seconds that the global view may be behind (kube-prometheus, PrometheusRemoteWriteBehind). */
const behindSeconds = 120;

/** Series over the plan at which memory gets short: its limit is twice the plan (components/capacity/series.ts). */
const seriesFactor = 1.5;

/** Span in which nothing may be lost. */
const lostSpan = "10m";

const byPod = "namespace, service, pod";

/** Alerts of monitoring; series are compared only where their plan is known. */
export function ownAlerts(plannedSeries?: number): RuleGroup[] {
  const planned = plannedSeries === undefined ? [] : [seriesAbovePlan(plannedSeries)];
  return [
    {
      name: "monitoring-prometheus",
      rules: [ruleFails(), reloadFailed(), remoteWriteBehind(), walCorrupt(), compactionsFail(), ...planned],
    },
    { name: "monitoring-alertmanager", rules: [notificationsFail(), membersMissing()] },
    {
      name: "monitoring-traces-and-logs",
      rules: [collectorLoses("spans"), collectorLoses("log_records"), lokiRejects()],
    },
  ];
}

function ruleFails(): Alert {
  return {
    alert: "PrometheusRuleFails",
    expression: `sum by (${byPod}, rule_group) (increase(prometheus_rule_evaluation_failures_total[5m])) > 0`,
    forSeconds: 300,
    severity: "critical",
    summary: `{{ $labels.pod }} cannot evaluate rules of {{ $labels.rule_group }}`,
    description: `Alerts of this group are silent, whatever happens, and autoscalers may read old numbers.`,
    runbook: "monitoring",
  };
}

function reloadFailed(): Alert {
  return {
    alert: "PrometheusReloadFailed",
    expression: `max by (${byPod}) (prometheus_config_last_reload_successful) == 0`,
    forSeconds: 600,
    severity: "warning",
    summary: `{{ $labels.pod }} could not load its settings`,
    description: `{{ $labels.pod }} goes on with the old targets and rules, and does not start with the new ones.`,
    runbook: "monitoring",
  };
}

function remoteWriteBehind(): Alert {
  const newest = "prometheus_remote_storage_queue_highest_timestamp_seconds";
  const sent = "prometheus_remote_storage_queue_highest_sent_timestamp_seconds";
  return {
    alert: "PrometheusRemoteWriteBehind",
    expression: `max by (${byPod}, url) (${newest} - ${sent}) > ${behindSeconds}`,
    forSeconds: 900,
    severity: "warning",
    summary: `{{ $labels.pod }} is {{ $value | humanizeDuration }} behind with {{ $labels.url }}`,
    description: `The global view is old. After two hours what was not sent to {{ $labels.url }} is lost to it; the region itself has it.`,
    runbook: "monitoring",
  };
}

function walCorrupt(): Alert {
  return {
    alert: "PrometheusWalCorrupt",
    // Faults are found while it starts, before the first scrape: increase() would not see them.
    expression: `max by (${byPod}) (prometheus_tsdb_wal_corruptions_total) > 0`,
    forSeconds: 0,
    severity: "warning",
    summary: `The write-ahead log of {{ $labels.pod }} was damaged`,
    description: `Up to two hours of metrics before the start of {{ $labels.pod }} are lost; the other server has them. Its volume may be failing.`,
    runbook: "monitoring",
  };
}

function compactionsFail(): Alert {
  return {
    alert: "PrometheusCompactionsFail",
    expression: `sum by (${byPod}) (increase(prometheus_tsdb_compactions_failed_total[3h])) > 0`,
    forSeconds: 3600,
    severity: "warning",
    summary: `{{ $labels.pod }} cannot compact its blocks`,
    description: `The volume of {{ $labels.pod }} is full or failing. Memory and disk grow until it stops.`,
    runbook: "monitoring",
  };
}

function seriesAbovePlan(plannedSeries: number): Alert {
  return {
    alert: "PrometheusSeriesAbovePlan",
    expression: `max by (${byPod}) (prometheus_tsdb_head_series) > ${Math.ceil(plannedSeries * seriesFactor)}`,
    forSeconds: 1800,
    severity: "warning",
    summary: `{{ $labels.pod }} holds {{ $value | humanize }} series`,
    description: `It was planned for ${plannedSeries}, and its memory ends at about twice that. Most often a label has too many values.`,
    runbook: "monitoring",
  };
}

function notificationsFail(): Alert {
  return {
    alert: "AlertmanagerNotificationsFail",
    expression: `sum by (namespace, service, integration) (increase(alertmanager_notifications_failed_total[5m])) > 0`,
    forSeconds: 600,
    severity: "critical",
    summary: `Alertmanager cannot send by {{ $labels.integration }}`,
    description: `People are not told by {{ $labels.integration }}. You read this by another way, or not at all.`,
    runbook: "monitoring",
  };
}

function membersMissing(): Alert {
  const pods = `count by (${byPod}) (up{service="alertmanager"})`;
  return {
    alert: "AlertmanagerMembersMissing",
    expression: `min by (namespace, service) (alertmanager_cluster_members) < count by (namespace, service) (${pods})`,
    forSeconds: 900,
    severity: "warning",
    summary: `An Alertmanager in {{ $labels.namespace }} sees {{ $value }} members only`,
    description: `Those that do not see each other send each message twice, and silences hold on one side only.`,
    runbook: "monitoring",
  };
}

function collectorLoses(what: "spans" | "log_records"): Alert {
  const sum = (counter: string) =>
    `sum by (namespace, service) (increase(otelcol_${counter}_${what}_total[${lostSpan}])) > 0`;
  const title = what === "spans" ? "spans" : "log lines";
  return {
    alert: what === "spans" ? "CollectorLosesSpans" : "CollectorLosesLogs",
    expression: ["exporter_send_failed", "exporter_enqueue_failed", "receiver_refused"].map(sum).join("\nor "),
    forSeconds: 300,
    severity: "warning",
    summary: `{{ $labels.service }} in {{ $labels.namespace }} lost {{ $value | humanize }} ${title} in ${lostSpan}`,
    description: `What takes them is away or too slow, or {{ $labels.service }} is short of memory. Players notice nothing; whoever looks for a fault does.`,
    runbook: "telemetry-lost",
  };
}

function lokiRejects(): Alert {
  return {
    alert: "LokiRejectsLogs",
    expression: `sum by (namespace, service, reason) (increase(loki_discarded_samples_total[${lostSpan}])) > 0`,
    forSeconds: 300,
    severity: "warning",
    summary: `Loki in {{ $labels.namespace }} refused {{ $value | humanize }} log lines in ${lostSpan}: {{ $labels.reason }}`,
    description: `These lines are lost. {{ $labels.reason }} says which limit they broke; the lines of other pods are kept.`,
    runbook: "telemetry-lost",
  };
}
