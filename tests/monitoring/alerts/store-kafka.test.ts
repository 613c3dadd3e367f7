import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { storeAlerts } from "../../../components/monitoring/alerts/stores.ts";
import { type RuleCase, ruleCases, series, unproven } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";

const watched = sampleWatched();
const stores = watched.stores.filter((one) => one.kind === "kafka");
const groups = storeAlerts({ ...watched, stores });

const store = { namespace: "ad-platform", service: "kafka" };
const critical = { ...store, severity: "critical" };
const controllers = { namespace: "ad-platform", service: "kafka-controller" };

/** One metric of three pods. */
function pods(metric: string, labels: typeof store, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(values.map((value, index) => [series(metric, { ...labels, pod: `ads-${index}` }), value]));
}

const active = "kafka_controller_kafkacontroller_activecontrollercount";
const offline = "kafka_controller_kafkacontroller_offlinepartitionscount";
const lacking = "kafka_server_replicamanager_underreplicatedpartitions";

const cases: RuleCase[] = [
  {
    title: "wakes somebody when a broker is away for longer than a restart or a drained node takes",
    series: pods("up", store, ["1x20", "1x20", "1 0x20"]),
    alert: "KafkaServersDown",
    at: { "10m": [], "12m": [{ labels: critical, summary: "2 of 3 servers of Kafka in ad-platform are up" }] },
  },
  {
    title: "is silent while all are up, whatever happens to pods of another service",
    series: { ...pods("up", store, ["1x20", "1x20", "1x20"]), ...pods("up", controllers, ["0x20"]) },
    alert: "KafkaServersDown",
    at: { "75s": [], "12m": [] },
  },
  {
    title: "wakes somebody when no controller is active",
    series: pods(active, controllers, ["1 0x20", "0x20", "0x20"]),
    alert: "KafkaNoController",
    at: {
      "1m": [],
      "75s": [{ labels: critical, summary: "0 controllers of Kafka in ad-platform are active; it must be one" }],
    },
  },
  {
    title: "wakes somebody when there is no controller that could say so",
    series: pods("up", controllers, ["0x20"]),
    alert: "KafkaNoController",
    at: { "1m": [{ labels: critical, summary: "0 controllers of Kafka in ad-platform are active; it must be one" }] },
  },
  {
    title: "is silent while one of three is active",
    series: pods(active, controllers, ["0x20", "1x20", "0x20"]),
    alert: "KafkaNoController",
    at: { "1m": [], "10m": [] },
  },
  {
    title: "wakes somebody when partitions have no leader, and counts each once",
    series: pods(offline, controllers, ["0 4x20", "0 4x20", "0 4x20"]),
    alert: "KafkaPartitionsOffline",
    at: {
      "1m": [],
      "75s": [{ labels: critical, summary: "4 partitions of Kafka in ad-platform have no leader" }],
    },
  },
  {
    title: "is silent about an election that one scrape sees",
    series: pods(offline, controllers, ["0x4 4 0x20"]),
    step: 15,
    alert: "KafkaPartitionsOffline",
    at: { "75s": [], "2m": [] },
  },
  {
    title: "warns when partitions lack a copy for ten minutes",
    series: pods(lacking, store, ["5x30", "3x30", "0x30"]),
    alert: "KafkaPartitionsUnderReplicated",
    at: {
      "585s": [],
      "10m": [
        { labels: { ...store, severity: "warning" }, summary: "8 partitions of Kafka in ad-platform lack a copy" },
      ],
    },
  },
  {
    title: "is silent while a broker that restarted catches up",
    series: pods(lacking, store, ["0 5x8 0x30", "0x40", "0x40"]),
    alert: "KafkaPartitionsUnderReplicated",
    at: { "9m": [], "12m": [], "25m": [] },
  },
];

describe("the alerts of Kafka", () => {
  ruleCases(groups, cases);

  it("are proven, each in both ways", () => {
    assert.deepEqual(unproven(groups, cases), []);
  });
});
