import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { gameAlerts } from "../../../components/monitoring/alerts/game.ts";
import { worldAlerts } from "../../../components/monitoring/alerts/worlds.ts";
import { type RuleCase, ruleCases, series, unproven } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";

const watched = sampleWatched();
const ofWorlds = new Set(worldAlerts(watched).map((group) => group.name));
const groups = gameAlerts(watched).filter((group) => !ofWorlds.has(group.name));

const server = {
  namespace: "mmorpg-game",
  service: "game-server",
  pod: "game-server-us-west-7d9f-abcde",
};
const matchmaker = { namespace: "mmorpg-game", service: "matchmaking-service", pod: "matchmaking-service-5c4-xyz12" };
const container = { ...server, container: "game-server" };

/** Buckets and count of response times; each value is what a minute adds. */
function responses(perMinute: Readonly<Record<string, number>>): Record<string, string> {
  const metric = "game_server_response_time_seconds";
  return {
    ...Object.fromEntries(
      Object.entries(perMinute).map(([le, count]) => [
        series(`${metric}_bucket`, { ...container, le }),
        `0+${count}x20`,
      ]),
    ),
    [series(`${metric}_count`, container)]: `0+${perMinute["+Inf"]}x20`,
  };
}

const load: RuleCase[] = [
  {
    title: "warns of 1801 players for two minutes and names the pod, whose label the original's series never had",
    series: { [series("game_server_active_players", container)]: "1801x10" },
    alert: "HighPlayerLoad",
    at: {
      "105s": [],
      "2m": [
        {
          labels: { ...container, severity: "warning" },
          summary: `${server.pod} has 1801 players of at most 2000`,
        },
      ],
    },
  },
  {
    title: "is silent about 1800 players, 90 % of the maximum",
    series: { [series("game_server_active_players", container)]: "1800x10" },
    alert: "HighPlayerLoad",
    at: { "10m": [] },
  },
  {
    title: "forgets a crowd that is gone before two minutes have passed",
    series: { [series("game_server_active_players", container)]: "1801 1801 1700x8" },
    alert: "HighPlayerLoad",
    at: { "1m": [], "2m": [], "10m": [] },
  },
  {
    title:
      "wakes somebody when the 99th percentile is 201 ms for a minute; the original asked for a metric nobody makes",
    series: responses({ "0.15": 5000, "0.2": 9800, "0.3": 9900, "+Inf": 9900 }),
    alert: "HighResponseTime",
    at: {
      "1m": [],
      "5m": [
        {
          labels: { ...server, severity: "critical" },
          summary: `${server.pod} answers slowly: the 99th percentile is 201ms`,
        },
      ],
    },
  },
  {
    title: "is silent about a 99th percentile of 199 ms",
    series: responses({ "0.15": 2500, "0.2": 5000, "0.3": 5000, "+Inf": 5000 }),
    alert: "HighResponseTime",
    at: { "5m": [], "15m": [] },
  },
  {
    title: "is silent about one slow answer on a pod that nobody uses",
    series: {
      [series("game_server_response_time_seconds_bucket", { ...container, le: "0.2" })]: "0x20",
      [series("game_server_response_time_seconds_bucket", { ...container, le: "1" })]: "0x4 1x15",
      [series("game_server_response_time_seconds_bucket", { ...container, le: "+Inf" })]: "0x4 1x15",
      [series("game_server_response_time_seconds_count", container)]: "0x4 1x15",
    },
    alert: "HighResponseTime",
    at: { "6m": [], "8m": [] },
  },
  {
    title: "says how many ready servers do not say how many players they have, scraped or not",
    series: {
      [series("kube_pod_status_ready", { namespace: server.namespace, pod: server.pod, condition: "true" })]: "1x20",
      'kube_pod_status_ready{namespace="mmorpg-game",pod="game-world-servers-0",condition="true"}': "1x20",
      'kube_pod_status_ready{namespace="mmorpg-game",pod="game-world-servers-1",condition="true"}': "1x20",
      'kube_pod_status_ready{namespace="mmorpg-game",pod="auth-service-1",condition="true"}': "1x20",
      [series("game_server_active_players", container)]: "7x20",
    },
    alert: "PlayersMetricMissing",
    at: {
      "285s": [],
      "5m": [
        {
          labels: { namespace: "mmorpg-game", severity: "warning" },
          summary: "Servers in mmorpg-game that are ready and do not say how many players they have: 2",
        },
      ],
    },
  },
  {
    title: "expects no players of a server that is not ready yet",
    series: {
      [series("kube_pod_status_ready", { namespace: server.namespace, pod: server.pod, condition: "true" })]: "0x20",
    },
    alert: "PlayersMetricMissing",
    at: { "15m": [] },
  },
];

