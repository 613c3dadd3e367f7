/** Monitoring of monitoring: Prometheus, its rules, Alertmanager, Grafana. */
import { seriesOf } from "../../capacity/series.ts";
import type { Watched } from "../watched.ts";
import { type Dashboard, drawDashboard } from "./dashboard.ts";
import { anyOf, maxBy, query, rate, series, sumBy } from "./queries.ts";
import { memoryOfLimit, restarts, volumes } from "./workload-panels.ts";

/** The dashboard of monitoring itself. */
export function monitoring({ thresholds }: Watched): Dashboard {
  const prometheus = { service: "prometheus" };
  const pods = { namespace: "=~.+", service: anyOf(["prometheus", "alertmanager", "grafana"]), thresholds };
  const planned = [
    `${seriesOf.port} * count(${series("up")})`,
    `${seriesOf.node} * count(${series("kube_node_info")})`,
    `${seriesOf.pod} * count(${series("kube_pod_info")})`,
  ].join(" + ");
  return drawDashboard({
    key: "monitoring",
    description: "For whoever runs monitoring: does it see everything, does it tell, has it room?",
    rows: [
      {
        title: "Scrapes",
        panels: [
          {
            title: "Series against the plan",
            unit: "count",
            description: "Series in memory, and what is planned for the ports, nodes and pods that there are now.",
            queries: [
              { expression: series("prometheus_tsdb_head_series", prometheus), legend: "{{pod}}" },
              { expression: planned, legend: "planned" },
            ],
          },
          {
            title: "Targets that do not answer",
            unit: "count",
            description: "Ports that could not be scraped.",
            queries: query(`count by (namespace, service) (${series("up")} == 0)`, "{{namespace}} {{service}}"),
          },
          {
            title: "Slowest scrapes",
            unit: "seconds",
            description: "Longest scrape of each service. It must end before the next begins.",
            queries: query(
              `topk(10, ${maxBy(["namespace", "service"], series("scrape_duration_seconds"))})`,
              "{{namespace}} {{service}}",
            ),
          },
          {
            title: "Samples",
            unit: "perSecond",
            description: "Samples per second that are written.",
            queries: query(rate("prometheus_tsdb_head_samples_appended_total", prometheus), "{{pod}}"),
          },
        ],
      },
      {
        title: "Rules and alerts",
        panels: [
          {
            title: "Rules that failed",
            unit: "perSecond",
            description: "Evaluations that failed. An alert that cannot be computed does not fire.",
            queries: query(
              sumBy(["pod", "rule_group"], rate("prometheus_rule_evaluation_failures_total", prometheus)),
              "{{pod}} {{rule_group}}",
            ),
          },
          {
            title: "Duration of rule groups",
            unit: "seconds",
            description: "Last evaluation of the ten slowest groups. It must end before the next begins.",
            queries: query(
              `topk(10, ${series("prometheus_rule_group_last_duration_seconds", prometheus)})`,
              "{{rule_group}}",
            ),
          },
          {
            title: "Messages that failed",
            unit: "perSecond",
            description: "Messages that Alertmanager could not deliver, by the kind of receiver.",
            queries: query(sumBy(["integration"], rate("alertmanager_notifications_failed_total")), "{{integration}}"),
          },
          {
            title: "Alerts in Alertmanager",
            unit: "count",
            description: "Alerts that are active, and those that a silence holds back.",
            queries: query(maxBy(["state"], series("alertmanager_alerts")), "{{state}}"),
          },
          {
            title: "Samples that wait to be sent",
            unit: "count",
            description: "Samples on their way to the global view. When it grows, the service there is slow or away.",
            queries: query(series("prometheus_remote_storage_samples_pending", prometheus), "{{pod}} {{url}}"),
          },
          {
            title: "Requests of Grafana",
            unit: "perSecond",
            description: "Requests to Grafana by status.",
            queries: query(
              sumBy(["status_code"], rate("grafana_http_request_duration_seconds_count")),
              "{{status_code}}",
            ),
          },
        ],
      },
      { title: "Pods", panels: [memoryOfLimit(pods), volumes(pods), restarts(pods)] },
    ],
  });
}
