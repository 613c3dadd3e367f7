/** Alerts on a MySQL group. */

import type { WatchedStore } from "../watched.ts";
import { type Alert, promDuration } from "./alert.ts";
import { alertOf, backSeconds, mostLagSeconds, ofStore, serversDown } from "./store.ts";

/** Seconds that a server may take to come back into the group: it reads the others' log, or copies all data (judgement). */
const joinSeconds = 600;

const members = "mysql_perf_schema_replication_group_member_info";

/** Alerts of one group; a single server has no others that it could disagree with. */
export function mysqlAlerts(store: WatchedStore): Alert[] {
  const down = serversDown(store, {
    alert: "MySqlServersDown",
    title: "MySQL",
    up: "mysql_up",
    meaning: "With one server less the group still writes; with another less it does not.",
  });
  if (store.servers === 1) return [down];
  return [down, noMajority(store), notOneWriter(store), memberNotOnline(store), followerLags(store)];
}

function noMajority(store: WatchedStore): Alert {
  const online = `${members}{${ofStore(store)},member_state="ONLINE"}`;
  return alertOf(store, {
    alert: "MySqlNoMajority",
    // Each server says whom it sees; the one that sees most is right.
    expression: `max by (namespace, service) (count by (namespace, service, pod) (${online})) <= ${store.servers / 2}`,
    forSeconds: backSeconds(store),
    severity: "critical",
    summary: `MySQL in {{ $labels.namespace }} has no majority: {{ $value }} of ${store.servers} servers see each other`,
    description: `Nothing is written: no login, no purchase, no save. No confirmed change is lost.`,
    runbook: "failover",
  });
}

function notOneWriter(store: WatchedStore): Alert {
  const writers = `mysql_global_variables_super_read_only{${ofStore(store)}} == bool 0`;
  return alertOf(store, {
    alert: "MySqlNotOneWriter",
    expression: `sum by (namespace, service) (${writers}) != 1`,
    forSeconds: backSeconds(store),
    severity: "critical",
    summary: `{{ $value }} servers of MySQL in {{ $labels.namespace }} take writes; it must be one`,
    description: `Another server should have taken over within ${backSeconds(store)} s. With none nothing is written; with two their data part.`,
    runbook: "failover",
  });
}

function memberNotOnline(store: WatchedStore): Alert {
  const away = `${members}{${ofStore(store)},member_state!="ONLINE"}`;
  return alertOf(store, {
    alert: "MySqlMemberNotOnline",
    expression: `count by (namespace, service, member_host, member_state) (${away}) > 0`,
    forSeconds: joinSeconds,
    severity: "warning",
    summary: `{{ $labels.member_host }} is {{ $labels.member_state }} in the group of MySQL`,
    description: `For ${promDuration(joinSeconds)} it has not come back into the group in {{ $labels.namespace }}. Until it does, one loss less is survived.`,
    runbook: "failover",
  });
}

function followerLags(store: WatchedStore): Alert {
  const waiting = `mysql_perf_schema_transactions_remote_in_applier_queue{${ofStore(store)}}`;
  const applied = `rate(mysql_perf_schema_transactions_remote_applied_total{${ofStore(store)}}[5m])`;
  const most = mostLagSeconds(store);
  return alertOf(store, {
    alert: "MySqlFollowerLags",
    // Infinite where something waits and nothing is applied; no number, and silent, where nothing waits.
    expression: `max by (namespace, service, pod) (${waiting} / ${applied}) > ${most}`,
    forSeconds: 300,
    severity: "warning",
    summary: `{{ $labels.pod }} of MySQL has {{ $value | humanizeDuration }} of changes to work off`,
    description: `A server that takes over does that first; players wait for more than the promised ${most} s. Reads from {{ $labels.pod }} are old.`,
    runbook: "replication-lag",
  });
}
