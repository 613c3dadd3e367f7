/**
 * The whole way with real programs: pods -> Prometheus -> rules -> Alertmanager -> receivers. A minute of production is a
 * second here: intervals, `for`, and the times of Alertmanager are divided by one number (support/faster.ts).
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { contractMetrics, recordedMetrics, recordedQuery } from "../../components/kube/metrics.ts";
import { isAlert } from "../../components/monitoring/alerts/alert.ts";
import { rulesOf } from "../../components/monitoring/rules.ts";
import { debianServer } from "../../lab/toolchain/debian-packages.ts";
import { until } from "../support/valkey/waiting.ts";
import { realAlertmanager, startAlertmanager } from "./support/alertmanager.ts";
import { FakeExporter, type FakePod } from "./support/exporter.ts";
import { speed } from "./support/faster.ts";
import { Messages, type WebhookMessage } from "./support/messages.ts";
import { orSkip, Programs } from "./support/programs.ts";
import { startPrometheus } from "./support/prometheus.ts";
import { sampleWatched } from "./support/watched.ts";

const watched = sampleWatched();
const { namespace, servers } = watched.game;
const players = contractMetrics.activePlayers.name;
const saveAge = contractMetrics.saveAge.name;
const runbooks = "https://example.com/runbooks";

const groups = rulesOf(watched, 1_000_000);
const rules = groups.flatMap((group) => group.rules);

function gameServer(pod: string, count: number): FakePod {
  const { name } = servers;
  return { namespace, pod, container: name, service: name, kind: "game-server", values: { [players]: count } };
}

const full = gameServer("game-server-us-west-5d8f-aaaaa", 1700);
// As many as it may have, and not one more.
const nearly = gameServer("game-server-us-west-5d8f-bbbbb", 1800);
const world: FakePod = {
  namespace,
  pod: "game-world-servers-0",
  container: "game-world-server",
  service: watched.game.worldService,
  kind: "world",
  values: { [players]: 950, [saveAge]: 60 },
};

describe("metric, rule, alert and route with real programs", function () {
  this.timeout(300_000);
  let programs: Programs | undefined;
  let messages: Messages | undefined;
  let exporter: FakeExporter | undefined;
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>;
  const table: [step: string, what: string, seen: string][] = [];

  before(async function () {
    const server = await orSkip("Prometheus", debianServer("prometheus"));
    const manager = await realAlertmanager();
    if (server === undefined || manager === undefined) return this.skip();
    programs = new Programs();
    messages = await Messages.listen();
    exporter = await FakeExporter.listen([full, nearly, world]);
    const webhook = (secretName: string) => ({ kind: "webhook", secretName });
    const alertmanager = await startAlertmanager(programs, manager, {
      receivers: { page: webhook("page"), chat: webhook("chat"), heartbeat: webhook("heartbeat") },
      secrets: Object.fromEntries(
        ["page", "chat", "heartbeat"].map((name) => [`${name}/value`, messages?.address(`/${name}`) ?? ""]),
      ),
    });
    prometheus = await startPrometheus(programs, server, {
      groups,
      region: watched.region,
      runbooks,
      targets: exporter.targets(),
      alertmanagers: [alertmanager.address],
    });
  });
  after(async () => {
    await programs?.stop();
    await exporter?.close();
    await messages?.close();
    const widths = [0, 1].map((column) => Math.max(0, ...table.map((row) => row[column]?.length ?? 0)));
    for (const row of table)
      console.log(`      ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ")}`);
  });

  /** Alerts of that name in what was posted to a receiver, oldest first. */
  const told = (receiver: string, alertname: string): WebhookMessage["alerts"] =>
    (messages?.to(`/${receiver}`) ?? [])
      .flatMap((one) => one.alerts)
      .filter((one) => one.labels["alertname"] === alertname);

  const value = async (query: string): Promise<number | undefined> => {
    const series = await prometheus.query(query);
    assert.ok(series.length < 2, `${query} answers ${series.length} series`);
    return series[0] === undefined ? undefined : Number(series[0].value[1]);
  };

  it("records for a row the sum over its pods, which is what KEDA asks for", async () => {
    const query = recordedQuery("players", namespace, servers.name);
    await until("both pods are scraped", async () => (await value(query)) === 3500);
    full.values[players] = 1801;
    await until("the sum has the new player", async () => (await value(query)) === 3601);
    // The world is a row of its own.
    const ofWorlds = recordedQuery("players", namespace, watched.game.worldService);
    await until("the world has a sum too", async () => (await value(ofWorlds)) === 950);
    table.push(["metric", `${players}{pod="${full.pod}"}`, "1801"]);
    table.push(["metric", `${players}{pod="${nearly.pod}"}`, "1800"]);
    table.push([
      "rule",
      `${recordedMetrics.players}{service="${servers.name}"}`,
      `${await value(query)}, as KEDA sees it`,
    ]);
  });

  it("fires for the pod that is too full, after it was pending for the whole `for`, and for no other", async () => {
    const state = (name: string) => `ALERTS{alertname="HighPlayerLoad",alertstate="${name}"}`;
    await until("HighPlayerLoad fires", async () => (await prometheus.query(state("firing"))).length > 0);
    const first = async (name: string) => {
      const history = await prometheus.query(`${state(name)}[1h]`);
      assert.deepEqual(
        history.map(({ metric }) => metric["pod"]),
        [full.pod],
      );
      return history[0]?.values[0]?.[0] ?? 0;
    };
    const waited = (await first("firing")) - (await first("pending"));
    const rule = rules.filter(isAlert).find((one) => one.alert === "HighPlayerLoad");
    assert.ok(waited >= (rule?.forSeconds ?? 0) / speed - 0.001, `fired after ${waited} s`);
    table.push(["alert", `HighPlayerLoad, for ${rule?.forSeconds} s / ${speed}`, `pending, ${waited} s later firing`]);
  });

  it("tells the chat where it is and what to do", async () => {
    await until("the chat is told", async () => told("chat", "HighPlayerLoad").length > 0);
    const [alert] = told("chat", "HighPlayerLoad");
    assert.equal(alert?.status, "firing");
    const { instance, job, ...labels } = alert?.labels ?? {};
    assert.ok(instance && job);
    assert.deepEqual(labels, {
      alertname: "HighPlayerLoad",
      severity: "warning",
      region: watched.region,
      namespace,
      service: servers.name,
      pod: full.pod,
      container: full.container,
    });
    assert.equal(alert?.annotations["summary"], `${full.pod} has 1801 players of at most 2000`);
    assert.equal(alert?.annotations["runbook_url"], `${runbooks}/players-overload.md`);
    table.push(["route", "chat", `firing: ${alert?.annotations["summary"]}`]);
  });

  it("tells page and chat of what is critical", async () => {
    world.values[saveAge] = watched.game.worldSaveSeconds + 1;
    const both = () => ["page", "chat"].every((receiver) => told(receiver, "WorldNotSaving").length > 0);
    await until("both are told", async () => both());
    const [alert] = told("page", "WorldNotSaving");
    assert.deepEqual(
      [alert?.labels["severity"], alert?.labels["pod"], alert?.labels["region"]],
      ["critical", world.pod, watched.region],
    );
    table.push(["route", "page and chat", `firing: ${alert?.annotations["summary"]}`]);
  });

  it("calls the heartbeat again and again, with the Watchdog alone, which nobody else hears of", async () => {
    await until("the heartbeat was called three times", async () => told("heartbeat", "Watchdog").length >= 3);
    const all = (messages?.to("/heartbeat") ?? []).flatMap((one) => one.alerts);
    assert.ok(all.every((one) => one.labels["alertname"] === "Watchdog" && one.status === "firing"));
    assert.deepEqual([...told("chat", "Watchdog"), ...told("page", "Watchdog")], []);
    table.push(["route", "heartbeat", `Watchdog, ${all.length} calls so far`]);
  });

  it("says in chat that it is over when players have left", async () => {
    full.values[players] = 1700;
    const ended = () => told("chat", "HighPlayerLoad").filter((one) => one.status === "resolved");
    await until("the chat hears of the end", async () => ended().length > 0);
    assert.equal(ended()[0]?.labels["pod"], full.pod);
    const query = recordedQuery("players", namespace, servers.name);
    await until("the sum has fallen too", async () => (await value(query)) === 3500);
    table.push(["route", "chat", `resolved: HighPlayerLoad of ${full.pod}`]);
  });

  it("has woken nobody for a warning", () => {
    const severities = (messages?.to("/page") ?? []).flatMap((one) =>
      one.alerts.map(({ labels }) => labels["severity"]),
    );
    assert.deepEqual([...new Set(severities)], ["critical"]);
    assert.deepEqual(told("page", "HighPlayerLoad"), []);
    table.push(["route", "page", "nothing of HighPlayerLoad"]);
  });

  it("evaluates every rule without a fault", async () => {
    const seen = await prometheus.rules();
    assert.equal(seen.length, rules.length);
    assert.deepEqual(
      seen.filter(({ health }) => health !== "ok").map(({ name, lastError }) => `${name}: ${lastError}`),
      [],
    );
  });
});
