import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, it } from "mocha";
import { runOffline } from "../../tools/offline/host.ts";
import { projectFolder, readStackFile } from "../../tools/offline/stack-file.ts";
import { regionUrn, runningRegions, sharedOperations } from "../../tools/pipelines/canary.ts";
import { announced } from "../../tools/pipelines/pulumi.ts";

const urn = (type: string, name: string) => `urn:pulumi:prod::realmgrid::realmgrid:platform:Platform${type}::${name}`;
const service = urn("$realmgrid:region:Region$realmgrid:game:GameStack$kubernetes:core/v1:Service", "us-west-auth");
const key = urn("$random:index/randomPassword:RandomPassword", "realmgrid-session-signing-key");

const digestOf = (...steps: { op: string; urn: string }[]) =>
  JSON.stringify({ steps, changeSummary: Object.fromEntries(steps.map(({ op }) => [op, 1])) });

describe("what a pipeline calls", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "realmgrid-pipeline-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs a tool with a pulumi that writes down how it was called; `fails` is a pattern of calls that end with 1. */
  function run(tool: string, args: readonly string[], { digest = digestOf(), fails = "^$" } = {}) {
    writeFileSync(join(folder, "digest.json"), digest);
    writeFileSync(
      join(folder, "pulumi"),
      `#!/bin/sh
echo "$*" >> '${folder}/calls'
case " $* " in *" --json "*) cat '${folder}/digest.json' ;; esac
if echo "$*" | grep -Eq -e '${fails}'; then exit 1; fi
`,
    );
    chmodSync(join(folder, "pulumi"), 0o755);
    const { status, stdout, stderr } = spawnSync(process.execPath, [`tools/${tool}.ts`, ...args], {
      cwd: projectFolder,
      encoding: "utf8",
      env: { ...process.env, PATH: [folder, process.env.PATH].join(delimiter) },
      timeout: 60_000,
    });
    const log = join(folder, "calls");
    const calls = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
    return { status, output: stdout + stderr, calls: calls.map((call) => call.replace(/ --non-interactive$/, "")) };
  }

  const everything = "--policy-pack policy-pack";
  const target = `--target ${regionUrn("prod", "us-west")} --target-dependents`;
  const canary = ["prod", "--canary", "us-west", "--soak", "0"];

  it("judges everything, applies everything, looks again", () => {
    const { status, calls } = run("deploy", ["dev"]);
    assert.equal(status, 0);
    assert.deepEqual(calls, [
      `preview --stack dev --json ${everything}`,
      `up --stack dev --yes ${everything}`,
      "preview --stack dev --refresh --expect-no-changes",
    ]);
  });

  it("gives one region the change first and looks at it before the others get it", () => {
    const { status, calls } = run("deploy", canary, { digest: digestOf({ op: "update", urn: service }) });
    assert.equal(status, 0);
    assert.deepEqual(calls, [
      `preview --stack prod --json ${everything}`,
      `up --stack prod --yes ${target}`,
      `preview --stack prod --refresh --expect-no-changes ${target}`,
      `up --stack prod --yes ${everything}`,
      "preview --stack prod --refresh --expect-no-changes",
    ]);
  });

  it("touches nothing when the preview of everything fails, and shows why", () => {
    const { status, output, calls } = run("deploy", canary, { fails: "policy-pack" });
    assert.equal(status, 1);
    assert.match(output, /prod was not touched/);
    assert.deepEqual(
      calls.map((call) => call.split(" ")[0]),
      ["preview", "preview"],
    );
  });

  it("touches no other region when the first one fails, or does not stay as it was applied", () => {
    const digest = digestOf({ op: "update", urn: service });
    for (const fails of ["^up .*--target", "--expect-no-changes --target"]) {
      const { status, calls } = run("deploy", canary, { digest, fails });
      assert.equal(status, 1, fails);
      assert.ok(!calls.some((call) => call.startsWith("up") && !call.includes("--target")), fails);
      rmSync(join(folder, "calls"));
    }
  });

  it("puts no region first when what regions share changes: the engine refuses or gives it the old value", () => {
    const digest = digestOf({ op: "update", urn: service }, { op: "create", urn: key });
    const { status, output, calls } = run("deploy", canary, { digest });
    assert.equal(status, 0);
    assert.match(output, /No region first: .*create realmgrid-session-signing-key/);
    assert.ok(!calls.some((call) => call.includes("--target")));
  });

  it("refuses a region that does not run and a soak that is no time", () => {
    assert.match(run("deploy", ["prod", "--canary", "asia-pacific"]).output, /no region of prod that runs/);
    assert.equal(run("deploy", ["prod", "--soak", "soon"]).status, 2);
    assert.deepEqual(run("deploy", ["prod", "--canary", "mars"]).calls, []);
  });

  it("finds no drift where nothing differs, and writes no file", () => {
    const file = join(folder, "drift.md");
    const { status, calls } = run("drift", ["dev", "--out", file], { digest: digestOf({ op: "same", urn: service }) });
    assert.equal(status, 0);
    assert.deepEqual(calls, ["preview --stack dev --refresh --expect-no-changes --json"]);
    assert.ok(!existsSync(file));
  });

  it("names what drifted and shows no value of it", () => {
    const file = join(folder, "drift.md");
    const digest = JSON.stringify({
      changeSummary: { update: 1 },
      steps: [
        {
          op: "update",
          urn: service,
          oldState: {
            inputs: { kind: "Service", metadata: { name: "auth", namespace: "game" }, data: "canary-value" },
          },
          newState: {
            inputs: { kind: "Service", metadata: { name: "auth", namespace: "game" }, data: "canary-value" },
          },
          detailedDiff: { "spec.ports[0].port": { kind: "update", inputDiff: false } },
        },
      ],
    });
    const { status, output } = run("drift", ["prod", "--out", file], { digest, fails: "--json" });
    assert.equal(status, 1);
    const text = readFileSync(file, "utf8");
    assert.match(text, /Service game\/auth \| `spec\.ports\[0\]\.port`/);
    assert.doesNotMatch(text + output, /canary-value/);
  });

  it("calls a failure a failure: no file, so no issue that says drift", () => {
    const file = join(folder, "drift.md");
    const broken = JSON.stringify({ changeSummary: {}, diagnostics: [{ severity: "error", message: "unreachable" }] });
    for (const digest of ["", "error: no login", broken]) {
      const { status, output } = run("drift", ["dev", "--out", file], { digest, fails: "--json" });
      assert.equal(status, 1);
      assert.match(output, /cannot be compared/);
      assert.ok(!existsSync(file));
    }
  });

  it("counts as a change what the engine counts as one", () => {
    const steps = ["same", "read", "update", "refresh", "delete"].map((op) => ({ op, urn: service }));
    assert.deepEqual(
      announced(digestOf(...steps))?.map(({ op }) => op),
      ["update", "refresh", "delete"],
    );
  });

  it("knows what regions share: neither a region's own, nor the stack, nor a provider", () => {
    const others = [
      service,
      urn("$realmgrid:region:Region$pulumi:providers:kubernetes", "us-west"),
      "urn:pulumi:prod::realmgrid::pulumi:providers:random::default_4_21_2",
      "urn:pulumi:prod::realmgrid::pulumi:pulumi:Stack::realmgrid-prod",
    ];
    const all = [...others, key].map((one) => ({ op: "update", urn: one }));
    assert.deepEqual(sharedOperations(all), [{ op: "update", urn: key }]);
  });

  it("names a region as the program does", async () => {
    const { resources } = await runOffline("prod");
    const types = new Set(resources.filter(({ type }) => type === "realmgrid:region:Region").map(({ name }) => name));
    assert.deepEqual([...types].sort(), runningRegions(readStackFile("prod")).sort());
    const parents = new Map(resources.map((one) => [one.urn, one]));
    for (const one of resources.filter(({ type }) => type === "realmgrid:region:Region")) {
      assert.equal(parents.get(one.parent ?? "")?.type, "realmgrid:platform:Platform");
    }
  });
});
