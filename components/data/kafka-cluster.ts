/**
 * KafkaCluster: Kafka of the ad platform as resources of Strimzi 1.2: brokers that decide by majority (KRaft, no
 * ZooKeeper), topics as rows, a user for each caller that may do what its row says and nothing else.
 *
 * The operator makes pods, claims, certificates, budgets, and network policies of its own, which add to ours: they let
 * the pods of `networkPolicyPeers` at the listeners, and anyone at the metrics. It keeps one password for each user, from
 * the key `password` of the Secret `kafka-<user>`.
 */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KafkaConfig } from "../config/data-ads.ts";
import { labels } from "../kube/labels.ts";
import type { OperatedPool } from "../workload/placement.ts";
import { kafkaPoolSpec, kafkaSpec, kafkaTopicSpec, kafkaUserSpec } from "./kafka-cluster-spec.ts";
import {
  type KafkaPlan,
  kafkaClusterName,
  kafkaPools,
  kafkaPorts,
  kafkaSelectors,
  kafkaService,
} from "./kafka-plan.ts";

/** Arguments of `KafkaCluster`. */
export interface KafkaClusterArgs {
  kafka: KafkaConfig;
  plan: KafkaPlan;
  namespace: string;
  partOf: string;
  /** StorageClass of the volumes; empty for the cluster's default. */
  storageClass: string;
  pool: OperatedPool;
  /** Refuses to delete cluster and topics, and keeps them when the stack is destroyed. */
  protectData: boolean;
  /** Secrets of the users, and the operator where the stack installs it. */
  needs: pulumi.Resource[];
}

const clusterLabel = { "strimzi.io/cluster": kafkaClusterName };

/** See `KafkaClusterArgs`. */
export class KafkaCluster extends pulumi.ComponentResource {
  constructor(name: string, args: KafkaClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:data:KafkaCluster", name, {}, opts);
    const { kafka, plan, namespace, partOf } = args;
    const child = { parent: this };
    const common = labels(kafkaSelectors.brokers, { component: "messages", partOf });
    const kept = { protect: args.protectData, retainOnDelete: args.protectData };
    const custom = (
      suffix: string,
      kind: string,
      objectName: string,
      spec: Record<string, unknown>,
      options: pulumi.CustomResourceOptions,
    ) =>
      new k8s.apiextensions.CustomResource(
        `${name}${suffix}`,
        {
          apiVersion: "kafka.strimzi.io/v1",
          kind,
          metadata: { name: objectName, namespace, labels: { ...common, ...clusterLabel } },
          spec,
        },
        { ...child, ...options },
      );
    const pools = (
      [
        ["brokers", plan.brokers],
        ["controllers", plan.controllers],
      ] as const
    ).flatMap(([which, pool]) =>
      pool === undefined
        ? []
        : [
            custom(`-${which}`, "KafkaNodePool", kafkaPools[which], kafkaPoolSpec(args, pool, which), {
              dependsOn: args.needs,
              ...kept,
            }),
          ],
    );
    const cluster = custom("", "Kafka", kafkaClusterName, kafkaSpec(args), { dependsOn: pools, ...kept });
    for (const topic of plan.topics) {
      // A topic that is removed is deleted with all messages.
      custom(`-topic-${topic.name}`, "KafkaTopic", topic.name, kafkaTopicSpec(kafka, topic), {
        dependsOn: [cluster],
        ...kept,
      });
    }
    for (const caller of plan.callers) {
      custom(`-user-${caller.user}`, "KafkaUser", caller.user, kafkaUserSpec(caller), { dependsOn: [cluster] });
    }
    new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: {
          name: kafkaService.service,
          namespace,
          labels: common,
          // Brokers take minutes to form, and nothing of them is awaited.
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: {
          selector: { ...kafkaSelectors.brokers },
          ports: [
            { name: "kafka", port: kafkaPorts.plain, targetPort: kafkaPorts.plain, appProtocol: "tcp" },
            { name: "kafka-tls", port: kafkaPorts.tls, targetPort: kafkaPorts.tls, appProtocol: "tcp" },
          ],
        },
      },
      child,
    );
    this.registerOutputs({});
  }
}
