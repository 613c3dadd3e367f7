import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { enabledRegions } from "../../components/config/sections.ts";
import { readStackFile, stackNames } from "../../tools/offline/stack-file.ts";
import { configOf, sections } from "../support/stacks.ts";

/** Regions of the original design: players, latency in milliseconds, smallest and largest fleet. */
const original = {
  "us-west": { capacityPlayers: 10_000, latencyThresholdMs: 50, minReplicas: 5, maxReplicas: 50 },
  "us-east": { capacityPlayers: 8_000, latencyThresholdMs: 60, minReplicas: 4, maxReplicas: 40 },
  "eu-west": { capacityPlayers: 12_000, latencyThresholdMs: 45, minReplicas: 6, maxReplicas: 60 },
};

describe("the stack files", () => {
  it("are dev and prod", () => {
    assert.deepEqual(stackNames(), ["dev", "prod"]);
  });

  it("have the same sections, so that a change of one is looked for in the other", () => {
    assert.deepEqual(Object.keys(sections("dev")).sort(), Object.keys(sections("prod")).sort());
  });

  for (const stack of ["dev", "prod"] as const) {
    it(`keep ${stack} from falling back to whatever cluster the shell points at`, () => {
      assert.deepEqual(readStackFile(stack)["pulumi:disable-default-providers"], ["kubernetes"]);
    });
  }

  it("run the three regions of the original design in prod, with its numbers", () => {
    const regions = enabledRegions(configOf("prod")).map(([name, region]) => [
      name,
      { capacityPlayers: region.capacityPlayers, latencyThresholdMs: region.latencyThresholdMs, ...region.gameServers },
    ]);
    assert.deepEqual(Object.fromEntries(regions), original);
  });

  it("name asia-pacific and keep it off: the original gave it an autoscaler from 0 to 0, which no API server takes", () => {
    assert.deepEqual(configOf("prod").regions["asia-pacific"], {
      enabled: false,
      capacityPlayers: 0,
      gameServers: { minReplicas: 0, maxReplicas: 0 },
    });
  });

  it("run 5 worlds of 2000 players in each region of prod, on volumes of 10Gi of class fast-ssd", () => {
    const { regions, game, cluster } = configOf("prod");
    for (const region of Object.values(regions)) if (region.enabled) assert.equal(region.worlds.count, 5);
    assert.deepEqual(
      [game.worlds.maxPlayers, game.worlds.diskSize, cluster.storageClass.name],
      [2000, "10Gi", "fast-ssd"],
    );
  });

  it("scale game servers at 1500 players and 70 % CPU, with memory and response time off", () => {
    const { gameServers } = configOf("prod").game;
    assert.deepEqual(
      [gameServers.playersPerServer, gameServers.cpuPercent, gameServers.memoryPercent, gameServers.responseTimeMs],
      [1500, 70, undefined, undefined],
    );
  });

  it("give worlds and game servers the sizes of the original design", () => {
    const { worlds, gameServers } = configOf("prod").game;
    const size = { requests: { cpu: "1000m", memory: "2Gi" }, limits: { cpu: "2000m", memory: "4Gi" } };
    assert.deepEqual([worlds.resources, gameServers.resources], [size, size]);
  });

  it("run three servers of MySQL and three primaries of Valkey with a replica each in prod, one of each in dev", () => {
    const sizes = (stack: "dev" | "prod") => {
      const { mysql, valkey } = configOf(stack).data;
      return [mysql.instances, mysql.routers, mysql.maxConnections, valkey.primaries, valkey.replicasPerPrimary];
    };
    assert.deepEqual(
      [sizes("prod"), sizes("dev")],
      [
        [3, 2, 1000, 3, 1],
        [1, 1, 1000, 1, 0],
      ],
    );
  });

  it("protect data in prod and not in dev", () => {
    assert.deepEqual([configOf("prod").cluster.protectData, configOf("dev").cluster.protectData], [true, false]);
  });
});
