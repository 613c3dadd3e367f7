/** Kafka of one region as plans, its topics and users, and the names that its parts know each other by. */
import { type ContainerSize, podSize, type WorkloadPlan } from "../capacity/workload-plan.ts";
import type { Call, NetworkNode } from "../cluster/network-policies.ts";
import type { KafkaConfig } from "../config/data-ads.ts";
import type { Mistake } from "../config/mistakes.ts";
import type { SelectorLabels } from "../kube/labels.ts";
import { bytes, gibibyte } from "../kube/quantities.ts";
import type { Store } from "../kube/stores.ts";
import type { StoreUser } from "./credentials.ts";

/** First part of the names of its users' Secrets. */
export const kafkaStore = "kafka";

/**
 * Name of the Kafka resource, which begins the names of all that the operator makes: pods, claims, Services
 * (`-kafka-bootstrap`, `-kafka-brokers`), Secrets of certificates. Immutable.
 */
export const kafkaClusterName = "ads";

/** Names of the node pools; pods are `<cluster>-<pool>-<number>`. Immutable. */
export const kafkaPools = { brokers: "brokers", controllers: "controllers" } as const;

/** What stands before a user's name in the Secret that the operator writes for it; ours begins with `kafka-`. */
export const kafkaOperatorSecretPrefix = "kafka-client-";

/** Labels of brokers, controllers and the operator of topics and users. */
export const kafkaSelectors = {
  brokers: { app: "kafka" },
  controllers: { app: "kafka-controller" },
  entityOperator: { app: "kafka-entity-operator" },
} as const satisfies Record<string, SelectorLabels>;

/** Ports. Those of clients are ours, the others are fixed by the operator. */
export const kafkaPorts = {
  /** SCRAM-SHA-512: passwords are proven and never sent; what is sent is not encrypted. */
  plain: 9092,
  /** The same by TLS, for callers that hold the authority's certificate (Secret `ads-cluster-ca-cert`). */
  tls: 9093,
  control: 9090,
  replication: 9091,
  agent: 8443,
  metrics: 9404,
} as const;

/** Kafka as its users see it: the first address only; brokers then name themselves. */
export const kafkaService = {
  service: "kafka-service",
  hostVariable: "KAFKA_BROKERS",
  port: kafkaPorts.plain,
  podPorts: [kafkaPorts.plain, kafkaPorts.tls],
  podLabels: kafkaSelectors.brokers,
  exporterPort: kafkaPorts.metrics,
} as const satisfies Store;

/** A topic. Its name is that of its object too. */
export interface KafkaTopicRow {
  name: string;
  /** Consumers of one group that can share the work; may grow, and never shrinks. */
  partitions: number;
  /** Hours that a message is kept. */
  retentionHours: number;
  /** Most that one copy of one partition keeps, as `2Gi`; what is older goes first, whatever its age. */
  partitionSize: string;
  /** Where the row stands in the configuration, for example `ads.kafka.topics.bids`. */
  path: string;
}

/** A workload that uses Kafka, by the name that is also its user's and begins those of its consumer groups. */
export interface KafkaCaller {
  user: string;
  /** Topics that it writes. */
  produces: readonly string[];
  /** Topics that it reads. */
  consumes: readonly string[];
  /** Labels of its pods, which the operator's own network policy lets in. */
  selector: SelectorLabels;
}

/** A controller of its own: the map of the cluster in memory, its log on disk (judgement). */
export const controllerSize: ContainerSize = {
  requests: { cpu: "250m", memory: "1Gi" },
  limits: { cpu: "1000m", memory: "2Gi" },
};

/** Volume of a controller of its own (judgement: the log of the map is compacted). */
export const controllerDisk = "10Gi";

/** Operator of topics, and that of users: two Java programs (Strimzi's examples; measure yours). */
export const entityOperatorSize: ContainerSize = {
  requests: { cpu: "100m", memory: "512Mi" },
  limits: { cpu: "500m", memory: "512Mi" },
};

