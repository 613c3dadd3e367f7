/** Bidding: how many bids, how fast against what an exchange waits, and whether there are enough pods. */
import { contractMetrics, recordedMetrics } from "../../kube/metrics.ts";
import { judgedSeconds } from "../alerts/objectives.ts";
import type { Watched } from "../watched.ts";
import { type Dashboard, drawDashboard, type Row } from "./dashboard.ts";
import { percentiles, query, rate, series, share, sumBy } from "./queries.ts";
import { autoscaler, cpu, memoryOfLimit, restarts } from "./workload-panels.ts";

/** The dashboard of bidding: a row for each environment of the ad platform, since each has a budget of its own. */
export function bidding(watched: Watched): Dashboard {
  return drawDashboard({
    key: "bidding",
    description: "For whoever runs bidding: a bid that comes late is a bid that was not made.",
    rows: watched.ads.map((one) => environment(one, watched)),
  });
}

function environment(one: Watched["ads"][number], { thresholds }: Watched): Row {
  const { namespace, biddingService: service, budgetSeconds } = one;
  const labels = { namespace, service };
  const requests = contractMetrics.bidRequests.name;
  const duration = contractMetrics.bidDuration;
  const deployment = one.services.find(({ name }) => name === service)?.deployment ?? service;
  const errorPercent = one.services.find(({ name }) => name === service)?.errorPercent;
  const pods = { ...labels, thresholds };
  const bound = judgedSeconds(budgetSeconds);
  const within = rate(`${duration.name}_bucket`, { ...labels, le: String(bound) });
  return {
    title: `Bidding in ${one.environment}`,
    panels: [
      {
        title: "Bid requests",
        unit: "perSecond",
        description: "Bid requests per second over two minutes: what the autoscaler goes by.",
        queries: query(sumBy(["service"], series(recordedMetrics.requests, labels)), "{{service}}"),
      },
      {
        title: "Latency against the budget",
        unit: "seconds",
        description: `From a bid request to its answer. The exchange waits ${budgetSeconds} s, network and all.`,
        queries: percentiles(duration, { labels }),
        lines: [{ value: budgetSeconds, color: "red" }],
      },
      {
        title: `Bids within ${bound} s`,
        unit: "ratio",
        description: "Part of the bids that were answered within the budget, or the next bound of the histogram below.",
        queries: query(share(`sum(${within})`, `sum(${rate(`${duration.name}_count`, labels)})`), "within"),
      },
      {
        title: "Failed bid requests",
        unit: "ratio",
        description: "Part of the bid requests that ended with a status of 500 or more.",
        queries: query(
          share(`sum(${rate(requests, { ...labels, status: "=~5.." })})`, `sum(${rate(requests, labels)})`),
          "failed",
        ),
        lines: errorPercent === undefined ? [] : [{ value: errorPercent / 100, color: "red" }],
      },
      autoscaler({ namespace, horizontalpodautoscaler: deployment }),
      cpu(pods),
      memoryOfLimit(pods),
      restarts(pods),
    ],
  };
}
