import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { storeAlerts } from "../../../components/monitoring/alerts/stores.ts";
import { type RuleCase, ruleCases, series, unproven } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";

const watched = sampleWatched();
const stores = watched.stores.filter((store) => store.kind === "mysql");
const groups = storeAlerts({ ...watched, stores });

const store = { namespace: "mmorpg-game", service: "mysql-server" };
const critical = { ...store, severity: "critical" };
const warning = { ...store, severity: "warning" };
const pods = ["mysql-cluster-0", "mysql-cluster-1", "mysql-cluster-2"] as const;
const [first, second, third] = pods;
const host = (pod: string) => `${pod}.mysql-cluster-instances.mmorpg-game.svc.cluster.local`;

/** One metric of each server. */
function servers(metric: string, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    values.map((value, index) => [series(metric, { ...store, pod: pods[index] ?? "" }), value]),
  );
}

/** States of the members as one server sees them. */
function seen(by: string, states: Readonly<Record<string, string>>): Record<string, string> {
  const name = (pod: string, state: string) =>
    series("mysql_perf_schema_replication_group_member_info", {
      ...store,
      pod: by,
      member_host: host(pod),
      member_state: state,
    });
  return Object.fromEntries(Object.entries(states).map(([pod, state]) => [name(pod, state), "1x60"]));
}

/** What one follower has to apply, when it applies ten transactions a second. */
function lag(waiting: string, applied = "0+600x30"): Record<string, string> {
  return {
    [series("mysql_perf_schema_transactions_remote_in_applier_queue", { ...store, pod: second })]: waiting,
    [series("mysql_perf_schema_transactions_remote_applied_total", { ...store, pod: second })]: applied,
  };
}

const cases: RuleCase[] = [
  {
    title: "wakes somebody when a server is away for longer than a restart or a drained node takes",
    series: servers("mysql_up", ["1x20", "1x20", "1 0x20"]),
    alert: "MySqlServersDown",
    at: {
      "10m": [],
      "12m": [{ labels: critical, summary: "2 of 3 servers of MySQL in mmorpg-game are up" }],
    },
  },
  {
    title: "counts a server whose exporter is gone as one that is down",
    series: servers("mysql_up", ["1x20", "1x20"]),
    alert: "MySqlServersDown",
    at: { "11m": [{ labels: critical, summary: "2 of 3 servers of MySQL in mmorpg-game are up" }] },
  },
  {
    title: "wakes somebody when there is no server at all: a sum over nothing would be silent",
    series: {},
    alert: "MySqlServersDown",
    at: { "11m": [{ labels: critical, summary: "0 of 3 servers of MySQL in mmorpg-game are up" }] },
  },
  {
    title: "is silent about a server that a drained node takes away for nine minutes",
    series: servers("mysql_up", ["1x30", "1x30", "1x4 0x8 1x20"]),
    alert: "MySqlServersDown",
    at: { "5m": [], "13m": [], "15m": [], "20m": [] },
  },
  {
    title: "wakes somebody when the server that is left sees no other",
    series: seen(first, { [first]: "ONLINE", [second]: "UNREACHABLE", [third]: "UNREACHABLE" }),
    alert: "MySqlNoMajority",
    at: {
      "15s": [],
      "30s": [
        {
          labels: critical,
          summary: "MySQL in mmorpg-game has no majority: 1 of 3 servers see each other",
        },
      ],
    },
  },
  {
    title: "is silent when one server is cut off and the other two see each other",
    series: {
      ...seen(first, { [first]: "ONLINE", [second]: "UNREACHABLE", [third]: "UNREACHABLE" }),
      ...seen(second, { [first]: "UNREACHABLE", [second]: "ONLINE", [third]: "ONLINE" }),
    },
    alert: "MySqlNoMajority",
    at: { "30s": [], "5m": [] },
  },
  {
    title: "wakes somebody when no server takes writes",
    series: servers("mysql_global_variables_super_read_only", ["0 1x20", "1x20", "1x20"]),
    alert: "MySqlNotOneWriter",
    at: {
      "75s": [],
      "90s": [{ labels: critical, summary: "0 servers of MySQL in mmorpg-game take writes; it must be one" }],
    },
  },
  {
    title: "wakes somebody when two servers take writes",
    series: servers("mysql_global_variables_super_read_only", ["0x20", "0x20", "1x20"]),
    alert: "MySqlNotOneWriter",
    at: { "30s": [{ labels: critical, summary: "2 servers of MySQL in mmorpg-game take writes; it must be one" }] },
  },
  {
    title: "is silent while a switch between two writers takes a moment",
    series: servers("mysql_global_variables_super_read_only", ["0x4 1x20", "1x5 0x20", "1x30"]),
    step: 15,
    alert: "MySqlNotOneWriter",
    at: { "1m": [], "75s": [], "90s": [], "2m": [] },
  },
  {
    title:
      "warns of a member that has not come back into the group for ten minutes, once and not for each that sees it",
    series: {
      ...seen(first, { [first]: "ONLINE", [second]: "ONLINE", [third]: "RECOVERING" }),
      ...seen(second, { [first]: "ONLINE", [second]: "ONLINE", [third]: "RECOVERING" }),
    },
    alert: "MySqlMemberNotOnline",
    at: {
      "585s": [],
      "10m": [
        {
          labels: { ...warning, member_host: host(third), member_state: "RECOVERING" },
          summary: `${host(third)} is RECOVERING in the group of MySQL`,
        },
      ],
    },
  },
  {
    title: "is silent about a group whose members are all online",
    series: seen(first, { [first]: "ONLINE", [second]: "ONLINE", [third]: "ONLINE" }),
    alert: "MySqlMemberNotOnline",
    at: { "10m": [], "30m": [] },
  },
  {
    title: "warns of a follower that needs more than 22 s to apply what waits: a failover would take that longer",
    series: lag("221x30"),
    alert: "MySqlFollowerLags",
    at: {
      "5m": [],
      "6m": [
        {
          labels: { ...warning, pod: second },
          summary: `${second} of MySQL has 22.1s of changes to work off`,
        },
      ],
    },
  },
  {
    title: "warns of a follower that applies nothing while something waits",
    series: lag("5x30", "600x30"),
    alert: "MySqlFollowerLags",
    at: {
      "7m": [{ labels: { ...warning, pod: second }, summary: `${second} of MySQL has +Inf of changes to work off` }],
    },
  },
  {
    title: "is silent about one that needs a little less",
    series: lag("219x30"),
    alert: "MySqlFollowerLags",
    at: { "6m": [], "15m": [] },
  },
  {
    title: "is silent about a group in which nothing is written and nothing waits",
    series: lag("0x30", "600x30"),
    alert: "MySqlFollowerLags",
    at: { "7m": [], "15m": [] },
  },
];

describe("the alerts of MySQL", () => {
  ruleCases(groups, cases);

  it("are proven, each in both ways", () => {
    assert.deepEqual(unproven(groups, cases), []);
  });

  it("are one alert for a single server, which has no group", () => {
    const single = storeAlerts({ ...watched, stores: stores.map((one) => ({ ...one, servers: 1 })) });
    assert.deepEqual(
      single.map(({ rules }) => rules.length),
      [1],
    );
  });
});
