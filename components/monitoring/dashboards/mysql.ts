/** MySQL: members of the group, connections, queries, replication, room. */
import type { Watched } from "../watched.ts";
import { type Dashboard, drawDashboard } from "./dashboard.ts";
import { query, rate, series, share } from "./queries.ts";
import { labelsOf, serversUp } from "./store-panels.ts";
import { memoryOfLimit, restarts, volumes } from "./workload-panels.ts";

/** The dashboard of MySQL. */
export function mysql(watched: Watched): Dashboard {
  const labels = labelsOf(watched, "mysql");
  const pods = { ...labels, thresholds: watched.thresholds };
  return drawDashboard({
    key: "mysql",
    description: "For whoever runs MySQL: is there a writer, do followers keep up, is there room?",
    variables: [{ name: "namespace", of: series("mysql_up") }],
    rows: [
      {
        title: "Servers",
        panels: [
          serversUp(watched, { kind: "mysql", metric: "mysql_up" }),
          {
            title: "Members of the group",
            unit: "count",
            description: "Members by role and state, as each server sees them. Without a majority nothing is written.",
            queries: query(
              `count by (member_role, member_state) (count by (member_host, member_role, member_state) (${series("mysql_perf_schema_replication_group_member_info", labels)}))`,
              "{{member_role}} {{member_state}}",
            ),
          },
        ],
      },
      {
        title: "Work",
        panels: [
          {
            title: "Connections of the limit",
            unit: "ratio",
            description: "Open connections in parts of max_connections. At 1 new ones are refused.",
            queries: query(
              share(
                series("mysql_global_status_threads_connected", labels),
                series("mysql_global_variables_max_connections", labels),
              ),
              "{{pod}}",
            ),
            lines: [{ value: 1, color: "red" }],
          },
          {
            title: "Queries",
            unit: "perSecond",
            description: "Statements per second, and those that took longer than long_query_time.",
            queries: [
              { expression: rate("mysql_global_status_queries", labels), legend: "{{pod}}" },
              { expression: rate("mysql_global_status_slow_queries", labels), legend: "{{pod}} slow" },
            ],
          },
          {
            title: "Waits for row locks",
            unit: "perSecond",
            description: "Statements that waited for a lock of another transaction.",
            queries: query(rate("mysql_global_status_innodb_row_lock_waits", labels), "{{pod}}"),
          },
          {
            title: "Reads that missed memory",
            unit: "ratio",
            description: "Part of the reads of pages that the buffer pool did not have.",
            queries: query(
              share(
                rate("mysql_global_status_innodb_buffer_pool_reads", labels),
                rate("mysql_global_status_innodb_buffer_pool_read_requests", labels),
              ),
              "{{pod}}",
            ),
          },
          {
            title: "Transactions that followers must still apply",
            unit: "count",
            description: "Queue of each follower: what it has received and not yet written.",
            queries: query(series("mysql_perf_schema_transactions_remote_in_applier_queue", labels), "{{pod}}"),
          },
          volumes(pods),
        ],
      },
      { title: "Pods", panels: [memoryOfLimit(pods), restarts(pods)] },
    ],
  });
}
