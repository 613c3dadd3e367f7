/** Series that autoscalers ask for, made by Prometheus so that alerts and dashboards show exactly what scales. */
import { contractMetrics, recordedMetrics } from "../../kube/metrics.ts";
import type { Watched } from "../watched.ts";
import type { RuleGroup } from "./alert.ts";

/**
 * The series of `recordedMetrics`, one for each namespace and service.
 *
 * What is absent: a counter that stands still has a rate of 0, so a service that runs and has nothing to do has 0
 * requests and 0 ms, and its autoscaler goes down to the minimum. A service whose pods do not export the counter, or
 * are not scraped, has no series at all, which an autoscaler takes for a fault and leaves the count as it is. A counter
 * with labels appears with its first request unless the image makes it before; until then there is no series either.
 */
export function recordingRules(watched: Watched): RuleGroup[] {
  const { activePlayers, responseTime, requests, bidRequests } = contractMetrics;
  const answered = sum(`rate(${responseTime.name}_count[2m])`);
  const bidding = [...new Set(watched.ads.map((one) => one.biddingService))].join("|");
  return [
    {
      name: "recordings",
      rules: [
        { record: recordedMetrics.players, expression: sum(activePlayers.name) },
        {
          record: recordedMetrics.responseTimeMs,
          // Without a request the mean would be 0/0, which is no number: an autoscaler cannot compare it.
          expression: `1000 * ${sum(`rate(${responseTime.name}_sum[2m])`)} / (${answered} > 0) or ${answered}`,
        },
        {
          record: recordedMetrics.requests,
          // A bid is an HTTP request too: of a service that bids only the bids are counted, or each would count twice.
          expression:
            bidding === ""
              ? sum(`rate(${requests.name}[2m])`)
              : `${sum(`rate(${bidRequests.name}[2m])`)} or ${sum(`rate(${requests.name}{service!~"${bidding}"}[2m])`)}`,
        },
      ],
    },
  ];
}

function sum(expression: string): string {
  return `sum by (namespace, service) (${expression})`;
}
