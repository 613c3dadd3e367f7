import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { effectOf, rolledByPrometheusOperator, said } from "../support/effects.ts";
import { comings, differences, replacements, rollingDifferences } from "../support/replacement.ts";
import { runOf, runWith } from "../support/runs.ts";
import { type Changes, configOf } from "../support/stacks.ts";

const region = "regions.us-west";
const ads = "ads.staging";

/** Another value for each field that is said to change no running object, and for each that changes objects in place. */
const none: Changes = {
  [`${region}.zones`]: ["local-b"],
  [`${region}.pools.sessions.cpu`]: "16",
  [`${region}.pools.services.memory`]: "64Gi",
  [`${region}.pools.services.maxPods`]: 100,
  "cluster.nodeReserved.cpu": "400m",
  "cluster.nodeReserved.memory": "2Gi",
  "cluster.storageClass.zonal": false,
  "game.worlds.rolloutWindowHours": 12,
  "data.valkey.diskSize": "7Gi",
  [`${ads}.valkey.diskSize`]: "11Gi",
};
const inPlace: Changes = {
  // Agents run on each node, and alerts wait as long as a world may need.
  [`${region}.pools.worlds.maxNodes`]: 3,
  [`${region}.pools.data.maxNodes`]: 3,
  "game.worlds.bootSeconds": 50,
  "game.gameServers.bootSeconds": 50,
  "game.worlds.diskSize": "20Gi",
  "data.mysql.diskSize": "60Gi",
  [`${region}.context`]: "renamed",
  [`${region}.apiServerCidrs`]: ["10.1.0.0/16"],
  "cluster.kubernetesVersion": "1.37",
  "cluster.protectData": true,
  "cluster.prometheusUrl": "http://other:9090",
  "cluster.gatewayNamespace": "edge",
  "game.quota.growToFit": false,
  "game.worlds.minReadySeconds": 20,
  "game.gameServers.minReadySeconds": 20,
  "game.gameServers.playersPerServer": 1400,
  "game.gameServers.cpuPercent": 60,
  "game.gameServers.memoryPercent": 80,
  "game.gameServers.responseTimeMs": 100,
  "game.gameServers.surgePercent": 20,
  "game.gameServers.maxUnavailablePercent": 10,
  "game.gameServers.behavior.scaleUp.select": "Max",
  "game.gameServers.behavior.scaleDown.percent": 20,
  "game.services.auth.maxReplicas": 1,
  "game.services.guild.cpuPercent": 60,
  "data.operatorNamespace": "databases",
  "game.worlds.backup": {
    schedule: "0 4 * * *",
    keep: 7,
    snapshotClass: "fast",
    drillSchedule: "9 * * * *",
    maxAgeHours: 30,
  },
  "data.backups": {
    target: { kind: "volume" },
    schedule: "0 5 * * *",
    keepCount: 3,
    keepDays: 4,
    drillSchedule: "0 7 * * *",
    maxAgeHours: 30,
    checks: { "orphans.sql": "SELECT 1 WHERE FALSE" },
  },
  [`${ads}.hosts.api`]: "other-api.example.com",
  [`${ads}.services.campaign.maxReplicas`]: 3,
  [`${ads}.services.campaign.cpuPercent`]: 65,
  [`${ads}.services.campaign.memoryPercent`]: 75,
  [`${ads}.services.campaign.requestsPerSecond`]: 90,
  [`${ads}.services.analytics.surgePods`]: 2,
  [`${ads}.services.bidding.behavior.scaleUp.percent`]: 150,
  [`${ads}.topics.bids.partitions`]: 13,
  [`${ads}.topics.bids.retentionHours`]: 12,
  [`${ads}.topics.campaigns.partitionSize`]: "300Mi",
  [`${ads}.postgres.diskSize`]: "20Gi",
  [`${ads}.postgres.pooler.poolSize`]: 11,
  [`${ads}.postgres.operatorNamespace`]: "postgres-operator",
  [`${ads}.kafka.diskSize`]: "40Gi",
  [`${ads}.kafka.operatorNamespace`]: "kafka-operator",
  [`${ads}.quota.growToFit`]: false,
  [`${ads}.backups`]: {
    target: { kind: "volume" },
    schedule: "20 5 * * *",
    keepCount: 3,
    maxAgeHours: 30,
  },
};
const rolling: Changes = {
  "images.authService": "mmorpg/auth-service:v2",
  "images.pullSecret": "registry",
  "game.logLevel": "WARN",
  "game.motd": "Hi",
  [`${region}.latencyThresholdMs`]: 70,
  [`${region}.pools.worlds.dedicated`]: true,
  "game.worlds.maxPlayers": 1000,
  "game.worlds.drainSeconds": 60,
  "game.worlds.finalSaveSeconds": 40,
  "game.worlds.spreadHosts": "required",
  "game.worlds.resources.requests.cpu": "900m",
  "game.gameServers.drainSeconds": 60,
  "game.services.world.resources.limits.memory": "2Gi",
  [`${region}.pools.data.dedicated`]: true,
  "data.mysql.pools.worlds": 9,
  "data.mysql.pools.gameServers": 3,
  "data.mysql.pools.auth": 4,
  "data.valkey.resources.limits.memory": "2Gi",
  "data.valkey.spreadHosts": "preferred",
  "data.valkey.nodeTimeoutMs": 6000,
  "images.biddingService": "adplatform/bidding-service:v2.0.0",
  [`${ads}.logLevel`]: "WARN",
  [`${ads}.configName`]: "ad-files",
  [`${ads}.services.campaign.resources.limits.memory`]: "512Mi",
  [`${ads}.services.campaign.postgresPoolSize`]: 4,
  [`${ads}.services.bidding.budgetMs`]: 120,
  [`${ads}.valkey.resources.limits.memory`]: "2Gi",
  [`${ads}.valkey.nodeTimeoutMs`]: 6000,
};

