import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { worldGroupName } from "../../components/game/plan.ts";
import { all, find, regionNames } from "../support/objects.ts";
import { adTemplates, containersOf, environment, gameTemplates, selects, templateOf } from "../support/pods.ts";
import { runOf, runWith } from "../support/runs.ts";
import { configOf, planOf } from "../support/stacks.ts";

/** Ordinals of a set's pods, which are the WORLD_IDs. */
function ordinals(set: ReturnType<typeof find<"StatefulSet">>): number[] {
  return Array.from({ length: set.spec.replicas }, (_, index) => set.spec.ordinals.start + index);
}

describe("worlds", () => {
  it("mount their state writable: the original mounted it read-only, so nothing could be saved", async () => {
    const template = templateOf(await runOf("prod"), "game-world-servers");
    const [server] = template.spec.containers;
    const mount = server?.volumeMounts.find((one) => one.name === "world-data");
    assert.equal(mount?.mountPath, "/app/data/world");
    assert.ok(!mount?.readOnly);
    assert.equal(template.spec.securityContext.fsGroup, template.spec.securityContext.runAsUser);
  });

  it("have one WORLD_ID in both containers, the ordinal: the original gave the server the pod's whole name", async () => {
    const template = templateOf(await runOf("prod"), "game-world-servers");
    const ids = containersOf(template).map((one) => environment(one, "WORLD_ID")?.valueFrom.fieldRef.fieldPath);
    assert.deepEqual(ids, Array(2).fill("metadata.labels['apps.kubernetes.io/pod-index']"));
    assert.equal(environment(template.spec.containers[0], "POD_NAME")?.valueFrom.fieldRef.fieldPath, "metadata.name");
    const [loader] = template.spec.initContainers;
    assert.deepEqual(loader?.command, ["/usr/local/bin/load-world-data"]);
    assert.deepEqual(loader?.args, ["--world-id=$(WORLD_ID)", "--data-path=/data/world"]);
    assert.equal(loader?.volumeMounts.find((one) => one.mountPath === "/data/world")?.name, "world-data");
  });

  it("have ids of their own in every region, from the ordinal that the region begins with", async () => {
    const run = await runOf("prod");
    const sets = regionNames(run).map((region) => find(run, "StatefulSet", "game-world-servers", region));
    const ids = sets.flatMap(ordinals);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(ids.toSorted((one, other) => one - other).slice(0, 6), [0, 1, 2, 3, 4, 1000]);
  });

  it("have the environment of the original design", async () => {
    const [server] = templateOf(await runOf("prod"), "game-world-servers").spec.containers;
    const value = (name: string) => environment(server, name)?.value;
    assert.deepEqual(
      [value("MYSQL_HOST"), value("REDIS_HOST"), value("MAX_PLAYERS_PER_WORLD")],
      ["mysql-primary-service", "redis-cluster-service", "2000"],
    );
    assert.equal(find(await runOf("prod"), "ConfigMap", "game-server-env").data["LOG_LEVEL"], "INFO");
  });

  it("log in to each store as their own user, with a password that is named and not written", async () => {
    const [server] = templateOf(await runOf("prod"), "game-world-servers").spec.containers;
    for (const [variable, secret, key] of [
      ["MYSQL_USER", "mysql-game-world-server", "username"],
      ["MYSQL_PASSWORD", "mysql-game-world-server", "password"],
      ["REDIS_USER", "redis-game-world-server", "username"],
      ["REDIS_PASSWORD", "redis-game-world-server", "password"],
    ] as const) {
      const { value, valueFrom } = environment(server, variable) ?? {};
      assert.deepEqual([value, valueFrom?.secretKeyRef], [undefined, { name: secret, key }], variable);
    }
    const value = (name: string) => environment(server, name)?.value;
    assert.deepEqual(
      ["MYSQL_PORT", "MYSQL_READ_HOST", "MYSQL_DATABASE", "MYSQL_POOL_SIZE", "REDIS_PORT", "REDIS_MODE"].map(value),
      ["3306", "mysql-replica-service", "mmorpg", "10", "6379", "cluster"],
    );
  });

  it("come in groups of at most 50: one set of 1000 would take 300 hours to update", async () => {
    const run = await runWith("dev", {
      "regions.us-west.worlds.count": 120,
      "regions.us-west.pools.worlds.maxNodes": 60,
      "data.mysql.pools.worlds": 5,
    });
    const sets = all(run, "StatefulSet")
      .filter((one) => one.name.startsWith("game-world"))
      .map((one) => one.object);
    const sizes = sets.map(({ metadata, spec }) => [metadata.name, spec.ordinals.start, spec.replicas]);
    assert.deepEqual(sizes.sort(), [
      ["game-world-servers", 0, 50],
      ["game-world-servers-g1", 50, 50],
      ["game-world-servers-g2", 100, 20],
    ]);
    assert.equal(new Set(sets.flatMap(ordinals)).size, 120);
    const services = all(run, "Service").filter((one) => one.name.startsWith("game-world"));
    for (const { object, name } of services) {
      for (const set of sets) assert.ok(selects(object.spec.selector, set.spec.template.metadata.labels), name);
    }
  });

  it("keep their group when more are added", () => {
    const sized = (count: number) =>
      planOf("dev", { "regions.us-west.worlds.count": count, "game.worlds.groupSize": 10 }).regions[0]?.game.worlds ??
      [];
    const before = sized(25).map(({ plan, firstWorldId }) => [plan.name, firstWorldId]);
    const after = sized(38).map(({ plan, firstWorldId }) => [plan.name, firstWorldId]);
    assert.deepEqual(after.slice(0, 3), before);
    assert.equal(after.length, 4);
  });

  it("have names that leave room for the hash in their pods' labels, however many groups there are", () => {
    assert.ok(worldGroupName(999).length <= 52);
    assert.deepEqual([worldGroupName(0), worldGroupName(1)], ["game-world-servers", "game-world-servers-g1"]);
  });

  it("drain at their own endpoint before they stop: the original cut its players off after 30 s", async () => {
    const { spec } = templateOf(await runOf("prod"), "game-world-servers");
    assert.deepEqual(spec.containers[0]?.lifecycle.preStop, {
      httpGet: { path: "/drain?deadline=780", port: "metrics-port" },
    });
    assert.equal(spec.terminationGracePeriodSeconds, 780 + 90 + 30);
  });

  it("start together, update one after the other, and keep their volumes whatever happens to the set", async () => {
    const { spec } = find(await runOf("prod"), "StatefulSet", "game-world-servers");
    assert.equal(spec.podManagementPolicy, "Parallel");
    assert.deepEqual(spec.updateStrategy, { type: "RollingUpdate", rollingUpdate: { partition: 0 } });
    assert.deepEqual(spec.persistentVolumeClaimRetentionPolicy, { whenDeleted: "Retain", whenScaled: "Retain" });
    assert.equal(spec.minReadySeconds, 60);
  });

  it("have a volume each, of the configured size", async () => {
    const claim = (disk: string) =>
      runWith("dev", { "game.worlds.diskSize": disk }).then(
        (run) => find(run, "StatefulSet", "game-world-servers").spec.volumeClaimTemplates[0],
      );
    const [small, large] = [await claim("10Gi"), await claim("100Gi")];
    assert.deepEqual([small?.metadata.name, small?.spec.accessModes], ["world-data", ["ReadWriteOnce"]]);
    assert.deepEqual(
      [small?.spec.resources.requests["storage"], large?.spec.resources.requests["storage"]],
      ["10Gi", "100Gi"],
    );
  });

  it("keep their claims when the configured size changes, since a changed template would stop every world", async () => {
    const sets = all(await runOf("prod"), "StatefulSet").filter((one) => one.name === "game-world-servers");
    assert.equal(sets.length, 3);
    for (const set of sets) assert.deepEqual(set.resource.ignoreChanges, ["spec.volumeClaimTemplates"]);
  });

  it("are found while they start by their peers, and by players only when they are ready", async () => {
    const run = await runOf("prod");
    const service = (name: string) => find(run, "Service", name).spec;
    assert.deepEqual(
      [service("game-world-service").clusterIP, service("game-world-peers").clusterIP],
      ["None", "None"],
    );
    assert.equal(service("game-world-service").publishNotReadyAddresses, false);
    assert.equal(service("game-world-peers").publishNotReadyAddresses, true);
    const [server] = templateOf(run, "game-world-servers").spec.containers;
    assert.equal(environment(server, "WORLD_PEERS")?.value, "game-world-peers");
  });

  it("have exactly the sizes of the original design, and their loader has one too", async () => {
    const [server, loader] = containersOf(templateOf(await runOf("prod"), "game-world-servers")).reverse();
    assert.deepEqual(server?.resources, {
      requests: { cpu: "1000m", memory: "2Gi" },
      limits: { cpu: "2000m", memory: "4Gi" },
    });
    assert.deepEqual(Object.keys(loader?.resources ?? {}).sort(), ["limits", "requests"]);
  });
});

