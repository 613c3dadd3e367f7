/** Valkey: cluster state, memory, commands, replication. */
import type { Watched } from "../watched.ts";
import { type Dashboard, drawDashboard } from "./dashboard.ts";
import { query, rate, series, share, sumBy } from "./queries.ts";
import { labelsOf, serversUp } from "./store-panels.ts";
import { memoryOfLimit, restarts, volumes } from "./workload-panels.ts";

/** The dashboard of the Valkey clusters of both platforms. */
export function valkey(watched: Watched): Dashboard {
  const { thresholds } = watched;
  const labels = labelsOf(watched, "valkey");
  const pods = { ...labels, thresholds };
  return drawDashboard({
    key: "valkey",
    description: "For whoever runs Valkey: does every slot have a primary, is there memory, do replicas follow?",
    variables: [{ name: "namespace", of: series("redis_up") }],
    rows: [
      {
        title: "Cluster",
        panels: [
          serversUp(watched, { kind: "valkey", metric: "redis_up" }),
          {
            title: "Slots that are served",
            unit: "count",
            description:
              "Of 16384 slots, as the server sees it that sees the fewest. Fewer: keys that nobody can reach.",
            queries: query(`min by (namespace) (${series("redis_cluster_slots_ok", labels)})`, "{{namespace}}"),
            lines: [{ value: 16_384, color: "green" }],
            base: "red",
          },
          {
            title: "Links to primaries that are up",
            unit: "count",
            description: "1 for each replica that follows its primary, 0 for one that does not.",
            queries: query(series("redis_master_link_up", labels), "{{namespace}} {{pod}}"),
          },
          {
            title: "Clients",
            unit: "count",
            description: "Connections to each server.",
            queries: query(series("redis_connected_clients", labels), "{{namespace}} {{pod}}"),
          },
        ],
      },
      {
        title: "Work",
        panels: [
          {
            title: "Data of the limit",
            unit: "ratio",
            description: "Data in parts of maxmemory. At 1 writes are refused.",
            queries: query(
              share(series("redis_memory_used_bytes", labels), series("redis_memory_max_bytes", labels)),
              "{{namespace}} {{pod}}",
            ),
            lines: [
              { value: thresholds.memoryPercent / 100, color: "orange" },
              { value: 1, color: "red" },
            ],
          },
          {
            title: "Commands",
            unit: "perSecond",
            description: "Commands per second of each server.",
            queries: query(rate("redis_commands_processed_total", labels), "{{namespace}} {{pod}}"),
          },
          {
            title: "Reads that found something",
            unit: "ratio",
            description: "Part of the reads whose key was there.",
            queries: query(
              share(
                sumBy(["namespace"], rate("redis_keyspace_hits_total", labels)),
                sumBy(
                  ["namespace"],
                  `${rate("redis_keyspace_hits_total", labels)} + ${rate("redis_keyspace_misses_total", labels)}`,
                ),
              ),
              "{{namespace}}",
            ),
          },
          {
            title: "Evicted and refused",
            unit: "perSecond",
            description: "Keys that were thrown out for lack of memory, and connections that were refused.",
            queries: [
              {
                expression: sumBy(["namespace"], rate("redis_evicted_keys_total", labels)),
                legend: "{{namespace}} evicted",
              },
              {
                expression: sumBy(["namespace"], rate("redis_rejected_connections_total", labels)),
                legend: "{{namespace}} refused",
              },
            ],
          },
        ],
      },
      { title: "Pods", panels: [volumes(pods), memoryOfLimit(pods), restarts(pods)] },
    ],
  });
}
