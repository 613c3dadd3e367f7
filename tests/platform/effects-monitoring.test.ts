import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { alertmanagerConfig } from "../../components/monitoring/alertmanager-config.ts";
import { documentedFields, effectOf, rolledByPrometheusOperator, said } from "../support/effects.ts";
import { comings, differences, replacements, rollingDifferences } from "../support/replacement.ts";
import { runWith } from "../support/runs.ts";
import { type Changes, configOf } from "../support/stacks.ts";

const search = { kind: "opensearch", url: "https://traces.example.com", secretName: "traces" };
const logs = { kind: "otlp", endpoint: "https://logs.example.com/otlp", secretName: "logs" };

/** A stack with everything that may be absent. */
const base: Changes = {
  "monitoring.receivers.chat": { kind: "slack", secretName: "alerts", key: "slack", channel: "#game" },
  "monitoring.prometheus.remoteWrite": [{ url: "https://metrics.example.com" }],
};
const elsewhere: Changes = { ...base, "monitoring.tracing.storage": search, "monitoring.logs.store": logs };

const none: Changes = {
  "monitoring.grafana.diskSize": "3Gi",
  "monitoring.tracing.storage.diskSize": "7Gi",
  "monitoring.logs.store.diskSize": "7Gi",
};

const inPlace: Changes = {
  "regions.us-west.nodeCidrs": ["10.1.0.0/16"],
  "cluster.kedaNamespace": "autoscaling",
  "monitoring.runbookUrl": "https://runbooks.example.com",
  "monitoring.probePublicHosts": true,
  "monitoring.probes": ["https://api.example.com/"],
  "monitoring.prometheus.remoteWrite": [{ url: "https://elsewhere.example.com" }],
  "monitoring.receivers.chat.channel": "#alerts",
  "monitoring.receivers.chat.key": "chat",
  ...Object.fromEntries(
    Object.entries({
      playersPercent: 80,
      responseTimeMs: 300,
      databaseErrors: 20,
      memoryPercent: 80,
      quotaPercent: 80,
      volumePercent: 80,
      certificateDays: 20,
    }).map(([key, value]) => [`monitoring.thresholds.${key}`, value]),
  ),
};

const inPlacePaths = [
  ...Object.keys(inPlace).filter((path) => path !== "monitoring.prometheus.remoteWrite"),
  "monitoring.prometheus.remoteWrite.[].url",
];

interface Sample {
  path: string;
  value: unknown;
  /** Where it is set, if that is another path. */
  at?: string;
  from?: Changes;
}

/** Fields that roll pods of monitoring, and which: by our own templates, or by what the Prometheus operator is told. */
const rolling: (Sample & { rolls: readonly string[] })[] = [
  // One Alertmanager alone knows no peers.
  { path: "monitoring.prometheus.replicas", value: 2, rolls: ["Alertmanager"] },
  { path: "monitoring.prometheus.retentionDays", value: 4, rolls: ["Prometheus"] },
  { path: "monitoring.prometheus.diskSize", value: "20Gi", rolls: ["Prometheus"] },
  {
    path: "monitoring.prometheus.remoteWrite",
    value: [{ url: "https://metrics.example.com", secretName: "metrics" }],
    from: {},
    rolls: ["Prometheus"],
  },
  {
    path: "monitoring.prometheus.remoteWrite.[].secretName",
    at: "monitoring.prometheus.remoteWrite",
    value: [{ url: "https://metrics.example.com", secretName: "metrics" }],
    rolls: ["Prometheus"],
  },
  ...["page", "chat", "heartbeat"].map((receiver) => ({
    path: `monitoring.receivers.${receiver}`,
    value: { kind: "webhook", secretName: "pages" },
    from: {},
    rolls: ["Alertmanager"],
  })),
  { path: "monitoring.receivers.chat.secretName", value: "other", rolls: ["Alertmanager"] },
  { path: "monitoring.grafana.passwordGeneration", value: 2, rolls: ["grafana-server"] },
  { path: "monitoring.tracing.keepPercent", value: 20, rolls: ["tracing-gateway"] },
  { path: "monitoring.tracing.slowMs", value: 400, rolls: ["tracing-gateway"] },
  { path: "monitoring.tracing.keepDays", value: 4, rolls: ["tracing-jaeger"] },
  {
    path: "monitoring.tracing.storage.url",
    value: "https://other.example.com",
    from: elsewhere,
    rolls: ["tracing-jaeger"],
  },
  { path: "monitoring.tracing.storage.secretName", value: "other", from: elsewhere, rolls: ["tracing-jaeger"] },
  { path: "monitoring.logs.keepDays", value: 5, rolls: ["logs-server"] },
  {
    path: "monitoring.logs.store.endpoint",
    value: "https://other.example.com/otlp",
    from: elsewhere,
    rolls: ["telemetry-agents"],
  },
  { path: "monitoring.logs.store.secretName", value: "other", from: elsewhere, rolls: ["telemetry-agents"] },
  { path: "monitoring.logs.playerFields", value: ["player"], rolls: ["telemetry-agents"] },
];