describe("game servers", () => {
  it("run once in every region that is enabled, and only there: the original had one Deployment, in us-west", async () => {
    const run = await runOf("prod");
    const deployments = all(run, "Deployment").filter((one) => one.name.startsWith("game-server-"));
    assert.deepEqual(deployments.map((one) => [one.region, one.name]).sort(), [
      ["eu-west", "game-server-eu-west"],
      ["us-east", "game-server-us-east"],
      ["us-west", "game-server-us-west"],
    ]);
  });

  it("know their region and its latency", async () => {
    const run = await runOf("prod");
    const told = regionNames(run).map((region) => {
      const { data } = find(run, "ConfigMap", "game-server-env", region);
      return [data["REGION"], data["LATENCY_THRESHOLD_MS"]];
    });
    assert.deepEqual(told.sort(), [
      ["eu-west", "45"],
      ["us-east", "60"],
      ["us-west", "50"],
    ]);
    // The ad platform has services too, which read settings of their own.
    const settings: Record<string, string> = { "mmorpg-game": "game-server-env", "ad-platform": "ad-platform-config" };
    const seen = [...gameTemplates(run), ...adTemplates(run)].map(({ spec, name: workload, namespace }) => {
      const [source] = spec.containers[0]?.envFrom ?? [];
      assert.deepEqual(spec.containers[0]?.envFrom, [{ configMapRef: { name: settings[namespace] } }], workload);
      return source?.configMapRef.name;
    });
    assert.deepEqual([...new Set(seen)].sort(), Object.values(settings).sort());
  });

  it("are selected by app and region, as in the original", async () => {
    const { selector } = templateOf(await runOf("prod"), "game-server-eu-west", "eu-west");
    assert.deepEqual(selector, { app: "game-server", region: "eu-west" });
  });

  it("are whole: the original's container had no ports, probes, sizes or volumes", async () => {
    const [server] = templateOf(await runOf("prod"), "game-server-us-west").spec.containers;
    assert.equal(server?.image, configOf("prod").images.gameServer);
    assert.deepEqual(server?.resources.requests, { cpu: "1000m", memory: "2Gi" });
    assert.ok(server?.startupProbe && server.livenessProbe && server.readinessProbe);
    assert.deepEqual(
      server?.volumeMounts.map((one) => one.mountPath),
      ["/tmp", "/app/config", "/app/regions", "/app/logs"],
    );
    assert.equal(environment(server, "MAX_PLAYERS")?.value, "2000");
  });

  it("drain for 540 s within the 600 s that a cluster autoscaler waits", async () => {
    const { spec } = templateOf(await runOf("prod"), "game-server-us-west");
    assert.equal(spec.containers[0]?.lifecycle.preStop.httpGet.path, "/drain?deadline=540");
    assert.equal(spec.terminationGracePeriodSeconds, 600);
  });

  it("find the services that they call", async () => {
    const [server] = templateOf(await runOf("prod"), "game-server-us-west").spec.containers;
    assert.equal(environment(server, "AUTH_SERVICE_URL")?.value, "http://auth-service:8080");
    assert.equal(environment(server, "PLAYER_SERVICE_URL")?.value, "http://player-service:8080");
    assert.equal(environment(server, "GUILD_SERVICE_URL"), undefined);
  });
});
