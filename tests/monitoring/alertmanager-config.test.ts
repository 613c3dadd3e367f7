import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { stringify } from "yaml";
import { Monitoring } from "../../components/config/monitoring.ts";
import { alertmanagerSecrets, receiverWarnings } from "../../components/monitoring/alertmanager-config.ts";
import { isAlert } from "../../components/monitoring/alerts/alert.ts";
import { rulesOf } from "../../components/monitoring/rules.ts";
import { type ArchiveServer, debianArchiveServer } from "../../lab/toolchain/debian-archive.ts";
import { amtool, shippedConfig } from "./support/alertmanager.ts";
import { orSkip } from "./support/programs.ts";
import { sampleWatched } from "./support/watched.ts";

const webhook = (secretName: string) => ({ kind: "webhook", secretName });
const every = {
  page: { kind: "pagerduty", secretName: "pagerduty", key: "routing-key" },
  chat: { kind: "slack", secretName: "slack", key: "address", channel: "#game-alerts" },
  heartbeat: webhook("heartbeat"),
};

/** Sets of receivers by what they show. */
const sets: Record<string, Record<string, unknown>> = {
  "no receiver": {},
  "a webhook for each": { page: webhook("page"), chat: webhook("chat"), heartbeat: webhook("heartbeat") },
  "every kind": every,
  "Slack for each": { page: every.chat, chat: every.chat, heartbeat: every.chat },
  "PagerDuty for each": { page: every.page, chat: every.page, heartbeat: every.page },
  "a page alone": { page: every.page },
};

/** Labels of an alert, and who is told. */
const routes: [labels: Record<string, string>, receivers: string][] = [
  [{ alertname: "HighPlayerLoad", severity: "warning", namespace: "mmorpg-game" }, "chat"],
  [{ alertname: "StoreDown", severity: "critical", namespace: "mmorpg-game", service: "mysql-server" }, "page,chat"],
  // Staging wakes nobody, whatever happens there.
  [{ alertname: "StoreDown", severity: "critical", namespace: "ad-platform-staging" }, "chat"],
  [{ alertname: "Watchdog", severity: "none" }, "heartbeat"],
  // Its name decides, or a severity that somebody gives it would wake people without end.
  [{ alertname: "Watchdog", severity: "critical" }, "heartbeat"],
  [{ alertname: "Other", severity: "none" }, "chat"],
  [{ alertname: "Misspelt", severity: "critcal" }, "chat"],
  [{ alertname: "NoSeverity" }, "chat"],
];

describe("alertmanager.yml", function () {
  this.timeout(200_000);
  let server: ArchiveServer | undefined;
  let folder = "";

  const write = (receivers: Record<string, unknown>): string => {
    const file = join(folder, "alertmanager.yml");
    writeFileSync(file, stringify(shippedConfig(receivers)));
    return file;
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "realmgrid-amtool-"));
    server = await orSkip("amtool", debianArchiveServer("alertmanager"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [what, receivers] of Object.entries(sets)) {
    it(`is accepted by amtool with ${what}`, async function () {
      if (server === undefined) return this.skip();
      const output = await amtool(server, "check-config", write(receivers));
      assert.match(output, /SUCCESS/);
      assert.match(output, / - 3 inhibit rules\n - 3 receivers\n/);
    });
  }

  for (const [labels, receivers] of routes) {
    it(`tells ${receivers} of ${Object.values(labels).join(" ")}`, async function () {
      if (server === undefined) return this.skip();
      const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
      const args = ["config", "routes", "test", `--config.file=${write({})}`, `--verify.receivers=${receivers}`];
      assert.equal(await amtool(server, ...args, ...pairs), receivers);
    });
  }

  it("has a route by severity for every alert but the Watchdog", () => {
    const alerts = rulesOf(sampleWatched(), 1_000_000)
      .flatMap(({ rules }) => rules)
      .filter(isAlert);
    assert.ok(alerts.length > 30);
    const others = alerts.filter(({ severity }) => severity !== "critical" && severity !== "warning");
    assert.deepEqual(
      others.map((one) => one.alert),
      ["Watchdog"],
    );
  });

  it("reads every secret from the file that the operator mounts, and holds none itself", () => {
    const text = JSON.stringify(shippedConfig(every));
    assert.deepEqual(
      [...text.matchAll(/"(\w+_file)":"([^"]*)"/g)].map(([, field, file]) => `${field} ${file}`).sort(),
      [
        "api_url_file /etc/alertmanager/secrets/slack/address",
        "routing_key_file /etc/alertmanager/secrets/pagerduty/routing-key",
        "url_file /etc/alertmanager/secrets/heartbeat/value",
      ],
    );
    assert.doesNotMatch(text, /"(url|api_url|routing_key|service_key|credentials|password)":/);
    assert.doesNotMatch(text, /https?:/);
  });

  it("makes a receiver without an integration of one that is not configured", () => {
    assert.deepEqual(shippedConfig({}).receivers, [{ name: "page" }, { name: "chat" }, { name: "heartbeat" }]);
  });

  it("says in chat that an alert has ended, closes an incident, and wakes nobody for it", () => {
    const sends = (receivers: Record<string, unknown>) =>
      [...JSON.stringify(shippedConfig(receivers).receivers).matchAll(/"send_resolved":(\w+)/g)].map(([, on]) => on);
    assert.deepEqual(sends(sets["a webhook for each"] ?? {}), ["false", "true", "false"]);
    assert.deepEqual(sends(sets["Slack for each"] ?? {}), ["false", "true", "false"]);
    assert.deepEqual(sends(sets["PagerDuty for each"] ?? {}), ["true", "true", "false"]);
  });

  it("names each Secret once", () => {
    const shared = {
      page: { ...webhook("alerts"), key: "page" },
      chat: webhook("alerts"),
      heartbeat: webhook("a-beat"),
    };
    assert.deepEqual(alertmanagerSecrets(Monitoring.parse({ receivers: shared })), ["a-beat", "alerts"]);
    assert.deepEqual(alertmanagerSecrets(Monitoring.parse({})), []);
  });

  it("warns in one sentence for each receiver that tells nobody", () => {
    const warnings = (receivers: Record<string, unknown>) => receiverWarnings(Monitoring.parse({ receivers }));
    assert.deepEqual(warnings(every), []);
    assert.deepEqual(
      warnings({}).map((one) => /^monitoring\.receivers\.(\w+) is not set: /.exec(one)?.[1]),
      ["page", "chat", "heartbeat"],
    );
    assert.deepEqual(
      warnings({ chat: every.chat, heartbeat: webhook("heartbeat") }).map((one) => one.split(":")[0]),
      ["monitoring.receivers.page is not set"],
    );
  });

  it("warns of a heartbeat that goes to people", () => {
    const [warning, ...others] = receiverWarnings(Monitoring.parse({ receivers: { ...every, heartbeat: every.page } }));
    assert.match(
      warning ?? "",
      /heartbeat is of kind pagerduty, .*: people are told every few minutes that all is well$/,
    );
    assert.deepEqual(others, []);
  });
});
