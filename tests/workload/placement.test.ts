import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { gameNamespace } from "../../components/game/workloads.ts";
import { ofPrometheusOperator, operatedWorkloads, toldPods, whollyKnown } from "../support/operated.ts";
import { selects, templateOf, templates } from "../support/pods.ts";
import { runOf } from "../support/runs.ts";

describe("placement", () => {
  const withVolume = (name: string) => name.startsWith("Cluster ") || name.startsWith("KafkaNodePool ");
  const operatorsLabels = { "cnpg.io/cluster": "postgres-cluster", "cnpg.io/podRole": "instance" };

  it("spreads every workload over zones and hosts without counting dead ones: the original spread over hosts alone", async () => {
    for (const { spec, kind, name, replicas } of templates(await runOf("prod"))) {
      // Agents are on every node (tests/workload/node-agents.test.ts).
      if (kind === "CronJob" || kind === "DaemonSet") continue;
      const [zone, host, ...others] = spec.topologySpreadConstraints;
      assert.deepEqual(others, []);
      assert.deepEqual(
        [zone?.topologyKey, zone?.whenUnsatisfiable],
        ["topology.kubernetes.io/zone", "DoNotSchedule"],
        name,
      );
      assert.equal(host?.topologyKey, "kubernetes.io/hostname", name);
      // Members of a store must not share a host; Grafana, Jaeger and Loki, one of each, have nobody to share it with.
      const members = kind === "StatefulSet" && replicas !== 1;
      assert.equal(host?.whenUnsatisfiable, members ? "DoNotSchedule" : "ScheduleAnyway", name);
      for (const one of [zone, host]) {
        assert.deepEqual([one?.maxSkew, one?.nodeTaintsPolicy, one?.nodeAffinityPolicy], [1, "Honor", "Honor"], name);
        assert.equal(one?.minDomains, undefined, `${name}: with a zone lost, nothing could be placed`);
        assert.deepEqual(one?.matchLabelKeys, kind === "Deployment" ? ["pod-template-hash"] : undefined, name);
      }
    }
  });

  it("spreads the pods of operators over zones without counting dead ones, and servers of MySQL over hosts", async () => {
    const run = await runOf("prod");
    for (const { topologySpreadConstraints, name, labels } of toldPods(run)) {
      const [zone, ...others] = topologySpreadConstraints;
      assert.deepEqual(others, []);
      assert.deepEqual([zone?.topologyKey, zone?.whenUnsatisfiable], ["topology.kubernetes.io/zone", "DoNotSchedule"]);
      assert.deepEqual([zone?.maxSkew, zone?.nodeTaintsPolicy, zone?.nodeAffinityPolicy], [1, "Honor", "Honor"], name);
      // Servers of PostgreSQL are told apart from the pods that make a new one by labels of the operator.
      const own = name.startsWith("Cluster ") ? operatorsLabels : labels;
      assert.ok(Object.keys(zone?.labelSelector.matchLabels ?? {}).length > 0, name);
      assert.ok(selects(zone?.labelSelector.matchLabels, own), `${name} spreads pods that are not its own`);
    }
    // Hosts: only of MySQL and Prometheus are the pods known. Those of PostgreSQL and Kafka are in their own tests.
    const operated = operatedWorkloads(run);
    for (const { spec, name, labels } of [...whollyKnown(operated), ...ofPrometheusOperator(operated)]) {
      const [zone, ...others] = spec.topologySpreadConstraints;
      assert.deepEqual(others, []);
      assert.deepEqual([zone?.topologyKey, zone?.whenUnsatisfiable], ["topology.kubernetes.io/zone", "DoNotSchedule"]);
      assert.deepEqual([zone?.maxSkew, zone?.nodeTaintsPolicy, zone?.nodeAffinityPolicy], [1, "Honor", "Honor"], name);
      const {
        requiredDuringSchedulingIgnoredDuringExecution: required = [],
        preferredDuringSchedulingIgnoredDuringExecution: preferred = [],
      } = spec.affinity.podAntiAffinity;
      const terms = [...required, ...preferred.map((one) => one.podAffinityTerm)];
      assert.equal(terms.length, 1, name);
      // Two of three servers of MySQL on one host would be lost with their majority; of all others, one is enough.
      assert.equal(required.length, name === "mysql-cluster" ? 1 : 0, name);
      for (const one of [zone, ...terms]) {
        assert.ok(Object.keys(one?.labelSelector.matchLabels ?? {}).length > 0, name);
        assert.ok(selects(one?.labelSelector.matchLabels, labels), `${name} spreads pods that are not its own`);
      }
      assert.equal(terms[0]?.topologyKey, "kubernetes.io/hostname", name);
    }
  });

  it("lets worlds share a host where the configuration says so", async () => {
    const [, host] = templateOf(await runOf("dev"), "game-world-servers").spec.topologySpreadConstraints;
    assert.equal(host?.whenUnsatisfiable, "ScheduleAnyway");
  });

  it("tolerates a silent node for 30 s, with a volume for 60 s, and never everything", async () => {
    const run = await runOf("prod");
    const operated = operatedWorkloads(run);
    const known = [...templates(run), ...whollyKnown(operated), ...ofPrometheusOperator(operated)];
    // Agents of nodes are the only ones that tolerate everything: without a silent node's, nobody knows why it is silent.
    for (const { spec, kind, name } of known.filter((one) => one.kind !== "DaemonSet")) {
      assert.ok(
        spec.tolerations.every((one) => one.key !== undefined),
        name,
      );
      const silent = spec.tolerations.filter((one) => one.effect === "NoExecute");
      assert.deepEqual(silent.map((one) => one.key).sort(), [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
      ]);
      for (const one of silent) assert.equal(one.tolerationSeconds, kind === "StatefulSet" ? 60 : 30, name);
    }
    for (const { tolerations, name } of toldPods(run)) {
      assert.ok(
        tolerations.every((one) => one.key !== undefined),
        name,
      );
      const silent = tolerations.filter((one) => one.effect === "NoExecute");
      assert.deepEqual(silent.map((one) => one.key).sort(), [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
      ]);
      if (withVolume(name)) for (const one of silent) assert.equal(one.tolerationSeconds, 60, name);
    }
  });

  it("tolerates a silent node for 30 s under what operators run without a volume: poolers, keepers of topics", async () => {
    for (const { tolerations, name } of toldPods(await runOf("prod")).filter((one) => !withVolume(one.name))) {
      const silent = tolerations.filter((one) => one.effect === "NoExecute");
      for (const one of silent) assert.equal(one.tolerationSeconds, 30, name);
    }
  });

  it("keeps each workload on the nodes of its pool, and others off them", async () => {
    const run = await runOf("prod");
    for (const [name, pool, namespace = gameNamespace] of [
      ["game-world-servers", "worlds"],
      ["game-server-us-west", "sessions"],
      ["auth-service", "services"],
      ["world-backup", "services"],
      ["mysql-users", "services"],
      ["redis-cluster", "data"],
      ["mysql-cluster", "data"],
      ["mysql-cluster-router", "data"],
      ["campaign-service", "services", "ad-platform"],
      ["bidding-service", "services", "ad-platform"],
      ["analytics-service", "services", "ad-platform"],
      ["redis-cluster", "data", "ad-platform"],
      ["postgres-backup", "data", "ad-platform"],
      ["redis-backup", "data", "ad-platform"],
      ["kube-state-metrics", "services", "monitoring"],
      ["blackbox-exporter", "services", "monitoring"],
      ["otel-gateway", "services", "monitoring"],
      ["grafana", "services", "monitoring"],
      ["jaeger", "services", "monitoring"],
      ["loki", "services", "monitoring"],
      ["prometheus-realmgrid", "services", "monitoring"],
      ["alertmanager-realmgrid", "services", "monitoring"],
    ] as const) {
      const operated = operatedWorkloads(run, "us-west");
      const { spec } =
        [...whollyKnown(operated), ...ofPrometheusOperator(operated)].find((one) => one.name === name) ??
        templateOf(run, name, "us-west", namespace);
      const required = spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution;
      assert.deepEqual(required.nodeSelectorTerms, [
        { matchExpressions: [{ key: "realmgrid.io/pool", operator: "In", values: [pool] }] },
      ]);
      const taint = spec.tolerations.find((one) => one.key === "realmgrid.io/pool");
      assert.deepEqual([taint?.operator, taint?.value, taint?.effect], ["Equal", pool, "NoSchedule"]);
    }
    for (const { pools, tolerations, name } of toldPods(run)) {
      assert.deepEqual(pools, ["data"], name);
      const taint = tolerations.find((one) => one.key === "realmgrid.io/pool");
      assert.deepEqual([taint?.operator, taint?.value, taint?.effect], ["Equal", "data", "NoSchedule"], name);
    }
  });

  it("asks for no special nodes where pools are not dedicated", async () => {
    const run = await runOf("dev");
    const operated = operatedWorkloads(run);
    for (const { spec, name } of [...templates(run), ...whollyKnown(operated), ...ofPrometheusOperator(operated)]) {
      // Agents of nodes have none at all.
      const { affinity } = spec as Partial<typeof spec>;
      const { nodeAffinity } = (affinity ?? {}) as Partial<typeof spec.affinity>;
      assert.equal(nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution, undefined, name);
      assert.ok(
        spec.tolerations.every((one) => one.key !== "realmgrid.io/pool"),
        name,
      );
    }
    for (const { pools, tolerations, name } of toldPods(run)) {
      assert.deepEqual(pools, [], name);
      assert.ok(
        tolerations.every((one) => one.key !== "realmgrid.io/pool"),
        name,
      );
    }
  });

  it("prefers nodes for games, as the original did", async () => {
    const { spec } = templateOf(await runOf("prod"), "game-server-us-west");
    assert.deepEqual(spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution, [
      {
        weight: 100,
        preference: { matchExpressions: [{ key: "node-type", operator: "In", values: ["game-optimized"] }] },
      },
    ]);
  });
});
