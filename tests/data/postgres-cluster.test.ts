import assert from "node:assert/strict";
import type { types } from "@pulumi/kubernetes";
import { before, describe, it } from "mocha";
import { limitRange } from "../../components/capacity/quota.ts";
import { podSize } from "../../components/capacity/workload-plan.ts";
import { priorityClasses } from "../../components/cluster/classes.ts";
import { Postgres, type PostgresConfig } from "../../components/config/data-ads.ts";
import { archivePlugin, PostgresCluster } from "../../components/data/postgres-cluster.ts";
import {
  archiverSize,
  planPostgres,
  poolerSize,
  postgresClusterName,
  postgresNetworkNodes,
  postgresService,
  postgresUsers,
  postgresWorkloads,
} from "../../components/data/postgres-plan.ts";
import { bytes, cpuMillis, gibibyte } from "../../components/kube/quantities.ts";
import { credentialsName } from "../../components/kube/stores.ts";
import type { OfflineResource } from "../../tools/offline/host.ts";
import { checkerOf, customResources, madeBy, one } from "../support/ads/definitions.ts";
import { postgresCallers } from "../support/ads/rows.ts";
import { selects } from "../support/pods.ts";

const config: PostgresConfig = Postgres.parse({});

function make(changes: object = {}, more: { protectData?: boolean } = {}): Promise<OfflineResource[]> {
  const postgres = Postgres.parse(changes);
  return madeBy(() => {
    new PostgresCluster("postgres", {
      postgres,
      plan: planPostgres(postgres, postgresCallers),
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

/** The parts of the Cluster's and the Pooler's specification that the tests read. */
interface ClusterSpec {
  imageName: string;
  instances: number;
  enableSuperuserAccess: boolean;
  inheritedMetadata: { labels: Record<string, string>; annotations: Record<string, string> };
  bootstrap: { initdb: { database: string; owner: string; secret: { name: string } } };
  managed: { roles: { name: string; superuser: boolean; passwordSecret: { name: string }; connectionLimit: number }[] };
  postgresql: { synchronous?: Record<string, unknown>; parameters: Record<string, string> };
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  storage: { size: string; storageClass: string };
  walStorage: { size: string };
  affinity: {
    podAntiAffinityType: string;
    topologyKey: string;
    nodeSelector: Record<string, string>;
    tolerations: { key: string; value?: string }[];
  };
  topologySpreadConstraints: { topologyKey: string }[];
  priorityClassName: string;
  stopDelay: number;
  smartShutdownTimeout: number;
  plugins?: { name: string; isWALArchiver: boolean; parameters: Record<string, string> }[];
}

interface PoolerSpec {
  cluster: { name: string };
  type: string;
  instances: number;
  pgbouncer: { poolMode: string; parameters: Record<string, string> };
  template: types.output.core.v1.PodTemplateSpec;
}

describe("PostgreSQL of the ad platform", () => {
  let resources: OfflineResource[];
  let spec: ClusterSpec;
  let pooler: PoolerSpec;

  before(async () => {
    resources = await make();
    spec = one<{ spec: ClusterSpec }>(resources, "Cluster").inputs.spec;
    pooler = one<{ spec: PoolerSpec }>(resources, "Pooler").inputs.spec;
  });

  it("has the size, database and Service of the original design", () => {
    assert.equal(spec.bootstrap.initdb.database, "adplatform");
    assert.equal(spec.storage.size, "100Gi");
    assert.deepEqual(spec.resources.requests, { cpu: "500m", memory: "1Gi" });
    assert.deepEqual(spec.resources.limits, { cpu: "2000m", memory: "4Gi" });
    assert.equal(spec.imageName, "ghcr.io/cloudnative-pg/postgresql:18.6-system-trixie");
    const found = one<types.output.core.v1.Service>(resources, "Service", "postgres-service").inputs;
    assert.deepEqual(
      found.spec.ports.map((port) => [port.name, port.port, port.targetPort]),
      [["postgres", 5432, 5432]],
    );
  });

  it("is what the operator's definitions allow", async function () {
    const check = await checkerOf("cloudnative-pg");
    if (check === undefined) return this.skip();
    const full = await make({ archive: { objectStore: "adplatform" }, instances: 5 });
    const small = await make({ instances: 1, pooler: { instances: 1 } });
    const all = [resources, full, small].map((some) => customResources(some, "postgresql.cnpg.io"));
    assert.deepEqual(
      all.map((some) => some.map((resource) => resource.inputs["kind"]).sort()),
      [
        ["Cluster", "Pooler"],
        ["Cluster", "Pooler", "ScheduledBackup"],
        ["Cluster", "Pooler"],
      ],
    );
    for (const resource of all.flat()) assert.deepEqual(check(resource), [], resource.name);
    const cluster = one<{ spec: object }>(resources, "Cluster");
    const wrong = { ...spec, instances: 0, instanzes: 3, managed: { roles: [{ login: "yes" }] } };
    assert.deepEqual(check({ ...cluster, inputs: { ...cluster.inputs, spec: wrong } }), [
      ".instances: minimum is 1",
      ".managed.roles[0].name is missing",
      '.managed.roles[0].login: want boolean, got "yes"',
      ".instanzes is unknown",
    ]);
  });

  it("is protected, and nothing else is", async () => {
    const kept = (some: OfflineResource[]) => some.filter((resource) => resource.protect || resource.retainOnDelete);
    assert.deepEqual(
      kept(resources).map((resource) => resource.inputs["kind"]),
      ["Cluster"],
    );
    assert.deepEqual(kept(await make({}, { protectData: false })), []);
  });

  it("waits for a second server with each commit, where there is one", async () => {
    assert.deepEqual(spec.postgresql.synchronous, {
      method: "any",
      number: 1,
      dataDurability: "required",
      failoverQuorum: true,
    });
    const alone = one<{ spec: ClusterSpec }>(await make({ instances: 1 }), "Cluster").inputs.spec;
    assert.deepEqual([alone.instances, alone.postgresql.synchronous], [1, undefined]);
    for (const instances of [0, 2, 10]) assert.ok(!Postgres.safeParse({ instances }).success, `${instances}`);
    for (const instances of [1, 3, 4, 9]) assert.ok(Postgres.safeParse({ instances }).success, `${instances}`);
  });

  it("lets nobody log in as superuser, and gives each user its own Secret", () => {
    assert.equal(spec.enableSuperuserAccess, false);
    const names = ["campaign-service", "analytics-service", "migrations", "backup", "restore"];
    assert.deepEqual(
      spec.managed.roles.map((role) => [role.name, role.superuser, role.passwordSecret.name]),
      names.map((name) => [name, false, `postgres-${name}`]),
    );
    assert.deepEqual(
      [spec.bootstrap.initdb.owner, spec.bootstrap.initdb.secret.name],
      ["migrations", "postgres-migrations"],
    );
    const users = postgresUsers(postgresCallers, config.database);
    assert.deepEqual(
      users.map(({ store, user }) => credentialsName(store, user)).sort(),
      spec.managed.roles.map((role) => role.passwordSecret.name).sort(),
    );
    const url = (name: string) => users.find(({ user }) => user === name)?.texts?.["url"];
    assert.equal(
      url("campaign-service"),
      "postgresql://{username}:{password}@postgres-service:5432/adplatform?sslmode=require",
    );
    // A session of its own, which a pooler does not give.
    assert.match(url("migrations") ?? "", /@postgres-cluster-rw:5432\//);
    // The operator's Secrets begin with the cluster's name.
    for (const own of ["ca", "server", "replication", "app", "superuser", "pooler"]) {
      assert.notEqual(credentialsName("postgres", own), `${postgresClusterName}-${own}`);
    }
  });

  it("never puts two servers on one node, and spreads them over zones", () => {
    assert.deepEqual(
      [spec.affinity.podAntiAffinityType, spec.affinity.topologyKey],
      ["required", "kubernetes.io/hostname"],
    );
    assert.deepEqual(spec.affinity.nodeSelector, { "realmgrid.io/pool": "data" });
    assert.ok(spec.affinity.tolerations.some((toleration) => toleration.value === "data"));
    assert.deepEqual(
      [...spec.topologySpreadConstraints, ...pooler.template.spec.topologySpreadConstraints].map(
        (one) => one.topologyKey,
      ),
      ["topology.kubernetes.io/zone", "topology.kubernetes.io/zone"],
    );
    assert.deepEqual(
      [spec.priorityClassName, pooler.template.spec.priorityClassName],
      [priorityClasses.data.name, priorityClasses.data.name],
    );
  });

  it("hands over to poolers that give a connection to a transaction", () => {
    assert.deepEqual([pooler.cluster.name, pooler.type, pooler.instances], ["postgres-cluster", "rw", 2]);
    assert.equal(pooler.pgbouncer.poolMode, "transaction");
    assert.equal(pooler.pgbouncer.parameters["default_pool_size"], "10");
    assert.equal(pooler.pgbouncer.parameters["max_client_conn"], "1000");
    const { selector } = one<types.output.core.v1.Service>(resources, "Service").inputs.spec;
    assert.ok(selects(selector, pooler.template.metadata.labels));
    assert.ok(!selects(selector, spec.inheritedMetadata.labels), "servers are not behind the Service");
    const budget = one<types.output.policy.v1.PodDisruptionBudget>(resources, "PodDisruptionBudget").inputs;
    assert.deepEqual(budget.spec.selector.matchLabels, postgresService.podLabels);
    assert.equal(pooler.template.spec.securityContext.runAsNonRoot, true);
    for (const { annotations } of [spec.inheritedMetadata, pooler.template.metadata]) {
      assert.match(annotations["realmgrid.io/security-exceptions"] ?? "", /service-account-token/);
    }
  });

  it("is planned at the size that it has, within the limit range", () => {
    const plan = planPostgres(config, postgresCallers);
    assert.deepEqual(
      postgresWorkloads(plan).map((one) => [one.name, one.kind, one.maxReplicas, one.surgePods, one.claimBytes]),
      [
        ["postgres-cluster", "StatefulSet", 3, 0, 100 * gibibyte],
        ["postgres-pooler", "Deployment", 2, 1, undefined],
      ],
    );
    assert.deepEqual(plan.servers.pod, podSize([config.resources], [config.resources]));
    assert.equal(plan.servers.secondClaimBytes, 10 * gibibyte);
    assert.equal(plan.servers.graceSeconds, spec.stopDelay);
    assert.ok(spec.smartShutdownTimeout < spec.stopDelay);
    const { spec: pod } = pooler.template;
    const [container, ...others] = pod.containers;
    assert.deepEqual([container?.name, others], ["pgbouncer", []]);
    assert.deepEqual(container?.resources, poolerSize);
    assert.match(container?.image ?? "", /^ghcr\.io\/cloudnative-pg\/pgbouncer:\d/);
    assert.deepEqual(container?.securityContext.capabilities.drop, ["ALL"]);
    for (const { pod } of postgresWorkloads(plan)) {
      assert.ok(pod.requests.memoryBytes >= bytes(limitRange.pod.min.memory));
      assert.ok(pod.requests.cpuMillis >= cpuMillis(limitRange.pod.min.cpu));
      assert.ok(pod.limits.memoryBytes <= bytes(limitRange.pod.max.memory));
    }
    for (const size of [config.diskSize, config.walDiskSize]) assert.ok(bytes(size) <= bytes(limitRange.claim.max));
  });

  it("archives with the plugin where an ObjectStore is named", async () => {
    assert.equal(spec.plugins, undefined);
    const made = await make({ archive: { objectStore: "adplatform" } });
    const archived = one<{ spec: ClusterSpec }>(made, "Cluster").inputs.spec;
    assert.deepEqual(archived.plugins, [
      { name: archivePlugin, enabled: true, isWALArchiver: true, parameters: { barmanObjectName: "adplatform" } },
    ]);
    const { spec: backup } = one<{ spec: Record<string, unknown> }>(made, "ScheduledBackup").inputs;
    assert.deepEqual(
      [backup["method"], backup["cluster"], backup["schedule"]],
      ["plugin", { name: "postgres-cluster" }, "0 40 2 * * *"],
    );
    const plan = planPostgres(Postgres.parse({ archive: { objectStore: "adplatform" } }), postgresCallers);
    assert.deepEqual(plan.servers.pod, podSize([config.resources, archiverSize], [config.resources]));
  });

  it("is a part of the network with every port that it needs", () => {
    const archive = [{ to: "internet" }] as const;
    const nodes = postgresNetworkNodes({ postgres: config, apiServerCidrs: ["10.0.0.0/8"], archive });
    const [servers, poolers] = nodes;
    assert.deepEqual(servers?.calls, [
      { to: "postgres-server", ports: [5432, 8000] },
      { to: "addresses", cidrs: ["10.0.0.0/8"], ports: [443, 6443] },
      { to: "internet" },
    ]);
    assert.deepEqual(servers?.foreignCallers, [{ namespace: "cnpg-system", ports: [5432, 8000] }]);
    assert.deepEqual([servers?.scrapes, poolers?.scrapes], [[{ port: 9187 }], [{ port: 9127 }]]);
    assert.deepEqual(poolers?.calls[0], { to: "postgres-server", ports: [5432] });
    assert.ok(selects(servers?.selector ?? {}, spec.inheritedMetadata.labels));
    assert.ok(selects(poolers?.selector ?? {}, pooler.template.metadata.labels));
  });
});