/** Everything of Kafka in one region. */
export interface KafkaPlan {
  brokers: WorkloadPlan;
  /** Absent where brokers are controllers too. */
  controllers?: WorkloadPlan;
  entityOperator: WorkloadPlan;
  topics: readonly KafkaTopicRow[];
  callers: readonly KafkaCaller[];
}

/** Copies of each partition: three, or as many as there are brokers. */
export function kafkaCopies({ brokers }: Pick<KafkaConfig, "brokers">): number {
  return Math.min(3, brokers);
}

/** Copies that must have a message before its writer hears of it. With three of them one broker may be away. */
export function kafkaConfirmations(kafka: Pick<KafkaConfig, "brokers">): number {
  return kafkaCopies(kafka) === 3 ? 2 : 1;
}

/** The plan of one region. */
export function planKafka(
  kafka: KafkaConfig,
  topics: readonly KafkaTopicRow[],
  callers: readonly KafkaCaller[],
): KafkaPlan {
  const common = { pool: "data", surgePods: 0, minReadySeconds: 0, tolerationSeconds: 60 } as const;
  const nodes = (
    name: string,
    replicas: number,
    size: ContainerSize,
    init: readonly ContainerSize[],
    disk: string,
  ) => ({
    ...common,
    name: `${kafkaClusterName}-${name}`,
    kind: "StatefulSet" as const,
    minReplicas: replicas,
    maxReplicas: replicas,
    // Partitions are handed to other brokers first (Kafka, controlled shutdown).
    graceSeconds: 120,
    bootSeconds: 60,
    pod: podSize([size], init),
    claimBytes: bytes(disk),
    // Settings and a certificate of each.
    objects: { services: 0, configMaps: replicas, secrets: replicas },
  });
  const brokers = nodes(
    kafkaPools.brokers,
    kafka.brokers,
    kafka.resources,
    // It asks for the zone of its node, and has the broker's size (Strimzi, KafkaCluster).
    kafka.rackAware ? [kafka.resources] : [],
    kafka.diskSize,
  );
  return {
    topics,
    callers,
    brokers: {
      ...brokers,
      objects: {
        // The operator's two, and ours.
        services: 3,
        configMaps: brokers.objects.configMaps,
        // Certificate and key of two authorities, the operator's own; each user's Secret, and the operator's copy of it.
        secrets: brokers.objects.secrets + 5 + 2 * callers.length,
      },
    },
    ...(kafka.controllers === 0
      ? {}
      : { controllers: nodes(kafkaPools.controllers, kafka.controllers, controllerSize, [], controllerDisk) }),
    entityOperator: {
      ...common,
      // The operator's default: a quarter more, rounded up.
      surgePods: 1,
      // Nothing of its own stays behind on a node that is silent.
      tolerationSeconds: 30,
      name: `${kafkaClusterName}-entity-operator`,
      kind: "Deployment",
      minReplicas: 1,
      maxReplicas: 1,
      graceSeconds: 30,
      bootSeconds: 30,
      pod: podSize([entityOperatorSize, entityOperatorSize]),
      // Log settings and a certificate of both parts.
      objects: { services: 0, configMaps: 2, secrets: 2 },
    },
  };
}

/** All plans, for the sums. */
export function kafkaWorkloads({ brokers, controllers, entityOperator }: KafkaPlan): WorkloadPlan[] {
  return [brokers, ...(controllers === undefined ? [] : [controllers]), entityOperator];
}

/** The users as credentials. */
export function kafkaUsers(callers: readonly KafkaCaller[]): StoreUser[] {
  return callers.map(({ user }) => ({ store: kafkaStore, user }));
}

/** Part of a broker's volume that topics may fill; the rest is for the cluster's own topics and a broker's return. */
export const plannedKafkaDisk = 0.8;

/** Size in bytes of one file of a partition (log.segment.bytes), which is removed as a whole: so much comes on top. */
export const segmentBytes = gibibyte / 4;

/** What all topics may need on one broker at most, in bytes. */
export function kafkaDiskNeed(kafka: KafkaConfig, topics: readonly KafkaTopicRow[]): number {
  const copies = kafkaCopies(kafka);
  return topics.reduce(
    // Copies are dealt out evenly; with fewer partitions than brokers some have one more.
    (whole, { partitions, partitionSize }) =>
      whole + Math.ceil((partitions * copies) / kafka.brokers) * (bytes(partitionSize) + segmentBytes),
    0,
  );
}

