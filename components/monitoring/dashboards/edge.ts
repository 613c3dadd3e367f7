/** The edge: public hosts as they are seen from outside of their pods, and what they are asked. */
import { contractMetrics } from "../../kube/metrics.ts";
import type { Watched } from "../watched.ts";
import { type Dashboard, drawDashboard, type Row } from "./dashboard.ts";
import { anyOf, type Labels, query, rate, series, sumBy } from "./queries.ts";

/** The dashboard of public hosts. */
export function edge({ ads, thresholds }: Watched): Dashboard {
  const publicPods = { namespace: anyOf(ads.map((one) => one.namespace)) };
  return drawDashboard({
    key: "edge",
    description: "For whoever runs the edge: does each public host answer, how fast, and until when is it trusted?",
    rows: [
      {
        title: "Probes",
        panels: [
          {
            title: "Hosts that answer",
            unit: "ratio",
            description: "1 when the probe of the host was answered as it should be, 0 when it was not.",
            queries: query(series("probe_success"), "{{target}}"),
          },
          {
            title: "Time to the answer",
            unit: "seconds",
            description: "How long the whole probe takes: name, connection, TLS, answer.",
            queries: query(series("probe_duration_seconds"), "{{target}}"),
          },
          {
            title: "Days until certificates end",
            kind: "bars",
            unit: "days",
            description: "Below the line somebody is told: the certificate should have been renewed long ago.",
            queries: query(`(${series("probe_ssl_earliest_cert_expiry")} - time()) / 86400`, "{{target}}"),
            base: "red",
            lines: [{ value: thresholds.certificateDays, color: "green" }],
          },
          {
            title: "Status of the answers",
            unit: "count",
            description: "HTTP status of the last probe of each host; 0 without an answer.",
            queries: query(series("probe_http_status_code"), "{{target}}"),
          },
        ],
      },
      ...(ads.length === 0 ? [] : [requestsBehind(publicPods)]),
    ],
  });
}

/** What the public services are asked. */
function requestsBehind(publicPods: Labels): Row {
  return {
    title: "Requests behind the edge",
    panels: [
      {
        title: "Requests by status",
        unit: "perSecond",
        description: "Requests of the ad platform, which is public, by their status.",
        queries: query(sumBy(["status"], rate(contractMetrics.requests.name, publicPods)), "{{status}}"),
        opens: "services",
      },
      {
        title: "Bids by status",
        unit: "perSecond",
        description: "Bid requests by their status.",
        queries: query(sumBy(["status"], rate(contractMetrics.bidRequests.name, publicPods)), "{{status}}"),
      },
    ],
  };
}
