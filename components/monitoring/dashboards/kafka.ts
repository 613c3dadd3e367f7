/** Kafka: partitions and their copies, controllers, traffic, room. */
import type { Watched } from "../watched.ts";
import { type Dashboard, drawDashboard } from "./dashboard.ts";
import { maxBy, query, rate, series, sumBy } from "./queries.ts";
import { labelsOf } from "./store-panels.ts";
import { memoryOfLimit, restarts, volumes } from "./workload-panels.ts";

/** The dashboard of Kafka. */
export function kafka(watched: Watched): Dashboard {
  const labels = labelsOf(watched, "kafka");
  const chosen = { namespace: "=~$namespace" };
  const pods = { ...labels, thresholds: watched.thresholds };
  const by = ["namespace"];
  const traffic = (what: string) =>
    sumBy(
      by,
      rate(`kafka_server_brokertopicmetrics_${what}persec_total`, {
        ...labels,
        topic: "!=",
      }),
    );
  return drawDashboard({
    key: "kafka",
    description: "For whoever runs Kafka: has every partition a leader and its copies, who controls, is there room?",
    variables: [{ name: "namespace", of: series("kafka_server_replicamanager_partitioncount") }],
    rows: [
      {
        title: "Partitions",
        panels: [
          {
            title: "Partitions in need",
            unit: "count",
            description: "Without a leader: nobody reads or writes them. Too few copies: writes are refused.",
            queries: [
              {
                expression: maxBy(by, series("kafka_controller_kafkacontroller_offlinepartitionscount", chosen)),
                legend: "{{namespace}} without a leader",
              },
              {
                expression: sumBy(by, series("kafka_server_replicamanager_underminisrpartitioncount", labels)),
                legend: "{{namespace}} refuse writes",
              },
              {
                expression: sumBy(by, series("kafka_server_replicamanager_underreplicatedpartitions", labels)),
                legend: "{{namespace}} lack a copy",
              },
            ],
            lines: [{ value: 1, color: "red" }],
          },
          {
            title: "Brokers and controllers",
            unit: "count",
            description: "Brokers that take part, those that are known and do not, and who controls: exactly one.",
            queries: [
              {
                expression: maxBy(by, series("kafka_controller_kafkacontroller_activebrokercount", chosen)),
                legend: "{{namespace}} brokers",
              },
              {
                expression: maxBy(by, series("kafka_controller_kafkacontroller_fencedbrokercount", chosen)),
                legend: "{{namespace}} brokers that do not take part",
              },
              {
                expression: sumBy(by, series("kafka_controller_kafkacontroller_activecontrollercount", chosen)),
                legend: "{{namespace}} controllers",
              },
            ],
          },
          {
            title: "Leaders by broker",
            unit: "count",
            description: "Partitions that each broker leads. Work follows leaders: they should be even.",
            queries: query(series("kafka_server_replicamanager_leadercount", labels), "{{namespace}} {{pod}}"),
          },
          {
            title: "Copies that fell behind",
            unit: "perSecond",
            description: "Copies that were taken out of a partition's set for being too slow.",
            queries: query(
              sumBy(["namespace", "pod"], rate("kafka_server_replicamanager_isrshrinkspersec_total", labels)),
              "{{namespace}} {{pod}}",
            ),
          },
        ],
      },
      {
        title: "Traffic",
        panels: [
          {
            title: "Messages",
            unit: "perSecond",
            description: "Messages that were written.",
            queries: query(traffic("messagesin"), "{{namespace}}"),
          },
          {
            title: "Bytes",
            unit: "bytesPerSecond",
            description: "Bytes that were written and read.",
            queries: [
              { expression: traffic("bytesin"), legend: "{{namespace}} written" },
              { expression: traffic("bytesout"), legend: "{{namespace}} read" },
            ],
          },
          {
            title: "Time of requests",
            unit: "milliseconds",
            description: "99th percentile of writes and of consumers' reads, on the slowest broker.",
            queries: query(
              maxBy(
                ["namespace", "request"],
                series("kafka_network_requestmetrics_totaltimems", {
                  ...labels,
                  request: "=~Produce|FetchConsumer",
                  quantile: "0.99",
                }),
              ),
              "{{namespace}} {{request}}",
            ),
          },
          {
            title: "Size of topics",
            unit: "bytes",
            description: "Bytes of all copies of each topic.",
            queries: query(
              sumBy(["namespace", "topic"], series("kafka_log_log_size", labels)),
              "{{namespace}} {{topic}}",
            ),
          },
        ],
      },
      { title: "Pods", panels: [volumes(pods), memoryOfLimit(pods), restarts(pods)] },
    ],
  });
}
