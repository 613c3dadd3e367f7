import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, it } from "mocha";
import { replaceFolder } from "../../tools/offline/write-files.ts";
import { temporaryFolder } from "../support/programs.ts";
import { filesBelow, marker, tree, wholeGeneration } from "./support/trees.ts";

const loop = fileURLToPath(new URL("support/replace-loop.ts", import.meta.url));

describe("a folder whose replacement was interrupted", () => {
  let temporary: ReturnType<typeof temporaryFolder>;
  let folder = "";

  beforeEach(() => {
    temporary = temporaryFolder();
    folder = join(temporary.path, "rendered", "dev");
    replaceFolder(folder, tree(0), marker);
  });

  afterEach(() => temporary.remove());

  function put(name: string, files: ReadonlyMap<string, string>): void {
    for (const [path, text] of files) {
      const file = join(dirname(folder), name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  /** The next run, as far as it puts back what it finds: it ends before it writes anything. */
  function putBack(): void {
    class Unreadable extends Map<string, string> {
      override keys(): never {
        throw new Error("stop here");
      }
    }
    assert.throws(() => replaceFolder(folder, new Unreadable(), marker), /stop here/);
  }

  function generation(): number | undefined {
    return existsSync(folder) ? wholeGeneration(filesBelow(folder)) : undefined;
  }

  function beside(): string[] {
    return readdirSync(dirname(folder)).sort();
  }

  it("is the old one when half of the new one was written", () => {
    put(".dev-new-a1B2c3", new Map([["INDEX.md", "# Objects of"]]));
    putBack();
    assert.deepEqual([generation(), beside()], [0, ["dev"]]);
  });

  it("is the old one when it was moved away and the new one had not taken its place", () => {
    put(".dev-new-a1B2c3", tree(1));
    renameSync(folder, join(dirname(folder), ".dev-new-a1B2c3-old"));
    putBack();
    assert.deepEqual([generation(), beside()], [0, ["dev"]]);
  });

  it("is the new one when half of the old one was removed", () => {
    put(".dev-new-a1B2c3-old", new Map([...tree(7)].slice(0, 2)));
    putBack();
    assert.deepEqual([generation(), beside()], [0, ["dev"]]);
  });

  it("is replaced by a run that finishes, whatever another left", () => {
    put(".dev-new-a1B2c3", new Map([["INDEX.md", "# Objects of"]]));
    put(".dev-new-Z9y8x7-old", new Map([...tree(7)].slice(0, 2)));
    replaceFolder(folder, tree(2), marker);
    assert.deepEqual([generation(), beside()], [2, ["dev"]]);
  });

  it("is compared with what was put back, so that a run says what really changed", () => {
    renameSync(folder, join(dirname(folder), ".dev-new-a1B2c3-old"));
    const { missing, changed, stale } = replaceFolder(folder, tree(2), marker);
    assert.deepEqual([missing, changed.length, stale], [[], tree(2).size, []]);
  });

  it("touches nothing beside it that is not its own", () => {
    const others = [".dev-new-", ".dev-new-b-new-a1B2c3-old", ".dev-new-a1B2c3-older", ".prod-new-a1B2c3", "dev-old"];
    for (const name of others) put(name, tree(5));
    replaceFolder(folder, tree(2), marker);
    assert.deepEqual(beside(), [...others, "dev"].sort());
    rmSync(folder, { recursive: true });
    putBack();
    assert.equal(existsSync(folder), false, "what another folder left took its place");
  });

  it("is the old one when the new one cannot take its place: it was deleted for a failed rename", () => {
    class Vanishing extends Map<string, string> {
      override *[Symbol.iterator](): MapIterator<[string, string]> {
        yield* super.entries();
        for (const name of beside().filter((one) => one.startsWith(".dev-new-"))) {
          rmSync(join(dirname(folder), name), { recursive: true });
        }
      }
    }
    assert.throws(() => replaceFolder(folder, new Vanishing(tree(1)), marker), { code: "ENOENT" });
    assert.deepEqual([generation(), beside()], [0, ["dev"]]);
  });

  it("is whole after a kill at any moment, when the next run has put back what it found", async function () {
    this.timeout(120_000);
    const seen = { before: 0, later: 0, putBack: 0 };
    for (let kill = 0; kill < 25; kill++) {
      const child = spawn(process.execPath, [loop, folder], { stdio: ["ignore", "pipe", "inherit"] });
      const ended = once(child, "exit");
      await once(child.stdout, "data");
      await sleep(Math.random() * 40);
      child.kill("SIGKILL");
      assert.deepEqual(await ended, [null, "SIGKILL"], "it ended by itself");
      // A reader meets the whole tree or none, also before anybody has put anything back.
      if (existsSync(folder)) assert.notEqual(generation(), undefined, "half of a tree");
      else seen.putBack += 1;
      putBack();
      const found = generation();
      assert.notEqual(found, undefined, "half of a tree, or none");
      assert.deepEqual(beside(), ["dev"]);
      seen[found === 0 ? "before" : "later"] += 1;
    }
    assert.ok(seen.later > 0, `no child came as far as to replace anything: ${JSON.stringify(seen)}`);
  });
});
