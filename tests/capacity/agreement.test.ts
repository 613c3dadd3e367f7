import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { podsAtPeak } from "../../components/capacity/pods-at-peak.ts";
import { quotaHard, quotaNeed } from "../../components/capacity/quota.ts";
import { amount, bytes, larger, multiply, type Size, sum } from "../../components/kube/quantities.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { all, everything } from "../support/objects.ts";
import { operatedWorkloads } from "../support/operated.ts";
import { type Container, type Template, templates, type Workload } from "../support/pods.ts";
import { runOf, runWith } from "../support/runs.ts";
import { type Changes, planOf, type StackName } from "../support/stacks.ts";

type Part = "requests" | "limits";

function size(containers: readonly Container[], part: Part) {
  return containers.map((one) => amount(one.resources[part] as unknown as Size));
}

/** What the scheduler and a quota count for a pod. */
function podAmount({ spec }: Workload, part: Part) {
  return [sum(size(spec.containers, part)), ...size(spec.initContainers ?? [], part)].reduce(larger);
}

/** What decides how many pods a workload has: of our objects, or, where an operator makes them, the API's defaults. */
interface Fleet {
  workload: Workload;
  replicas: number;
  surge: string;
  minReadySeconds: number;
  claims: { storage: string }[];
}

/** Volumes that live as long as a pod of a job, and the one that the drill of worlds makes for its second pod. */
function claimsOfJob(run: OfflineRun, region: string, { spec, owner }: Template): Fleet["claims"] {
  const made = owner.object.metadata.annotations?.["realmgrid.io/made-elsewhere"] ?? "";
  return (spec.volumes ?? []).flatMap(({ ephemeral, persistentVolumeClaim }) => {
    if (ephemeral !== undefined) {
      return [{ storage: String(ephemeral.volumeClaimTemplate.spec.resources.requests["storage"]) }];
    }
    if (!made.includes(`PersistentVolumeClaim/${persistentVolumeClaim?.claimName}`)) return [];
    const drill = templates(run, region).find((one) => one.name === "world-drill");
    const size = drill?.spec.containers[0]?.env.find((one) => one.name === "SIZE");
    return [{ storage: String(size?.value) }];
  });
}

function fleets(run: OfflineRun, region: string): Fleet[] {
  const scaledTo = (name: string) =>
    all(run, "ScaledObject", region).find((one) => one.name === name)?.object.spec.maxReplicaCount;
  const ours = templates(run, region).map((workload): Fleet => {
    const { owner } = workload;
    const { minReadySeconds = 0 } = owner.object.spec as { minReadySeconds?: number };
    const common = { workload, minReadySeconds, surge: "0", claims: [] };
    if (owner.object.kind === "CronJob") return { ...common, replicas: 1, claims: claimsOfJob(run, region, workload) };
    if (owner.object.kind === "StatefulSet") {
      const { replicas, volumeClaimTemplates } = owner.object.spec;
      const claims = (volumeClaimTemplates ?? []).map(({ spec }) => ({
        storage: String(spec.resources.requests["storage"]),
      }));
      return { ...common, replicas, claims };
    }
    const { strategy } = owner.object.spec as { strategy: { rollingUpdate: { maxSurge: number | string } } };
    return {
      ...common,
      replicas: scaledTo(workload.name) ?? Number.NaN,
      surge: String(strategy.rollingUpdate.maxSurge),
    };
  });
  const operated = operatedWorkloads(run, region).map((workload): Fleet => {
    const claims = workload.claims.map(({ resources }) => ({ storage: String(resources.requests["storage"]) }));
    const surge = workload.kind === "Deployment" ? "25%" : "0";
    return { workload, replicas: workload.replicas, surge, minReadySeconds: 0, claims };
  });
  return [...ours, ...operated];
}

/** Pods of each workload at its peak, by what the objects themselves say: maxima, surge and times. */
function peaks(run: OfflineRun, region: string): (Fleet & { pods: number })[] {
  return fleets(run, region).map((fleet) => {
    const { workload, replicas, minReadySeconds } = fleet;
    if (workload.kind !== "Deployment") return { ...fleet, pods: replicas };
    const surge = fleet.surge.endsWith("%")
      ? Math.ceil((replicas * Number.parseFloat(fleet.surge)) / 100)
      : Number(fleet.surge);
    const grace = workload.spec.terminationGracePeriodSeconds;
    const waves = minReadySeconds === 0 ? Number.POSITIVE_INFINITY : Math.floor(grace / minReadySeconds) + 1;
    return { ...fleet, pods: Math.min(2 * replicas, replicas + surge + surge * waves) };
  });
}