/** Values that roll pods which an operator makes: what changes is its resource, by kind. */
const rollingByOperator: Readonly<Record<string, readonly [value: unknown, kind: string]>> = {
  [`${ads}.postgres.resources.limits.cpu`]: ["3000m", "Cluster"],
  [`${ads}.postgres.maxConnections`]: [190, "Cluster"],
  [`${ads}.postgres.pooler.instances`]: [2, "Pooler"],
  [`${ads}.kafka.resources.limits.cpu`]: ["3000m", "KafkaNodePool"],
  [`${ads}.kafka.version`]: ["4.3.0", "Kafka"],
};

function fields(changes: Changes): string[] {
  return Object.entries(changes).flatMap(([path, value]) =>
    /\.backups?$/.test(path) && value instanceof Object
      ? Object.keys(value)
          .filter((key) => key !== "target")
          .map((key) => `${path}.${key}`)
      : [path],
  );
}

describe("what the reference says of a change", () => {
  for (const [effect, changes] of [
    ["none", none],
    ["in place", inPlace],
    ["rolling", rolling],
  ] as const) {
    it(`is "${effect}" for the fields that these tests change so`, () => {
      for (const path of fields(changes)) assert.equal(effectOf(path), effect, path);
      configOf("dev", changes);
    });
  }

  it("holds where nothing running changes", async () => {
    const [before, after] = [await runOf("dev"), await runWith("dev", none)];
    assert.deepEqual(said(differences(before, after)), []);
    assert.deepEqual(comings(before, after), { created: [], deleted: [] });
  });

  for (const [path, value, effect] of [
    ["data.mysql.resources.limits.memory", "5Gi", "none"],
    ["data.mysql.diskSize", "60Gi", "in place"],
  ] as const) {
    it(`holds for ${path}, of which the operator of MySQL carries nothing over to what runs`, async () => {
      assert.equal(effectOf(path), effect);
      const changed = differences(await runOf("dev"), await runWith("dev", { [path]: value }));
      // The operator's own list (26.7.0-2.3.0): these it does carry over, to servers or routers.
      const carried = /^(metadata|spec\.(instances|version|podLabels|podAnnotations|tls\w*|router\..*))(\.|$)/;
      const cluster = changed.filter(({ resource }) => resource.type.endsWith(":InnoDBCluster"));
      assert.deepEqual(
        said(cluster).filter((one) => carried.test(one.replace(/^.*?: /, ""))),
        [],
      );
    });
  }

  it("holds where objects change in place: no pod restarts", async () => {
    const [before, after] = [await runOf("dev"), await runWith("dev", inPlace)];
    assert.ok(differences(before, after).length > 20);
    assert.deepEqual(said(rollingDifferences(before, after)), []);
    // Of Prometheus only the size follows from what may run.
    const sizes = /^spec\.(resources\.(requests|limits)\.(cpu|memory)|retentionSize)$/;
    const rolled = rolledByPrometheusOperator(before, after);
    assert.deepEqual(said(rolled.filter((one) => !sizes.test(one.path))), []);
    assert.deepEqual(replacements(before, after), []);
    assert.deepEqual(comings(before, after), { created: [], deleted: [] });
  });

  it("holds for the largest number of game servers: no pod restarts", async () => {
    const path = `${region}.gameServers.maxReplicas`;
    assert.equal(effectOf(path), "in place");
    const [before, after] = [await runOf("dev"), await runWith("dev", { [path]: 1 })];
    assert.deepEqual(said(rollingDifferences(before, after)), []);
  });

  it("holds for the requests of bidding, though its timeouts and pools derive from them", async () => {
    const path = `${ads}.services.bidding.requestsPerSecond`;
    const rolled = rollingDifferences(await runOf("dev"), await runWith("dev", { [path]: 400 }));
    assert.deepEqual([...new Set(rolled.map(({ resource }) => /[^-]+$/.exec(resource.name)?.[0]))], ["bidding"]);
    assert.equal(effectOf(path), "rolling", said(rolled).join("\n"));
  });

  for (const [path, [value, kind]] of Object.entries(rollingByOperator)) {
    it(`holds for ${path}, which an operator rolls out from ${kind}, and which replaces nothing`, async () => {
      assert.equal(effectOf(path), "rolling");
      const [before, after] = [await runOf("dev"), await runWith("dev", { [path]: value })];
      const changed = differences(before, after).filter(({ resource }) => resource.type.endsWith(`:${kind}`));
      assert.ok(changed.length > 0, `${kind} is the same`);
      assert.deepEqual(said(rollingDifferences(before, after)), []);
      assert.deepEqual(replacements(before, after), []);
      assert.deepEqual(comings(before, after), { created: [], deleted: [] });
    });
  }

  it("holds for TLS of Valkey: its servers and all callers roll at once, and nothing is replaced", async () => {
    const change = { "data.valkey.tlsSecretName": "valkey-certificate" };
    // Clients and servers of both ways do not understand each other, so it is more than a roll-out.
    assert.equal(effectOf("data.valkey.tlsSecretName"), "data at risk");
    const [before, after] = [await runOf("dev"), await runWith("dev", change)];
    const rolled = new Set(rollingDifferences(before, after).map(({ resource }) => resource.name));
    assert.equal(rolled.size, 8, [...rolled].join());
    assert.deepEqual(replacements(before, after), []);
    assert.deepEqual(comings(before, after), { created: [], deleted: [] });
  });

  for (const [path, value] of Object.entries(rolling)) {
    it(`holds for ${path}, which rolls pods and replaces nothing`, async () => {
      const [before, after] = [await runOf("dev"), await runWith("dev", { [path]: value })];
      assert.ok(rollingDifferences(before, after).length > 0);
      assert.deepEqual(replacements(before, after), []);
    });
  }
});
