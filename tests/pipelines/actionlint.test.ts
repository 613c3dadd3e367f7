import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "mocha";
import { actionlintSpec } from "../../lab/tool-specs.ts";
import { resolveTool } from "../../lab/toolchain.ts";
import { projectFolder } from "../../tools/offline/stack-file.ts";
import { workflowPaths } from "./files.ts";

/** The program, built with Go where PATH and the cache have none; a sentence where it cannot be had. */
async function actionlint(): Promise<{ program: string } | string> {
  try {
    const folder = await resolveTool(actionlintSpec, {
      onProgress: () => undefined,
      signal: AbortSignal.timeout(150_000),
    });
    return folder === undefined ? "it is nowhere" : { program: join(folder, "actionlint") };
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  }
}

describe("actionlint", () => {
  it("finds nothing wrong in the workflows: expressions, contexts, inputs of actions, rights", async function () {
    const found = await actionlint();
    if (typeof found === "string") {
      console.warn(`      SKIPPED: actionlint cannot be had: ${found}`);
      this.skip();
    }
    // Other linters that may or may not be on this machine would make the verdict depend on it.
    const args = ["-no-color", "-shellcheck=", "-pyflakes=", ...workflowPaths];
    const { status, stdout, stderr } = spawnSync(found.program, args, { cwd: projectFolder, encoding: "utf8" });
    assert.equal(status, 0, stdout + stderr);
  }).timeout(180_000);
});
