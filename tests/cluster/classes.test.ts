import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { all, everything, first } from "../support/objects.ts";
import { type OperatedWorkload, operatedWorkloads, toldPods } from "../support/operated.ts";
import { templates } from "../support/pods.ts";
import { runOf, runWith } from "../support/runs.ts";

describe("priority classes", () => {
  it("put stores before worlds, worlds before monitoring, by which autoscalers see, then services, game servers, the ads after players, and jobs last", async () => {
    const classes = all(await runOf("prod"), "PriorityClass", "us-west").map((one) => one.object);
    const order = classes.toSorted((one, other) => other.value - one.value).map((one) => one.metadata.name);
    assert.deepEqual(order, [
      ...["stores", "game-worlds", "monitoring", "game-services", "game-sessions", "ad-services", "game-batch"],
    ]);
    assert.ok(classes.every((one) => one.globalDefault !== true && one.value < 1_000_000_000));
  });

  it("let jobs wait rather than push somebody out", async () => {
    for (const { object } of all(await runOf("dev"), "PriorityClass")) {
      const batch = object.metadata.name === "game-batch";
      assert.equal(object.preemptionPolicy, batch ? "Never" : "PreemptLowerPriority");
    }
  });

  it("are what pods of each pool carry", async () => {
    const run = await runOf("dev");
    // Of these the resources say the class themselves.
    const told = new Map(toldPods(run).map((one) => [`${one.namespace} ${one.name}`, one.priorityClassName]));
    const classOf = ({ madeBy, spec, namespace }: OperatedWorkload) =>
      told.get(`${namespace} ${madeBy.kind} ${madeBy.name}`) ?? spec.priorityClassName;
    const carried = [
      ...templates(run).map((one) => ({ ...one, carries: one.spec.priorityClassName })),
      ...operatedWorkloads(run).map((one) => ({ ...one, carries: classOf(one) })),
    ].map((one) => [one.kind, one.labels["app.kubernetes.io/component"] ?? one.name, one.carries].join(" "));
    assert.deepEqual([...new Set(carried)].sort(), [
      "CronJob backup game-batch",
      // Whoever rotates a password waits for it, and so do pods that start with the new one.
      "CronJob users game-services",
      "DaemonSet exporter monitoring",
      "DaemonSet telemetry monitoring",
      "Deployment ads-entity-operator stores",
      "Deployment exporter monitoring",
      "Deployment mysql-cluster-router stores",
      "Deployment postgres-pooler stores",
      "Deployment service ad-services",
      "Deployment service game-services",
      "Deployment session game-sessions",
      "Deployment telemetry monitoring",
      "StatefulSet ads-brokers stores",
      "StatefulSet dashboards monitoring",
      "StatefulSet logs monitoring",
      // Prometheus and Alertmanager.
      "StatefulSet monitoring monitoring",
      "StatefulSet mysql-cluster stores",
      "StatefulSet postgres-cluster stores",
      "StatefulSet store stores",
      "StatefulSet traces monitoring",
      "StatefulSet world game-worlds",
    ]);
  });
});

describe("the storage class", () => {
  it("is created only where a provisioner is named: the original referred to one that no cluster has", async () => {
    assert.deepEqual(all(await runOf("prod"), "StorageClass"), []);
    const run = await runWith("dev", {
      "cluster.storageClass": { name: "fast-ssd", provisioner: "ebs.csi.aws.com", parameters: { type: "gp3" } },
    });
    const { object } = first(all(run, "StorageClass"));
    assert.deepEqual(
      [object.metadata.name, object.provisioner, object.parameters],
      ["fast-ssd", "ebs.csi.aws.com", { type: "gp3" }],
    );
    assert.deepEqual(
      [object.volumeBindingMode, object.allowVolumeExpansion, object.reclaimPolicy],
      ["WaitForFirstConsumer", true, "Retain"],
    );
  });

  it("is the cluster's default where no name is given", async () => {
    for (const [name, wanted] of [
      ["", undefined],
      ["fast-ssd", "fast-ssd"],
    ] as const) {
      const run = await runWith("dev", { "cluster.storageClass.name": name });
      const claims = [
        ...all(run, "StatefulSet").flatMap(({ object }) => object.spec.volumeClaimTemplates.map((one) => one.spec)),
        ...operatedWorkloads(run)
          .filter(({ madeBy }) => madeBy.kind !== "KafkaNodePool")
          .flatMap((one) => one.claims),
      ];
      // Strimzi has a word of its own for it.
      const brokers = everything(run).filter((one) => one.kind === "KafkaNodePool");
      const { storage } = first(brokers).resource.inputs["spec"] as { storage: { volumes: { class?: string }[] } };
      assert.deepEqual([brokers.length, storage.volumes.map((one) => one.class)], [1, [wanted]]);
      // Worlds, MySQL, Valkey of both, PostgreSQL's tables and log; Prometheus, Alertmanager, Grafana, Jaeger, Loki.
      assert.deepEqual(
        claims.map((one) => one.storageClassName),
        Array.from({ length: 6 + 5 }, () => wanted),
      );
    }
  });
});