/** Fields by which what was kept is out of reach: where traces and logs are, and of whose kind that is. */
const dataAtRisk: Sample[] = [
  { path: "monitoring.tracing.storage", value: search },
  {
    path: "monitoring.tracing.storage.kind",
    at: "monitoring.tracing.storage",
    value: { ...search, kind: "elasticsearch" },
  },
  { path: "monitoring.logs.store", value: logs },
  { path: "monitoring.logs.store.kind", at: "monitoring.logs.store", value: { kind: "otlp", endpoint: logs.endpoint } },
];

describe("what the reference says of a change to monitoring", () => {
  it("is tried with another value for every field", () => {
    const tried = [...Object.keys(none), ...inPlacePaths, ...rolling.map(({ path }) => path)];
    tried.push(
      ...dataAtRisk.map(({ path }) => path),
      "monitoring.tracing.headPercent",
      "monitoring.receivers.chat.kind",
    );
    // Receivers are made alike.
    const same = (path: string) => path.replace(/^(monitoring\.receivers)\.(page|heartbeat)\./, "$1.chat.");
    const fields = documentedFields("monitoring");
    assert.ok(fields.length > 40);
    assert.deepEqual(
      [...new Set(fields.map(same))].filter((path) => !tried.includes(path)),
      [],
    );
  });

  it("holds where nothing running changes: claims that exist grow by hand", async () => {
    for (const path of Object.keys(none)) assert.equal(effectOf(path), "none", path);
    const [before, after] = [await runWith("dev", base), await runWith("dev", { ...base, ...none })];
    assert.deepEqual(said(differences(before, after)), []);
    assert.deepEqual(comings(before, after), { created: [], deleted: [] });
  });

  it("holds where objects change in place: no pod restarts", async () => {
    for (const path of inPlacePaths) assert.equal(effectOf(path), "in place", path);
    const [before, after] = [await runWith("dev", base), await runWith("dev", { ...base, ...inPlace })];
    assert.ok(differences(before, after).length > 20);
    assert.deepEqual(said(rollingDifferences(before, after)), []);
    assert.deepEqual(said(rolledByPrometheusOperator(before, after)), []);
    assert.deepEqual(replacements(before, after), []);
    const { created, deleted } = comings(before, after);
    assert.deepEqual(
      created.map((one) => one.split(" ")[1]),
      ["us-west-monitoring-probe-public-hosts"],
    );
    assert.deepEqual(deleted, []);
  });

  it("holds for what Alertmanager reads from its Secret, which no run shows: kind, key and channel of a receiver", () => {
    const settings = (changes: Changes) =>
      alertmanagerConfig(configOf("dev", { ...base, ...changes }).monitoring, {
        region: "us-west",
        quietNamespaces: [],
      });
    for (const [key, value] of [
      ["channel", "#alerts"],
      ["key", "chat"],
    ] as const) {
      const path = `monitoring.receivers.chat.${key}`;
      assert.equal(effectOf(path), "in place", path);
      assert.notDeepEqual(settings({ [path]: value }), settings({}), path);
    }
  });

  it("holds for the kind of a receiver whose Secret stays", async () => {
    const path = "monitoring.receivers.chat";
    assert.equal(effectOf(`${path}.kind`), "in place");
    const [before, after] = await Promise.all(
      ["webhook", "pagerduty"].map((kind) => runWith("dev", { [path]: { kind, secretName: "alerts" } })),
    );
    assert.ok(before && after);
    assert.deepEqual(said(rolledByPrometheusOperator(before, after)), []);
    assert.deepEqual(said(rollingDifferences(before, after)), []);
  });

  for (const { path, value, at = path, from = base, rolls } of rolling) {
    it(`holds for ${path}, which rolls ${rolls.join(" and ")} and nothing of game and ads`, async () => {
      assert.equal(effectOf(path), "rolling");
      const [before, after] = [await runWith("dev", from), await runWith("dev", { ...from, [at]: value })];
      const own = rollingDifferences(before, after).map(({ resource }) =>
        resource.name.replace("us-west-monitoring-", ""),
      );
      const operated = rolledByPrometheusOperator(before, after).map(({ resource }) => resource.type.split(":").at(-1));
      assert.deepEqual([...new Set([...own, ...operated])].sort(), [...rolls]);
      assert.deepEqual(
        replacements(before, after).filter((one) => one !== "us-west-monitoring-grafana-password: keepers.generation"),
        [],
      );
      assert.deepEqual(comings(before, after), { created: [], deleted: [] });
    });
  }

  it("holds for monitoring.tracing.headPercent, which everybody who sends traces is told", async () => {
    assert.equal(effectOf("monitoring.tracing.headPercent"), "rolling");
    const [before, after] = [
      await runWith("dev", base),
      await runWith("dev", { ...base, "monitoring.tracing.headPercent": 50 }),
    ];
    const rolled = new Set(rollingDifferences(before, after).map(({ resource }) => resource.name));
    // Seven of the game, three of the ads.
    assert.equal(rolled.size, 10, [...rolled].join());
    assert.deepEqual(replacements(before, after), []);
  });

  for (const { path, value, at = path } of dataAtRisk) {
    it(`holds for ${path}: what was kept stays behind on a volume that nobody reads`, async () => {
      assert.equal(effectOf(path), "data at risk");
      const { deleted } = comings(await runWith("dev", base), await runWith("dev", { ...base, [at]: value }));
      const sets = deleted.filter((one) => one.startsWith("kubernetes:apps/v1:StatefulSet "));
      assert.equal(sets.length, 1, deleted.join("\n"));
    });
  }

  it("holds for the namespace of monitoring: another one begins with nothing, and what sends traces rolls", async () => {
    const path = "cluster.monitoringNamespace";
    assert.equal(effectOf(path), "data at risk");
    const [before, after] = [await runWith("dev", base), await runWith("dev", { ...base, [path]: "watch" })];
    const gone = comings(before, after).deleted.filter((one) => one.startsWith("kubernetes:core/v1:Namespace "));
    assert.deepEqual(gone.map((one) => one.replace(/^.*-namespace-/, "")).sort(), ["monitoring", "monitoring-agents"]);
    assert.ok(replacements(before, after).includes("us-west-monitoring-prometheus-prometheus: metadata.namespace"));
    const rolled = rollingDifferences(before, after).map(({ resource }) => resource.name);
    assert.ok(rolled.includes("us-west-game-servers-deployment"));
  });

  it("holds for Prometheus where the region grows: its servers roll one by one, and their claims are left alone", async () => {
    const path = "regions.us-west.pools.worlds.maxNodes";
    assert.equal(effectOf(path), "in place");
    const [before, after] = [await runWith("dev", {}), await runWith("dev", { [path]: 60 })];
    assert.deepEqual(said(rollingDifferences(before, after)), []);
    const changed = rolledByPrometheusOperator(before, after).map((one) => one.path);
    assert.ok(changed.includes("spec.resources.requests.memory"), changed.join());
    // The operator would delete both servers for a claim of another size, and make none larger.
    assert.deepEqual(
      changed.filter((one) => one.startsWith("spec.storage")),
      [],
    );
  });
});
