import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { comings, differences, replacements } from "../support/replacement.ts";
import { runOf, runWith } from "../support/runs.ts";
import type { Changes } from "../support/stacks.ts";

/** A copy of a run in which one resource has another value somewhere. */
function changed(run: OfflineRun, name: string, path: string, value: unknown): OfflineRun {
  const copy = structuredClone(run);
  const resource = copy.resources.find((one) => one.custom && one.name === name);
  assert.ok(resource, `no resource ${name}`);
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let inner: Record<string, unknown> = resource.inputs;
  for (const key of keys) {
    const next = inner[key] ?? {};
    inner[key] = next;
    inner = next as Record<string, unknown>;
  }
  inner[last] = value;
  return copy;
}

describe("a change that only feeds ConfigMaps and Secrets", () => {
  for (const [what, kinds, changes] of [
    ["the message of the day", ["ConfigMap"], { "game.motd": "The gates are open." }],
    ["the log level", ["ConfigMap"], { "game.logLevel": "WARN" }],
    ["the latency of a region", ["ConfigMap"], { "regions.us-west.latencyThresholdMs": 70 }],
    [
      "the players of a server and of its region",
      ["ConfigMap"],
      { "game.gameServers.maxPlayers": 4000, "regions.us-west.capacityPlayers": 4000 },
    ],
    ["a region that is named and does not run", ["ConfigMap"], { "regions.asia-pacific": { enabled: false } }],
    ["the generation of secrets", [], { "game.secretsGeneration": 2 }],
    ["the generation of credentials", [], { "data.credentials.generation": 2 }],
  ] as [string, string[], Changes][]) {
    it(`replaces nothing of a cluster: ${what}`, async () => {
      const [before, after] = [await runOf("dev"), await runWith("dev", changes)];
      const touched = new Set(differences(before, after).map((one) => one.resource.type.split(":").at(-1)));
      for (const kind of kinds) assert.ok(touched.has(kind), `no ${kind} changed, only ${[...touched].join(", ")}`);
      assert.deepEqual(
        replacements(before, after).filter((one) => !one.includes("keepers")),
        [],
      );
      assert.deepEqual(comings(before, after), { created: [], deleted: [] });
    });
  }

  it("makes new keys with a new generation of secrets, and only these", async () => {
    const after = await runWith("dev", { "game.secretsGeneration": 2 });
    assert.deepEqual(replacements(await runOf("dev"), after).sort(), [
      "realmgrid-session-signing-key: keepers.generation",
      "realmgrid-world-mesh-key: keepers.generation",
    ]);
  });

  it("makes one of the two passwords of each user new with a new generation of credentials, each in its turn", async () => {
    const generations = await Promise.all(
      [1, 2, 3].map((generation) => runWith("dev", { "data.credentials.generation": generation })),
    );
    const users = (generations[0]?.resources ?? []).flatMap(
      (one) => /^(.*-credentials-.*)-even$/.exec(one.name)?.[1] ?? [],
    );
    assert.ok(users.length > 10);
    for (const [index, slot] of ["even", "odd"].entries()) {
      const [before, after] = generations.slice(index);
      assert.ok(before && after);
      assert.deepEqual(
        replacements(before, after).sort(),
        users.map((user) => `${user}-${slot}: keepers.generation`).sort(),
      );
    }
  });
});

describe("changes that replace", () => {
  for (const [name, path, value] of [
    ["us-west-game-worlds-group-0", "spec.serviceName", "other"],
    ["us-west-game-worlds-group-0", "spec.selector.matchLabels.version", "2"],
    ["us-west-game-worlds-group-0", "spec.podManagementPolicy", "OrderedReady"],
    ["us-west-game-worlds-group-0", "spec.revisionHistoryLimit", 3],
    ["us-west-game-worlds-group-0", "metadata.name", "other"],
    ["us-west-game-services-auth", "spec.selector.matchLabels.version", "2"],
    ["us-west-game-services-auth-service", "spec.clusterIP", "None"],
    ["us-west-game-environment", "metadata.namespace", "other"],
    ["us-west-game-backups-binding", "roleRef.name", "other"],
    ["us-west-game-secrets", "type", "kubernetes.io/tls"],
    ["us-west-data-redis-servers", "spec.serviceName", "other"],
    ["us-west-data-mysql", "metadata.name", "other"],
    ["us-west", "clusterIdentifier", "other"],
  ] as const) {
    it(`are seen by these tests: ${path} of ${name}`, async () => {
      const run = await runOf("dev");
      assert.deepEqual(replacements(run, changed(run, name, path, value)), [`${name}: ${path}`]);
    });
  }

  for (const [name, path] of [
    ["us-west-game-environment", "data.LOG_LEVEL"],
    ["us-west-game-secrets", "data"],
  ] as const) {
    it(`would be the data of ${name} if its provider did not change it in place`, async () => {
      const run = await runOf("dev");
      const immutable = (one: OfflineRun) =>
        changed(changed(one, "us-west", "enableConfigMapMutable", "false"), "us-west", "enableSecretMutable", "false");
      assert.deepEqual(replacements(run, changed(run, name, path, "x")), []);
      assert.deepEqual(replacements(immutable(run), changed(immutable(run), name, path, "x")), [`${name}: ${path}`]);
    });
  }

  it("are none of an image, a size, a count or a label of the template", async () => {
    const run = await runOf("dev");
    for (const path of [
      "spec.replicas",
      "spec.template.metadata.labels.version",
      "spec.template.spec.priorityClassName",
    ]) {
      assert.deepEqual(replacements(run, changed(run, "us-west-game-worlds-group-0", path, "x")), []);
    }
  });
});
