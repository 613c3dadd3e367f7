import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { isAlert } from "../../../components/monitoring/alerts/alert.ts";
import { platformAlerts } from "../../../components/monitoring/alerts/platform.ts";
import { projectFolder } from "../../../tools/offline/stack-file.ts";
import { checkRules, type RuleCase, ruleCases, series, unproven } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";

const full = sampleWatched();
const watched = sampleWatched({
  targets: full.targets.filter(({ name }) => ["mysql-server", "game-server"].includes(name)),
});
const groups = platformAlerts(watched).filter(({ name }) => name === "platform-seen");

const mysql = { namespace: "mmorpg-game", service: "mysql-server" };
const gameServer = { namespace: "mmorpg-game", service: "game-server" };
const clusterExporters = ["kube-state-metrics", "kubelet", "node-exporter"];

/** `up` of some pods of a service. */
function up(labels: Readonly<Record<string, string>>, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(values.map((value, index) => [series("up", { ...labels, pod: `pod-${index}` }), value]));
}

function exporters(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((service) => [series("up", { namespace: "monitoring", service }), "1x60"]));
}

const alive = { labels: { severity: "none" }, summary: "Alerts of us-west find their way" };

const cases: RuleCase[] = [
  {
    title: "always have one that fires, so that its absence is noticed",
    series: {},
    alert: "Watchdog",
    at: { "0s": [alive], "1h": [alive] },
  },
  {
    title: "warn when more than a tenth of a service cannot be scraped",
    series: up(gameServer, ["1 0x20", "1 0x20", ...Array.from({ length: 17 }, () => "1x20")]),
    alert: "TargetDown",
    at: {
      "345s": [],
      "6m": [
        {
          labels: { ...gameServer, severity: "warning" },
          summary: "11 % of game-server in mmorpg-game cannot be scraped",
        },
      ],
    },
  },
  {
    title: "are silent about a tenth",
    series: up(gameServer, ["1 0x20", "1 0x20", ...Array.from({ length: 18 }, () => "1x20")]),
    alert: "TargetDown",
    at: { "6m": [], "15m": [] },
  },
  {
    title: "are silent about a pod that takes minutes to start",
    series: up(mysql, ["1x20", "1x20", "0x4 1x20"]),
    alert: "TargetDown",
    at: { "4m": [], "6m": [] },
  },
  {
    title: "wake somebody when nothing of a service is scraped: no series, so no other alert could see it",
    series: up(gameServer, ["1x20"]),
    alert: "TargetMissing",
    at: {
      "585s": [],
      "10m": [
        { labels: { ...mysql, severity: "critical" }, summary: "Nothing of mysql-server in mmorpg-game is scraped" },
      ],
    },
  },
  {
    title: "are silent when something is, well or not",
    series: { ...up(gameServer, ["1x20"]), ...up(mysql, ["0x20"]) },
    alert: "TargetMissing",
    at: { "10m": [], "20m": [] },
  },
  {
    title: "wake somebody when nobody says any more what Kubernetes knows of its objects",
    series: exporters(["kubelet", "node-exporter"]),
    alert: "ExporterMissing",
    at: {
      "585s": [],
      "10m": [
        {
          labels: { service: "kube-state-metrics", severity: "critical" },
          summary: "Nothing of kube-state-metrics is scraped",
        },
      ],
    },
  },
  {
    title: "are silent when all exporters of the cluster are scraped",
    series: exporters(clusterExporters),
    alert: "ExporterMissing",
    at: { "10m": [], "1h": [] },
  },
];

describe("the alerts of the platform", () => {
  const all = platformAlerts(full, { plannedSeries: 100_000 });
  const alerts = all.flatMap(({ rules }) => rules).filter(isAlert);

  checkRules(all);
  ruleCases(groups, cases);

  it("are proven, each in both ways, except the one that always fires", () => {
    assert.deepEqual(unproven(groups, cases), ["Watchdog is never silent"]);
  });

  it("have names of which each is there once", () => {
    assert.deepEqual(
      alerts.map(({ alert }) => alert).filter((name, index, names) => names.indexOf(name) !== index),
      [],
    );
  });

  it("have runbooks that are there", () => {
    const named = new Set(alerts.map(({ runbook }) => `docs/runbooks/${runbook}.md`));
    assert.deepEqual(
      [...named].filter((file) => !existsSync(join(projectFolder, file))),
      [],
    );
  });

  it("expect nothing of a target without pods", () => {
    const empty = full.targets.map((target) => ({ ...target, pods: 0 }));
    const names = platformAlerts({ ...full, targets: empty })
      .flatMap(({ rules }) => rules)
      .filter(isAlert);
    assert.ok(!names.some(({ alert }) => alert === "TargetMissing"));
    const [first, ...rest] = full.targets;
    assert.ok(first);
    const text = JSON.stringify(platformAlerts({ ...full, targets: [{ ...first, pods: 0 }, ...rest] }));
    assert.ok(!text.includes(`service=\\"${first.name}\\"})`));
  });

  it("wake nobody twice for an exporter that is a target too", () => {
    const target = {
      name: "kube-state-metrics",
      namespace: "monitoring",
      selector: { app: "x" },
      scrapes: [],
      pods: 1,
    };
    const rules = platformAlerts({ ...full, targets: [target] }).flatMap((group) => group.rules.filter(isAlert));
    const reading = rules.filter(({ expression }) => /absent\(up\{.*service="kube-state-metrics"/.test(expression));
    assert.deepEqual(
      reading.map(({ alert }) => alert),
      ["TargetMissing"],
    );
  });

  it("watch no hosts, no jobs and no plan where there are none", () => {
    const names = platformAlerts({ ...full, jobs: [], probes: [] }).flatMap(({ rules }) => rules.filter(isAlert));
    const reach = ["BackupTooOld", "DrillTooOld", "PublicHostDown", "CertificateEnds", "PrometheusSeriesAbovePlan"];
    assert.deepEqual(
      names.filter(({ alert }) => reach.includes(alert)),
      [],
    );
  });
});
