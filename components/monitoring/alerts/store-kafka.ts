/** Alerts on a Kafka cluster. */
import type { WatchedStore } from "../watched.ts";
import type { Alert } from "./alert.ts";
import { alertOf, backSeconds, ofStore, serversDown } from "./store.ts";

/** Seconds that copies may be missing: a broker that restarted reads what it missed (judgement). */
const catchUpSeconds = 600;

/** Alerts of one cluster. Controllers may be brokers or pods of their own, so their metrics are asked by namespace. */
export function kafkaAlerts(store: WatchedStore): Alert[] {
  return [
    serversDown(store, {
      alert: "KafkaServersDown",
      title: "Kafka",
      up: "up",
      meaning: "With one broker of three away messages are still taken; with two they are not.",
    }),
    noController(store),
    partitionsOffline(store),
    partitionsUnderReplicated(store),
  ];
}

function noController(store: WatchedStore): Alert {
  const active = `kafka_controller_kafkacontroller_activecontrollercount{namespace="${store.namespace}"}`;
  return alertOf(store, {
    alert: "KafkaNoController",
    expression: `(sum by (namespace) (${active}) or absent(${active}) - 1) != 1`,
    forSeconds: backSeconds(store),
    severity: "critical",
    summary: `{{ $value }} controllers of Kafka in {{ $labels.namespace }} are active; it must be one`,
    description: `Nobody decides who leads a partition: the next broker that is lost stops its partitions.`,
    runbook: "kafka-partitions",
  });
}

function partitionsOffline(store: WatchedStore): Alert {
  const offline = `kafka_controller_kafkacontroller_offlinepartitionscount{namespace="${store.namespace}"}`;
  return alertOf(store, {
    alert: "KafkaPartitionsOffline",
    expression: `max by (namespace) (${offline}) > 0`,
    forSeconds: backSeconds(store),
    severity: "critical",
    summary: `{{ $value }} partitions of Kafka in {{ $labels.namespace }} have no leader`,
    description: `What belongs there is neither written nor read; another broker should have led within ${backSeconds(store)} s.`,
    runbook: "kafka-partitions",
  });
}

function partitionsUnderReplicated(store: WatchedStore): Alert {
  const lacking = `kafka_server_replicamanager_underreplicatedpartitions{${ofStore(store)}}`;
  return alertOf(store, {
    alert: "KafkaPartitionsUnderReplicated",
    expression: `sum by (namespace, service) (${lacking}) > 0`,
    forSeconds: catchUpSeconds,
    severity: "warning",
    summary: `{{ $value }} partitions of Kafka in {{ $labels.namespace }} lack a copy`,
    description: `A broker is away or too slow to follow. One more, and these partitions take no messages.`,
    runbook: "kafka-partitions",
  });
}
