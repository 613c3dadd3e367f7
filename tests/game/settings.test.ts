import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { gameSettings } from "../../components/game/settings.ts";
import { checksumAnnotation } from "../../components/kube/labels.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { find } from "../support/objects.ts";
import { adTemplates, gameTemplates, type Template, templateOf, templates } from "../support/pods.ts";
import { rollingDifferences } from "../support/replacement.ts";
import { runOf, runWith } from "../support/runs.ts";
import { type Changes, configOf } from "../support/stacks.ts";

function apartFromChecksum(list: readonly Template[]) {
  return list.map(({ name, labels, annotations, spec }) => {
    const { [checksumAnnotation]: checksum, ...others } = annotations;
    return { checksum, rest: { name, labels, others, spec } };
  });
}

/** Templates of everything that reads the settings, without their checksums. */
function withoutChecksum(run: OfflineRun) {
  return apartFromChecksum(gameTemplates(run));
}

/** Templates of everything else, with all that they have: stores, jobs and the whole ad platform. */
function others(run: OfflineRun) {
  const game = gameTemplates(run).map((one) => one.name);
  const found = templates(run).filter((one) => one.namespace !== "mmorpg-game" || !game.includes(one.name));
  const stores = found.filter((one) => one.name === "redis-cluster").map((one) => one.namespace);
  assert.deepEqual(stores.sort(), ["ad-platform-staging", "mmorpg-game"]);
  return found.map(({ name, labels, annotations, spec }) => ({ name, labels, annotations, spec }));
}

describe("settings", () => {
  for (const [what, changes] of [
    ["the message of the day", { "game.motd": "The gates are open." }],
    ["the log level", { "game.logLevel": "WARN" }],
    ["the latency of the region", { "regions.us-west.latencyThresholdMs": 70 }],
    ["the generation of secrets", { "game.secretsGeneration": 2 }],
  ] as [string, Changes][]) {
    it(`roll every pod that reads them when ${what} changes, by a checksum and by nothing else`, async () => {
      const [before, after] = [withoutChecksum(await runOf("dev")), withoutChecksum(await runWith("dev", changes))];
      assert.deepEqual(
        after.map((one) => one.rest),
        before.map((one) => one.rest),
      );
      assert.ok(before.every((one, index) => one.checksum !== undefined && one.checksum !== after[index]?.checksum));
      assert.deepEqual(others(await runWith("dev", changes)), others(await runOf("dev")), "a store or a job rolls too");
    });
  }

  it("roll who logs in to a store, and the store, when passwords change, by a checksum and by nothing else", async () => {
    const callers = (run: OfflineRun) => [
      ...apartFromChecksum([...gameTemplates(run), ...adTemplates(run)]),
      ...apartFromChecksum(templates(run).filter((one) => one.name === "redis-cluster")),
    ];
    const [before, after] = [await runOf("dev"), await runWith("dev", { "data.credentials.generation": 2 })].map(
      callers,
    );
    assert.equal(before?.length, 7 + 3 + 2, "a world, a game server, five services, three of ads, Valkey of both");
    assert.deepEqual(
      after?.map((one) => one.rest),
      before?.map((one) => one.rest),
    );
    assert.ok(before?.every((one, index) => one.checksum !== undefined && one.checksum !== after?.[index]?.checksum));
  });

  it("roll nothing when they stay the same", async () => {
    const again = await runWith("dev", { "game.motd": configOf("dev").game.motd });
    assert.deepEqual(withoutChecksum(again), withoutChecksum(await runOf("dev")));
  });

  it("roll no pod of one region when the range of another changes: every world would drain for a number", async () => {
    const wider = await runWith("prod", { "regions.eu-west.gameServers.maxReplicas": 59 });
    const rolled = rollingDifferences(await runOf("prod"), wider).map((one) => one.resource.name);
    assert.deepEqual(rolled, []);
  });

  it("are apart by use: the original's files would have landed in the environment as a whole", async () => {
    const run = await runOf("prod");
    const environment = find(run, "ConfigMap", "game-server-env").data;
    for (const key of Object.keys(environment)) assert.match(key, /^[A-Z][A-Z0-9_]*$/);
    assert.deepEqual(Object.keys(find(run, "ConfigMap", "game-server-files").data), ["server.yaml"]);
    const { spec } = templateOf(run, "game-world-servers");
    const mounts = spec.containers[0]?.volumeMounts
      .filter((one) => one.readOnly)
      .map((one) => [one.name, one.mountPath]);
    assert.deepEqual(mounts, [
      ["config", "/app/config"],
      ["regions", "/app/regions"],
    ]);
  });

  it("carry any message of the day unharmed", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60, unit: "grapheme" }), (motd) => {
        const config = { ...configOf("dev"), game: { ...configOf("dev").game, motd } };
        assert.deepEqual(parse(gameSettings(config, "us-west", 50).files["server.yaml"] ?? ""), { motd });
      }),
      { numRuns: 50 },
    );
  });

  it("tell every region about all: the original's list was read by nothing and disagreed with the rest", async () => {
    const run = await runOf("prod");
    for (const region of ["us-west", "us-east", "eu-west"]) {
      assert.deepEqual(parse(find(run, "ConfigMap", "region-config", region).data["regions.yaml"] ?? ""), {
        regions: {
          "us-west": { enabled: true, capacity: 10000, latency_threshold_ms: 50, min_replicas: 5, max_replicas: 50 },
          "us-east": { enabled: true, capacity: 8000, latency_threshold_ms: 60, min_replicas: 4, max_replicas: 40 },
          "eu-west": { enabled: true, capacity: 12000, latency_threshold_ms: 45, min_replicas: 6, max_replicas: 60 },
          "asia-pacific": { enabled: false, capacity: 0, min_replicas: 0, max_replicas: 0 },
        },
      });
    }
  });
});
