import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { recordedMetrics, recordedQuery } from "../../../components/kube/metrics.ts";
import { recordingRules } from "../../../components/monitoring/alerts/recordings.ts";
import { type RuleCase, ruleCases, series } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";

const game = "mmorpg-game";
const ads = "ad-platform";

function pod(namespace: string, service: string, name: string) {
  return { namespace, service, pod: name, container: service };
}

const one = pod(game, "game-server", "game-server-us-west-a");
const two = pod(game, "game-server", "game-server-us-west-b");
const world = pod(game, "game-world-server", "game-world-servers-0");
const bidder = pod(ads, "bidding-service", "bidding-service-a");
const campaign = pod(ads, "campaign-service", "campaign-service-a");
const responseTime = "game_server_response_time_seconds";

/** What a recorded series is worth, under the labels that the rule gives it. */
function answer(record: keyof typeof recordedMetrics, namespace: string, service: string, value: number) {
  const query = recordedQuery(record, namespace, service);
  return { query, at: "10m", samples: { [series(recordedMetrics[record], { namespace, service })]: value } };
}

const cases: RuleCase[] = [
  {
    title: "adds the players of all pods of a row, worlds apart from game servers",
    series: {
      [series("game_server_active_players", one)]: "1200x20",
      [series("game_server_active_players", two)]: "300x20",
      [series("game_server_active_players", world)]: "70x20",
    },
    answers: [answer("players", game, "game-server", 1500), answer("players", game, "game-world-server", 70)],
  },
  {
    title: "takes the mean over all answers, not over pods, in milliseconds",
    series: {
      // 900 answers of 50 ms a minute on one pod, 100 of 250 ms on the other.
      [series(`${responseTime}_sum`, one)]: "0+45x20",
      [series(`${responseTime}_count`, one)]: "0+900x20",
      [series(`${responseTime}_sum`, two)]: "0+25x20",
      [series(`${responseTime}_count`, two)]: "0+100x20",
    },
    answers: [answer("responseTimeMs", game, "game-server", 70)],
  },
  {
    title: "has 0, not nothing and no 0/0, for a service that runs and has nothing to do",
    series: {
      [series(`${responseTime}_sum`, one)]: "45x20",
      [series(`${responseTime}_count`, one)]: "900x20",
      [series("http_requests_total", { ...campaign, status: "200" })]: "17x20",
    },
    answers: [
      answer("responseTimeMs", game, "game-server", 0),
      answer("requests", ads, "campaign-service", 0),
      { query: recordedQuery("requests", ads, "analytics-service"), at: "10m", samples: {} },
    ],
  },
  {
    title: "adds requests of every status to a rate per second",
    series: {
      [series("http_requests_total", { ...campaign, status: "200" })]: "0+540x20",
      [series("http_requests_total", { ...campaign, status: "500" })]: "0+60x20",
    },
    answers: [answer("requests", ads, "campaign-service", 10)],
  },
  {
    title: "counts each bid once, though it is an HTTP request too",
    series: {
      [series("bid_requests_total", { ...bidder, status: "200" })]: "0+6000x20",
      [series("http_requests_total", { ...bidder, status: "200" })]: "0+6060x20",
    },
    answers: [answer("requests", ads, "bidding-service", 100)],
  },
  {
    title: "takes no other request for a bid where bids are not counted",
    series: { [series("http_requests_total", { ...bidder, status: "200" })]: "0+6060x20" },
    answers: [{ query: recordedQuery("requests", ads, "bidding-service"), at: "10m", samples: {} }],
  },
];

describe("the recorded series", () => {
  const rules = recordingRules(sampleWatched());
  ruleCases(rules, cases);

  it("are all those that autoscalers ask for, each made once", () => {
    const made = rules.flatMap((group) => group.rules.map((rule) => ("record" in rule ? rule.record : rule.alert)));
    assert.deepEqual(made.sort(), Object.values(recordedMetrics).sort());
  });
});

describe("the recorded series of a region without ads", () => {
  ruleCases(recordingRules(sampleWatched({ ads: [] })), [
    {
      title: "are those of the game alone",
      series: {
        [series("http_requests_total", { ...pod(game, "auth-service", "auth-service-a"), status: "200" })]: "0+60x20",
      },
      answers: [answer("requests", game, "auth-service", 1)],
    },
  ]);
});
