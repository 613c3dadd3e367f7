/** What the resources of Kafka say: cluster, node pools, topics, users, as hardened and spread as Strimzi lets them be. */
import type { ContainerSize, WorkloadPlan } from "../capacity/workload-plan.ts";
import { priorityClasses } from "../cluster/classes.ts";
import type { KafkaConfig } from "../config/data-ads.ts";
import type { SelectorLabels } from "../kube/labels.ts";
import { bytes } from "../kube/quantities.ts";
import {
  containerSecurityContext,
  exceptionAnnotations,
  podSecurityContext,
  type SecurityException,
} from "../kube/security.ts";
import { credentialKeys, credentialsName } from "../kube/stores.ts";
import { hostSpread, poolTolerations, resourcesOf, zoneSpread } from "../workload/placement.ts";
import type { KafkaClusterArgs } from "./kafka-cluster.ts";
import {
  controllerDisk,
  controllerSize,
  entityOperatorSize,
  type KafkaCaller,
  type KafkaTopicRow,
  kafkaConfirmations,
  kafkaCopies,
  kafkaOperatorSecretPrefix,
  type kafkaPools,
  kafkaPorts,
  kafkaSelectors,
  kafkaService,
  kafkaStore,
  segmentBytes,
} from "./kafka-plan.ts";

/** User of Strimzi's images. */
const strimziUser = 1001;

const exceptions: readonly SecurityException[] = [
  {
    allow: "service-account-token",
    because: "the operator's programs ask the API server for the zone of a node, for topics and for users",
    until: "2027-12-31",
  },
  {
    allow: "writable-root-filesystem",
    because: "start scripts of Strimzi's images write settings below their own folder",
    until: "2027-12-31",
  },
];

/** Part of the memory request that is the heap; the rest is what the file system caches, which reads live on. */
const heapShare = 0.5;

function heap({ requests }: ContainerSize): Record<string, string> {
  const size = `${Math.floor((bytes(requests.memory) * heapShare) / 2 ** 20)}m`;
  return { "-Xms": size, "-Xmx": size };
}

function pod(args: KafkaClusterArgs, plan: WorkloadPlan, selector: SelectorLabels, hosts: "required" | "preferred") {
  return {
    metadata: {
      labels: { ...selector, "app.kubernetes.io/part-of": args.partOf },
      annotations: exceptionAnnotations(exceptions),
    },
    securityContext: podSecurityContext(strimziUser),
    terminationGracePeriodSeconds: plan.graceSeconds,
    priorityClassName: priorityClasses.data.name,
    enableServiceLinks: false,
    affinity: hostSpread(selector, args.pool, hosts),
    tolerations: poolTolerations(args.pool, plan.tolerationSeconds),
    topologySpreadConstraints: [zoneSpread(selector)],
  };
}

const hardened = { securityContext: containerSecurityContext(exceptions) };

/** What every broker and controller is told. The operator writes listeners, roles, certificates and folders itself. */
export function kafkaSettings(kafka: KafkaConfig): Record<string, string | number | boolean> {
  const copies = kafkaCopies(kafka);
  const confirmations = kafkaConfirmations(kafka);
  return {
    "auto.create.topics.enable": false,
    "default.replication.factor": copies,
    "min.insync.replicas": confirmations,
    // The cluster's own topics: places of readers, transactions, shared groups. Their defaults are three and two, which
    // a single broker cannot give.
    "offsets.topic.replication.factor": copies,
    "transaction.state.log.replication.factor": copies,
    "transaction.state.log.min.isr": confirmations,
    "share.coordinator.state.topic.replication.factor": copies,
    "share.coordinator.state.topic.min.isr": confirmations,
    // A copy that lags would lose what was confirmed. The default, which a reader should not have to know.
    "unclean.leader.election.enable": false,
  };
}

