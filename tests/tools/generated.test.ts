import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { projectFolder } from "../../tools/offline/stack-file.ts";
import { configurationLeaves } from "../../tools/reference.ts";

function check(script: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, "--check"], {
    cwd: projectFolder,
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
}

describe("generated files", () => {
  it("docs/configuration.md and the schema of stack files are what the configuration schema says", () => {
    const { status, output } = check("tools/docs.ts");
    assert.equal(status, 0, output);
  });

  it("the inventories in tests/golden, and who reaches whom, are what the stacks register", () => {
    const { status, output } = check("tools/golden.ts");
    assert.equal(status, 0, output);
  }).timeout(120_000);

  it("every field of the reference says what it is, what a change does and where its value comes from", () => {
    const poor = Object.entries(configurationLeaves()).flatMap(([section, leaves]) =>
      leaves
        .filter(({ description, effect, source }) => description === "" || effect === "" || source === "")
        .map(({ path }) => `${section}.${path}`),
    );
    assert.deepEqual(poor, []);
  });
});
