import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { parseDocument } from "yaml";
import { renderManifests } from "../../tools/offline/manifests.ts";
import { everything } from "../support/objects.ts";
import { type Ended, runTool, temporaryFolder } from "../support/programs.ts";
import { runOf } from "../support/runs.ts";

function files(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const paths = names.filter((name) => statSync(join(folder, name)).isFile()).sort();
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

describe("npm run render", () => {
  const temporary = temporaryFolder();
  const out = (name: string) => join(temporary.path, name);
  const render = (name: string, ...args: string[]) => runTool("render", ["dev", "--out", out(name), ...args]);
  const elsewhere = { TZ: "Pacific/Kiritimati", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8" };
  const ended: Record<string, Ended> = {};

  before(async function () {
    this.timeout(120_000);
    mkdirSync(out("home"));
    writeFileSync(join(out("home"), "thesis.txt"), "ten years of work");
    const calls = {
      dev: render("dev"),
      elsewhere: runTool("render", ["dev", "--out", out("elsewhere")], { environment: elsewhere }),
      nothing: render("nothing", "--check", "--json"),
      home: render("home"),
      unknown: runTool("render", ["staging", "--out", out("staging")]),
      noFolder: runTool("render", ["dev"]),
      help: runTool("render", ["--help"]),
    };
    for (const [name, call] of Object.entries(calls)) ended[name] = await call;
  });

  after(() => temporary.remove());

  function call(name: string): Ended {
    const found = ended[name];
    assert.ok(found, name);
    return found;
  }

  it("writes every object to a file of its kind and name, below its region and component", async () => {
    const { code, stdout, stderr } = call("dev");
    assert.equal(code, 0, stderr);
    const written = files(out("dev"));
    const wanted = everything(await runOf("dev"))
      .filter((one) => one.kind !== "Secret")
      .map((one) => `${one.region}/${one.component}/${one.kind}-${one.name}.yaml`);
    assert.deepEqual([...written.keys()].sort(), ["INDEX.md", ...wanted].sort());
    assert.match(stdout, new RegExp(`${written.size} files, ${written.size} new, 0 changed, 0 removed`));
  });

  it("writes objects that read back as they were planned, by both versions of YAML", async () => {
    const written = files(out("dev"));
    for (const { region, component, kind, name, resource } of everything(await runOf("dev"))) {
      if (kind === "Secret") continue;
      const text = written.get(`${region}/${component}/${kind}-${name}.yaml`) ?? "";
      assert.match(text, /^apiVersion: .+\nkind: .+\nmetadata:\n/, name);
      // kubectl and Argo CD read 1.1, where an unquoted Off is false.
      for (const version of ["1.1", "1.2"] as const) {
        const document = parseDocument(text, { version });
        assert.deepEqual(document.errors, []);
        const { spec, data, rules } = document.toJS();
        const { inputs } = resource;
        assert.deepEqual([spec, data, rules], [inputs["spec"], inputs["data"], inputs["rules"]], `${kind} ${name}`);
      }
    }
  });

  it("leaves out what only the engine's provider reads", () => {
    for (const [path, text] of files(out("dev"))) assert.doesNotMatch(text, /pulumi\.com/, path);
  });

  it("lists Secrets and never writes them", () => {
    const written = files(out("dev"));
    assert.deepEqual(
      [...written.keys()].filter((path) => path.includes("Secret-")),
      [],
    );
    assert.match(written.get("INDEX.md") ?? "", /\| Secret \| mmorpg-game \| game-server-secrets \| not written \|/);
    for (const [path, text] of written) assert.doesNotMatch(text, /^kind: Secret$/m, path);
  });

  it("lists the charts that a stack installs, since their objects are in no file", async () => {
    const index = renderManifests(await runOf("prod")).get("INDEX.md") ?? "";
    for (const chart of ["keda", "vertical-pod-autoscaler", "metrics-server"]) {
      assert.match(index, new RegExp(`\\| eu-west \\| ${chart} \\| [\\d.]+ \\|`));
    }
    assert.doesNotMatch(files(out("dev")).get("INDEX.md") ?? "", /Helm/);
  });

  it("writes the same bytes a second time", async () => {
    const again = renderManifests(await runOf("dev"));
    assert.deepEqual(new Map([...again].sort()), new Map([...files(out("dev"))].sort()));
  });

  it("writes the same bytes in another time zone and language", () => {
    assert.equal(call("elsewhere").code, 0);
    assert.deepEqual([...files(out("elsewhere"))], [...files(out("dev"))]);
  });

  it("tells with --check what somebody edited, and ends with 1", async () => {
    const path = "us-west/game/Deployment-auth-service.yaml";
    writeFileSync(join(out("elsewhere"), path), "edited: true\n");
    const [edited, fine] = [await render("elsewhere", "--check"), await render("dev", "--check")];
    assert.equal(edited.code, 1);
    assert.match(edited.stdout, new RegExp(`^changed +${path}\n`));
    assert.equal(files(out("elsewhere")).get(path), "edited: true\n");
    assert.deepEqual([fine.code, /is up to date/.test(fine.stdout)], [0, true]);
  });

  it("tells with --check what is missing where nothing was rendered yet, and writes nothing", () => {
    const { code, stdout } = call("nothing");
    assert.equal(code, 1);
    const { missing, changed, stale } = JSON.parse(stdout);
    assert.deepEqual([missing.length, changed, stale], [files(out("dev")).size, [], []]);
    assert.equal(existsSync(out("nothing")), false);
  });

  it("refuses a folder that is not an output of its own, and ends with 1", () => {
    const { code, stdout, stderr } = call("home");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /has files, but no INDEX\.md/);
    assert.deepEqual([...files(out("home"))], [["thesis.txt", "ten years of work"]]);
  });

  it("names the stacks there are when there is none of that name, and writes nothing", () => {
    const { code, stderr } = call("unknown");
    assert.equal(code, 1);
    assert.match(stderr, /There is no stack "staging": want one of dev, prod\./);
    assert.equal(existsSync(out("staging")), false);
  });

  it("shows its help and ends with 2 when it is not told where to write", () => {
    const { code, stdout, stderr } = call("noFolder");
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^--out DIR is missing\n\nnpm run render -- STACK --out DIR/);
  });

  it("explains itself with --help", () => {
    const { code, stdout } = call("help");
    assert.equal(code, 0);
    assert.match(stdout, /--check .*\n/);
  });
});
