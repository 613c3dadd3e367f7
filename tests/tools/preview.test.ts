import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { copyProject, type Ended, runTool, temporaryFolder } from "../support/programs.ts";
import { stackConfig } from "../support/stacks.ts";

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

  before(async () => {
    copyProject(folder.path, {
      prod: { config: stackConfig("prod") },
      broken: { config: stackConfig("dev", { "game.worlds.drainSecond": 5, "regions.us-west.context": undefined }) },
    });
    // Side by side, since most of a call's time is the start of the program.
    await Promise.all((Object.keys(calls) as (keyof typeof calls)[]).map(preview));
  });

  after(() => folder.remove());

  it("shows what a stack would create, with its sums, and ends with 0", async () => {
    const { code, stdout, stderr } = await preview("prod");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /realmgrid prod: 3 regions, \d{3} resources/);
    assert.match(stdout, /game-server-eu-west +Deployment +sessions +6\.\.60 +60 +6 +60 +126/);
    assert.match(stdout, /requests\.cpu +50 +148100m/);
    assert.match(stdout, /ok {2}\d+ resources planned .* without a cluster/);
    assert.equal(stderr, "");
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
    assert.equal(answer.regions[0].workloads.length, 8);
    assert.deepEqual(answer.warnings, ["us-west: one zone only, its loss is the loss of the region"]);
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
    assert.match(stdout, /npm run preview -- STACK \[--json\]/);
    assert.match(stdout, /Exit codes: 0 /);
  });
});
