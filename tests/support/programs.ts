/** The commands of the project as child processes. */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { projectFolder } from "../../tools/offline/stack-file.ts";

/** What a command came to. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `tools/<command>.ts` with arguments, as npm does, and waits for its end. */
export function runTool(
  command: string,
  args: readonly string[],
  options: { project?: string; environment?: Record<string, string>; input?: string } = {},
): Promise<Ended> {
  const project = options.project ?? projectFolder;
  const program = ["--import", "./tools/compile-cache.ts", `tools/${command}.ts`, ...args];
  const settings = { cwd: project, env: { ...process.env, NO_COLOR: "1", ...options.environment } };
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, program, settings, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== "number") reject(error);
      else resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
    // A command that ends before it has read everything closes its end.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input ?? "");
  });
}

/** A folder of its own for one test file. Remove it with `remove`. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "realmgrid-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Copies the program to `folder`, with stack files of the test's own beside those of the project. */
export function copyProject(folder: string, stacks: Readonly<Record<string, unknown>>): void {
  const files = ["index.ts", "package.json", "Pulumi.yaml", "Pulumi.dev.yaml"];
  for (const entry of [...files, "components", "tools", "policy-pack"]) {
    cpSync(join(projectFolder, entry), join(folder, entry), { recursive: true });
  }
  symlinkSync(join(projectFolder, "node_modules"), join(folder, "node_modules"));
  for (const [stack, content] of Object.entries(stacks)) {
    writeFileSync(join(folder, `Pulumi.${stack}.yaml`), typeof content === "string" ? content : stringify(content));
  }
}
