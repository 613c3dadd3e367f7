/** Alerts on the services of game and ads: failing, late, restarting, at the end of their scale. */
import { contractMetrics } from "../../kube/metrics.ts";
import type { Watched, WatchedService } from "../watched.ts";
import type { Alert, RuleGroup } from "./alert.ts";
import { leastForPercentile, leastForShare } from "./traffic.ts";
import { workloadAlerts } from "./workloads.ts";

/** Alerts of services: their answers, and the workloads behind them. */
export function serviceAlerts(watched: Watched): RuleGroup[] {
  const bids = watched.ads.length === 0 ? [] : [highBidLatency(watched)];
  return [{ name: "service-answers", rules: [highErrorRate(watched), ...bids] }, ...workloadAlerts(watched)];
}

function highErrorRate(watched: Watched): Alert {
  const { requests, bidRequests } = contractMetrics;
  const bids = ({ name, namespace }: WatchedService) =>
    watched.ads.some((one) => one.namespace === namespace && one.biddingService === name);
  const rows = [...watched.game.services, ...watched.ads.flatMap((one) => one.services)];
  const groups = Map.groupBy(rows, (row) =>
    JSON.stringify([bids(row) ? bidRequests.name : requests.name, row.namespace, row.errorPercent]),
  );
  const clauses = [...groups].map(([key, members]) => {
    const [counter, namespace, percent]: [string, string, number] = JSON.parse(key);
    const own = `namespace="${namespace}",service=~"${members.map((one) => one.name).join("|")}"`;
    // Both sides lose the label `status`: with it every status is divided by itself, and one failure is 100 %.
    const all = `sum by (namespace, service) (rate(${counter}{${own}}[5m]))`;
    const failed = `sum by (namespace, service) (rate(${counter}{${own},status=~"5.."}[5m]))`;
    return `${failed} / ${all} > ${percent / 100} and ${all} > ${leastForShare}`;
  });
  return {
    alert: "HighErrorRate",
    expression: clauses.join("\nor\n"),
    forSeconds: 300,
    severity: "critical",
    summary: `{{ $value | humanizePercentage }} of the requests to {{ $labels.service }} in {{ $labels.namespace }} fail`,
    description: `{{ $labels.service }} answers that share with a status of 5xx.`,
    runbook: "service-errors",
  };
}

function highBidLatency({ ads }: Watched): Alert {
  const { name } = contractMetrics.bidDuration;
  const clauses = ads.map(({ namespace, biddingService, budgetSeconds }) => {
    const own = `{namespace="${namespace}",service="${biddingService}"}[5m]`;
    // Over all pods: one slow bid on an idle pod does not slow the service.
    const late = `histogram_quantile(0.95, sum by (namespace, service, le) (rate(${name}_bucket${own}))) > ${budgetSeconds}`;
    return `${late} and sum by (namespace, service) (rate(${name}_count${own})) > ${leastForPercentile}`;
  });
  return {
    alert: "HighBidLatency",
    expression: clauses.join("\nor\n"),
    forSeconds: 120,
    severity: "warning",
    summary: `Bids of {{ $labels.service }} in {{ $labels.namespace }} are late: the 95th percentile is {{ $value | humanizeDuration }}`,
    description: `More than one bid of {{ $labels.service }} in twenty misses its budget; the exchange does not wait for it.`,
    runbook: "slow-bids",
  };
}
