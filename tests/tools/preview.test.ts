import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { copyProject, type Ended, runTool, temporaryFolder } from "../support/programs.ts";
import { planOf, stackConfig } from "../support/stacks.ts";

describe("npm run preview", () => {
  const folder = temporaryFolder();
  const calls = {
    prod: ["prod"],
    json: ["dev", "--json"],
    broken: ["broken"],
    unknown: ["nowhere"],
    nothing: [],
    slip: ["dev", "--jsn"],
    help: ["--help"],
  } as const;
  const ended = new Map<string, Promise<Ended>>();

  function preview(call: keyof typeof calls): Promise<Ended> {
    const known = ended.get(call) ?? runTool("preview", calls[call], { project: folder.path });
    ended.set(call, known);
    return known;
  }

  // A program with one line of its hardening taken back.
  const careless = temporaryFolder();

  before(async function () {
    this.timeout(120_000);
    copyProject(careless.path, {});
    const hardening = join(careless.path, "components/kube/security.ts");
    const text = readFileSync(hardening, "utf8");
    const weakened = text.replace("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true");
    assert.notEqual(weakened, text);
    writeFileSync(hardening, weakened);
    copyProject(folder.path, {
      prod: { config: stackConfig("prod") },
      broken: { config: stackConfig("dev", { "game.worlds.drainSecond": 5, "regions.us-west.context": undefined }) },
    });
    // Side by side, since most of a call's time is the start of the program.
    await Promise.all((Object.keys(calls) as (keyof typeof calls)[]).map(preview));
  });

  after(() => {
    folder.remove();
    careless.remove();
  });

  it("shows what a stack would create, with its sums, and ends with 0", async () => {
    const { code, stdout, stderr } = await preview("prod");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /realmgrid prod: 3 regions, \d{4} resources/);
    assert.match(stdout, /game-server-eu-west +Deployment +sessions +6\.\.60 +60 +6 +54 +120/);
    const [eu] = planOf("prod").regions.filter((one) => one.name === "eu-west");
    const need = eu?.namespaces[0].quota.find((line) => line.resource === "requests.cpu")?.need ?? 0;
    assert.ok(need > 120_000, "120 game servers of one core are not even counted");
    assert.match(stdout, new RegExp(`requests\\.cpu +50 +(${need}m|${need / 1000}) `));
    assert.match(stdout, /^ok {2}policies: \d+ rules over \d{3,4} objects: \d+ violated, \d+ undecidable$/m);
    assert.match(stdout, /ok {2}\d+ resources planned .* without a cluster/);
    assert.equal(stderr, "");
  });

  it("says what the policies refuse, where, and that an up would stop, and ends with 1", async () => {
    const { code, stdout, stderr } = await runTool("preview", ["dev"], { project: careless.path });
    assert.deepEqual([code, stderr], [1, ""]);
    assert.match(stdout, /mandatory pod-security\/privilege-escalation {2}fix: /);
    assert.match(
      stdout,
      /us-west {2}StatefulSet mmorpg-game\/game-world-servers spec\.template\.spec\.\S+: container "/,
    );
    const found = /^refused {2}policies: .*: (\d+) violated, .*; (\d+) findings would stop an up$/m.exec(stdout);
    assert.ok(Number(found?.[2]) >= 9, "one finding for each container");
    assert.ok(Number(found?.[1]) >= Number(found?.[2]));
  });

  it("colours nothing where nobody looks at a terminal", async () => {
    assert.equal((await preview("prod")).stdout.includes("\u001b"), false);
  });

  it("prints one JSON document with --json, warnings included", async () => {
    const { code, stdout } = await preview("json");
    assert.equal(code, 0);
    const answer = JSON.parse(stdout);
    assert.equal(answer.stack, "dev");
    assert.deepEqual(Object.keys(answer.outputs.regions), ["us-west"]);
    assert.ok(answer.resources > 50);
    const names = (list: readonly { namespace: string; workloads: readonly { name: string }[] }[]) =>
      list.map(({ namespace, workloads }) => [namespace, ...workloads.map((one) => one.name)]);
    assert.deepEqual(names(answer.regions[0].namespaces), names(planOf("dev").regions[0]?.namespaces ?? []));
    const counts = names(answer.regions[0].namespaces).map(([namespace, ...workloads]) => [
      namespace,
      workloads.length,
    ]);
    // Prometheus, Alertmanager, two exporters, Grafana, the gateway, Jaeger and Loki; two agents.
    assert.deepEqual(counts.slice(2), [
      ["monitoring", 8],
      ["monitoring-agents", 2],
    ]);
    for (const [, count] of counts.slice(0, 2)) assert.ok(Number(count) > 8);
    assert.deepEqual(
      counts.map(([namespace]) => namespace),
      ["mmorpg-game", "ad-platform-staging", "monitoring", "monitoring-agents"],
    );
    const { objects, mandatory, violated, undecidable, findings } = answer.policies;
    assert.ok(objects > 80 && objects <= answer.resources);
    assert.deepEqual([mandatory, violated + undecidable], [0, findings.length]);
    assert.deepEqual(answer.warnings, [
      "us-west: one zone only, its loss is the loss of the region",
      ...["data.backups", "ads.staging.backups"].map(
        (path) => `${path}: kept on a volume of the same cluster, so they save from mistakes and not from its loss`,
      ),
      "monitoring.receivers.page is not set: a critical alert wakes nobody",
      "monitoring.receivers.chat is not set: nobody reads warnings, nor that an alert has ended",
      "monitoring.receivers.heartbeat is not set: when Prometheus or Alertmanager stops, nobody is told",
    ]);
  });

  it("lists every mistake of a stack file without a stack trace, and ends with 1", async () => {
    const { code, stdout, stderr } = await preview("broken");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^Pulumi\.broken\.yaml has 2 mistakes\. Nothing was applied\./);
    assert.match(stderr, /realmgrid:regions\.us-west\.context\n {4}got {3}nothing/);
    assert.match(stderr, /realmgrid:game\.worlds\.drainSecond\n {4}got {3}5\n/);
    assert.match(stderr, /fix {3}write drainSeconds/);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });

  it("names the stacks there are when there is none of that name, and ends with 1", async () => {
    const { code, stdout, stderr } = await preview("unknown");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.equal(stderr, 'There is no stack "nowhere": want one of broken, dev, prod.\n');
  });

  for (const call of ["nothing", "slip"] as const) {
    it(`shows its help and ends with 2 when called with "${calls[call].join(" ")}"`, async () => {
      const { code, stdout, stderr } = await preview(call);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, /npm run preview -- STACK/);
      assert.doesNotMatch(stderr, /^\s+at /m);
    });
  }

  it("explains itself and its exit codes with --help", async () => {
    const { code, stdout, stderr } = await preview("help");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /npm run preview -- STACK \[--json \| --markdown/);
    assert.match(stdout, /Exit codes: 0 /);
  });
});
