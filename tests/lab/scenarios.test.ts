import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findTools } from "../../lab/toolchain.ts";
import { projectFolder } from "../../tools/offline/stack-file.ts";

/**
 * Scenarios of the dev stack, with fewer moments of `recover` than by hand. `scaling` and `drain` are run by hand: they
 * wait for the pace of real controllers.
 */
const calls = [["refused"], ["up"], ["no-replace"], ["data-changes"], ["kill-tenth", "7"], ["recover", "2"]];

/** Runs a scenario as a user would, in a lab folder of its own. */
function runScenario(folder: string, words: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ["lab/main.ts", "scenario", ...words, "--folder", folder], {
    cwd: projectFolder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += String(chunk)));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}

describe("scenarios of the dev stack on a real API server", function () {
  this.timeout(1_800_000);
  let folder = "";

  before(async function () {
    const why =
      (await findTools()) === undefined
        ? "the lab's tools are not built; run `npm run lab -- build`"
        : process.env["LAB_CRDS"] || process.env["REALMGRID_LAB_DOWNLOAD"] === "1"
          ? undefined
          : "LAB_CRDS names no folder with definitions, and REALMGRID_LAB_DOWNLOAD=1 does not allow to download them";
    if (why !== undefined) {
      console.warn(`    SKIPPED: ${calls.map(([name]) => name).join(", ")}, because ${why}`);
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), "realmgrid-scenarios-"));
  });

  after(() => {
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  for (const words of calls) {
    it(words.join(" "), async () => {
      const { code, output } = await runScenario(join(folder, words[0] ?? ""), words);
      assert.equal(code, 0, output);
    });
  }
});
