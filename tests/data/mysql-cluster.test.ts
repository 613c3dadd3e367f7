import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { types } from "@pulumi/kubernetes";
import { before, describe, it } from "mocha";
import { type ContainerSize, podSize } from "../../components/capacity/workload-plan.ts";
import { priorityClasses } from "../../components/cluster/classes.ts";
import { Data, type DataConfig } from "../../components/config/data.ts";
import { MySqlCluster, type MySqlClusterArgs } from "../../components/data/mysql-cluster.ts";
import {
  type MySqlRoute,
  mysqlClusterName,
  mysqlNetworkNodes,
  mysqlPorts,
  mysqlRootTexts,
  mysqlRootUser,
  mysqlWorkloads,
  planMySql,
} from "../../components/data/mysql-plan.ts";
import { mysqlSettings } from "../../components/data/mysql-settings.ts";
import { MySqlUsers } from "../../components/data/mysql-users.ts";
import { exceptionsAnnotation } from "../../components/kube/labels.ts";
import { credentialsName, gameStores } from "../../components/kube/stores.ts";
import { readDefinitions } from "../../lab/crds.ts";
import { type OfflineResource, runOffline } from "../../tools/offline/host.ts";
import { type JsonObject, operatorLabels, routerPod, schemaMistakes, serverPod } from "../support/mysql/operator.ts";
import { selects } from "../support/pods.ts";
import { inTurn } from "../support/runs.ts";

const mysql: DataConfig["mysql"] = Data.parse({}).mysql;
const dev: DataConfig["mysql"] = Data.parse({ mysql: { instances: 1, routers: 1 } }).mysql;

/** The resources of both components with the defaults of the configuration, changed. */
function make(changes: Partial<MySqlClusterArgs> = {}): Promise<OfflineResource[]> {
  const config = changes.mysql ?? mysql;
  const plan = planMySql(config);
  const program = async () => {
    new MySqlCluster("mysql", {
      mysql: config,
      plan,
      namespace: "mmorpg-game",
      rootSecret: credentialsName("mysql", mysqlRootUser),
      route: "router",
      firstServerId: 1000,
      storageClass: "fast-ssd",
      pool: { name: "data", dedicated: true },
      protectData: true,
      needs: [],
      ...changes,
    });
    new MySqlUsers("mysql-users", {
      plan: plan.users,
      namespace: "mmorpg-game",
      version: config.version,
      database: config.database,
      users: [{ user: "auth-service", privileges: ["SELECT"], maxConnections: 100 }],
      pool: { dedicated: true },
      needs: [],
    });
    return {};
  };
  return inTurn(async () => (await runOffline("dev", { config: {}, program })).resources);
}

function one(resources: readonly OfflineResource[], kind: string, name?: string): OfflineResource {
  const found = resources.filter((resource) => {
    const metadata = resource.inputs["metadata"] as { name?: string } | undefined;
    return resource.inputs["kind"] === kind && (name === undefined || metadata?.name === name);
  });
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`want one ${kind} ${name ?? ""}, got ${found.length}`);
  return first;
}

type PodSpec = types.output.core.v1.PodSpec;

