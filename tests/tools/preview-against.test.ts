import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { projectFolder } from "../../tools/offline/stack-file.ts";
import { copyProject, type Ended, runTool, temporaryFolder } from "../support/programs.ts";
import { stackConfig } from "../support/stacks.ts";

/** A repository of its own with the project as it is here, so that nothing is committed where people work. */
function repository(folder: string): (...args: string[]) => string {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, encoding: "utf8" });
  const stack = readFileSync(join(projectFolder, "Pulumi.prod.yaml"), "utf8");
  copyProject(folder, { prod: stack });
  cpSync(join(projectFolder, "lab/provider"), join(folder, "lab/provider"), { recursive: true });
  git("init", "--quiet", "--initial-branch=main");
  // A link, which the project's own "node_modules/" does not mean.
  writeFileSync(join(folder, ".git/info/exclude"), "node_modules\n");
  return git;
}

function commit(git: (...args: string[]) => string, message: string): void {
  const who = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid", "-c", "commit.gpgsign=false"];
  git("add", "--all");
  git(...who, "commit", "--quiet", `--message=${message}`);
}

describe("npm run preview -- --against", () => {
  const project = temporaryFolder();
  const temporary = temporaryFolder();
  const file = (name: string) => join(project.path, name);
  const ended: Record<string, Ended> = {};
  let status = "";

  function change(name: string, from: string, to: string): void {
    const text = readFileSync(file(name), "utf8");
    assert.ok(text.includes(from), `${name} has no ${from}`);
    writeFileSync(file(name), text.replace(from, to));
  }

  before(async function () {
    this.timeout(240_000);
    mkdirSync(join(temporary.path, "tmp"));
    const environment = { TMPDIR: join(temporary.path, "tmp") };
    const preview = (...args: string[]) => runTool("preview", args, { project: project.path, environment });
    const git = repository(project.path);
    const program = readFileSync(file("index.ts"), "utf8");
    writeFileSync(file("index.ts"), 'throw new Error("half a thought");\n');
    commit(git, "a program that does not run");
    writeFileSync(file("index.ts"), program);
    commit(git, "the program");
    // Twenty servers more, and as many connections as before, since 80 x 2 x 4 are more than MySQL takes.
    change("Pulumi.prod.yaml", "{minReplicas: 6, maxReplicas: 60}", "{minReplicas: 6, maxReplicas: 80}");
    change("Pulumi.prod.yaml", "mysql: {instances: 3,", "mysql: {pools: {gameServers: 3}, instances: 3,");
    writeFileSync(file("Pulumi.fresh.yaml"), JSON.stringify({ config: stackConfig("dev") }));
    status = git("status", "--porcelain");
    const page = join(temporary.path, "page.html");
    const [text, comment] = await Promise.all([
      preview("prod", "--against", "HEAD", "--html", page),
      preview("prod", "--against", "HEAD", "--markdown"),
    ]);
    Object.assign(ended, { text: await preview("prod", "--against", "HEAD"), page: text, comment });
    ended["json"] = await preview("dev", "--against", "main", "--json");
    ended["fresh"] = await preview("fresh", "--against", "HEAD", "--markdown");
    ended["unknown"] = await preview("dev", "--against", "no-such-branch");
    ended["option"] = await preview("dev", "--against=--upload-pack=touch");
    ended["broken"] = await preview("dev", "--against", "HEAD~1");
    assert.equal(git("status", "--porcelain"), status, "the repository is as it was");
    assert.equal(git("worktree", "list").trim().split("\n").length, 1);
  });

  after(() => {
    project.remove();
    temporary.remove();
  });

  function call(name: string): Ended {
    const found = ended[name];
    assert.ok(found, name);
    return found;
  }

  it("shows twenty game servers more as a larger maximum and a larger quota, and nothing replaced", () => {
    const { code, stdout, stderr } = call("text");
    assert.deepEqual([code, stderr], [0, ""]);
    const changes = stdout.slice(stdout.indexOf("what changes against HEAD"));
    assert.match(
      changes,
      /changed +ScaledObject mmorpg-game\/game-server-eu-west +eu-west +spec\.maxReplicaCount 60 -> 80\n/,
    );
    assert.match(changes, /changed +ResourceQuota mmorpg-game\/\S+ +eu-west +.*spec\.hard\.pods \d+ -> \d+/);
    assert.doesNotMatch(changes, /replaced|removed|added/);
  });

  it("shows what the change needs and is granted, and the nodes for it", () => {
    const { stdout } = call("text");
    assert.match(stdout, /eu-west +pool sessions +pods at peak 120 -> 160; nodes needed \d+ -> \d+\n/);
    assert.match(stdout, /eu-west +mmorpg-game: requests\.cpu +needed \S+ -> \S+; granted \S+ -> \S+\n/);
    assert.doesNotMatch(stdout, /us-east +mmorpg-game: requests\.cpu/);
  });

  it("says of a file's content and of a pod's environment that they changed, and no more", () => {
    const { stdout } = call("comment");
    assert.match(stdout, /`ConfigMap mmorpg-game\/region-config` \| [^|]* \| `data\["regions.yaml"\]` changed \|/);
    assert.match(
      stdout,
      /new pods<br>`spec\.template\.spec\.containers\["game-server"\]\.env\.MYSQL_POOL_SIZE\.value` changed/,
    );
  });

  it("tells the same in a comment and on a page", () => {
    assert.match(call("comment").stdout, /### What changes against `HEAD`\n\n\d+ changed \(commit `[0-9a-f]{9}`\)/);
    assert.match(call("comment").stdout, /`spec\.maxReplicaCount` 60 -> 80/);
    assert.match(call("comment").stdout, /Nothing is replaced or removed\./);
    assert.equal(call("page").code, 0, call("page").stderr);
    const page = readFileSync(join(temporary.path, "page.html"), "utf8");
    assert.match(page, /<code>spec\.maxReplicaCount<\/code> 60 -&gt; 80/);
  });

  it("has nothing to tell of a stack that does not change", () => {
    const { changes } = JSON.parse(call("json").stdout);
    assert.deepEqual([changes.revision, changes.objects, changes.figures], ["main", [], []]);
    assert.match(changes.commit, /^[0-9a-f]{40}$/);
  });

  it("shows everything as new where the revision has no such stack", () => {
    const { code, stdout, stderr } = call("fresh");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\d+ added \(commit/);
    assert.match(stdout, /_the revision has no stack of this name: everything is new_/);
    assert.doesNotMatch(stdout, /\*\*(replaced|removed)\*\*/);
  });

  it("names a revision that git does not know, and takes none for an option", () => {
    for (const name of ["unknown", "option"]) {
      const { code, stdout, stderr } = call(name);
      assert.deepEqual([code, stdout], [1, ""], name);
      assert.match(stderr, /^--against \S+: git knows no such commit \(a shallow clone has to fetch it first\): /);
      assert.doesNotMatch(stderr, /^\s+at /m);
    }
  });

  it("says that the program of the revision does not run, and why", () => {
    const { code, stdout, stderr } = call("broken");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(
      stderr,
      /^--against HEAD~1: the program of [0-9a-f]{9} does not run beside these packages\.\n\nhalf a thought\n$/,
    );
  });

  it("leaves nothing in the folder for temporary files", () => {
    const left = readdirSync(join(temporary.path, "tmp")).filter((name) => name.startsWith("realmgrid-"));
    assert.deepEqual(left, []);
  });
});