/** What the MySQL operator (26.7.0-2.3.0) makes beside pods for each InnoDBCluster. */
const byOperator = {
  Service: ["mysql-cluster", "mysql-cluster-instances"],
  Secret: ["mysql-cluster-privsecrets", "mysql-cluster-backup", "mysql-cluster-router"],
  ConfigMap: ["mysql-cluster-initconf", "mysql-cluster-metricsconf"],
};

function total(run: OfflineRun, region: string, part: Part) {
  return sum(peaks(run, region).map(({ workload, pods }) => multiply(podAmount(workload, part), pods)));
}

const manyWorlds: Changes = {
  "regions.us-west.worlds.count": 120,
  "regions.us-west.pools.worlds.maxNodes": 60,
  "data.mysql.pools.worlds": 5,
};

/** Every size of the stores is another, and the Secrets come from elsewhere. */
const largerStores: Changes = {
  "regions.us-west.pools.data.maxNodes": 20,
  "data.mysql": { instances: 5, routers: 9, diskSize: "90Gi" },
  "data.valkey": { primaries: 5, replicasPerPrimary: 2, diskSize: "7Gi" },
  "data.credentials": { source: "external", externalStore: { name: "vault" } },
};

for (const [what, stack, changes] of [
  ["dev", "dev", {}],
  ["prod", "prod", {}],
  ["dev with 120 worlds in three groups", "dev", manyWorlds],
  ["dev with larger stores and Secrets from elsewhere", "dev", largerStores],
] as [string, StackName, Changes][]) {
  describe(`the objects of ${what}`, () => {
    const regions = planOf(stack, changes).regions;
    const run = () => (Object.keys(changes).length === 0 ? runOf(stack) : runWith(stack, changes));

    for (const { name: region, workloads, quota } of regions) {
      it(`add up to what the arithmetic says for ${region}`, async () => {
        const recorded = await run();
        const need = quotaNeed(workloads);
        const [requests, limits] = [total(recorded, region, "requests"), total(recorded, region, "limits")];
        const claims = peaks(recorded, region).flatMap((one) =>
          one.claims.map(({ storage }) => ({ count: one.pods, size: bytes(storage) })),
        );
        for (const { object } of all(recorded, "PersistentVolumeClaim", region)) {
          claims.push({ count: 1, size: bytes(String(object.spec.resources.requests["storage"])) });
        }
        const inGame = (...kinds: string[]) =>
          everything(recorded).filter(
            (one) => one.region === region && one.namespace === "mmorpg-game" && kinds.includes(one.kind),
          ).length;
        assert.equal(inGame("InnoDBCluster"), 1);
        assert.deepEqual(need, {
          "requests.cpu": requests.cpuMillis,
          "requests.memory": requests.memoryBytes,
          "limits.cpu": limits.cpuMillis,
          "limits.memory": limits.memoryBytes,
          "requests.storage": claims.reduce((whole, claim) => whole + claim.count * claim.size, 0),
          persistentvolumeclaims: claims.reduce((whole, claim) => whole + claim.count, 0),
          pods: peaks(recorded, region).reduce((whole, { pods }) => whole + pods, 0),
          services: inGame("Service") + byOperator.Service.length,
          // External Secrets makes a Secret of each of its objects.
          secrets: inGame("Secret", "ExternalSecret") + byOperator.Secret.length,
          // Kubernetes adds kube-root-ca.crt.
          configmaps: inGame("ConfigMap") + byOperator.ConfigMap.length + 1,
          "services.loadbalancers": 0,
          "services.nodeports": 0,
        });
      });

      it(`are those that ${region} has a plan for, and no others`, async () => {
        const recorded = await run();
        assert.deepEqual(
          [...templates(recorded, region), ...operatedWorkloads(recorded, region)]
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
        const recorded = peaks(await run(), region);
        for (const plan of workloads) {
          const found = recorded.find((one) => one.workload.name === plan.name);
          assert.equal(found?.workload.spec.terminationGracePeriodSeconds, plan.graceSeconds, plan.name);
          assert.equal(found.minReadySeconds, plan.minReadySeconds, plan.name);
          assert.equal(found.pods, podsAtPeak(plan).total, plan.name);
        }
      });
    }
  });
}