describe("the MySQL cluster", () => {
  let resources: OfflineResource[];
  let spec: JsonObject;
  let servers: PodSpec;
  let routers: PodSpec;

  before(async () => {
    resources = await make();
    spec = one(resources, "InnoDBCluster").inputs["spec"] as JsonObject;
    servers = serverPod(spec) as unknown as PodSpec;
    routers = routerPod(spec) as unknown as PodSpec;
  });

  it("is protected, and its claim template is left alone", async () => {
    const cluster = one(resources, "InnoDBCluster", mysqlClusterName);
    assert.deepEqual([cluster.protect, cluster.retainOnDelete], [true, true]);
    assert.deepEqual(cluster.ignoreChanges, ["spec.datadirVolumeClaimTemplate"]);
    const loose = one(await make({ protectData: false }), "InnoDBCluster");
    assert.deepEqual([loose.protect, loose.retainOnDelete], [false, false]);
  });

  it("says what the configuration says", async () => {
    assert.equal(spec["instances"], 3);
    assert.equal((spec["router"] as JsonObject)["instances"], 2);
    assert.equal(spec["version"], mysql.version);
    assert.equal(spec["secretName"], "mysql-operator-root");
    assert.equal(spec["baseServerId"], 1000);
    assert.equal(spec["tlsUseSelfSigned"], true);
    const { requests, limits } = mysql.resources;
    const size = { memoryRequest: requests.memory, memoryLimit: limits.memory, maxConnections: mysql.maxConnections };
    assert.equal(spec["mycnf"], mysqlSettings(size));
    const small = one(await make({ mysql: dev }), "InnoDBCluster").inputs["spec"] as JsonObject;
    assert.deepEqual([small["instances"], (small["router"] as JsonObject)["instances"]], [1, 1]);
    const tls = { authority: "mysql-ca", servers: "mysql-tls", routers: "mysql-router-tls" };
    const secured = one(await make({ tls }), "InnoDBCluster").inputs["spec"] as JsonObject;
    assert.deepEqual(
      [secured["tlsUseSelfSigned"], secured["tlsCASecretName"], secured["tlsSecretName"]],
      [false, "mysql-ca", "mysql-tls"],
    );
  });

  it("is what the operator's definition allows", async function () {
    const folder = join(process.env["LAB_CRDS"] ?? "", "mysql-operator");
    if (process.env["LAB_CRDS"] === undefined || !existsSync(folder)) {
      console.log("SKIPPED: the InnoDBCluster against its definition, because LAB_CRDS names no folder that has it");
      return this.skip();
    }
    const definitions = (await readDefinitions("mysql-operator")) as unknown as {
      spec: { names: { kind: string }; versions: { name: string; schema: { openAPIV3Schema: JsonObject } }[] };
    }[];
    const schema = definitions
      .find((definition) => definition.spec.names.kind === "InnoDBCluster")
      ?.spec.versions.find((version) => version.name === "v2")?.schema.openAPIV3Schema;
    assert.ok(schema !== undefined);
    const inner = (schema["properties"] as JsonObject)["spec"] as JsonObject;
    assert.deepEqual(schemaMistakes(inner, spec), []);
    const tls = { authority: "a", servers: "b", routers: "c" };
    const full = one(await make({ tls, routerVersion: "8.4.10", route: "role" }), "InnoDBCluster");
    assert.deepEqual(schemaMistakes(inner, full.inputs["spec"] as JsonObject), []);
    assert.deepEqual(schemaMistakes(inner, { ...spec, instances: 11, intances: 3, secretName: 5 }), [
      ".instances: maximum is 9",
      ".secretName: want string, got 5",
      ".intances is unknown",
    ]);
  });

  it("labels servers as the store says, and none of the labels that the operator selects by", () => {
    const labels = spec["podLabels"] as Record<string, string>;
    assert.ok(selects(gameStores.mysql.podLabels, labels));
    const router = (spec["router"] as JsonObject)["podLabels"] as Record<string, string>;
    assert.ok(!selects(gameStores.mysql.podLabels, router));
    for (const label of operatorLabels) assert.ok(!(label in labels) && !(label in router), label);
  });

  it("never puts two servers on one node, and spreads them over zones", () => {
    const [term] = servers.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution;
    assert.equal(term?.topologyKey, "kubernetes.io/hostname");
    assert.deepEqual(term?.labelSelector.matchLabels, gameStores.mysql.podLabels);
    const [zones] = servers.topologySpreadConstraints;
    assert.deepEqual(
      [zones?.topologyKey, zones?.maxSkew, zones?.whenUnsatisfiable],
      ["topology.kubernetes.io/zone", 1, "DoNotSchedule"],
    );
    assert.equal(servers.terminationGracePeriodSeconds, 120);
    for (const pod of [servers, routers]) {
      assert.equal(pod.priorityClassName, priorityClasses.data.name);
      assert.ok(pod.tolerations.some((one) => one.key === "realmgrid.io/pool" && one.value === "data"));
      const [node] = pod.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
      assert.deepEqual(node?.matchExpressions[0]?.values, ["data"]);
    }
  });

  it("passes the restricted profile with what the operator writes itself, and gives every container a size", () => {
    for (const pod of [servers, routers]) {
      assert.equal(pod.securityContext.runAsNonRoot, true);
      assert.equal(pod.securityContext.seccompProfile.type, "RuntimeDefault");
      for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
        assert.notEqual(container.securityContext?.runAsUser, 0, container.name);
        assert.equal(container.securityContext?.allowPrivilegeEscalation, false, container.name);
        assert.deepEqual(container.securityContext?.capabilities?.drop, ["ALL"], container.name);
        for (const side of ["requests", "limits"] as const) {
          assert.deepEqual(Object.keys(container.resources?.[side] ?? {}), ["cpu", "memory"], container.name);
        }
      }
    }
    assert.deepEqual(
      servers.containers.map((container) => container.name),
      ["sidecar", "mysql", "metrics"],
    );
    assert.equal(routers.automountServiceAccountToken, false);
    const annotations = spec["podAnnotations"] as Record<string, string>;
    assert.match(annotations[exceptionsAnnotation] ?? "", /service-account-token/);
  });

  it("is planned at the size that it has, init containers included", () => {
    const sizes = (containers: PodSpec["containers"]) =>
      containers.map(({ resources: size }) => size as unknown as ContainerSize);
    const plan = planMySql(mysql);
    const pod = podSize(sizes(servers.containers), sizes(servers.initContainers));
    assert.deepEqual([plan.servers.pod.requests, plan.servers.pod.limits], [pod.requests, pod.limits]);
    // Each of them too, since the limit range looks at every container.
    const texts = (list: readonly ContainerSize[]) =>
      list.map(({ requests, limits }) => [requests.cpu, requests.memory, limits.cpu, limits.memory].join(" ")).sort();
    assert.deepEqual(texts(plan.servers.pod.containers), texts(pod.containers));
    const router = podSize(sizes(routers.containers));
    assert.deepEqual([plan.routers.pod.requests, plan.routers.pod.limits], [router.requests, router.limits]);
    assert.deepEqual(
      mysqlWorkloads(plan).map((one) => [one.name, one.kind, one.pool, one.maxReplicas, one.surgePods]),
      [
        ["mysql-cluster", "StatefulSet", "data", 3, 0],
        ["mysql-cluster-router", "Deployment", "data", 2, 1],
        ["mysql-users", "CronJob", "services", 1, 0],
      ],
    );
    assert.equal(plan.servers.claimBytes, 50 * 2 ** 30);
  });

  it("makes a budget for the routers alone: that of the servers is the operator's", () => {
    const budget = one(resources, "PodDisruptionBudget")
      .inputs as unknown as types.output.policy.v1.PodDisruptionBudget;
    assert.deepEqual(budget.spec.selector.matchLabels, { app: "mysql-router" });
    assert.equal(budget.spec.maxUnavailable, 1);
  });

  it("leads the Services to routers, or to the labelled server", async () => {
    const expected: Record<MySqlRoute, [number, number]> = { router: [6446, 6447], role: [3306, 3306] };
    for (const route of ["router", "role"] as const) {
      const made = await make({ route });
      const services = [gameStores.mysql.service, gameStores.mysql.readService].map((name) => {
        return one(made, "Service", name).inputs as unknown as types.output.core.v1.Service;
      });
      assert.deepEqual(
        services.map((service) => service.spec.ports.map((port) => [port.port, port.targetPort])),
        expected[route].map((port) => [[3306, port]]),
      );
      const [write, read] = services.map((service) => service.spec.selector);
      const router = { app: "mysql-router" };
      const role = (name: string) => ({
        app: "mysql",
        "mysql.oracle.com/cluster": mysqlClusterName,
        "mysql.oracle.com/cluster-role": name,
      });
      assert.deepEqual([write, read], route === "router" ? [router, router] : [role("PRIMARY"), role("SECONDARY")]);
    }
  });

  it("has no name that another Secret of the store has", () => {
    // The operator makes `<cluster>-backup`, `-router` and `-privsecrets`; ours are `mysql-<user>`.
    for (const user of ["backup", "router", "privsecrets"]) {
      assert.notEqual(credentialsName("mysql", user), `${mysqlClusterName}-${user}`);
    }
    assert.deepEqual(mysqlRootTexts, { rootUser: "{username}", rootPassword: "{password}", rootHost: "%" });
  });

  it("is a part of the network with every port that the group needs", () => {
    const plan = planMySql(mysql);
    const cidrs = ["10.0.0.0/8"];
    for (const route of ["router", "role"] as const) {
      const nodes = mysqlNetworkNodes({ route, apiServerCidrs: cidrs, plan });
      const servers = nodes.find((node) => node.selector.app === "mysql");
      const front = nodes.find((node) => node.name === "mysql");
      assert.deepEqual(servers?.scrapes, [{ port: 9104 }]);
      assert.deepEqual(servers?.calls[0], { to: servers?.name, ports: [3306, 33060, 33061] });
      assert.equal(front?.selector.app, route === "router" ? "mysql-router" : "mysql");
      const users = nodes.find((node) => node.name === "mysql-users");
      assert.deepEqual(users?.calls, [
        { to: "mysql", ports: [route === "router" ? mysqlPorts.routerWrite : mysqlPorts.server] },
      ]);
    }
  });
});

