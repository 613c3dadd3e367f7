import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { gameNamespace } from "../../components/game/workloads.ts";
import { runsOnceAnnotation } from "../../components/kube/labels.ts";
import { all, everything, regionNames } from "../support/objects.ts";
import { operatedWorkloads } from "../support/operated.ts";
import { adTemplates, objectAt, selects, templateOf, templates, together } from "../support/pods.ts";
import { registrationsOf } from "../support/registrations.ts";
import { simulateRollingUpdate } from "../support/rollout-simulator.ts";
import { runOf } from "../support/runs.ts";
import { planOf } from "../support/stacks.ts";

describe("updates", () => {
  it("of Deployments take no pod away before its successor is there, but for the one that must be alone", async () => {
    const alone: string[] = [];
    for (const { object, name } of all(await runOf("prod"), "Deployment")) {
      if (object.spec.strategy.type === "Recreate") {
        // Why there must not be two is said where people and policies read it.
        assert.match(object.metadata.annotations[runsOnceAnnotation] ?? "", /\w+ \w+ \w+/, name);
        assert.deepEqual([object.spec.replicas, object.spec.strategy.rollingUpdate], [1, undefined], name);
        alone.push(name);
        continue;
      }
      assert.equal(object.metadata.annotations?.[runsOnceAnnotation], undefined, name);
      const { type, rollingUpdate } = object.spec.strategy;
      assert.deepEqual([type, rollingUpdate.maxUnavailable], ["RollingUpdate", 0], name);
      const wider = name.startsWith("game-server") ? "10%" : { "bidding-service": 2 }[name];
      assert.equal(rollingUpdate.maxSurge, wider ?? 1, name);
      assert.ok(object.spec.minReadySeconds >= 10, name);
    }
    assert.deepEqual([...new Set(alone)], ["kube-state-metrics"]);
  });

  it("of poolers, which their operator makes, take none away before its successor is there either", async () => {
    const poolers = everything(await runOf("prod")).filter((one) => one.kind === "Pooler");
    assert.equal(poolers.length, 2);
    for (const { resource } of poolers) {
      const { deploymentStrategy } = resource.inputs["spec"] as { deploymentStrategy: unknown };
      const wanted = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
      assert.deepEqual(deploymentStrategy, wanted);
    }
  });

  it("of the ads go on with no fewer pods than the minimum: campaign-service with its 5, one new pod at a time", async () => {
    const run = await runOf("prod");
    const seen = adTemplates(run, "us-west").map(({ name, owner, spec, ...place }) => {
      const { strategy, minReadySeconds } = objectAt(run, "Deployment", name, owner).spec;
      const { minReplicaCount = 0 } = objectAt(run, "ScaledObject", name, owner).spec;
      const surge = Number(strategy.rollingUpdate.maxSurge);
      const { fewestAvailable } = simulateRollingUpdate({
        replicas: minReplicaCount,
        surge,
        minReadySeconds,
        graceSeconds: spec.terminationGracePeriodSeconds,
        // The later a pod, the slower: as when images are fetched from a registry that is busy.
        bootSeconds: (index) => 20 + 5 * index,
      });
      assert.equal(strategy.rollingUpdate.maxUnavailable, 0, `${place.namespace} ${name}`);
      assert.equal(fewestAvailable, minReplicaCount, `${place.namespace} ${name}`);
      return [name, minReplicaCount, surge];
    });
    assert.deepEqual(seen.sort(), [
      ["analytics-service", 2, 1],
      ["bidding-service", 5, 2],
      ["campaign-service", 5, 1],
    ]);
  });

  it("are awaited as long as they take: a provider that gives up after 10 minutes fails a rollout that is well", async () => {
    const [run, registrations] = [await runOf("prod"), await registrationsOf("prod")];
    for (const { name: region, namespaces } of planOf("prod").regions) {
      assert.deepEqual(
        namespaces.map((one) => one.namespace),
        [gameNamespace, ...(region === "us-east" ? [] : ["ad-platform"]), "monitoring", "monitoring-agents"],
      );
      for (const { namespace, rollouts } of namespaces) {
        // Nothing waits for what an operator makes: its custom resource is there at once.
        const operated = operatedWorkloads(run, region)
          .filter((one) => one.namespace === namespace)
          .map((one) => one.name);
        const awaitedOnes = rollouts.filter(({ plan }) => plan.kind !== "CronJob" && !operated.includes(plan.name));
        // Worlds, game servers, five services and a store; three services and a store; exporters, the gateway, Grafana,
        // Jaeger and Loki; two agents.
        const counts: Record<string, number> = {
          [gameNamespace]: 8,
          "ad-platform": 4,
          monitoring: 6,
          "monitoring-agents": 2,
        };
        assert.equal(awaitedOnes.length, counts[namespace], namespace);
        for (const { plan, rollout } of awaitedOnes) {
          const registration = registrations.find(({ type, name, raw }) => {
            const { metadata } = raw as { metadata: { name: string; namespace: string } };
            return (
              type === `kubernetes:apps/v1:${plan.kind}` &&
              name.startsWith(`${region}-`) &&
              metadata.name === plan.name &&
              metadata.namespace === namespace
            );
          });
          assert.ok(registration, `${namespace} ${plan.name}`);
          // The last old pod of a Deployment may still drain: what is awaited is that the new ones are available.
          const awaited = rollout.seconds - (plan.kind === "Deployment" ? plan.graceSeconds : 0);
          assert.ok((registration.updateTimeout ?? 600) >= awaited, `${namespace} ${plan.name} takes ${awaited} s`);
        }
      }
    }
  });

  it("wait for no Service of a store, whose pods form their cluster long after it, nor of what starts after it", async () => {
    const run = await runOf("prod");
    // A Service of a store leads to no pods of a Deployment of ours.
    const deployed = templates(run).filter((one) => one.kind === "Deployment" || one.name === "game-world-servers");
    const services = all(run, "Service").filter(
      (service) => !deployed.some((one) => together(one, service) && selects(service.object.spec.selector, one.labels)),
    );
    const counts = services.reduce<Record<string, number>>((sums, { namespace }) => {
      sums[namespace] = (sums[namespace] ?? 0) + 1;
      return sums;
    }, {});
    // Two of MySQL and two of Valkey; one each of PostgreSQL and Kafka, and two of Valkey, in two regions.
    // Grafana, Loki and two of Jaeger, and the agents', in each region.
    assert.deepEqual(counts, {
      [gameNamespace]: 4 * regionNames(run).length,
      "ad-platform": 4 * 2,
      monitoring: 4 * regionNames(run).length,
      "monitoring-agents": regionNames(run).length,
    });
    for (const { object, name } of services)
      assert.equal(object.metadata.annotations["pulumi.com/skipAwait"], "true", name);
  });

  it("give services time until nobody calls them any more", async () => {
    const run = await runOf("prod");
    for (const { spec, name } of [templateOf(run, "auth-service"), ...adTemplates(run)]) {
      assert.deepEqual(spec.containers[0]?.lifecycle.preStop.sleep, { seconds: 15 }, name);
      assert.ok(spec.terminationGracePeriodSeconds > 15, name);
    }
  });
});
