/** Alerts on a Valkey cluster. */
import type { WatchedStore } from "../watched.ts";
import type { Alert } from "./alert.ts";
import { alertOf, backSeconds, ofStore, serversDown } from "./store.ts";

/** Memory in percent of `maxmemory`; at 100 writes are refused (judgement: an hour of growth is left). */
const memoryPercent = 90;

/** Alerts of one cluster. */
export function valkeyAlerts(store: WatchedStore): Alert[] {
  return [
    serversDown(store, {
      alert: "ValkeyServersDown",
      title: "Valkey",
      up: "redis_up",
      meaning: "Whoever stands in for the lost server has no copy of its own any more.",
    }),
    clusterNotOk(store),
    primaryWithoutReplica(store),
    memoryNearlyFull(store),
    rejectsConnections(store),
    cannotWrite(store),
  ];
}

function clusterNotOk(store: WatchedStore): Alert {
  return alertOf(store, {
    alert: "ValkeyClusterNotOk",
    expression: `count by (namespace, service) (redis_cluster_state{${ofStore(store)}} == 0)`,
    forSeconds: backSeconds(store),
    severity: "critical",
    summary: `{{ $value }} servers of Valkey in {{ $labels.namespace }} say that the cluster does not serve`,
    description: `Slots have no server. Sessions cannot be read or written; a replica should have taken over within ${backSeconds(store)} s.`,
    runbook: "failover",
  });
}

function primaryWithoutReplica(store: WatchedStore): Alert {
  const own = ofStore(store);
  return alertOf(store, {
    alert: "ValkeyPrimaryWithoutReplica",
    expression: [
      `redis_connected_slaves{${own}} == 0`,
      `and on (namespace, service, pod) redis_instance_info{${own},role="master"}`,
      // Where every server is a primary by design, none has a replica.
      `and on (namespace, service, pod) redis_cluster_size{${own}} < ${store.servers}`,
    ].join("\n"),
    forSeconds: 300,
    severity: "warning",
    summary: `The primary {{ $labels.pod }} of Valkey in {{ $labels.namespace }} has no replica`,
    description: `If {{ $labels.pod }} is lost now, the cluster stops, and its last changes are on its volume only.`,
    runbook: "failover",
  });
}

function memoryNearlyFull(store: WatchedStore): Alert {
  const own = `{${ofStore(store)}}`;
  const percent = `100 * redis_memory_used_bytes${own} / (redis_memory_max_bytes${own} > 0)`;
  return alertOf(store, {
    alert: "ValkeyMemoryNearlyFull",
    expression: `max by (namespace, service, pod) (${percent}) > ${memoryPercent}`,
    forSeconds: 300,
    severity: "warning",
    summary: `{{ $labels.pod }} of Valkey in {{ $labels.namespace }} uses {{ printf "%.0f" $value }} % of its memory`,
    description: `At 100 % {{ $labels.pod }} refuses every write, or evicts keys where it is told to.`,
    runbook: "valkey-full",
  });
}

function rejectsConnections(store: WatchedStore): Alert {
  const rejected = `increase(redis_rejected_connections_total{${ofStore(store)}}[5m])`;
  return alertOf(store, {
    alert: "ValkeyRejectsConnections",
    expression: `sum by (namespace, service, pod) (${rejected}) > 0`,
    forSeconds: 60,
    severity: "warning",
    summary: `{{ $labels.pod }} of Valkey in {{ $labels.namespace }} refuses connections`,
    description: `It has as many as it may have, so whoever comes next to {{ $labels.pod }} fails.`,
    runbook: "valkey-full",
  });
}

function cannotWrite(store: WatchedStore): Alert {
  return alertOf(store, {
    alert: "ValkeyCannotWrite",
    expression: `max by (namespace, service, pod) (redis_aof_last_write_status{${ofStore(store)}}) == 0`,
    forSeconds: 60,
    severity: "critical",
    summary: `{{ $labels.pod }} of Valkey in {{ $labels.namespace }} cannot write to its volume`,
    description: `It refuses every change until the append-only file can be written again. Most often the volume is full.`,
    runbook: "valkey-full",
  });
}
