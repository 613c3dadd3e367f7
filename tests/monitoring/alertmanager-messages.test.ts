import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { until } from "../support/valkey/waiting.ts";
import { type KnownAlert, type PostedAlert, realAlertmanager, startAlertmanager } from "./support/alertmanager.ts";
import { Messages } from "./support/messages.ts";
import { Programs } from "./support/programs.ts";

/** Values that must be in files alone. */
const routingKey = "0123456789abcdef0123456789abcdef";

interface SlackMessage {
  channel: string;
  attachments: { title: string; text: string; fallback: string }[];
}

interface PagerDutyMessage {
  routing_key: string;
  event_action: string;
  payload: { summary: string; severity: string; custom_details: Record<string, string> };
}

const storeDown: PostedAlert = {
  labels: {
    alertname: "StoreDown",
    severity: "critical",
    region: "us-west",
    namespace: "mmorpg-game",
    service: "mysql-server",
  },
  annotations: {
    summary: "mysql has 2 of 3 servers",
    description: "The next loss stops every login.",
    runbook_url: "https://example.com/runbooks/store-down.md",
  },
};

describe("messages of a real Alertmanager", function () {
  this.timeout(300_000);
  let programs: Programs;
  let messages: Messages;
  let tests = 0;
  let manager: Awaited<ReturnType<typeof startAlertmanager>>;

  before(async function () {
    const server = await realAlertmanager();
    if (server === undefined) return this.skip();
    programs = new Programs();
    messages = await Messages.listen();
    manager = await startAlertmanager(programs, server, {
      receivers: {
        page: { kind: "pagerduty", secretName: "alerts", key: "pagerduty" },
        chat: { kind: "slack", secretName: "alerts", key: "slack", channel: "#game-alerts" },
        heartbeat: { kind: "webhook", secretName: "heartbeat" },
      },
      secrets: {
        "alerts/pagerduty": routingKey,
        "alerts/slack": messages.address("/slack"),
        "heartbeat/value": messages.address("/heartbeat"),
      },
      global: { pagerduty_url: messages.address("/pagerduty") },
    });
  });
  after(async () => {
    await programs?.stop();
    await messages?.close();
  });

  /** Posts alerts and answers, for each by its key, the keys of those that silence it. */
  const silencedBy = async (alerts: Readonly<Record<string, Record<string, string>>>) => {
    const test = String(++tests);
    const labels = Object.entries(alerts).map(([key, one]) => ({ region: "us-west", ...one, key, test }));
    await manager.post(labels.map((one) => ({ labels: one })));
    let known: KnownAlert[] = [];
    await until("Alertmanager has looked at every alert", async () => {
      known = (await manager.alerts()).filter((one) => one.labels["test"] === test);
      return known.length === labels.length && known.every((one) => one.status.state !== "unprocessed");
    });
    const keys = new Map(known.map((one) => [one.fingerprint, one.labels["key"] ?? ""]));
    return Object.fromEntries(
      known.map((one) => [one.labels["key"], one.status.inhibitedBy.map((by) => keys.get(by) ?? by).sort()]),
    );
  };

  it("name region, severity, summary, description and runbook, to PagerDuty and to Slack", async () => {
    await manager.post([storeDown]);
    await until("both are told", async () => messages.to("/slack").length > 0 && messages.to("/pagerduty").length > 0);
    const [slack] = messages.to<SlackMessage>("/slack");
    assert.equal(slack?.channel, "#game-alerts");
    const [attachment] = slack?.attachments ?? [];
    assert.equal(attachment?.title, "[us-west] FIRING critical: StoreDown in mmorpg-game, mysql-server");
    assert.equal(attachment?.fallback, attachment?.title);
    assert.equal(
      attachment?.text.trim(),
      [
        "firing critical: mysql has 2 of 3 servers",
        "The next loss stops every login.",
        "Runbook: https://example.com/runbooks/store-down.md",
      ].join("\n"),
    );
    const [page] = messages.to<PagerDutyMessage>("/pagerduty");
    assert.equal(page?.routing_key, routingKey);
    assert.equal(page?.event_action, "trigger");
    assert.equal(page?.payload.summary, attachment?.title);
    assert.equal(page?.payload.severity, "critical");
    const { region, severity, summary, description, runbook } = page?.payload.custom_details ?? {};
    assert.deepEqual(
      { region, severity, summary, description, runbook },
      {
        region: "us-west",
        severity: "critical",
        summary: "mysql has 2 of 3 servers",
        description: "The next loss stops every login.",
        runbook: "https://example.com/runbooks/store-down.md",
      },
    );
  });

  it("write ten of many alerts out and say how many there are", async () => {
    const many = Array.from({ length: 25 }, (_, index) => ({
      labels: { alertname: "Many", severity: "warning", region: "us-west", pod: `game-server-${index}` },
      annotations: { summary: `pod ${index}`, description: "-", runbook_url: "-" },
    }));
    await manager.post(many);
    const about = () =>
      messages
        .to<SlackMessage>("/slack")
        .flatMap((one) => one.attachments)
        .find((one) => one.title.includes("Many"));
    await until("the chat is told", async () => about() !== undefined);
    const text = about()?.text ?? "";
    assert.equal(text.match(/firing warning: pod/g)?.length, 10);
    assert.match(text, /25 alerts in all$/);
  });

  it("a critical alert silences the warning of the same name, namespace and service, and of no other", async () => {
    const one = { alertname: "VolumeFilling", namespace: "mmorpg-game", service: "mysql-server" };
    assert.deepEqual(
      await silencedBy({
        critical: { ...one, severity: "critical" },
        warning: { ...one, severity: "warning" },
        "other service": { ...one, severity: "warning", service: "redis" },
        "other namespace": { ...one, severity: "warning", namespace: "ad-platform" },
        "other name": { ...one, severity: "warning", alertname: "CertificateEnds" },
        "other region": { ...one, severity: "warning", region: "eu-central" },
      }),
      {
        critical: [],
        warning: ["critical"],
        "other service": [],
        "other namespace": [],
        "other name": [],
        "other region": [],
      },
    );
  });

  it("a node that is not ready silences warnings that name it, and nothing that names no node", async () => {
    const warning = { alertname: "NoisyPod", severity: "warning", namespace: "mmorpg-game" };
    assert.deepEqual(
      await silencedBy({
        node: { alertname: "NodeNotReady", severity: "critical", node: "worlds-1" },
        "on it": { ...warning, node: "worlds-1" },
        "on another": { ...warning, node: "worlds-2" },
        unknown: warning,
        "critical on it": { alertname: "BrokenPod", severity: "critical", node: "worlds-1" },
      }),
      { node: [], "on it": ["node"], "on another": [], unknown: [], "critical on it": [] },
    );
  });

  it("a budget that burns fast silences that it burns slowly, and no other budget", async () => {
    const budget = { namespace: "mmorpg-game", objective: "logins" };
    assert.deepEqual(
      await silencedBy({
        fast: { ...budget, alertname: "ErrorBudgetBurnsFast", severity: "critical" },
        slow: { ...budget, alertname: "ErrorBudgetBurnsSlowly", severity: "warning" },
        "another budget": { ...budget, objective: "worlds", alertname: "ErrorBudgetBurnsSlowly", severity: "warning" },
        "no budget": { namespace: "mmorpg-game", alertname: "QuotaNearlyFull", severity: "warning" },
      }),
      { fast: [], slow: ["fast"], "another budget": [], "no budget": [] },
    );
  });

  it("a node's alert without the node's name does not silence everything that has none either", async () => {
    assert.deepEqual(
      await silencedBy({
        nameless: { alertname: "NodeNotReady", severity: "critical" },
        warning: { alertname: "QuotaNearlyUsed", severity: "warning" },
      }),
      { nameless: [], warning: [] },
    );
  });

  it("a target that is down or missing does not hide the store behind it", async () => {
    const store = { namespace: "mmorpg-game", service: "mysql-server" };
    assert.deepEqual(
      await silencedBy({
        down: { ...store, alertname: "TargetDown", severity: "critical" },
        missing: { ...store, alertname: "TargetMissing", severity: "critical" },
        store: { ...store, alertname: "StoreDown", severity: "critical" },
        "store's warning": { ...store, alertname: "StoreLagging", severity: "warning" },
      }),
      { down: [], missing: [], store: [], "store's warning": [] },
    );
  });

  it("have left no secret in the log", () => {
    const log = programs.log("alertmanager");
    assert.ok(log.length > 100);
    assert.ok(!log.includes(routingKey));
    assert.ok(!log.includes(messages.address("/")));
  });
});