/** What the schema cannot say. `path` is where the configuration stands, as in `ads.kafka`. */
export function kafkaMistakes(path: string, kafka: KafkaConfig, plan: KafkaPlan): Mistake[] {
  const { topics, callers } = plan;
  const mistakes: Mistake[] = [];
  if (kafka.controllers === 0 && kafka.brokers % 2 === 0) {
    mistakes.push({
      path: `${path}.brokers`,
      got: kafka.brokers,
      want: "an odd number where brokers are controllers too",
      why: "half of an even number cannot outvote the other half",
      fix: `use ${kafka.brokers + 1}, or set ${path}.controllers to 3`,
    });
  }
  const need = kafkaDiskNeed(kafka, topics);
  const most = bytes(kafka.diskSize) * plannedKafkaDisk;
  if (need > most) {
    const copies = kafkaCopies(kafka);
    const figure = (size: number) => `${Math.round((size / gibibyte) * 100) / 100}Gi`;
    const sum = topics
      .map(({ name, partitions, partitionSize }) => `${name} ${partitions} x ${copies} copies x ${partitionSize}`)
      .join(" + ");
    mistakes.push({
      path: `${path}.diskSize`,
      got: kafka.diskSize,
      want: `a volume that holds the topics: ${sum}, each with a file of ${figure(segmentBytes)} more, on ${kafka.brokers} brokers = ${figure(need)} on one, at most ${plannedKafkaDisk * 100} % of it`,
      why: "a broker whose volume is full stops",
      fix: `raise it to ${Math.ceil(need / plannedKafkaDisk / gibibyte)}Gi, or keep less in a partition`,
    });
  }
  const known = new Set(topics.map((topic) => topic.name));
  for (const { user, produces, consumes } of callers) {
    const unknown = [...produces, ...consumes].filter((name) => !known.has(name));
    if (unknown.length > 0) {
      mistakes.push({
        path,
        got: unknown,
        want: `topics of ${user} that have a row: ${[...known].join(", ")}`,
        why: "topics are not made by whoever writes to them first",
      });
    }
  }
  return mistakes;
}

/** Kafka as nodes of the network graph. `kafka` is what callers call, on `kafkaService.podPorts`. */
export function kafkaNetworkNodes(args: {
  kafka: KafkaConfig;
  apiServerCidrs: readonly string[];
  plan: KafkaPlan;
}): NetworkNode[] {
  const { plan } = args;
  const { control, replication, agent, metrics } = kafkaPorts;
  const apiServer: Call = { to: "addresses", cidrs: args.apiServerCidrs, ports: [443, 6443] };
  const operator = { namespace: args.kafka.operatorNamespace, ports: [control, replication, agent] };
  const common = { publicPorts: [], scrapes: [{ port: metrics }], foreignCallers: [operator] };
  const apart = plan.controllers !== undefined;
  // Brokers ask controllers for the map; where these are pods of their own, they ask brokers for nothing.
  const toPeers: Call = { to: "kafka", ports: apart ? [replication] : [control, replication] };
  return [
    {
      ...common,
      name: "kafka",
      selector: kafkaSelectors.brokers,
      calls: [
        toPeers,
        ...(apart ? [{ to: "kafka-controller", ports: [control] }] : []),
        // The init container asks for the zone of its node.
        ...(args.kafka.rackAware ? [apiServer] : []),
      ],
    },
    ...(apart
      ? [
          {
            ...common,
            name: "kafka-controller",
            selector: kafkaSelectors.controllers,
            calls: [{ to: "kafka-controller", ports: [control] }],
          },
        ]
      : []),
    {
      name: "kafka-entity-operator",
      selector: kafkaSelectors.entityOperator,
      calls: [{ to: "kafka", ports: [replication] }, apiServer],
      publicPorts: [],
      scrapes: [],
    },
  ];
}
