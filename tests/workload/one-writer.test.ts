import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { limitRange } from "../../components/capacity/quota.ts";
import { bytes, cpuMillis } from "../../components/kube/quantities.ts";
import { all, find, first, regionNames } from "../support/objects.ts";
import { operatedWorkloads } from "../support/operated.ts";
import { templates, together } from "../support/pods.ts";
import { runOf } from "../support/runs.ts";

describe("one writer for each field", () => {
  it("leaves the count of a scaled Deployment to its autoscaler: the original reset it with every update", async () => {
    const run = await runOf("prod");
    const scaled = all(run, "Deployment").filter((one) => one.namespace !== "monitoring");
    for (const { object, name } of scaled) {
      assert.ok(!("replicas" in object.spec), name);
      assert.ok(!("replicas" in object.metadata), name);
    }
    assert.equal(scaled.length, all(run, "ScaledObject").length);
  });

  it("fixes the count of monitoring, which nothing scales: exporters and gateways do not wait for players", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const fixed = all(run, "Deployment", region).filter((one) => one.namespace === "monitoring");
      assert.deepEqual(fixed.map(({ name, object }) => `${name} ${object.spec.replicas}`).sort(), [
        "blackbox-exporter 2",
        "kube-state-metrics 1",
        "otel-gateway 2",
      ]);
      const namespaces = all(run, "ScaledObject", region).map((one) => one.namespace);
      assert.ok(!namespaces.some((one) => one.startsWith("monitoring")));
    }
  });

  it("scales each Deployment of game and ads once, by an autoscaler of its own name", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      // An autoscaler scales what stands in its own namespace.
      const targets = all(run, "ScaledObject", region).map(({ object, name, namespace }) => {
        assert.equal(object.spec.scaleTargetRef.kind, "Deployment");
        assert.equal(object.spec.advanced?.horizontalPodAutoscalerConfig?.name, name);
        return `${namespace} ${object.spec.scaleTargetRef.name}`;
      });
      assert.equal(new Set(targets).size, targets.length);
      assert.deepEqual(
        targets.sort(),
        all(run, "Deployment", region)
          .filter((one) => one.namespace !== "monitoring")
          .map((one) => `${one.namespace} ${one.name}`)
          .sort(),
      );
    }
    assert.ok(!run.resources.some((one) => one.type.includes("HorizontalPodAutoscaler")));
  });

  it("fixes the count of worlds: an autoscaler would make empty worlds and strand full ones", async () => {
    const run = await runOf("prod");
    const sets = all(run, "StatefulSet").map(({ name, object }) => `${name} ${object.spec.replicas}`);
    const worlds = sets.filter((one) => one.startsWith("game-world-servers "));
    assert.deepEqual(worlds, Array(3).fill("game-world-servers 5"));
    assert.ok(all(run, "ScaledObject").every(({ object }) => object.spec.scaleTargetRef.kind !== "StatefulSet"));
  });

  it("fixes the count of stores, and of what keeps metrics, traces and logs: a member more or less is a change of the cluster and its votes", async () => {
    const run = await runOf("prod");
    const fixed = [
      ...all(run, "StatefulSet").map(({ name, namespace, object }) => `${namespace} ${name} ${object.spec.replicas}`),
      ...operatedWorkloads(run).map(({ name, namespace, replicas }) => `${namespace} ${name} ${replicas}`),
    ].filter((one) => !one.startsWith("mmorpg-game game-world-servers "));
    assert.deepEqual([...new Set(fixed)].sort(), [
      "ad-platform ads-brokers 3",
      "ad-platform ads-entity-operator 1",
      "ad-platform postgres-cluster 3",
      "ad-platform postgres-pooler 2",
      "ad-platform redis-cluster 6",
      "mmorpg-game mysql-cluster 3",
      "mmorpg-game mysql-cluster-router 2",
      "mmorpg-game redis-cluster 6",
      "monitoring alertmanager-realmgrid 3",
      "monitoring grafana 1",
      "monitoring jaeger 1",
      "monitoring loki 1",
      "monitoring prometheus-realmgrid 2",
    ]);
    const scaled = all(run, "ScaledObject").map(
      ({ object, namespace }) => `${namespace} ${object.spec.scaleTargetRef.name}`,
    );
    for (const one of fixed) assert.ok(!scaled.includes(one.replace(/ \d+$/, "")), one);
  });

  it("only recommends sizes: the original's vertical autoscaler moved the requests that the other one read", async () => {
    for (const { object } of all(await runOf("prod"), "VerticalPodAutoscaler")) {
      assert.equal(object.spec?.updatePolicy?.updateMode, "Off");
      const [policy] = object.spec?.resourcePolicy?.containerPolicies ?? [];
      assert.equal(policy?.controlledValues, "RequestsOnly");
    }
  });

  it("recommends nothing that could not be applied: the original went above what its limit range takes", async () => {
    const run = await runOf("prod");
    const workloads = [...templates(run), ...operatedWorkloads(run)];
    for (const recommender of all(run, "VerticalPodAutoscaler")) {
      const { object, name } = recommender;
      const [policy] = object.spec?.resourcePolicy?.containerPolicies ?? [];
      const { containers } = first(workloads.filter((one) => together(one, recommender) && one.name === name)).spec;
      const { requests, limits } = first(containers.filter((one) => one.name === policy?.containerName)).resources;
      for (const [part, number] of [["cpu", cpuMillis] as const, ["memory", bytes] as const]) {
        const [least, most] = [policy?.minAllowed, policy?.maxAllowed].map((one) => number(String(one?.[part])));
        assert.ok(number(String(requests[part])) >= (least ?? 0), `${name}: today's ${part} is too small`);
        // A request above its limit is refused.
        assert.ok((most ?? Infinity) <= number(String(limits[part])), `${name}: ${part} above its limit`);
        assert.ok(
          (most ?? Infinity) <= number(limitRange.container.max[part]),
          `${name}: ${part} above the limit range`,
        );
        assert.ok((least ?? 0) >= number(limitRange.container.min[part]), `${name}: ${part} below the limit range`);
      }
    }
  });

  it("recommends no less than 500m and 1Gi for a game server, as the original did", async () => {
    const object = find(await runOf("prod"), "VerticalPodAutoscaler", "game-server-us-west");
    assert.deepEqual(object.spec?.resourcePolicy?.containerPolicies?.[0]?.minAllowed, { cpu: "500m", memory: "1Gi" });
  });
});
