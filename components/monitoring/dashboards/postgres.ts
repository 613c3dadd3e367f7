/** PostgreSQL and PgBouncer before it: writer, followers, connections, archive, room. */
import type { Watched } from "../watched.ts";
import { type Dashboard, drawDashboard } from "./dashboard.ts";
import { maxBy, query, rate, series, share, sumBy } from "./queries.ts";
import { labelsOf, serversUp } from "./store-panels.ts";
import { memoryOfLimit, restarts, volumes } from "./workload-panels.ts";

/** The dashboard of PostgreSQL. */
export function postgres(watched: Watched): Dashboard {
  const labels = labelsOf(watched, "postgres");
  const chosen = { namespace: "=~$namespace" };
  const pods = { ...labels, thresholds: watched.thresholds };
  return drawDashboard({
    key: "postgres",
    description: "For whoever runs PostgreSQL: is there a writer, do followers keep up, do callers wait?",
    variables: [{ name: "namespace", of: series("cnpg_collector_up") }],
    rows: [
      {
        title: "Servers",
        panels: [
          serversUp(watched, { kind: "postgres", metric: "cnpg_collector_up" }),
          {
            title: "Writers and followers",
            unit: "count",
            description: "One server writes, the others follow. Followers that stream have a connection to it.",
            queries: [
              {
                expression: `count by (namespace) (${series("cnpg_pg_replication_in_recovery", labels)} == 0)`,
                legend: "{{namespace}} writers",
              },
              {
                expression: maxBy(["namespace"], series("cnpg_pg_replication_streaming_replicas", labels)),
                legend: "{{namespace}} followers that stream",
              },
            ],
          },
          {
            title: "Lag of followers",
            unit: "seconds",
            description: "Seconds since the last change that each follower applied, while more wait.",
            queries: query(series("cnpg_pg_replication_lag", labels), "{{namespace}} {{pod}}"),
          },
          {
            title: "Log files that wait for the archive",
            unit: "count",
            description: "Files of the log that are not archived yet. They fill the volume when the archive is away.",
            queries: query(
              series("cnpg_collector_pg_wal_archive_status", { ...labels, value: "ready" }),
              "{{namespace}} {{pod}}",
            ),
          },
        ],
      },
      {
        title: "Connections",
        panels: [
          {
            title: "Connections of the limit",
            unit: "ratio",
            description: "Connections to each server in parts of max_connections. At 1 new ones are refused.",
            queries: query(
              share(
                sumBy(["namespace", "pod"], series("cnpg_backends_total", labels)),
                sumBy(["namespace", "pod"], series("cnpg_pg_settings_setting", { ...labels, name: "max_connections" })),
              ),
              "{{namespace}} {{pod}}",
            ),
            lines: [{ value: 1, color: "red" }],
          },
          {
            title: "Callers of PgBouncer",
            unit: "count",
            description: "Callers that have a connection to the server, and those that wait for one.",
            queries: [
              {
                expression: sumBy(["namespace", "database"], series("cnpg_pgbouncer_pools_cl_active", chosen)),
                legend: "{{namespace}} {{database}} served",
              },
              {
                expression: sumBy(["namespace", "database"], series("cnpg_pgbouncer_pools_cl_waiting", chosen)),
                legend: "{{namespace}} {{database}} waiting",
              },
            ],
          },
          {
            title: "Longest wait in PgBouncer",
            unit: "seconds",
            description: "How long the first of those that wait has waited.",
            queries: query(
              maxBy(["namespace", "database"], series("cnpg_pgbouncer_pools_maxwait", chosen)),
              "{{namespace}} {{database}}",
            ),
          },
          {
            title: "Longest transaction",
            unit: "seconds",
            description: "A transaction that stays open holds locks and keeps old rows.",
            queries: query(
              maxBy(["namespace", "pod"], series("cnpg_backends_max_tx_duration_seconds", labels)),
              "{{namespace}} {{pod}}",
            ),
          },
        ],
      },
      {
        title: "Work",
        panels: [
          {
            title: "Transactions",
            unit: "perSecond",
            description: "Commits and rollbacks per second.",
            queries: ["commit", "rollback"].map((end) => ({
              expression: sumBy(["namespace"], rate(`cnpg_pg_stat_database_xact_${end}`, labels)),
              legend: `{{namespace}} ${end}`,
            })),
          },
          {
            title: "Reads that missed memory",
            unit: "ratio",
            description: "Part of the blocks that had to be read from the disk.",
            queries: query(
              share(
                sumBy(["namespace"], rate("cnpg_pg_stat_database_blks_read", labels)),
                sumBy(
                  ["namespace"],
                  `${rate("cnpg_pg_stat_database_blks_read", labels)} + ${rate("cnpg_pg_stat_database_blks_hit", labels)}`,
                ),
              ),
              "{{namespace}}",
            ),
          },
        ],
      },
      { title: "Pods", panels: [volumes(pods), memoryOfLimit(pods), restarts(pods)] },
    ],
  });
}
