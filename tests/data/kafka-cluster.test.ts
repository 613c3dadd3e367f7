import assert from "node:assert/strict";
import type { types } from "@pulumi/kubernetes";
import { before, describe, it } from "mocha";
import { limitRange } from "../../components/capacity/quota.ts";
import { podSize } from "../../components/capacity/workload-plan.ts";
import { priorityClasses } from "../../components/cluster/classes.ts";
import { Kafka } from "../../components/config/data-ads.ts";
import { KafkaCluster } from "../../components/data/kafka-cluster.ts";
import {
  entityOperatorSize,
  kafkaConfirmations,
  kafkaCopies,
  kafkaService,
  kafkaUsers,
  kafkaWorkloads,
  planKafka,
} from "../../components/data/kafka-plan.ts";
import { bytes, gibibyte } from "../../components/kube/quantities.ts";
import { credentialsName } from "../../components/kube/stores.ts";
import type { OfflineResource } from "../../tools/offline/host.ts";
import { checkerOf, customResources, madeBy, one } from "../support/ads/definitions.ts";
import { kafkaCallers, kafkaTopics } from "../support/ads/rows.ts";
import { selects } from "../support/pods.ts";

const config = Kafka.parse({});

function make(changes: object = {}, more: object = {}, users = kafkaCallers): Promise<OfflineResource[]> {
  const kafka = Kafka.parse(changes);
  return madeBy(() => {
    new KafkaCluster("kafka", {
      kafka,
      plan: planKafka(kafka, kafkaTopics, users),
      namespace: "ad-platform",
      partOf: "ad-platform",
      storageClass: "fast-ssd",
      pool: { name: "data", dedicated: true },
      protectData: true,
      needs: [],
      ...more,
    });
  });
}

interface Listener {
  name: string;
  port: number;
  tls: boolean;
  type: string;
  authentication: { type: string };
  networkPolicyPeers: { podSelector: { matchLabels: Record<string, string> } }[];
  configuration?: { bootstrap: { alternativeNames: string[] } };
}

/** The parts of the specifications that the tests read. */
interface KafkaSpec {
  kafka: {
    version: string;
    listeners: Listener[];
    authorization: { type: string };
    config: Record<string, unknown>;
    rack?: { topologyKey: string };
  };
  entityOperator: {
    topicOperator: { resources: object };
    userOperator: { resources: object; secretPrefix: string };
    template: { deployment: object; pod: types.output.core.v1.PodTemplateSpec };
  };
}

type PodPart = { metadata: { labels: Record<string, string>; annotations: Record<string, string> } } & Pick<
  types.output.core.v1.PodSpec,
  "affinity" | "securityContext" | "priorityClassName" | "terminationGracePeriodSeconds" | "topologySpreadConstraints"
>;

interface PoolSpec {
  replicas: number;
  roles: string[];
  resources: object;
  jvmOptions: Record<string, string>;
  storage: { volumes: { size: string; deleteClaim: boolean; class?: string }[] };
  template: {
    pod: PodPart;
    kafkaContainer: { securityContext: types.output.core.v1.SecurityContext };
    initContainer?: object;
  };
}

interface UserSpec {
  authentication: { type: string; password: { valueFrom: { secretKeyRef: { name: string; key: string } } } };
  authorization: { acls: { resource: { type: string; name: string; patternType: string }; operations: string[] }[] };
}

