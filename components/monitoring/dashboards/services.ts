/** Services of both platforms that answer HTTP: requests, errors, latency, replicas. */
import { contractMetrics, recordedMetrics } from "../../kube/metrics.ts";
import type { Watched } from "../watched.ts";
import { type Dashboard, drawDashboard } from "./dashboard.ts";
import { anyOf, percentiles, query, rate, series, share, sumBy } from "./queries.ts";
import { autoscaler, cpu, memoryOfLimit, restarts } from "./workload-panels.ts";

/** The dashboard of services. */
export function services(watched: Watched): Dashboard {
  const { game, thresholds } = watched;
  const all = [...game.services, ...watched.ads.flatMap((one) => one.services)];
  const names = anyOf(all.map((one) => one.name));
  const labels = { namespace: "=~$namespace", service: names };
  const pods = { ...labels, thresholds };
  const by = ["namespace", "service"];
  const errorPercents = [...new Set(all.map((one) => one.errorPercent))].sort((one, other) => one - other);
  const requests = contractMetrics.requests.name;
  return drawDashboard({
    key: "services",
    description: "For whoever is called about a service: is it asked, does it fail, is it slow, has it room?",
    variables: [{ name: "namespace", of: series("up", { service: names }) }],
    rows: [
      {
        title: "Requests",
        panels: [
          {
            title: "Requests",
            unit: "perSecond",
            description: "Requests per second over two minutes, as autoscalers see them; bids for the one that bids.",
            queries: query(sumBy(by, series(recordedMetrics.requests, labels)), "{{namespace}} {{service}}"),
          },
          {
            title: "Failed requests",
            unit: "ratio",
            description: "Part of the requests that ended with a status of 500 or more.",
            queries: query(
              share(sumBy(by, rate(requests, { ...labels, status: "=~5.." })), sumBy(by, rate(requests, labels))),
              "{{namespace}} {{service}}",
            ),
            lines: errorPercents.map((percent) => ({ value: percent / 100, color: "red" })),
          },
          {
            title: "Latency",
            unit: "seconds",
            description: "From a request to its answer.",
            queries: percentiles(contractMetrics.requestDuration, { labels, by: ["service"], name: "{{service}}" }),
          },
          {
            title: "Requests by status",
            unit: "perSecond",
            description: "All services together. Many refusals (4xx) are somebody's mistake, failures (5xx) are ours.",
            queries: query(sumBy(["status"], rate(requests, labels)), "{{status}}"),
          },
        ],
      },
      {
        title: "Logins and matches",
        panels: [
          {
            title: "Logins",
            unit: "perSecond",
            description: "Done, refused to the person, failed through our fault.",
            queries: query(
              sumBy(
                ["result"],
                rate(contractMetrics.logins.name, { namespace: game.namespace, service: game.authService }),
              ),
              "{{result}}",
            ),
          },
          {
            title: "Players who wait for a match",
            unit: "count",
            description: "Length of the queue of matchmaking. It should go up and down, not only up.",
            queries: query(
              `sum(${series(contractMetrics.queueDepth.name, { namespace: game.namespace, service: game.matchmakingService })})`,
              "waiting",
            ),
          },
        ],
      },
      {
        title: "Pods",
        panels: [
          autoscaler({ namespace: "=~$namespace", horizontalpodautoscaler: anyOf(all.map((one) => one.deployment)) }),
          cpu(pods),
          memoryOfLimit(pods),
          restarts(pods),
        ],
      },
    ],
  });
}
