import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryLock } from "../../lab/lock.ts";
import { type CachedTool, contentHash, makeOnce, toolchainFolder } from "../../lab/tool-cache.ts";

describe("tool cache", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "realmgrid-test-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const tool = (change: Partial<CachedTool> = {}): CachedTool => ({
    name: "fake",
    hash: "0123456789abcdef",
    announcement: "building fake",
    make: async (folder, run) => {
      await run("node", ["-e", "console.log('made')"], { folder, output: join(folder, "result") });
    },
    root,
    onProgress: () => undefined,
    ...change,
  });

  it("makes a tool once and finds it the second time", async () => {
    const lines: string[] = [];
    const folder = await makeOnce(tool({ onProgress: (line) => lines.push(line) }));
    assert.equal(readFileSync(join(folder, "result"), "utf8"), "made\n");
    assert.equal(lines[0], "building fake");
    assert.match(lines.at(-1) ?? "", /^fake: ready after /);
    const again = await makeOnce(tool({ make: () => assert.fail("made twice") }));
    assert.equal(again, folder);
    assert.deepEqual(readdirSync(root), ["fake-0123456789abcdef"]);
  });

  it("lets two makers at the same time make it once", async () => {
    let made = 0;
    const make: CachedTool["make"] = async (folder) => {
      made++;
      await new Promise((resolve) => setTimeout(resolve, 50));
      writeFileSync(join(folder, "result"), "");
    };
    const lines: string[] = [];
    const onProgress = (line: string) => lines.push(line);
    const [first, second] = await Promise.all([
      makeOnce(tool({ make, onProgress })),
      makeOnce(tool({ make, onProgress })),
    ]);
    assert.equal(made, 1);
    assert.equal(first, second);
    assert.ok(lines.some((line) => line.includes(`waiting for process ${process.pid}`)));
  });

  it("says how long the work has taken so far", async () => {
    const lines: string[] = [];
    const make: CachedTool["make"] = () => new Promise((resolve) => setTimeout(resolve, 60));
    await makeOnce(tool({ make, elapsedEvery: 10, onProgress: (line) => lines.push(line) }));
    assert.ok(lines.some((line) => /^fake: \d+ s so far$/.test(line)));
  });

  it("shows the end of the log when the build fails, and leaves no half-made folder", async () => {
    const make: CachedTool["make"] = (folder, run) =>
      run("node", ["-e", "console.error('no such package'); process.exit(3)"], { folder });
    await assert.rejects(makeOnce(tool({ make })), /fake: .*exit code 3\nno such package\nThe whole log is in /s);
    assert.deepEqual(readdirSync(root), ["fake-0123456789abcdef.log"]);
  });

  it("ends a build that is interrupted", async () => {
    const controller = new AbortController();
    const make: CachedTool["make"] = (folder, run) => {
      setTimeout(() => controller.abort(), 50);
      return run("sleep", ["60"], { folder });
    };
    await assert.rejects(makeOnce(tool({ make, signal: controller.signal })), { name: "AbortError" });
    assert.ok(!existsSync(join(root, "fake-0123456789abcdef")));
  });

  it("takes over the lock and the half-made folder of a maker that died", async () => {
    const folder = join(root, "fake-0123456789abcdef");
    writeFileSync(`${folder}.lock`, JSON.stringify({ pid: process.pid, started: "another start" }));
    mkdirSync(`${folder}.partial`);
    writeFileSync(join(`${folder}.partial`, "half"), "");
    await makeOnce(tool());
    assert.deepEqual(readdirSync(folder), ["result"]);
    assert.deepEqual(readdirSync(root), ["fake-0123456789abcdef"]);
  });

  it("refuses a lock whose holder lives, until it is released", () => {
    const file = join(root, "lock");
    const first = tryLock(file);
    assert.ok("release" in first);
    assert.deepEqual(tryLock(file), { heldBy: process.pid });
    first.release();
    assert.ok("release" in tryLock(file));
  });

  it("hashes content and values, not the place of the files", () => {
    const write = (folder: string, text: string) => {
      mkdirSync(join(root, folder, "module"), { recursive: true });
      const file = join(root, folder, "module", "go.mod");
      writeFileSync(file, text);
      return file;
    };
    const hash = contentHash([write("one", "a")], { flags: "x" });
    assert.match(hash, /^[0-9a-f]{16}$/);
    assert.equal(contentHash([write("two", "a")], { flags: "x" }), hash);
    assert.notEqual(contentHash([write("three", "b")], { flags: "x" }), hash);
    assert.notEqual(contentHash([write("four", "a")], { flags: "y" }), hash);
  });

  it("is where the environment says", () => {
    assert.equal(toolchainFolder({ REALMGRID_CACHE: "/one", XDG_CACHE_HOME: "/two" }), "/one/toolchain");
    assert.equal(toolchainFolder({ XDG_CACHE_HOME: "/two" }), "/two/realmgrid/toolchain");
  });
});
