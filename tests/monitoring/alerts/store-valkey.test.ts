import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { storeAlerts } from "../../../components/monitoring/alerts/stores.ts";
import { type RuleCase, ruleCases, series, unproven } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";

const watched = sampleWatched();
const stores = watched.stores.filter((one) => one.kind === "valkey" && one.namespace === "mmorpg-game");
const groups = storeAlerts({ ...watched, stores });

const store = { namespace: "mmorpg-game", service: "redis" };
const pod = { ...store, pod: "redis-cluster-0" };
const critical = { ...pod, severity: "critical" };
const warning = { ...pod, severity: "warning" };

/** One metric of six servers; the last values hold for the rest. */
function servers(metric: string, ...values: readonly string[]): Record<string, string> {
  const names = Array.from({ length: 6 }, (_, index) => series(metric, { ...store, pod: `redis-cluster-${index}` }));
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? values.at(-1) ?? ""]));
}

function one(metric: string, values: string, labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { [series(metric, { ...pod, ...labels })]: values };
}

/** A server with its role, its replicas, and the number of primaries of the cluster. */
function copies(role: string, replicas: number, primaries: number): Record<string, string> {
  return {
    ...one("redis_connected_slaves", `${replicas}x30`),
    ...one("redis_instance_info", "1x30", { role }),
    ...one("redis_cluster_size", `${primaries}x30`),
  };
}

const cases: RuleCase[] = [
  {
    title: "wakes somebody when a server is away for longer than a restart or a drained node takes",
    series: servers("redis_up", "1 0x20", "1x30"),
    alert: "ValkeyServersDown",
    at: {
      "10m": [],
      "12m": [
        {
          labels: { ...store, severity: "critical" },
          summary: "5 of 6 servers of Valkey in mmorpg-game are up",
        },
      ],
    },
  },
  {
    title: "is silent while all six are up",
    series: servers("redis_up", "1x30"),
    alert: "ValkeyServersDown",
    at: { "1m": [], "12m": [] },
  },
  {
    title: "wakes somebody when servers say for longer than 7.5 s that slots are not served",
    series: servers("redis_cluster_state", "1 0x20", "1 0x20", "1x20"),
    alert: "ValkeyClusterNotOk",
    at: {
      "1m": [],
      "75s": [
        {
          labels: { ...store, severity: "critical" },
          summary: "2 servers of Valkey in mmorpg-game say that the cluster does not serve",
        },
      ],
    },
  },
  {
    title: "is silent about a failover that one scrape sees",
    series: servers("redis_cluster_state", "1x4 0 1x20"),
    step: 15,
    alert: "ValkeyClusterNotOk",
    at: { "1m": [], "75s": [], "2m": [] },
  },
  {
    title: "warns of a primary without a replica",
    series: copies("master", 0, 3),
    alert: "ValkeyPrimaryWithoutReplica",
    at: {
      "285s": [],
      "5m": [{ labels: warning, summary: "The primary redis-cluster-0 of Valkey in mmorpg-game has no replica" }],
    },
  },
  {
    title: "is silent about a primary with one",
    series: copies("master", 1, 3),
    alert: "ValkeyPrimaryWithoutReplica",
    at: { "5m": [], "20m": [] },
  },
  {
    title: "is silent about a replica, to which nobody listens",
    series: copies("slave", 0, 3),
    alert: "ValkeyPrimaryWithoutReplica",
    at: { "5m": [], "20m": [] },
  },
  {
    title: "is silent about a cluster of primaries alone, which was asked for",
    series: copies("master", 0, 6),
    alert: "ValkeyPrimaryWithoutReplica",
    at: { "5m": [], "20m": [] },
  },
  {
    title: "warns of a server that uses more than 90 % of its memory",
    series: { ...one("redis_memory_used_bytes", "90.6x30"), ...one("redis_memory_max_bytes", "100x30") },
    alert: "ValkeyMemoryNearlyFull",
    at: {
      "285s": [],
      "5m": [{ labels: warning, summary: "redis-cluster-0 of Valkey in mmorpg-game uses 91 % of its memory" }],
    },
  },
  {
    title: "is silent at 90 %",
    series: { ...one("redis_memory_used_bytes", "90x30"), ...one("redis_memory_max_bytes", "100x30") },
    alert: "ValkeyMemoryNearlyFull",
    at: { "5m": [], "20m": [] },
  },
  {
    title: "is silent about a server without a limit",
    series: { ...one("redis_memory_used_bytes", "90x30"), ...one("redis_memory_max_bytes", "0x30") },
    alert: "ValkeyMemoryNearlyFull",
    at: { "5m": [], "20m": [] },
  },
  {
    title: "warns when connections are refused",
    series: one("redis_rejected_connections_total", "0x4 1+1x20"),
    alert: "ValkeyRejectsConnections",
    at: {
      "5m": [],
      "7m": [{ labels: warning, summary: "redis-cluster-0 of Valkey in mmorpg-game refuses connections" }],
    },
  },
  {
    title: "is silent about those that were refused long ago",
    series: one("redis_rejected_connections_total", "7x30"),
    alert: "ValkeyRejectsConnections",
    at: { "7m": [], "20m": [] },
  },
  {
    title: "wakes somebody when the append-only file cannot be written",
    series: one("redis_aof_last_write_status", "1 0x20"),
    alert: "ValkeyCannotWrite",
    at: {
      "105s": [],
      "2m": [{ labels: critical, summary: "redis-cluster-0 of Valkey in mmorpg-game cannot write to its volume" }],
    },
  },
  {
    title: "is silent while it can",
    series: one("redis_aof_last_write_status", "1x20"),
    alert: "ValkeyCannotWrite",
    at: { "2m": [], "10m": [] },
  },
];

describe("the alerts of Valkey", () => {
  ruleCases(groups, cases);

  it("are proven, each in both ways", () => {
    assert.deepEqual(unproven(groups, cases), []);
  });
});