describe("the job of MySQL's users", () => {
  it("reads logins from files in memory, never from its command line", async () => {
    const resources = await make();
    const job = one(resources, "CronJob", "mysql-users").inputs as unknown as types.output.batch.v1.CronJob;
    const pod = job.spec.jobTemplate.spec.template.spec;
    assert.deepEqual([job.spec.concurrencyPolicy, job.spec.schedule], ["Forbid", "*/2 * * * *"]);
    const volumes = Object.fromEntries(pod.volumes.map((volume) => [volume.name, volume]));
    assert.equal(volumes["login-auth-service"]?.secret.secretName, "mysql-auth-service");
    assert.equal(volumes["login-operator-root"]?.secret.secretName, "mysql-operator-root");
    assert.equal(volumes["work"]?.emptyDir.medium, "Memory");
    const [container] = pod.containers;
    assert.deepEqual(container?.command, ["/bin/sh", "/files/mysql-users.sh"]);
    assert.ok((container?.env ?? []).every((variable) => variable.valueFrom === undefined));
    assert.equal(container?.image, `container-registry.oracle.com/mysql/community-server:${mysql.version}`);
    const files = one(resources, "ConfigMap", "mysql-users").inputs["data"] as Record<string, string>;
    assert.deepEqual(Object.keys(files).sort(), ["accounts", "databases", "grants-auth-service", "mysql-users.sh"]);
  });
});