describe("Kafka of the ad platform", () => {
  let resources: OfflineResource[];
  let spec: KafkaSpec;
  let brokers: PoolSpec;

  before(async () => {
    resources = await make();
    spec = one<{ spec: KafkaSpec }>(resources, "Kafka").inputs.spec;
    brokers = one<{ spec: PoolSpec }>(resources, "KafkaNodePool").inputs.spec;
  });

  it("is what the operator's definitions allow", async function () {
    const check = await checkerOf("strimzi");
    if (check === undefined) return this.skip();
    const runs = [
      resources,
      await make({ brokers: 1, rackAware: false }),
      await make({ brokers: 4, controllers: 3 }, { storageClass: "", pool: { name: "data", dedicated: false } }, []),
    ];
    const all = runs.map((some) => customResources(some, "kafka.strimzi.io"));
    assert.deepEqual(
      all.map((some) => some.length),
      [6, 6, 5],
    );
    for (const resource of all.flat()) assert.deepEqual(check(resource), [], resource.name);
    const pool = one<{ spec: object }>(resources, "KafkaNodePool");
    const wrong = { ...brokers, replicas: -1, roles: "broker", replica: 3, jvmOptions: { "-Xmx": "1Gi" } };
    assert.deepEqual(check({ ...pool, inputs: { ...pool.inputs, spec: wrong } }).sort(), [
      ".jvmOptions.-Xmx: 1Gi does not match ^[0-9]+[mMgG]?$",
      ".replica is unknown",
      ".replicas: minimum is 0",
      '.roles: want array, got "broker"',
    ]);
  });

  it("is found at the address of the original design, and by TLS under the same name", () => {
    const service = one<types.output.core.v1.Service>(resources, "Service", "kafka-service").inputs;
    assert.deepEqual(
      service.spec.ports.map((port) => [port.name, port.port, port.targetPort]),
      [
        ["kafka", 9092, 9092],
        ["kafka-tls", 9093, 9093],
      ],
    );
    assert.ok(selects(service.spec.selector, brokers.template.pod.metadata.labels));
    const [plain, tls] = spec.kafka.listeners;
    assert.deepEqual([plain?.port, plain?.tls, tls?.port, tls?.tls], [9092, false, 9093, true]);
    assert.ok(tls?.configuration?.bootstrap.alternativeNames.includes("kafka-service.ad-platform.svc.cluster.local"));
    assert.equal(kafkaService.service, "kafka-service");
  });

  it("knows every caller by password and lets only its pods at the listeners", async () => {
    assert.equal(spec.kafka.authorization.type, "simple");
    for (const listener of spec.kafka.listeners) {
      assert.deepEqual([listener.type, listener.authentication.type], ["internal", "scram-sha-512"]);
      assert.deepEqual(
        listener.networkPolicyPeers.map((peer) => peer.podSelector.matchLabels),
        [{ app: "bidding-service" }, { app: "analytics-service" }],
      );
    }
    // An empty list would be everyone.
    const empty = one<{ spec: KafkaSpec }>(await make({}, {}, []), "Kafka").inputs.spec;
    assert.ok(empty.kafka.listeners.every((listener) => listener.networkPolicyPeers.length === 1));
  });

  it("gives each user the rights of its row, and a password from our Secret", () => {
    const user = (name: string) => one<{ spec: UserSpec }>(resources, "KafkaUser", name).inputs.spec;
    const rights = (name: string) =>
      user(name).authorization.acls.map(({ resource, operations }) => [
        `${resource.type} ${resource.name} ${resource.patternType}`,
        operations.join(" "),
      ]);
    assert.deepEqual(rights("bidding-service"), [["topic bids literal", "Describe Write"]]);
    assert.deepEqual(rights("analytics-service"), [
      ["topic bids literal", "Describe Read"],
      ["topic clicks literal", "Describe Read"],
      ["group analytics-service prefix", "Describe Read"],
    ]);
    for (const { store, user: name } of kafkaUsers(kafkaCallers)) {
      const { secretKeyRef } = user(name).authentication.password.valueFrom;
      assert.deepEqual(secretKeyRef, { name: credentialsName(store, name), key: "password" });
      // The operator writes a Secret of its own, which must not be ours.
      assert.notEqual(`${spec.entityOperator.userOperator.secretPrefix}${name}`, secretKeyRef.name);
    }
  });

  it("keeps three copies where it can, and lets one broker be away", async () => {
    const at = (count: number) => [kafkaCopies({ brokers: count }), kafkaConfirmations({ brokers: count })];
    assert.deepEqual([1, 2, 3, 4, 9].map(at), [
      [1, 1],
      [2, 1],
      [3, 2],
      [3, 2],
      [3, 2],
    ]);
    for (const count of [1, 3]) {
      const made = await make({ brokers: count });
      const { config: settings } = one<{ spec: KafkaSpec }>(made, "Kafka").inputs.spec.kafka;
      for (const [name, value] of Object.entries(settings)) {
        if (name.endsWith("replication.factor")) assert.equal(value, kafkaCopies({ brokers: count }), name);
        if (/\.isr$|insync/.test(name)) assert.equal(value, kafkaConfirmations({ brokers: count }), name);
      }
      assert.equal(settings["auto.create.topics.enable"], false);
      const topic = one<{ spec: { partitions: number; replicas: number; config: Record<string, unknown> } }>(
        made,
        "KafkaTopic",
        "bids",
      ).inputs.spec;
      assert.deepEqual([topic.partitions, topic.replicas], [12, Math.min(3, count)]);
      assert.equal(topic.config["min.insync.replicas"], kafkaConfirmations({ brokers: count }));
      assert.equal(topic.config["retention.ms"], 24 * 3_600_000);
      assert.equal(topic.config["retention.bytes"], gibibyte);
    }
  });

  it("lets brokers decide, or controllers of their own", async () => {
    assert.deepEqual([brokers.replicas, brokers.roles], [3, ["controller", "broker"]]);
    const made = await make({ brokers: 4, controllers: 3 });
    const pool = (name: string) => one<{ spec: PoolSpec }>(made, "KafkaNodePool", name).inputs.spec;
    assert.deepEqual([pool("brokers").replicas, pool("brokers").roles], [4, ["broker"]]);
    assert.deepEqual([pool("controllers").replicas, pool("controllers").roles], [3, ["controller"]]);
    for (const controllers of [1, 3, 5, 0]) assert.ok(Kafka.safeParse({ controllers }).success);
    for (const controllers of [2, 4]) assert.ok(!Kafka.safeParse({ controllers }).success);
  });

  it("keeps volumes, topics and cluster when it is deleted", () => {
    const kept = resources.filter((resource) => resource.protect && resource.retainOnDelete);
    assert.deepEqual(kept.map((resource) => resource.inputs["kind"]).sort(), [
      "Kafka",
      "KafkaNodePool",
      "KafkaTopic",
      "KafkaTopic",
    ]);
    assert.deepEqual(
      brokers.storage.volumes.map((volume) => [volume.size, volume.deleteClaim, volume.class]),
      [["50Gi", false, "fast-ssd"]],
    );
    for (const resource of customResources(resources, "kafka.strimzi.io")) {
      const { labels } = resource.inputs["metadata"] as { labels: Record<string, string> };
      assert.equal(labels["strimzi.io/cluster"], "ads", resource.name);
    }
  });

  it("is hardened, and spread over hosts and zones", async () => {
    const { pod, kafkaContainer } = brokers.template;
    assert.equal(pod.securityContext.runAsNonRoot, true);
    assert.equal(pod.securityContext.seccompProfile.type, "RuntimeDefault");
    assert.deepEqual(kafkaContainer.securityContext.capabilities.drop, ["ALL"]);
    assert.equal(kafkaContainer.securityContext.allowPrivilegeEscalation, false);
    assert.ok(brokers.template.initContainer !== undefined);
    assert.match(pod.metadata.annotations["realmgrid.io/security-exceptions"] ?? "", /writable-root-filesystem/);
    const [term] = pod.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution;
    assert.deepEqual(
      [term?.topologyKey, term?.labelSelector.matchLabels],
      ["kubernetes.io/hostname", { app: "kafka" }],
    );
    assert.equal(pod.topologySpreadConstraints[0]?.topologyKey, "topology.kubernetes.io/zone");
    assert.equal(pod.priorityClassName, priorityClasses.data.name);
    assert.equal(spec.kafka.rack?.topologyKey, "topology.kubernetes.io/zone");
    const flat = await make({ rackAware: false });
    assert.equal(one<{ spec: KafkaSpec }>(flat, "Kafka").inputs.spec.kafka.rack, undefined);
    assert.equal(one<{ spec: PoolSpec }>(flat, "KafkaNodePool").inputs.spec.template.initContainer, undefined);
  });

  it("is planned at the size that it has", () => {
    const plan = planKafka(config, kafkaTopics, kafkaCallers);
    assert.deepEqual(
      kafkaWorkloads(plan).map((one) => [one.name, one.kind, one.maxReplicas, one.claimBytes]),
      [
        ["ads-brokers", "StatefulSet", 3, 50 * gibibyte],
        ["ads-entity-operator", "Deployment", 1, undefined],
      ],
    );
    assert.deepEqual(plan.brokers.pod, podSize([config.resources], [config.resources]));
    assert.deepEqual(brokers.resources, config.resources);
    assert.equal(brokers.template.pod.terminationGracePeriodSeconds, plan.brokers.graceSeconds);
    assert.deepEqual(brokers.jvmOptions, { "-Xms": "1024m", "-Xmx": "1024m" });
    assert.deepEqual(spec.entityOperator.topicOperator.resources, entityOperatorSize);
    // The operator's default, for which the plan has a pod more.
    assert.deepEqual([spec.entityOperator.template.deployment, plan.entityOperator.surgePods], [undefined, 1]);
    const apart = planKafka(Kafka.parse({ brokers: 4, controllers: 3 }), kafkaTopics, kafkaCallers);
    assert.deepEqual(
      kafkaWorkloads(apart).map((one) => [one.name, one.maxReplicas]),
      [
        ["ads-brokers", 4],
        ["ads-controllers", 3],
        ["ads-entity-operator", 1],
      ],
    );
    for (const { pod } of kafkaWorkloads(apart)) {
      assert.ok(pod.requests.memoryBytes >= bytes(limitRange.pod.min.memory));
      assert.ok(pod.limits.memoryBytes <= bytes(limitRange.pod.max.memory));
    }
  });
});
