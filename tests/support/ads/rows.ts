/** Callers and topics as the ad platform may have them, for the tests of its stores. */
import { podSize, type WorkloadPlan } from "../../../components/capacity/workload-plan.ts";
import type { KafkaCaller, KafkaTopicRow } from "../../../components/data/kafka-plan.ts";
import type { PostgresCaller } from "../../../components/data/postgres-plan.ts";

/** Workload of a caller. */
export const callingService: WorkloadPlan = {
  name: "campaign-service",
  kind: "Deployment",
  pool: "services",
  minReplicas: 3,
  maxReplicas: 10,
  surgePods: 1,
  graceSeconds: 30,
  minReadySeconds: 10,
  bootSeconds: 10,
  tolerationSeconds: 30,
  pod: podSize([{ requests: { cpu: "500m", memory: "512Mi" }, limits: { cpu: "1000m", memory: "1Gi" } }]),
  objects: { services: 1, configMaps: 0, secrets: 0 },
};

const plans = [callingService];

/** Callers of PostgreSQL. */
export const postgresCallers: readonly PostgresCaller[] = [
  { user: "campaign-service", access: "write", connections: 10, path: "ads.postgres.campaign", plans },
  { user: "analytics-service", access: "read", connections: 5, path: "ads.postgres.analytics", plans },
];

/** Topics of Kafka. */
export const kafkaTopics: readonly KafkaTopicRow[] = [
  { name: "bids", partitions: 12, retentionHours: 24, partitionSize: "1Gi", path: "ads.kafka.topics.bids" },
  { name: "clicks", partitions: 6, retentionHours: 168, partitionSize: "2Gi", path: "ads.kafka.topics.clicks" },
];

/** Callers of Kafka. */
export const kafkaCallers: readonly KafkaCaller[] = [
  { user: "bidding-service", produces: ["bids"], consumes: [], selector: { app: "bidding-service" } },
  { user: "analytics-service", produces: [], consumes: ["bids", "clicks"], selector: { app: "analytics-service" } },
];
