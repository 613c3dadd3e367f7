import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { gameNamespace } from "../../components/game/workloads.ts";
import { all, everything, find, regionNames } from "../support/objects.ts";
import { operatedWorkloads } from "../support/operated.ts";
import { adPlatforms, adTemplates, objectAt, selects, templates, together } from "../support/pods.ts";
import { runOf, runWith } from "../support/runs.ts";

const manyWorlds = {
  "regions.us-west.worlds.count": 120,
  "regions.us-west.pools.worlds.maxNodes": 60,
  "data.mysql.pools.worlds": 5,
};

describe("selectors", () => {
  it("are labels of their own pods, and of no other workload's", async () => {
    const run = await runWith("dev", manyWorlds);
    const all = [...templates(run, "us-west"), ...operatedWorkloads(run, "us-west")];
    assert.ok(all.some((one) => adPlatforms.includes(one.namespace)));
    for (const workload of all) {
      const { selector, name, kind } = workload;
      if (kind === "CronJob") continue;
      assert.ok(Object.keys(selector ?? {}).length > 0, name);
      // No selector reaches into another namespace: a store of the same name there is not its own.
      assert.deepEqual(
        all.filter((one) => together(one, workload) && selects(selector, one.labels)).map((one) => one.name),
        [name],
      );
    }
  });

  it("hold nothing that changes with a version or an environment, since they can never change", async () => {
    const allowed = ["app", "region", "realmgrid.io/world-group"];
    for (const { selector, name } of templates(await runOf("prod"))) {
      assert.deepEqual(
        Object.keys(selector ?? {}).filter((key) => !allowed.includes(key)),
        [],
        name,
      );
    }
    const before = templates(await runOf("dev")).map((one) => one.selector);
    const changes = {
      "images.gameServer": "mmorpg/game-server:v9",
      "images.biddingService": "ads/bidding-service:v9",
      "game.motd": "Hi",
      "ads.staging.logLevel": "WARN",
    };
    const after = templates(await runWith("dev", changes));
    assert.deepEqual(
      after.map((one) => one.selector),
      before,
    );
  });

  it("of spread constraints are those of the workload", async () => {
    for (const { spec, selector, name, kind } of templates(await runOf("prod"))) {
      // A DaemonSet has its pods on every node anyway; that it says nothing of it is in tests/workload/node-agents.test.ts.
      if (kind === "CronJob" || kind === "DaemonSet") continue;
      for (const one of spec.topologySpreadConstraints) assert.deepEqual(one.labelSelector.matchLabels, selector, name);
    }
  });
});

describe("disruption budgets", () => {
  it("cover each pod exactly once: with none, as in the original, a node drain could take every world", async () => {
    for (const run of [await runOf("prod"), await runWith("dev", manyWorlds)]) {
      for (const region of regionNames(run)) {
        const budgets = all(run, "PodDisruptionBudget", region);
        for (const workload of [...templates(run, region), ...operatedWorkloads(run, region)]) {
          const { labels, name, kind, namespace } = workload;
          const covering = budgets.filter(
            (budget) => together(budget, workload) && selects(budget.object.spec.selector.matchLabels, labels),
          );
          // Operators make those of servers and brokers, and none for routers and poolers; two for one pod refuse every
          // eviction. The one pod that keeps topics and users serves nobody, and a budget would only hold up a drain. A
          // drain leaves pods of a DaemonSet where they are.
          const others =
            kind === "CronJob" ||
            kind === "DaemonSet" ||
            ["mysql-cluster", "postgres-cluster", "ads-brokers", "ads-entity-operator"].includes(name);
          // The operator puts the name of its resource behind the server's.
          const budget = name.replace(/-realmgrid$/, "");
          assert.deepEqual(
            covering.map((one) => one.name),
            others ? [] : [budget],
            `${namespace} ${name}`,
          );
        }
        // Servers of PostgreSQL and brokers have theirs by the word of their resource.
        const made = everything(run).filter((one) => one.region === region);
        for (const { resource } of made.filter((one) => one.kind === "Cluster"))
          assert.equal((resource.inputs["spec"] as { enablePDB: boolean }).enablePDB, true, resource.name);
        for (const { resource } of made.filter((one) => one.kind === "Kafka")) {
          const { kafka } = resource.inputs["spec"] as {
            kafka: { template: { podDisruptionBudget: { maxUnavailable: number } } };
          };
          assert.equal(kafka.template.podDisruptionBudget.maxUnavailable, 1, resource.name);
        }
      }
    }
  });

  it("let a drain take one world of a group, one pod of a service or store and 5 % of game servers at a time", async () => {
    const budgets = all(await runOf("prod"), "PodDisruptionBudget", "us-west");
    const allowedIn = (namespace: string) =>
      Object.fromEntries(
        budgets.filter((one) => one.namespace === namespace).map((one) => [one.name, one.object.spec.maxUnavailable]),
      );
    assert.deepEqual(allowedIn(gameNamespace), {
      "auth-service": 1,
      "player-service": 1,
      "guild-service": 1,
      "world-service": 1,
      "matchmaking-service": 1,
      "game-world-servers": 1,
      "game-server-us-west": "5%",
      "mysql-cluster-router": 1,
      "redis-cluster": 1,
    });
    assert.deepEqual(allowedIn("ad-platform"), {
      "campaign-service": 1,
      "bidding-service": 1,
      "analytics-service": 1,
      "postgres-pooler": 1,
      "redis-cluster": 1,
    });
    // What there is one of goes for as long as it takes to start elsewhere: dashboards wait, and a drain does not.
    assert.deepEqual(allowedIn("monitoring"), {
      "kube-state-metrics": 1,
      "blackbox-exporter": 1,
      "otel-gateway": 1,
      prometheus: 1,
      alertmanager: 1,
      grafana: 1,
      jaeger: 1,
      loki: 1,
    });
    const namespaces = [...new Set(budgets.map((one) => one.namespace))].sort();
    assert.deepEqual(namespaces, ["ad-platform", gameNamespace, "monitoring"]);
  });

  it("never hold up a drain for a pod that does not work anyway, but for a store, which a second loss could cost", async () => {
    for (const { object, name } of all(await runOf("prod"), "PodDisruptionBudget")) {
      const wanted = name === "redis-cluster" ? "IfHealthyBudget" : "AlwaysAllow";
      assert.equal(object.spec.unhealthyPodEvictionPolicy, wanted, name);
      assert.equal(object.spec.minAvailable, undefined, name);
    }
  });
});

describe("Services", () => {
  it("of game servers and services carry the game port and the metrics port", async () => {
    const run = await runOf("prod");
    for (const name of [
      "game-server",
      "auth-service",
      "player-service",
      "guild-service",
      "world-service",
      "matchmaking-service",
    ]) {
      const ports = find(run, "Service", name).spec.ports.map((one) => [one.name, one.port]);
      assert.deepEqual(
        ports,
        [
          ["game-port", 8080],
          ["metrics-port", 9090],
        ],
        name,
      );
    }
  });

  it("of the ads carry requests on port 80 and metrics on 9090, by the names of the pods' ports", async () => {
    const run = await runOf("prod");
    const seen = adTemplates(run).map(({ name, owner }) => {
      const ports = objectAt(run, "Service", name, owner).spec.ports;
      assert.deepEqual(
        ports.map((one) => [one.name, one.port, one.targetPort]),
        [
          ["http", 80, "http"],
          ["metrics", 9090, "metrics"],
        ],
        name,
      );
      return name;
    });
    assert.equal(seen.length, 3 * 2);
  });
});
