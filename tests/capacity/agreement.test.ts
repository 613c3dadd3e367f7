import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { podsAtPeak } from "../../components/capacity/pods-at-peak.ts";
import { quotaHard, quotaNeed } from "../../components/capacity/quota.ts";
import { amount, bytes, larger, multiply, type Size, sum } from "../../components/kube/quantities.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { all, first } from "../support/objects.ts";
import { type Container, type Template, templates } from "../support/pods.ts";
import { runOf, runWith } from "../support/runs.ts";
import { type Changes, planOf, type StackName } from "../support/stacks.ts";

type Part = "requests" | "limits";

function size(containers: readonly Container[], part: Part) {
  return containers.map((one) => amount(one.resources[part] as unknown as Size));
}

/** What the scheduler and a quota count for a pod. */
function podAmount({ spec }: Template, part: Part) {
  return [sum(size(spec.containers, part)), ...size(spec.initContainers ?? [], part)].reduce(larger);
}

/** Pods of each workload at its peak, by what the objects themselves say: maxima, surge and times. */
function peaks(run: OfflineRun, region: string): { template: Template; pods: number }[] {
  return templates(run, region).map((template) => {
    if (template.kind === "CronJob") return { template, pods: 1 };
    if (template.kind === "StatefulSet") {
      const set = all(run, "StatefulSet", region).find((one) => one.name === template.name);
      return { template, pods: set?.object.spec.replicas ?? 0 };
    }
    const { spec } = first(all(run, "Deployment", region).filter((one) => one.name === template.name)).object;
    const scaling = first(all(run, "ScaledObject", region).filter((one) => one.name === template.name)).object;
    const max = scaling.spec.maxReplicaCount ?? 100;
    const given = String(spec.strategy.rollingUpdate.maxSurge);
    const surge = given.endsWith("%") ? Math.ceil((max * Number.parseFloat(given)) / 100) : Number(given);
    const waves = Math.floor(template.spec.terminationGracePeriodSeconds / spec.minReadySeconds) + 1;
    return { template, pods: max + surge + Math.min(max, surge * waves) };
  });
}

function total(run: OfflineRun, region: string, part: Part) {
  return sum(peaks(run, region).map(({ template, pods }) => multiply(podAmount(template, part), pods)));
}

const manyWorlds: Changes = {
  "regions.us-west.worlds.count": 120,
  "regions.us-west.pools.worlds.maxNodes": 60,
};

for (const [what, stack, changes] of [
  ["dev", "dev", {}],
  ["prod", "prod", {}],
  ["dev with 120 worlds in three groups", "dev", manyWorlds],
] as [string, StackName, Changes][]) {
  describe(`the objects of ${what}`, () => {
    const regions = planOf(stack, changes).regions;
    const run = () => (Object.keys(changes).length === 0 ? runOf(stack) : runWith(stack, changes));

    for (const { name: region, workloads, quota } of regions) {
      it(`add up to what the arithmetic says for ${region}`, async () => {
        const recorded = await run();
        const need = quotaNeed(workloads);
        const [requests, limits] = [total(recorded, region, "requests"), total(recorded, region, "limits")];
        const claims = all(recorded, "StatefulSet", region).flatMap(({ object: { spec } }) =>
          (spec.volumeClaimTemplates ?? []).map((claim) => ({
            count: spec.replicas,
            size: bytes(String(claim.spec.resources.requests["storage"])),
          })),
        );
        const inGame = (kind: "Service" | "Secret" | "ConfigMap") =>
          all(recorded, kind, region).filter((one) => one.namespace === "mmorpg-game").length;
        assert.deepEqual(need, {
          "requests.cpu": requests.cpuMillis,
          "requests.memory": requests.memoryBytes,
          "limits.cpu": limits.cpuMillis,
          "limits.memory": limits.memoryBytes,
          "requests.storage": claims.reduce((whole, claim) => whole + claim.count * claim.size, 0),
          persistentvolumeclaims: claims.reduce((whole, claim) => whole + claim.count, 0),
          pods: peaks(recorded, region).reduce((whole, { pods }) => whole + pods, 0),
          services: inGame("Service"),
          secrets: inGame("Secret"),
          // Kubernetes adds kube-root-ca.crt.
          configmaps: inGame("ConfigMap") + 1,
          "services.loadbalancers": 0,
          "services.nodeports": 0,
        });
      });

      it(`are those that ${region} has a plan for, and no others`, async () => {
        assert.deepEqual(
          templates(await run(), region)
            .map(({ kind, name }) => `${kind} ${name}`)
            .sort(),
          workloads.map(({ kind, name }) => `${kind} ${name}`).sort(),
        );
      });

      it(`have a quota in ${region} that holds them at their peak`, async () => {
        const [object] = all(await run(), "ResourceQuota", region);
        assert.deepEqual(object?.object.spec.hard, quotaHard(quota));
        for (const line of quota) assert.ok(line.granted >= line.need, line.resource);
      });

      it(`stop and watch in ${region} as long as the plan says`, async () => {
        const recorded = templates(await run(), region);
        for (const plan of workloads) {
          const template = first(recorded.filter((one) => one.name === plan.name));
          assert.equal(template.spec.terminationGracePeriodSeconds, plan.graceSeconds, plan.name);
          if (template.kind === "CronJob") continue;
          const { minReadySeconds } = template.owner.object.spec as { minReadySeconds: number };
          assert.equal(minReadySeconds, plan.minReadySeconds, plan.name);
          assert.equal(
            peaks(await run(), region).find((one) => one.template.name === plan.name)?.pods,
            podsAtPeak(plan).total,
          );
        }
      });
    }
  });
}
