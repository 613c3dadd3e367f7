/** What benchmarks share: processes, medians, and previews of the real engine. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChildMessage, ChildRequest } from "../../lab/engine-child.ts";
import { labOverrides } from "../../lab/stack.ts";
import { projectFolder, readStackFile } from "../offline/stack-file.ts";

/** One line of a report: what, how much, and what to know about it. */
export type Figure = [name: string, measured: string, note: string];

/** Runs a script as the commands of package.json do; answers its output. */
export function node(args: readonly string[]): string {
  return execFileSync(process.execPath, ["--import", "./tools/compile-cache.ts", ...args], {
    cwd: projectFolder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** Wall time of some work. */
export function milliseconds(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

/** The middle of the figures: the machine is shared and single runs are noisy. */
export function median(figures: readonly number[]): number {
  return [...figures].sort((one, other) => one - other)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

/** A time for a report. */
export function times(ms: number): string {
  return ms < 10 ? `${ms.toFixed(2)} ms` : `${ms.toFixed(0)} ms`;
}

/** A preview by the real engine: the whole process, and the operation in it without its start. */
export interface EngineFigures {
  processMs: number;
  operationMs: number;
}

/** Previews prod as a new stack whose API servers cannot be reached: only the engine is measured and no dry run. */
export function enginePreview(pulumi: string, policyPacks: string[] = []): EngineFigures {
  const folder = mkdtempSync(join(tmpdir(), "realmgrid-bench-"));
  try {
    const kubeconfig = join(folder, "kubeconfig");
    const regions = readStackFile("prod")["realmgrid:regions"] as Record<string, { context?: string }>;
    const contexts = Object.values(regions).flatMap(({ context }) => (context === undefined ? [] : [context]));
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "none", cluster: { server: "https://127.0.0.1:1" } }],
        users: [{ name: "none", user: { token: "none" } }],
        contexts: contexts.map((name) => ({ name, context: { cluster: "none", user: "none" } })),
      }),
    );
    const options = { tools: { pulumi }, kubeconfig, folder, projectFolder, stack: "prod", policyPacks };
    const request: ChildRequest = {
      options: { ...options, config: labOverrides("prod") },
      module: join(projectFolder, "index.ts"),
      operation: "preview",
    };
    const started = performance.now();
    const lines = node(["lab/engine-child.ts", JSON.stringify(request)])
      .trim()
      .split("\n");
    const processMs = performance.now() - started;
    const last = JSON.parse(lines.at(-1) ?? "{}") as ChildMessage;
    if (!("result" in last) || last.result === undefined) throw new Error(`the preview failed: ${lines.at(-1)}`);
    return { processMs, operationMs: last.result.seconds * 1000 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