const errors = "game_server_database_connection_errors_total";
const depth = "game_server_matchmaking_queue_depth";

const faults: RuleCase[] = [
  {
    title: "wakes somebody after 11 broken connections to MySQL in five minutes",
    series: { [series(errors, container)]: "0x20 11x40" },
    step: 15,
    alert: "DatabaseConnectionFailure",
    at: {
      "330s": [],
      "345s": [
        {
          labels: { ...server, severity: "critical" },
          summary: `${server.pod} lost or missed 11 connections to MySQL in 5 minutes`,
        },
      ],
    },
  },
  {
    title: "is silent about 10 broken connections, also where increase() extrapolates to 10.5",
    series: { [series(errors, container)]: "100x20 110x60" },
    step: 15,
    evaluation: 40,
    alert: "DatabaseConnectionFailure",
    at: { "400s": [], "440s": [], "480s": [] },
  },
  {
    title: "warns of a queue for matches that does not become shorter for ten minutes",
    series: { [series(depth, matchmaker)]: "3x4 4x4 6x30" },
    alert: "MatchmakingStuck",
    at: {
      "285s": [],
      "10m": [
        {
          labels: { ...matchmaker, severity: "warning" },
          summary: `Players wait in vain for a match at ${matchmaker.pod}`,
        },
      ],
    },
  },
  {
    title: "is silent about a long queue that moves",
    series: { [series(depth, matchmaker)]: "90 95 99 85 93 99 88 94 99 84 92 97 81 90 95 80 90" },
    alert: "MatchmakingStuck",
    at: { "8m": [], "16m": [] },
  },
  {
    title: "is silent about an empty queue",
    series: { [series(depth, matchmaker)]: "0x30" },
    alert: "MatchmakingStuck",
    at: { "20m": [] },
  },
];

const drained = "game_server_drained_players_total";

const drains: RuleCase[] = [
  {
    title: "warns of a server that outlives its grace by more than a minute",
    // What Kubernetes writes down is the end of the grace, here 600 s.
    series: { [series("kube_pod_deletion_timestamp", { namespace: server.namespace, pod: server.pod })]: "600x20" },
    alert: "DrainTooLong",
    at: {
      "11m": [],
      "12m": [
        {
          labels: { namespace: server.namespace, pod: server.pod, severity: "warning" },
          summary: `${server.pod} should have been gone 2m 0s ago`,
        },
      ],
    },
  },
  {
    title: "is silent while a world uses the grace that it has, and about pods without players",
    series: {
      'kube_pod_deletion_timestamp{namespace="mmorpg-game",pod="game-world-servers-0"}': "900x16",
      'kube_pod_deletion_timestamp{namespace="mmorpg-game",pod="mysql-backup-1"}': "60x16",
    },
    alert: "DrainTooLong",
    at: { "5m": [], "14m": [], "16m": [] },
  },
  {
    title: "warns of players who were cut off, also when the first scrape that counts them is the last one",
    series: {
      [series(drained, { ...container, outcome: "moved" })]: "40x3 41",
      [series(drained, { ...container, outcome: "cut" })]: "_x4 12 stale",
    },
    alert: "PlayersCut",
    at: {
      "3m": [],
      "6m": [
        {
          labels: { ...server, severity: "warning" },
          summary: `Players that the end of the drain of ${server.pod} cut off: 12`,
        },
      ],
      "30m": [],
    },
  },
  {
    title: "is silent about a drain that moved everybody",
    series: {
      [series(drained, { ...container, outcome: "moved" })]: "0 20 41x10",
      [series(drained, { ...container, outcome: "cut" })]: "0x12",
    },
    alert: "PlayersCut",
    at: { "5m": [], "10m": [] },
  },
];

const cases = [...load, ...faults, ...drains];

describe("the alerts of the game", () => {
  ruleCases(groups, cases);

  it("are proven, each in both ways", () => {
    assert.deepEqual(unproven(groups, cases), []);
  });
});
