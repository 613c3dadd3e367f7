import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { loadConfig, stackFile } from "../../components/config/load.ts";
import { ConfigError, type Mistake } from "../../components/config/mistakes.ts";
import { planMistakes } from "../../components/plan.ts";
import { runOffline } from "../../tools/offline/host.ts";
import { inTurn } from "../support/runs.ts";
import { mistakePaths, mistakesOf, onlyMistake, type StackName, stackConfig } from "../support/stacks.ts";

/** What the running program says about a whole stack file, given as text by full key. */
async function refusal(stack: StackName, config: Record<string, unknown>): Promise<ConfigError> {
  const error = await inTurn(() =>
    runOffline(stack, { config, program: async () => ({ config: loadConfig(planMistakes) }) }).then(
      () => undefined,
      (reason: unknown) => reason,
    ),
  );
  assert.ok(error instanceof ConfigError, `want a ConfigError, got ${error}`);
  return error;
}

function at(mistakes: readonly Mistake[], path: string): Mistake {
  const found = mistakes.find((one) => one.path === path);
  assert.ok(found, `no mistake at ${path}, only at ${mistakes.map((one) => one.path).join(", ")}`);
  return found;
}

describe("mistakes in a stack file", () => {
  it("are listed all at once, each with its path, what was got and what is wanted", async () => {
    const error = await refusal(
      "prod",
      stackConfig("prod", {
        "game.worlds.drainSecond": 600,
        "game.worlds.diskSize": "10GB",
        "regions.us-west.context": undefined,
        "regions.us-east.gameServers.maxReplicas": "40",
        "images.gameServer": "mmorpg/game-server:latest",
        logging: { level: "INFO" },
      }),
    );
    assert.deepEqual(error.mistakes.map((one) => one.path).sort(), [
      "game.worlds.diskSize",
      "game.worlds.drainSecond",
      "images.gameServer",
      "logging",
      "regions.us-east.gameServers.maxReplicas",
      "regions.us-west.context",
    ]);
    assert.match(error.message, /^Pulumi\.prod\.yaml has 6 mistakes\. Nothing was applied\./);
    for (const { path, want } of error.mistakes) {
      assert.ok(error.message.includes(`realmgrid:${path}\n`), path);
      assert.ok(error.message.includes(`want  ${want}`), path);
    }
    assert.match(error.message, /realmgrid:game\.worlds\.diskSize\n {4}got {3}10GB\n {4}want {2}a binary size/);
  });

  it("are none in a stack file as it ships", () => {
    assert.deepEqual([...mistakesOf("dev"), ...mistakesOf("prod")], []);
  });

  it("of other sections are listed beside a section that is no mapping", async () => {
    const error = await refusal("dev", {
      ...stackConfig("dev", { "game.worlds.diskSize": "10GB" }),
      "realmgrid:cluster": "protected",
    });
    assert.deepEqual(error.mistakes.map((one) => one.path).sort(), ["cluster", "game.worlds.diskSize"]);
  });

  it("name a section that is no mapping, with what stands there", async () => {
    const error = await refusal("dev", { ...stackConfig("dev"), "realmgrid:cluster": "protected" });
    const mistake = at(error.mistakes, "cluster");
    assert.equal(mistake.got, "protected");
    assert.match(mistake.want, /mapping/);
  });

  it("name an empty section", () => {
    assert.equal(onlyMistake("dev", { cluster: null }).path, "cluster");
  });

  it("leave keys of other programs alone", async () => {
    const run = await inTurn(() =>
      runOffline("dev", {
        config: { ...stackConfig("dev"), "aws:region": "eu-west-1" },
        program: async () => ({ file: stackFile(), regions: Object.keys(loadConfig(planMistakes).regions) }),
      }),
    );
    assert.deepEqual(run.outputs, { file: "Pulumi.dev.yaml", regions: ["us-west"] });
  });

  for (const [what, path, fix] of [
    ["a section", "gmae", "write game"],
    ["a field of a section", "game.worlds.drainSecond", "write drainSeconds"],
    ["a field below a region", "regions.us-west.gameServers.maxReplica", "write maxReplicas"],
    ["a field of a region", "regions.us-west.capacityPlayer", "write capacityPlayers"],
  ] as const) {
    it(`say what was meant by a slip in the name of ${what}`, () => {
      const mistake = onlyMistake("prod", { [path]: 1 });
      assert.equal(mistake.path, path);
      assert.equal(mistake.fix, fix);
    });
  }

  it("do not guess what was meant by a key that is like no other", () => {
    const mistake = onlyMistake("prod", { "game.worlds.zebra": 1 });
    assert.equal(mistake.fix, "remove zebra");
    assert.match(mistake.want, /drainSeconds/);
  });

  it("say which value is missing and that it has to be added", () => {
    const mistake = onlyMistake("prod", { "regions.us-west.context": undefined });
    assert.deepEqual([mistake.path, mistake.got], ["regions.us-west.context", undefined]);
    assert.equal(mistake.fix, "add regions.us-west.context");
  });

  it("say that the regions are missing", () => {
    assert.equal(onlyMistake("prod", { regions: undefined }).fix, "add regions");
  });

  it("ask for true or false where a region does not say whether it runs", () => {
    const mistake = onlyMistake("prod", { "regions.us-west.enabled": undefined });
    assert.deepEqual([mistake.path, mistake.want], ["regions.us-west.enabled", "true or false"]);
  });

  it("say why a number has its limit", () => {
    assert.match(onlyMistake("prod", { "regions.us-west.gameServers.maxReplicas": 3001 }).why ?? "", /tested to 3000/);
  });

  it("say why a number that has a default has its limit", () => {
    assert.match(onlyMistake("prod", { "game.worlds.bootSeconds": 1000 }).why ?? "", /startup probe/);
  });

  it("ask for a quantity where CPU is written as a number", () => {
    assert.match(onlyMistake("prod", { "regions.us-west.pools.worlds.cpu": 8 }).want, /CPU quantity/);
  });

  for (const [path, wrong, right] of [
    ["images.gameServer", "mmorpg/game-server:latest", "registry.example:5000/game/server:v1.2.3"],
    ["images.gameServer", "mmorpg/game-server", `game/server@sha256:${"a".repeat(64)}`],
    ["images.gameServer", "mmorpg/game-server@sha256:abc", `game/server:v1@sha256:${"0".repeat(64)}`],
    ["game.worlds.diskSize", "10G", "10Gi"],
    ["game.worlds.drainSeconds", "13m", 600],
    ["game.worlds.drainSeconds", 1.5, 15],
    ["game.worlds.groupSize", 51, 50],
    ["game.worlds.backup.schedule", "hourly", "5 * * * *"],
    ["game.logLevel", "TRACE", "WARN"],
    ["regions.us-west.zones", [], ["us-west-1a"]],
    ["regions.us-west.apiServerCidrs", ["10.0.0.0"], ["10.20.0.0/16"]],
    ["regions.us-west.latencyThresholdMs", 0, 1],
    ["regions.us-west.timeZone", "California", "America/Los_Angeles"],
    ["regions.us-west.nodeCidrs", [], ["10.20.0.0/16"]],
    ["cluster.kubernetesVersion", "1.30", "1.37"],
    ["cluster.monitoringNamespace", "m".repeat(57), "m".repeat(56)],
    ["cluster.prometheusUrl", "prometheus", "https://prometheus.example"],
    ["cluster.gatewayNamespace", "Gateway", "gateway"],
    ["cluster.storageClass.name", "Fast_SSD", "fast-ssd"],
    ["game.worlds.backup.snapshotClass", "Fast SSD", "fast-ssd"],
    ["images.pullSecret", "my registry", "my-registry"],
    ["monitoring.prometheus.replicas", 3, 1],
    ["monitoring.prometheus.retentionDays", 91, 10],
    ["monitoring.prometheus.diskSize", "80GB", "80Gi"],
    ["monitoring.prometheus.remoteWrite", [{ url: "metrics.example.com" }], [{ url: "https://metrics.example.com/" }]],
    ["monitoring.receivers.chat", { kind: "mail", secretName: "alerts" }, { kind: "webhook", secretName: "alerts" }],
    ["monitoring.receivers.chat.channel", "game-alerts", "#game"],
    ["monitoring.probes", ["api.example.com"], ["https://api.example.com/"]],
    ["monitoring.runbookUrl", "docs/runbooks", "https://runbooks.example.com"],
    ["monitoring.thresholds.memoryPercent", 101, 100],
    ["monitoring.thresholds.certificateDays", 0, 1],
    ["monitoring.grafana.diskSize", "2G", "3Gi"],
    ["monitoring.tracing.keepPercent", 101, 0.5],
    ["monitoring.tracing.storage", { kind: "cassandra" }, { kind: "volume", diskSize: "20Gi" }],
    ["monitoring.logs.keepDays", 0, 30],
    ["monitoring.logs.store", { kind: "files" }, { kind: "otlp", endpoint: "https://logs.example.com/otlp" }],
    ["monitoring.logs.playerFields", ["player id"], ["player_id"]],
  ] as const) {
    it(`refuse ${JSON.stringify(wrong)} for ${path} and take ${JSON.stringify(right)}`, () => {
      assert.ok(mistakePaths("prod", { [path]: wrong }).some((one) => one.startsWith(path)));
      assert.deepEqual(mistakePaths("prod", { [path]: right }), []);
    });
  }

  it("refuse a region name that would not fit into object names", () => {
    const longest = "a".repeat(30);
    assert.deepEqual(mistakePaths("dev", { [`regions.${longest}`]: { enabled: false } }), []);
    assert.deepEqual(mistakePaths("dev", { [`regions.${longest}a`]: { enabled: false } }), [`regions.${longest}a`]);
    assert.deepEqual(mistakePaths("dev", { "regions.EU_West": { enabled: false } }), ["regions.EU_West"]);
  });

  it("do not print a long value in full", () => {
    const error = new ConfigError("Pulumi.dev.yaml", "realmgrid", [
      { path: "game", got: "x".repeat(500), want: "less" },
    ]);
    assert.ok(error.message.length < 250, error.message);
  });
});