/** `spec` of the Kafka. */
export function kafkaSpec(args: KafkaClusterArgs): Record<string, unknown> {
  const { kafka, plan } = args;
  // An empty list would let in everyone; brokers themselves stand for nobody.
  const selectors =
    plan.callers.length === 0 ? [kafkaSelectors.brokers] : plan.callers.map((caller) => caller.selector);
  const listener = (name: string, port: number, tls: boolean) => ({
    name,
    port,
    type: "internal",
    tls,
    authentication: { type: "scram-sha-512" },
    networkPolicyPeers: selectors.map((selector) => ({ podSelector: { matchLabels: { ...selector } } })),
  });
  const { service } = kafkaService;
  const names = [service, `${service}.${args.namespace}`, `${service}.${args.namespace}.svc`];
  return {
    kafka: {
      version: kafka.version,
      listeners: [
        listener("plain", kafkaPorts.plain, false),
        {
          ...listener("tls", kafkaPorts.tls, true),
          configuration: {
            bootstrap: { alternativeNames: [...names, `${service}.${args.namespace}.svc.cluster.local`] },
          },
        },
      ],
      authorization: { type: "simple" },
      config: kafkaSettings(kafka),
      ...(kafka.rackAware ? { rack: { type: "topology-label", topologyKey: "topology.kubernetes.io/zone" } } : {}),
      metricsConfig: {
        type: "strimziMetricsReporter",
        values: {
          allowList: ["kafka_server.*", "kafka_controller.*", "kafka_network.*", "kafka_log.*", "kafka_cluster.*"],
        },
      },
      template: { podDisruptionBudget: { maxUnavailable: 1 } },
    },
    entityOperator: {
      topicOperator: { resources: resourcesOf(entityOperatorSize) },
      userOperator: { resources: resourcesOf(entityOperatorSize), secretPrefix: kafkaOperatorSecretPrefix },
      template: {
        pod: pod(args, plan.entityOperator, kafkaSelectors.entityOperator, "preferred"),
        topicOperatorContainer: hardened,
        userOperatorContainer: hardened,
      },
    },
  };
}

/** `spec` of a node pool. */
export function kafkaPoolSpec(
  args: KafkaClusterArgs,
  plan: WorkloadPlan,
  which: keyof typeof kafkaPools,
): Record<string, unknown> {
  const { kafka, storageClass } = args;
  const brokers = which === "brokers";
  const size = brokers ? kafka.resources : controllerSize;
  const alone = args.plan.controllers === undefined;
  return {
    replicas: plan.maxReplicas,
    roles: brokers ? [...(alone ? ["controller"] : []), "broker"] : ["controller"],
    resources: resourcesOf(size),
    jvmOptions: heap(size),
    storage: {
      // A list of one, which can be made longer.
      type: "jbod",
      volumes: [
        {
          id: 0,
          type: "persistent-claim",
          size: brokers ? kafka.diskSize : controllerDisk,
          kraftMetadata: "shared",
          deleteClaim: false,
          ...(storageClass === "" ? {} : { class: storageClass }),
        },
      ],
    },
    template: {
      pod: pod(args, plan, kafkaSelectors[which], "required"),
      kafkaContainer: hardened,
      ...(brokers && kafka.rackAware ? { initContainer: hardened } : {}),
    },
  };
}

/** `spec` of a topic. */
export function kafkaTopicSpec(kafka: KafkaConfig, topic: KafkaTopicRow): Record<string, unknown> {
  return {
    partitions: topic.partitions,
    replicas: kafkaCopies(kafka),
    config: {
      "cleanup.policy": "delete",
      "min.insync.replicas": kafkaConfirmations(kafka),
      "retention.ms": topic.retentionHours * 3_600_000,
      "retention.bytes": bytes(topic.partitionSize),
      "segment.bytes": segmentBytes,
    },
  };
}

/** `spec` of a user: writes its topics, reads its topics in groups whose names begin with its own. */
export function kafkaUserSpec({ user, produces, consumes }: KafkaCaller): Record<string, unknown> {
  const rule = (type: string, name: string, patternType: string, operations: readonly string[]) => ({
    type: "allow",
    resource: { type, name, patternType },
    operations,
    host: "*",
  });
  return {
    authentication: {
      type: "scram-sha-512",
      password: {
        valueFrom: { secretKeyRef: { name: credentialsName(kafkaStore, user), key: credentialKeys.password } },
      },
    },
    authorization: {
      type: "simple",
      acls: [
        // The right to write includes writing once and only once (KIP-679).
        ...produces.map((topic) => rule("topic", topic, "literal", ["Describe", "Write"])),
        ...consumes.map((topic) => rule("topic", topic, "literal", ["Describe", "Read"])),
        ...(consumes.length > 0 ? [rule("group", user, "prefix", ["Describe", "Read"])] : []),
      ],
    },
  };
}
