import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { serviceAlerts } from "../../../components/monitoring/alerts/services.ts";
import { workloadAlerts } from "../../../components/monitoring/alerts/workloads.ts";
import { type RuleCase, ruleCases, series, unproven } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";

const watched = sampleWatched();
const ofWorkloads = new Set(workloadAlerts(watched).map((group) => group.name));
const groups = serviceAlerts(watched).filter((group) => !ofWorkloads.has(group.name));

const auth = { namespace: "mmorpg-game", service: "auth-service" };
const campaign = { namespace: "ad-platform", service: "campaign-service" };
const bidding = { namespace: "ad-platform", service: "bidding-service" };

/** Requests of two pods of a service by status; each value is what a minute adds to each pod. */
function requests(service: typeof auth, perMinute: Readonly<Record<string, number>>, metric = "http_requests_total") {
  return Object.fromEntries(
    ["a", "b"].flatMap((pod) =>
      Object.entries(perMinute).map(([status, count]) => [
        series(metric, { ...service, pod: `${service.service}-${pod}`, status }),
        `0+${count}x20`,
      ]),
    ),
  );
}

/** Durations of bids on one pod; each value is what a minute adds to a bucket. */
function bids(pod: string, perMinute: Readonly<Record<string, number>>): Record<string, string> {
  const metric = "bid_request_duration_seconds";
  return {
    ...Object.fromEntries(
      Object.entries(perMinute).map(([le, count]) => [
        series(`${metric}_bucket`, { ...bidding, pod, le }),
        `0+${count}x20`,
      ]),
    ),
    [series(`${metric}_count`, { ...bidding, pod })]: `0+${perMinute["+Inf"]}x20`,
  };
}

const late = "Bids of bidding-service in ad-platform are late: the 95th percentile is";

const cases: RuleCase[] = [
  {
    title: "wakes somebody when more than 5 % of the requests of a service fail for five minutes",
    series: requests(auth, { 200: 940, 500: 40, 503: 20 }),
    alert: "HighErrorRate",
    at: {
      "5m": [],
      "7m": [
        {
          labels: { ...auth, severity: "critical" },
          summary: "6% of the requests to auth-service in mmorpg-game fail",
        },
      ],
    },
  },
  {
    title: "is silent about 4 % of failures, and about any share of requests that were refused",
    series: requests(auth, { 200: 400, 404: 560, 500: 40 }),
    alert: "HighErrorRate",
    at: { "7m": [], "15m": [] },
  },
  {
    title: "is silent about one failure in 1001 requests, which the original's expression divided by itself: 100 %",
    series: {
      [series("http_requests_total", { ...campaign, pod: "campaign-service-a", status: "200" })]: "0+100x20",
      [series("http_requests_total", { ...campaign, pod: "campaign-service-a", status: "500" })]: "0x5 1x15",
    },
    alert: "HighErrorRate",
    at: { "6m": [], "8m": [], "10m": [], "12m": [] },
  },
  {
    title: "is silent about a service that nobody uses, of whose few requests each fails",
    series: {
      [series("http_requests_total", { ...campaign, pod: "campaign-service-a", status: "500" })]: "0+2x30",
    },
    alert: "HighErrorRate",
    at: { "15m": [], "25m": [] },
  },
  {
    title: "is silent without any traffic",
    series: requests(auth, { 200: 0, 500: 0 }),
    alert: "HighErrorRate",
    at: { "15m": [] },
  },
  {
    title: "judges bidding by its bids, whatever else it answers",
    series: {
      ...requests(bidding, { 200: 900, 500: 100 }, "bid_requests_total"),
      ...requests(bidding, { 200: 9000 }),
    },
    alert: "HighErrorRate",
    at: {
      "8m": [
        {
          labels: { ...bidding, severity: "critical" },
          summary: "10% of the requests to bidding-service in ad-platform fail",
        },
      ],
    },
  },
  {
    title: "warns of bids whose 95th percentile is 101 ms for two minutes",
    series: bids("bidding-service-a", { "0.075": 9000, "0.1": 9490, "0.15": 10000, "+Inf": 10000 }),
    alert: "HighBidLatency",
    at: {
      "2m": [],
      // The 9500th of 10000 bids: ten into the 510 between 100 and 150 ms.
      "6m": [{ labels: { ...bidding, severity: "warning" }, summary: `${late} 101ms` }],
    },
  },
  {
    title: "is silent about a 95th percentile of 99 ms",
    series: bids("bidding-service-a", { "0.075": 9000, "0.1": 9520, "0.15": 10000, "+Inf": 10000 }),
    alert: "HighBidLatency",
    at: { "6m": [], "15m": [] },
  },
  {
    title: "is silent about one slow bid on an idle pod, since the service is asked and not each pod",
    series: {
      ...bids("bidding-service-a", { "0.1": 6000, "0.25": 6000, "+Inf": 6000 }),
      ...bids("bidding-service-b", { "0.1": 0, "0.25": 1, "+Inf": 1 }),
    },
    alert: "HighBidLatency",
    at: { "6m": [], "15m": [] },
  },
  {
    title: "is silent about a few slow bids of a service that is idle as a whole",
    series: bids("bidding-service-a", { "0.1": 0, "0.25": 30, "+Inf": 30 }),
    alert: "HighBidLatency",
    at: { "6m": [], "15m": [] },
  },
];

describe("the alerts of services", () => {
  ruleCases(groups, cases);

  it("are proven, each in both ways", () => {
    assert.deepEqual(unproven(groups, cases), []);
  });
});

describe("the alerts of services whose rows differ", () => {
  const [auth5, ...others] = watched.game.services;
  const strict = auth5 === undefined ? [] : [{ ...auth5, errorPercent: 1 }, ...others];
  const player = { ...auth, service: "player-service" };
  const second = watched.ads.map((one) => ({
    ...one,
    environment: "staging" as const,
    namespace: "ad-platform-staging",
    budgetSeconds: 0.25,
    services: one.services.map((service) => ({ ...service, namespace: "ad-platform-staging" })),
  }));
  const differing = serviceAlerts(
    sampleWatched({ game: { ...watched.game, services: strict }, ads: [...watched.ads, ...second] }),
  );
  ruleCases(differing, [
    {
      title: "compare each service with its own percentage",
      series: { ...requests(auth, { 200: 980, 500: 20 }), ...requests(player, { 200: 980, 500: 20 }) },
      alert: "HighErrorRate",
      at: { "8m": [{ labels: { ...auth, severity: "critical" } }] },
    },
    {
      title: "compare each environment with its own budget",
      series: Object.fromEntries(
        ["ad-platform", "ad-platform-staging"].flatMap((namespace) =>
          Object.entries(bids("bidding-service-a", { "0.1": 600, "0.15": 6000, "0.25": 6000, "+Inf": 6000 })).map(
            ([name, values]) => [name.replace('"ad-platform"', `"${namespace}"`), values],
          ),
        ),
      ),
      alert: "HighBidLatency",
      at: { "8m": [{ labels: { ...bidding, severity: "warning" } }] },
    },
  ]);
});
