import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { storeAlerts } from "../../../components/monitoring/alerts/stores.ts";
import { type RuleCase, ruleCases, series, unproven } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";

const watched = sampleWatched();
const stores = watched.stores.filter((one) => one.kind === "postgres");
const groups = storeAlerts({ ...watched, stores });

const store = { namespace: "ad-platform", service: "postgres-server" };
const critical = { ...store, severity: "critical" };
const warning = { ...store, severity: "warning" };
const pods = ["postgres-cluster-1", "postgres-cluster-2", "postgres-cluster-3"] as const;
const [first, second] = pods;

/** One metric of each server. */
function servers(metric: string, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    values.map((value, index) => [series(metric, { ...store, pod: pods[index] ?? "" }), value]),
  );
}

function archiver(failed: string, archived: string): Record<string, string> {
  return {
    ...servers("cnpg_pg_stat_archiver_last_failed_time", [failed]),
    ...servers("cnpg_pg_stat_archiver_last_archived_time", [archived]),
  };
}

function waiting(values: string): Record<string, string> {
  const pool = { namespace: store.namespace, service: "postgres", pod: "postgres-pooler-a", user: "campaign-service" };
  return { [series("cnpg_pgbouncer_pools_cl_waiting", { ...pool, database: "ads" })]: values };
}

const cases: RuleCase[] = [
  {
    title: "wakes somebody when PostgreSQL of a pod is away for longer than a restart or a drained node takes",
    series: servers("cnpg_collector_up", ["1x20", "1x20", "1 0x20"]),
    alert: "PostgresServersDown",
    at: {
      "10m": [],
      "12m": [{ labels: critical, summary: "2 of 3 servers of PostgreSQL in ad-platform are up" }],
    },
  },
  {
    title: "is silent about a server that one scrape missed",
    series: servers("cnpg_collector_up", ["1x20", "1x20", "1x4 0 1x20"]),
    step: 15,
    alert: "PostgresServersDown",
    at: { "1m": [], "75s": [], "5m": [] },
  },
  {
    title: "wakes somebody when no server takes writes",
    series: servers("cnpg_pg_replication_in_recovery", ["0 1x20", "1x20", "1x20"]),
    alert: "PostgresNotOneWriter",
    at: {
      "75s": [],
      "90s": [{ labels: critical, summary: "0 servers of PostgreSQL in ad-platform take writes; it must be one" }],
    },
  },
  {
    title: "wakes somebody when two servers take writes",
    series: servers("cnpg_pg_replication_in_recovery", ["0x20", "0x20", "1x20"]),
    alert: "PostgresNotOneWriter",
    at: {
      "30s": [{ labels: critical, summary: "2 servers of PostgreSQL in ad-platform take writes; it must be one" }],
    },
  },
  {
    title: "is silent while one does",
    series: servers("cnpg_pg_replication_in_recovery", ["0x20", "1x20", "1x20"]),
    alert: "PostgresNotOneWriter",
    at: { "1m": [], "10m": [] },
  },
  {
    title: "wakes somebody when no follower reads from the writer, whose commits wait for one",
    series: servers("cnpg_pg_replication_streaming_replicas", ["2 0x20", "0x20", "0x20"]),
    alert: "PostgresNoFollower",
    at: { "75s": [], "90s": [{ labels: critical, summary: "No follower reads from PostgreSQL in ad-platform" }] },
  },
  {
    title: "is silent while one of two does",
    series: servers("cnpg_pg_replication_streaming_replicas", ["1x20", "0x20", "0x20"]),
    alert: "PostgresNoFollower",
    at: { "90s": [], "10m": [] },
  },
  {
    title: "warns of a follower that is more than 30 s behind",
    series: servers("cnpg_pg_replication_lag", ["0x20", "31x20", "0x20"]),
    alert: "PostgresFollowerLags",
    at: {
      "285s": [],
      "5m": [{ labels: { ...warning, pod: second }, summary: `${second} of PostgreSQL in ad-platform is 31s behind` }],
    },
  },
  {
    title: "is silent about one that is 30 s behind",
    series: servers("cnpg_pg_replication_lag", ["0x20", "30x20", "0x20"]),
    alert: "PostgresFollowerLags",
    at: { "5m": [], "15m": [] },
  },
  {
    title: "warns when archiving has failed for a quarter of an hour",
    series: archiver("1000x60", "900x60"),
    alert: "PostgresArchivingFails",
    at: {
      "885s": [],
      "15m": [
        { labels: { ...warning, pod: first }, summary: `${first} of PostgreSQL in ad-platform cannot archive its log` },
      ],
    },
  },
  {
    title: "warns when archiving has only ever failed",
    series: archiver("1000x60", "-1x60"),
    alert: "PostgresArchivingFails",
    at: {
      "15m": [
        { labels: { ...warning, pod: first }, summary: `${first} of PostgreSQL in ad-platform cannot archive its log` },
      ],
    },
  },
  {
    title: "is silent when a later try went well",
    series: archiver("1000x60", "1010x60"),
    alert: "PostgresArchivingFails",
    at: { "15m": [], "30m": [] },
  },
  {
    title: "is silent where nothing is archived",
    series: archiver("-1x60", "-1x60"),
    alert: "PostgresArchivingFails",
    at: { "15m": [], "30m": [] },
  },
  {
    title: "warns when callers wait at a pooler for two minutes",
    series: waiting("0 3x20"),
    alert: "PostgresPoolerClientsWait",
    at: {
      "165s": [],
      "3m": [
        {
          labels: { ...warning, pod: "postgres-pooler-a", user: "campaign-service" },
          summary: "3 callers of campaign-service wait for a connection at postgres-pooler-a in ad-platform",
        },
      ],
    },
  },
  {
    title: "is silent about a moment in which some wait",
    series: waiting("0 3 0x20"),
    alert: "PostgresPoolerClientsWait",
    at: { "90s": [], "3m": [], "10m": [] },
  },
];

describe("the alerts of PostgreSQL", () => {
  ruleCases(groups, cases);

  it("are proven, each in both ways", () => {
    assert.deepEqual(unproven(groups, cases), []);
  });

  it("say nothing of followers of a single server", () => {
    const single = storeAlerts({ ...watched, stores: stores.map((one) => ({ ...one, servers: 1 })) });
    assert.doesNotMatch(JSON.stringify(single), /Follower/);
  });
});
