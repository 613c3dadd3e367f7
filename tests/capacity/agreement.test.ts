import assert from "node:assert/strict";
import type { types } from "@pulumi/kubernetes";
import { describe, it } from "mocha";
import { podsAtPeak } from "../../components/capacity/pods-at-peak.ts";
import { limitRange, quotaHard, quotaNeed } from "../../components/capacity/quota.ts";
import { amount, bytes, larger, multiply, type Size, sum } from "../../components/kube/quantities.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { all, everything } from "../support/objects.ts";
import { operatedWorkloads } from "../support/operated.ts";
import { type Container, surgeOf, type Template, templates, type Workload } from "../support/pods.ts";
import { runOf, runWith } from "../support/runs.ts";
import { type Changes, planOf, type StackName } from "../support/stacks.ts";

type Part = "requests" | "limits";

/** Containers without a size get that of the limit range, as the API server gives it. */
const byDefault = { requests: limitRange.container.defaultRequest, limits: limitRange.container.default };

function size(containers: readonly Container[], part: Part) {
  return containers.map((one) => amount((one.resources?.[part] ?? byDefault[part]) as unknown as Size));
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

/** A region and a namespace in it. */
interface Where {
  region: string;
  namespace: string;
}

function fleets(run: OfflineRun, { region, namespace }: Where): Fleet[] {
  const here = <T extends { namespace: string }>(found: T[]) => found.filter((one) => one.namespace === namespace);
  const scaledTo = (name: string) =>
    here(all(run, "ScaledObject", region)).find((one) => one.name === name)?.object.spec.maxReplicaCount;
  const ours = here(templates(run, region)).map((workload): Fleet => {
    const { owner } = workload;
    const { minReadySeconds = 0 } = owner.object.spec as { minReadySeconds?: number };
    const common = { workload, minReadySeconds, surge: surgeOf(workload), claims: [] };
    if (owner.object.kind === "CronJob") return { ...common, replicas: 1, claims: claimsOfJob(run, region, workload) };
    const { volumeClaimTemplates = [] } = owner.object.spec as Partial<types.output.apps.v1.StatefulSetSpec>;
    const claims = volumeClaimTemplates.map(({ spec }) => ({ storage: String(spec.resources.requests["storage"]) }));
    return { ...common, replicas: scaledTo(workload.name) ?? workload.replicas ?? Number.NaN, claims };
  });
  const operated = here(operatedWorkloads(run, region)).map((workload): Fleet => {
    const claims = workload.claims.map(({ resources }) => ({ storage: String(resources.requests["storage"]) }));
    const surge = workload.kind === "Deployment" ? "25%" : "0";
    return { workload, replicas: workload.replicas, surge, minReadySeconds: 0, claims };
  });
  return [...ours, ...operated];
}

/** Pods of each workload at its peak, by what the objects themselves say: maxima, surge and times. */
function peaks(run: OfflineRun, where: Where): (Fleet & { pods: number })[] {
  return fleets(run, where).map((fleet) => {
    const { workload, replicas, minReadySeconds } = fleet;
    if (workload.kind !== "Deployment") return { ...fleet, pods: replicas };
    const surge = fleet.surge.endsWith("%")
      ? Math.ceil((replicas * Number.parseFloat(fleet.surge)) / 100)
      : Number(fleet.surge);
    const grace = workload.spec.terminationGracePeriodSeconds;
    if (surge === 0) return { ...fleet, pods: replicas };
    const waves = minReadySeconds === 0 ? Number.POSITIVE_INFINITY : Math.floor(grace / minReadySeconds) + 1;
    return { ...fleet, pods: Math.min(2 * replicas, replicas + surge + surge * waves) };
  });
}

/**
 * What operators make beside pods for each of their resources, by kind: MySQL 26.7.0-2.3.0, CloudNativePG 1.30.0, Strimzi
 * 1.2.0, Prometheus operator 0.93.1. Names are those of the resources in this program.
 */
const madeFor: Readonly<Record<string, Readonly<Record<"Service" | "Secret" | "ConfigMap", readonly string[]>>>> = {
  InnoDBCluster: {
    Service: ["mysql-cluster", "mysql-cluster-instances"],
    Secret: ["mysql-cluster-privsecrets", "mysql-cluster-backup", "mysql-cluster-router"],
    ConfigMap: ["mysql-cluster-initconf", "mysql-cluster-metricsconf"],
  },
  Cluster: {
    Service: ["postgres-cluster-rw", "postgres-cluster-ro", "postgres-cluster-r"],
    Secret: ["postgres-cluster-ca", "postgres-cluster-server", "postgres-cluster-replication"],
    ConfigMap: ["cnpg-default-monitoring"],
  },
  Pooler: { Service: ["postgres-pooler"], Secret: ["postgres-cluster-pooler"], ConfigMap: [] },
  Kafka: {
    Service: ["ads-kafka-bootstrap", "ads-kafka-brokers"],
    Secret: [
      ...["ads-cluster-ca", "ads-cluster-ca-cert", "ads-clients-ca", "ads-clients-ca-cert"],
      ...["ads-cluster-operator-certs", "ads-entity-topic-operator-certs", "ads-entity-user-operator-certs"],
    ],
    ConfigMap: ["ads-entity-topic-operator-config", "ads-entity-user-operator-config"],
  },
  KafkaUser: { Service: [], Secret: ["kafka-client-USER"], ConfigMap: [] },
  Prometheus: {
    Service: ["prometheus-operated"],
    Secret: [
      ...["prometheus-realmgrid", "prometheus-realmgrid-tls-assets-0", "prometheus-realmgrid-web-config"],
      "prometheus-realmgrid-thanos-prometheus-http-client-file",
    ],
    ConfigMap: ["prometheus-realmgrid-rulefiles-0"],
  },
  Alertmanager: {
    Service: ["alertmanager-operated"],
    Secret: [
      ...["alertmanager-realmgrid-generated", "alertmanager-realmgrid-tls-assets-0"],
      ...["alertmanager-realmgrid-web-config", "alertmanager-realmgrid-cluster-tls-config"],
    ],
    ConfigMap: [],
  },
};

/** Their numbers for the resources of a namespace. */
function byOperator(
  inside: (kind: string) => number,
  kafkaNodes: number,
): { Service: number; Secret: number; ConfigMap: number } {
  const count = (kind: "Service" | "Secret" | "ConfigMap") =>
    Object.entries(madeFor).reduce((whole, [of, made]) => whole + inside(of) * made[kind].length, 0);
  // Each broker has settings and a certificate of its own.
  return {
    Service: count("Service"),
    Secret: count("Secret") + kafkaNodes,
    ConfigMap: count("ConfigMap") + kafkaNodes,
  };
}

function total(run: OfflineRun, where: Where, part: Part) {
  return sum(peaks(run, where).map(({ workload, pods }) => multiply(podAmount(workload, part), pods)));
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

/** Two servers of Prometheus; traces and logs go to services elsewhere, so Jaeger has no volume and Loki is not there. */
const telemetryElsewhere: Changes = {
  "regions.us-west.pools.services.maxNodes": 3,
  "monitoring.prometheus": { replicas: 2, retentionDays: 20, diskSize: "40Gi" },
  "monitoring.tracing.storage": { kind: "opensearch", url: "https://traces.example.com", secretName: "traces" },
  "monitoring.logs.store": { kind: "otlp", endpoint: "https://logs.example.com/otlp" },
};

for (const [what, stack, changes] of [
  ["dev", "dev", {}],
  ["prod", "prod", {}],
  ["dev with 120 worlds in three groups", "dev", manyWorlds],
  ["dev with larger stores and Secrets from elsewhere", "dev", largerStores],
  ["dev with traces and logs elsewhere", "dev", telemetryElsewhere],
] as [string, StackName, Changes][]) {
  describe(`the objects of ${what}`, () => {
    const regions = planOf(stack, changes).regions;

    it("are in the namespaces of game, ads and monitoring of each region, and of agents on its nodes", () => {
      for (const { name, ads, namespaces } of regions) {
        const wanted = ["mmorpg-game", ...ads.map((one) => one.namespace), "monitoring", "monitoring-agents"];
        assert.deepEqual(
          namespaces.map((one) => one.namespace),
          wanted,
          name,
        );
      }
    });

    const run = () => (Object.keys(changes).length === 0 ? runOf(stack) : runWith(stack, changes));

    const places = regions.flatMap(({ name, namespaces }) =>
      namespaces.map((plan) => ({ ...plan, where: { region: name, namespace: plan.namespace } })),
    );
    for (const { where, workloads, quota } of places) {
      const { region, namespace } = where;
      const label = `${namespace} of ${region}`;
      it(`add up to what the arithmetic says for ${label}`, async () => {
        const recorded = await run();
        const need = quotaNeed(workloads);
        const [requests, limits] = [total(recorded, where, "requests"), total(recorded, where, "limits")];
        const claims = peaks(recorded, where).flatMap((one) =>
          one.claims.map(({ storage }) => ({ count: one.pods, size: bytes(storage) })),
        );
        for (const { object } of all(recorded, "PersistentVolumeClaim", region).filter(
          (one) => one.namespace === namespace,
        )) {
          claims.push({ count: 1, size: bytes(String(object.spec.resources.requests["storage"])) });
        }
        const inside = (...kinds: string[]) =>
          everything(recorded).filter(
            (one) => one.region === region && one.namespace === namespace && kinds.includes(one.kind),
          ).length;
        const kafkaNodes = fleets(recorded, where)
          .filter(
            ({ workload }) => "madeBy" in workload && (workload.madeBy as { kind: string }).kind === "KafkaNodePool",
          )
          .reduce((whole, { replicas }) => whole + replicas, 0);
        assert.deepEqual(need, {
          "requests.cpu": requests.cpuMillis,
          "requests.memory": requests.memoryBytes,
          "limits.cpu": limits.cpuMillis,
          "limits.memory": limits.memoryBytes,
          "requests.storage": claims.reduce((whole, claim) => whole + claim.count * claim.size, 0),
          persistentvolumeclaims: claims.reduce((whole, claim) => whole + claim.count, 0),
          pods: peaks(recorded, where).reduce((whole, { pods }) => whole + pods, 0),
          services: inside("Service") + byOperator(inside, kafkaNodes).Service,
          // External Secrets makes a Secret of each of its objects.
          secrets: inside("Secret", "ExternalSecret") + byOperator(inside, kafkaNodes).Secret,
          // Kubernetes adds kube-root-ca.crt.
          configmaps: inside("ConfigMap") + byOperator(inside, kafkaNodes).ConfigMap + 1,
          "services.loadbalancers": 0,
          "services.nodeports": 0,
        });
      });

      it(`are those that ${label} has a plan for, and no others`, async () => {
        const recorded = await run();
        assert.deepEqual(
          [...templates(recorded, region), ...operatedWorkloads(recorded, region)]
            .filter((one) => one.namespace === namespace)
            .map(({ kind, name }) => `${kind} ${name}`)
            .sort(),
          workloads.map(({ kind, name }) => `${kind} ${name}`).sort(),
        );
      });

      it(`have a quota in ${label} that holds them at their peak`, async () => {
        const [object] = all(await run(), "ResourceQuota", region).filter((one) => one.namespace === namespace);
        assert.deepEqual(object?.object.spec.hard, quotaHard(quota));
        for (const line of quota) assert.ok(line.granted >= line.need, line.resource);
      });

      it(`stop and watch in ${label} as long as the plan says`, async () => {
        const recorded = peaks(await run(), where);
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
