import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { fieldMistakes, graceSeconds } from "../../components/config/rules.ts";
import { type Changes, configOf, mistakePaths, onlyMistake, type StackName } from "../support/stacks.ts";

function paths(stack: StackName, changes: Changes = {}): string[] {
  return fieldMistakes(configOf(stack, changes)).map((one) => one.path);
}

describe("rules between fields", () => {
  it("find nothing in the stacks as they ship", () => {
    assert.deepEqual([...paths("dev"), ...paths("prod")], []);
  });

  it("want at least one region that runs", () => {
    const off = { "regions.us-west": { enabled: false } };
    assert.deepEqual(paths("dev", { ...off, "ads.staging": undefined }), ["regions"]);
    assert.deepEqual(paths("dev", off), ["regions"]);
    assert.deepEqual(paths("dev", { "regions.eu-west": { enabled: false } }), []);
  });

  it("want one context for each region, since two in one cluster would write the same objects", () => {
    const mistake = onlyMistake("prod", { "regions.us-east.context": "realmgrid-us-west" });
    const regions = [/regions\.([^.]+)\.context/.exec(mistake.path)?.[1], /own, (\S+) has/.exec(mistake.want)?.[1]];
    assert.deepEqual(regions.sort(), ["us-east", "us-west"]);
    assert.deepEqual(mistakePaths("prod", { "regions.us-east.context": "another" }), []);
  });

  it("want a capacity of minReplicas x players of a server, and say both ways to mend it", () => {
    const mistake = onlyMistake("prod", { "regions.us-west.capacityPlayers": 12000 });
    assert.equal(mistake.path, "regions.us-west.capacityPlayers");
    assert.match(mistake.want, /10000 = 5 .* x 2000/);
    assert.equal(mistake.fix, "set capacityPlayers to 10000, or minReplicas to 6");
    const both = { "regions.us-west.capacityPlayers": 12000, "regions.us-west.gameServers.minReplicas": 6 };
    assert.deepEqual(mistakePaths("prod", both), []);
  });

  it("want a node for each MySQL server, which none shares with another", () => {
    const mistake = onlyMistake("dev", { "data.mysql.instances": 3 });
    assert.equal(mistake.path, "data.mysql.instances");
    assert.match(mistake.want, /^at most 2 \(regions\.us-west\.pools\.data\.maxNodes\)/);
    const mended = { "data.mysql.instances": 3, "regions.us-west.pools.data.maxNodes": 3 };
    assert.deepEqual(mistakePaths("dev", mended), []);
  });

  it("want stores that outlive a zone where the region has more than one", () => {
    const single = { "data.mysql.instances": 1, "data.valkey": { primaries: 1, replicasPerPrimary: 0 } };
    assert.deepEqual(paths("prod", single), [
      "data.mysql.instances",
      "data.valkey.primaries",
      "data.valkey.replicasPerPrimary",
    ]);
    assert.deepEqual(paths("dev", single), []);
    assert.match(onlyMistake("prod", { "data.mysql.instances": 1 }).want, /at least 3, since eu-west has 3 zones/);
  });

  for (const [path, size] of [
    ["data.mysql.diskSize", "7Gi"],
    ["data.valkey.diskSize", "1Gi"],
  ] as const) {
    it(`want in ${path} a volume that holds twice the memory of its server`, () => {
      const mistake = onlyMistake("dev", { [path]: size });
      assert.deepEqual([mistake.path, mistake.got], [path, size]);
    });
  }

  it("want a place for backups, or the word that there are none", () => {
    const mistake = onlyMistake("prod", { "data.backups": {} });
    assert.equal(mistake.path, "data.backups.target");
    assert.match(mistake.fix ?? "", /data\.backups\.enabled: false/);
    assert.deepEqual(paths("prod", { "data.backups": { enabled: false } }), []);
  });

  it("want a drill that does not fail for the age of a backup that was taken in time", () => {
    const mistake = onlyMistake("prod", { "data.backups.schedule": "0 4 * * *" });
    assert.equal(mistake.path, "data.backups.maxAgeHours");
    assert.match(mistake.want, /at least 24: data\.backups\.schedule \(0 4 \* \* \*\) leaves up to 24 h/);
    assert.equal(
      onlyMistake("prod", { "game.worlds.backup.schedule": "0 */6 * * *" }).path,
      "game.worlds.backup.maxAgeHours",
    );
    assert.equal(
      onlyMistake("prod", { "data.backups.drillSchedule": "0 0 31 2 *" }).path,
      "data.backups.drillSchedule",
    );
  });

  it("want the name of the store that passwords come from", () => {
    const external = { "data.credentials.source": "external" };
    assert.equal(onlyMistake("dev", external).path, "data.credentials.externalStore.name");
    assert.deepEqual(mistakePaths("dev", { ...external, "data.credentials.externalStore.name": "vault" }), []);
  });

  it("want ranges of worlds that do not overlap", () => {
    const mistake = onlyMistake("prod", { "regions.us-east.worlds.firstWorldId": 4 });
    assert.equal(mistake.path, "regions.us-east.worlds.firstWorldId");
    assert.match(mistake.want, /more than 4, since us-west has the worlds 0 to 4/);
    assert.deepEqual(mistakePaths("prod", { "regions.us-east.worlds.firstWorldId": 5 }), []);
  });

  it("find every range that lies within a larger one, also behind another", () => {
    const changes = {
      "regions.us-west.worlds.count": 1000,
      "regions.us-east.worlds.firstWorldId": 10,
      "regions.eu-west.worlds.firstWorldId": 500,
    };
    assert.deepEqual(paths("prod", changes), [
      "regions.us-east.worlds.firstWorldId",
      "regions.eu-west.worlds.firstWorldId",
    ]);
  });

  it("agree with counting about overlapping ranges", () => {
    const range = fc.record({ firstWorldId: fc.integer({ min: 0, max: 60 }), count: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(range, range, range, (west, east, europe) => {
        const ranges = [west, east, europe];
        const ids = ranges.flatMap((one) => Array.from({ length: one.count }, (_, index) => one.firstWorldId + index));
        const found = paths("prod", {
          "regions.us-west.worlds": west,
          "regions.us-east.worlds": east,
          "regions.eu-west.worlds": europe,
        });
        assert.equal(found.length > 0, new Set(ids).size < ids.length);
      }),
    );
  });

  for (const [low, high, changes, wrong] of [
    [
      "minReplicas",
      "maxReplicas of game servers",
      { "regions.us-west.gameServers.maxReplicas": 4 },
      "regions.us-west.gameServers.minReplicas",
    ],
    [
      "minNodes",
      "maxNodes of a pool",
      { "regions.us-west.pools.sessions.minNodes": 13 },
      "regions.us-west.pools.sessions.minNodes",
    ],
    [
      "playersPerServer",
      "maxPlayers of a server",
      { "game.gameServers.playersPerServer": 2001 },
      "game.gameServers.playersPerServer",
    ],
    [
      "minReplicas",
      "maxReplicas of a service",
      { "game.services.auth.minReplicas": 11 },
      "game.services.auth.minReplicas",
    ],
    [
      "a CPU request",
      "its limit",
      { "game.worlds.resources.requests.cpu": "2500m" },
      "game.worlds.resources.requests.cpu",
    ],
    [
      "a memory request",
      "its limit",
      { "game.services.guild.resources.requests.memory": "2Gi" },
      "game.services.guild.resources.requests.memory",
    ],
  ] as const) {
    it(`want ${low} at or below ${high}`, () => {
      const found = fieldMistakes(configOf("prod", changes));
      assert.deepEqual(
        found.map((one) => one.path),
        [wrong],
      );
      assert.match(found[0]?.want ?? "", /^at most /);
    });
  }

  it("take equal lower and upper ends", () => {
    const equal = {
      "regions.us-west.gameServers.maxReplicas": 5,
      "regions.us-west.pools.worlds.minNodes": 9,
      "game.gameServers.playersPerServer": 2000,
      "game.services.auth.minReplicas": 10,
      "game.worlds.resources.requests": { cpu: "2", memory: "4Gi" },
    };
    assert.deepEqual(paths("prod", equal), []);
  });

  for (const [what, path, drain, room] of [
    ["a game server", "game.gameServers", 541, 540],
    ["a world", "game.worlds", 3420, 3480],
  ] as const) {
    it(`hold the grace of ${what} within what its nodes wait for`, () => {
      const long = { [`${path}.drainSeconds`]: drain, [`${path}.finalSaveSeconds`]: path === "game.worlds" ? 600 : 30 };
      const found = fieldMistakes(configOf("prod", long));
      assert.deepEqual(
        found.map((one) => one.path),
        [`${path}.drainSeconds`],
      );
      const most = Number(/at most (-?\d+)/.exec(found[0]?.want ?? "")?.[1]);
      assert.equal(most, path === "game.worlds" ? 3600 - 600 - 30 : room);
      assert.deepEqual(paths("prod", { ...long, [`${path}.drainSeconds`]: most }), []);
    });
  }

  it("never ask for a drain that the schema refuses", () => {
    const found = fieldMistakes(configOf("prod", { "game.gameServers.finalSaveSeconds": 600 }));
    assert.equal(found.length, 1);
    const most = /at most (-?\d+)/.exec(found[0]?.want ?? "")?.[1];
    assert.ok(most === undefined || Number(most) >= 15, `asks for a drain of ${most} s`);
  });

  it("add up the grace from drain, last save and 30 s: the original had 30 s in all, so players were cut off", () => {
    assert.equal(graceSeconds({ drainSeconds: 780, finalSaveSeconds: 90 }), 900);
    assert.equal(graceSeconds({ drainSeconds: 540, finalSaveSeconds: 30 }), 600);
  });

  it("want a name for a storage class that is to be created", () => {
    const created = { "cluster.storageClass": { name: "", provisioner: "ebs.csi.aws.com" } };
    assert.deepEqual(paths("dev", created), ["cluster.storageClass.name"]);
    assert.deepEqual(paths("dev", { ...created, "cluster.storageClass.name": "fast-ssd" }), []);
  });
});

describe("rules between fields of the ads", () => {
  const ads = "ads.production";

  for (const region of ["moon", "asia-pacific"]) {
    it(`want regions that run: ${region} ${region === "moon" ? "is none" : "is off"}`, () => {
      const mistake = onlyMistake("prod", { [`${ads}.regions`]: ["us-west", region] });
      assert.deepEqual([mistake.path, mistake.got], [`${ads}.regions`, region]);
      for (const name of ["us-west", "us-east", "eu-west"]) assert.ok(mistake.want.includes(name), mistake.want);
      assert.deepEqual(mistakePaths("prod", { [`${ads}.regions`]: ["us-west"] }), []);
    });
  }

  for (const [path, wrong, right, end] of [
    ["services.bidding.minReplicas", 51, 50, "services.bidding.maxReplicas"],
    ["services.campaign.minReplicas", 21, 20, "services.campaign.maxReplicas"],
    ["services.bidding.resources.requests.memory", "2Gi", "1Gi", "services.bidding.resources.limits.memory"],
    ["services.analytics.resources.requests.cpu", "600m", "500m", "services.analytics.resources.limits.cpu"],
    ["postgres.resources.requests.cpu", "2100m", "2", "postgres.resources.limits.cpu"],
    ["valkey.resources.requests.memory", "2Gi", "1Gi", "valkey.resources.limits.memory"],
    ["kafka.resources.requests.memory", "5Gi", "4Gi", "kafka.resources.limits.memory"],
  ] as const) {
    it(`want ${path} at or below ${end}`, () => {
      const mistake = onlyMistake("prod", { [`${ads}.${path}`]: wrong });
      assert.deepEqual([mistake.path, mistake.got], [`${ads}.${path}`, wrong]);
      assert.match(mistake.want, /^at most /);
      assert.ok(mistake.want.includes(`${ads}.${end}`), mistake.want);
      assert.deepEqual(paths("prod", { [`${ads}.${path}`]: right }), []);
    });
  }

  for (const [path, servers] of [
    ["ads.staging.kafka.brokers", 3],
    ["ads.staging.postgres.instances", 3],
  ] as const) {
    it(`want a node for each of ${path}, which none shares with another`, () => {
      const mistake = onlyMistake("dev", { [path]: servers });
      assert.deepEqual([mistake.path, mistake.got], [path, servers]);
      assert.match(mistake.want, /^at most 2 \(regions\.us-west\.pools\.data\.maxNodes\)/);
      assert.equal(mistake.fix, "raise regions.us-west.pools.data.maxNodes to 3");
      assert.deepEqual(mistakePaths("dev", { [path]: servers, "regions.us-west.pools.data.maxNodes": 3 }), []);
    });
  }

  for (const [path, got, least] of [
    ["postgres.instances", 1, 3],
    ["kafka.brokers", 1, 3],
    ["valkey.primaries", 1, 3],
    ["valkey.replicasPerPrimary", 0, 1],
  ] as const) {
    it(`want ${path} of production to outlive a zone; staging need not`, () => {
      const mistake = onlyMistake("prod", { [`${ads}.${path}`]: got });
      assert.deepEqual([mistake.path, mistake.got], [`${ads}.${path}`, got]);
      assert.match(mistake.want, new RegExp(`^at least ${least}, since eu-west has 3 zones`));
      const moved = { "ads.staging": { ...configOf("prod").ads.production }, "ads.production": undefined };
      assert.deepEqual(paths("prod", { ...moved, [`ads.staging.${path}`]: got }), []);
    });
  }

  it("want a place for their backups too, or the word that there are none", () => {
    const mistake = onlyMistake("prod", { [`${ads}.backups`]: {} });
    assert.equal(mistake.path, `${ads}.backups.target`);
    assert.match(mistake.fix ?? "", /ads\.production\.backups\.enabled: false/);
    assert.deepEqual(paths("prod", { [`${ads}.backups`]: { enabled: false } }), []);
  });

  for (const [path, size, right] of [
    ["postgres.diskSize", "7Gi", "8Gi"],
    ["valkey.diskSize", "1Gi", "2Gi"],
  ] as const) {
    it(`want in ${path} a volume that holds twice the memory of its server`, () => {
      const mistake = onlyMistake("prod", { [`${ads}.${path}`]: size });
      assert.deepEqual([mistake.path, mistake.got], [`${ads}.${path}`, size]);
      assert.deepEqual(paths("prod", { [`${ads}.${path}`]: right }), []);
    });
  }
});
