import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { all, find, regionNames } from "../support/objects.ts";
import { operatedWorkloads } from "../support/operated.ts";
import { selects, templateOf, templates } from "../support/pods.ts";
import { registrationsOf } from "../support/registrations.ts";
import { runOf, runWith } from "../support/runs.ts";
import { planOf } from "../support/stacks.ts";

const manyWorlds = {
  "regions.us-west.worlds.count": 120,
  "regions.us-west.pools.worlds.maxNodes": 60,
  "data.mysql.pools.worlds": 5,
};

describe("selectors", () => {
  it("are labels of their own pods, and of no other workload's", async () => {
    const run = await runWith("dev", manyWorlds);
    const all = [...templates(run, "us-west"), ...operatedWorkloads(run, "us-west")];
    for (const { selector, name, kind } of all) {
      if (kind === "CronJob") continue;
      assert.ok(Object.keys(selector ?? {}).length > 0, name);
      assert.deepEqual(
        all.filter((one) => selects(selector, one.labels)).map((one) => one.name),
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
    const after = templates(await runWith("dev", { "images.gameServer": "mmorpg/game-server:v9", "game.motd": "Hi" }));
    assert.deepEqual(
      after.map((one) => one.selector),
      before,
    );
  });

  it("of spread constraints are those of the workload", async () => {
    for (const { spec, selector, name, kind } of templates(await runOf("prod"))) {
      if (kind === "CronJob") continue;
      for (const one of spec.topologySpreadConstraints) assert.deepEqual(one.labelSelector.matchLabels, selector, name);
    }
  });
});

describe("disruption budgets", () => {
  it("cover each pod exactly once: with none, as in the original, a node drain could take every world", async () => {
    for (const run of [await runOf("prod"), await runWith("dev", manyWorlds)]) {
      for (const region of regionNames(run)) {
        const budgets = all(run, "PodDisruptionBudget", region);
        for (const { labels, name, kind } of [...templates(run, region), ...operatedWorkloads(run, region)]) {
          const covering = budgets.filter(({ object }) => selects(object.spec.selector.matchLabels, labels));
          // The operator makes that of its servers, and none for its routers; two for one pod refuse every eviction.
          const others = kind === "CronJob" || name === "mysql-cluster";
          assert.deepEqual(
            covering.map((one) => one.name),
            others ? [] : [name],
          );
        }
      }
    }
  });

  it("let a drain take one world of a group, one pod of a service or store and 5 % of game servers at a time", async () => {
    const allowed = all(await runOf("prod"), "PodDisruptionBudget", "us-west").map((one) => [
      one.name,
      one.object.spec.maxUnavailable,
    ]);
    assert.deepEqual(Object.fromEntries(allowed), {
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
  });

  it("never hold up a drain for a pod that does not work anyway, but for a store, which a second loss could cost", async () => {
    for (const { object, name } of all(await runOf("prod"), "PodDisruptionBudget")) {
      const wanted = name === "redis-cluster" ? "IfHealthyBudget" : "AlwaysAllow";
      assert.equal(object.spec.unhealthyPodEvictionPolicy, wanted, name);
      assert.equal(object.spec.minAvailable, undefined, name);
    }
  });
});

describe("updates", () => {
  it("of Deployments take no pod away before its successor is there", async () => {
    for (const { object, name } of all(await runOf("prod"), "Deployment")) {
      const { type, rollingUpdate } = object.spec.strategy;
      assert.deepEqual([type, rollingUpdate.maxUnavailable], ["RollingUpdate", 0], name);
      assert.equal(rollingUpdate.maxSurge, name.startsWith("game-server") ? "10%" : 1, name);
      assert.ok(object.spec.minReadySeconds >= 10, name);
    }
  });

  it("are awaited as long as they take: a provider that gives up after 10 minutes fails a rollout that is well", async () => {
    const [run, registrations] = [await runOf("prod"), await registrationsOf("prod")];
    for (const {
      name: region,
      namespaces: [{ rollouts }],
    } of planOf("prod").regions) {
      // Nothing waits for what an operator makes: its custom resource is there at once.
      const operated = operatedWorkloads(run, region).map((one) => one.name);
      const awaitedOnes = rollouts.filter(({ plan }) => plan.kind !== "CronJob" && !operated.includes(plan.name));
      assert.equal(awaitedOnes.length, 8);
      for (const { plan, rollout } of awaitedOnes) {
        const registration = registrations.find(
          ({ type, name, raw }) =>
            type === `kubernetes:apps/v1:${plan.kind}` &&
            name.startsWith(`${region}-`) &&
            (raw as { metadata: { name: string } }).metadata.name === plan.name,
        );
        assert.ok(registration, plan.name);
        // The last old pod of a Deployment may still drain: what is awaited is that the new ones are available.
        const awaited = rollout.seconds - (plan.kind === "Deployment" ? plan.graceSeconds : 0);
        assert.ok((registration.updateTimeout ?? 600) >= awaited, `${plan.name} takes ${awaited} s`);
      }
    }
  });

  it("wait for no Service of a store, whose pods form their cluster long after it", async () => {
    const run = await runOf("prod");
    const services = all(run, "Service").filter((one) => one.component === "data");
    assert.equal(services.length, 4 * regionNames(run).length);
    for (const { object, name } of services)
      assert.equal(object.metadata.annotations["pulumi.com/skipAwait"], "true", name);
  });

  it("give services time until nobody calls them any more", async () => {
    const { spec } = templateOf(await runOf("prod"), "auth-service");
    assert.deepEqual(spec.containers[0]?.lifecycle.preStop.sleep, { seconds: 15 });
    assert.ok(spec.terminationGracePeriodSeconds > 15);
  });
});

describe("placement", () => {
  it("spreads every workload over zones and hosts without counting dead ones: the original spread over hosts alone", async () => {
    for (const { spec, kind, name } of templates(await runOf("prod"))) {
      if (kind === "CronJob") continue;
      const [zone, host, ...others] = spec.topologySpreadConstraints;
      assert.deepEqual(others, []);
      assert.deepEqual(
        [zone?.topologyKey, zone?.whenUnsatisfiable],
        ["topology.kubernetes.io/zone", "DoNotSchedule"],
        name,
      );
      assert.equal(host?.topologyKey, "kubernetes.io/hostname", name);
      assert.equal(host?.whenUnsatisfiable, kind === "StatefulSet" ? "DoNotSchedule" : "ScheduleAnyway", name);
      for (const one of [zone, host]) {
        assert.deepEqual([one?.maxSkew, one?.nodeTaintsPolicy, one?.nodeAffinityPolicy], [1, "Honor", "Honor"], name);
        assert.equal(one?.minDomains, undefined, `${name}: with a zone lost, nothing could be placed`);
        assert.deepEqual(one?.matchLabelKeys, kind === "Deployment" ? ["pod-template-hash"] : undefined, name);
      }
    }
  });

  it("spreads the pods of operators over zones without counting dead ones, and servers of MySQL over hosts", async () => {
    for (const { spec, kind, name, labels } of operatedWorkloads(await runOf("prod"))) {
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
      assert.equal(required.length, kind === "StatefulSet" ? 1 : 0, name);
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
    for (const { spec, kind, name } of [...templates(run), ...operatedWorkloads(run)]) {
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
  });

  it("keeps each workload on the nodes of its pool, and others off them", async () => {
    const run = await runOf("prod");
    for (const [name, pool] of [
      ["game-world-servers", "worlds"],
      ["game-server-us-west", "sessions"],
      ["auth-service", "services"],
      ["world-backup", "services"],
      ["mysql-users", "services"],
      ["redis-cluster", "data"],
      ["mysql-cluster", "data"],
      ["mysql-cluster-router", "data"],
    ] as const) {
      const { spec } =
        operatedWorkloads(run, "us-west").find((one) => one.name === name) ?? templateOf(run, name, "us-west");
      const required = spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution;
      assert.deepEqual(required.nodeSelectorTerms, [
        { matchExpressions: [{ key: "realmgrid.io/pool", operator: "In", values: [pool] }] },
      ]);
      const taint = spec.tolerations.find((one) => one.key === "realmgrid.io/pool");
      assert.deepEqual([taint?.operator, taint?.value, taint?.effect], ["Equal", pool, "NoSchedule"]);
    }
  });

  it("asks for no special nodes where pools are not dedicated", async () => {
    const run = await runOf("dev");
    for (const { spec, name } of [...templates(run), ...operatedWorkloads(run)]) {
      const { nodeAffinity } = spec.affinity as Partial<typeof spec.affinity>;
      assert.equal(nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution, undefined, name);
      assert.ok(
        spec.tolerations.every((one) => one.key !== "realmgrid.io/pool"),
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
});
