/** Alerts on a PostgreSQL cluster and its poolers. */
import type { WatchedStore } from "../watched.ts";
import type { Alert } from "./alert.ts";
import { alertOf, backSeconds, mostLagSeconds, ofStore, serversDown } from "./store.ts";

/** Seconds that archiving may fail: the log is kept until then, and the volume must not fill (judgement). */
const archiveSeconds = 900;

/** Alerts of one cluster; a single server has no followers. */
export function postgresAlerts(store: WatchedStore): Alert[] {
  const always = [
    serversDown(store, {
      alert: "PostgresServersDown",
      title: "PostgreSQL",
      up: "cnpg_collector_up",
      meaning: "With the last follower go the writes: a commit needs one that has it too.",
    }),
    notOneWriter(store),
    archivingFails(store),
    poolerClientsWait(store),
  ];
  return store.servers === 1 ? always : [...always, noFollower(store), followerLags(store)];
}

function notOneWriter(store: WatchedStore): Alert {
  const writers = `cnpg_pg_replication_in_recovery{${ofStore(store)}} == bool 0`;
  return alertOf(store, {
    alert: "PostgresNotOneWriter",
    expression: `sum by (namespace, service) (${writers}) != 1`,
    forSeconds: backSeconds(store),
    severity: "critical",
    summary: `{{ $value }} servers of PostgreSQL in {{ $labels.namespace }} take writes; it must be one`,
    description: `A follower should have taken over within ${backSeconds(store)} s. Without a writer no campaign is changed and nothing is booked.`,
    runbook: "failover",
  });
}

function noFollower(store: WatchedStore): Alert {
  const followers = `cnpg_pg_replication_streaming_replicas{${ofStore(store)}}`;
  return alertOf(store, {
    alert: "PostgresNoFollower",
    expression: `max by (namespace, service) (${followers}) == 0`,
    forSeconds: backSeconds(store),
    severity: "critical",
    summary: `No follower reads from PostgreSQL in {{ $labels.namespace }}`,
    description: `A commit waits for one follower of ${store.servers - 1}, so every write waits.`,
    runbook: "failover",
  });
}

function followerLags(store: WatchedStore): Alert {
  const most = mostLagSeconds(store);
  return alertOf(store, {
    alert: "PostgresFollowerLags",
    expression: `max by (namespace, service, pod) (cnpg_pg_replication_lag{${ofStore(store)}}) > ${most}`,
    forSeconds: 300,
    severity: "warning",
    summary: `{{ $labels.pod }} of PostgreSQL in {{ $labels.namespace }} is {{ $value | humanizeDuration }} behind`,
    description: `A follower that takes over applies what it has first; bids wait for more than the promised ${most} s. Reads from {{ $labels.pod }} are old.`,
    runbook: "replication-lag",
  });
}

function archivingFails(store: WatchedStore): Alert {
  const own = `{${ofStore(store)}}`;
  return alertOf(store, {
    alert: "PostgresArchivingFails",
    // Both are -1 where that never happened, so a cluster without an archive is silent.
    expression: [
      `max by (namespace, service, pod) (cnpg_pg_stat_archiver_last_failed_time${own})`,
      `> max by (namespace, service, pod) (cnpg_pg_stat_archiver_last_archived_time${own})`,
    ].join("\n"),
    forSeconds: archiveSeconds,
    severity: "warning",
    summary: `{{ $labels.pod }} of PostgreSQL in {{ $labels.namespace }} cannot archive its log`,
    description: `A restore ends with the last file that was archived, and {{ $labels.pod }} keeps the rest until its volume is full.`,
    runbook: "postgres-archive",
  });
}

function poolerClientsWait(store: WatchedStore): Alert {
  const waiting = `cnpg_pgbouncer_pools_cl_waiting{namespace="${store.namespace}"}`;
  return alertOf(store, {
    alert: "PostgresPoolerClientsWait",
    expression: `sum by (namespace, pod, user) (${waiting}) > 0`,
    forSeconds: 120,
    severity: "warning",
    summary: `{{ $value }} callers of {{ $labels.user }} wait for a connection at {{ $labels.pod }} in {{ $labels.namespace }}`,
    description: `The pool of {{ $labels.user }} is used up: its statements are too slow, or its pool is too small.`,
    runbook: "pooler-waits",
  });
}
