/** `npm run bench`: figures of one run on one machine, side by side. They are reported and never asserted in a test. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChildRequest } from "../lab/engine-child.ts";
import { labOverrides } from "../lab/stack.ts";
import { findTools } from "../lab/toolchain.ts";
import type { RunFigures } from "./bench-run.ts";
import { main } from "./command.ts";
import { UsageError } from "./errors.ts";
import { runOffline } from "./offline/host.ts";
import { projectFolder, readStackFile, type StackConfig } from "./offline/stack-file.ts";
import { table } from "./table.ts";

const regionCounts = [1, 2, 4, 8, 12];

/** Runs a script as the commands of package.json do; answers its output. */
function node(args: readonly string[]): string {
  return execFileSync(process.execPath, ["--import", "./tools/compile-cache.ts", ...args], {
    cwd: projectFolder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 64 * 1024 * 1024,
  });
}

function milliseconds(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

function offlineRun(regions: number): RunFigures {
  return JSON.parse(node(["tools/bench-run.ts", String(regions)])) as RunFigures;
}

/** The middle of the figures: the machine is shared and single runs are noisy. */
function median(figures: readonly number[]): number {
  return [...figures].sort((one, other) => one - other)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

/** The program's resources for a change of the prod stack. */
async function resourcesWith(change: (config: StackConfig) => void): Promise<number> {
  const config = structuredClone(readStackFile("prod"));
  change(config);
  return (await runOffline("prod", { config })).resources.length;
}

/** A preview by the real engine: the whole process, and the operation in it without its start. */
interface EngineFigures {
  processMs: number;
  operationMs: number;
}

/** A new stack whose API servers cannot be reached, so that only the engine is measured and no dry run. */
function enginePreview(pulumi: string): EngineFigures {
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
    const request: ChildRequest = {
      options: { tools: { pulumi }, kubeconfig, folder, projectFolder, stack: "prod", config: labOverrides("prod") },
      module: join(projectFolder, "index.ts"),
      operation: "preview",
    };
    const started = performance.now();
    const lines = node(["lab/engine-child.ts", JSON.stringify(request)])
      .trim()
      .split("\n");
    const processMs = performance.now() - started;
    const last = JSON.parse(lines.at(-1) ?? "{}") as { result?: { seconds: number } };
    return { processMs, operationMs: (last.result?.seconds ?? Number.NaN) * 1000 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tsc(): void {
  execFileSync(join(projectFolder, "node_modules", ".bin", "tsc"), ["-p", "."], {
    cwd: projectFolder,
    stdio: "ignore",
  });
}

await main({
  help: `npm run bench [-- --runs N] [--json]

Measures the offline program, the type check and, where the lab's Pulumi CLI has been built, the real engine's preview
of the same stack, interleaved in one run. Shares of the machine change, so read the ratios.

  --runs    runs of each figure, the median is shown (default 5)
  --json    the figures as JSON
`,
  options: { runs: { type: "string" }, json: { type: "boolean" } },
  positionals: [],
  async run({ options }) {
    const runs = Number(options.runs ?? 5);
    if (!Number.isInteger(runs) || runs < 1) throw new UsageError(`--runs: got ${options.runs}, want a number from 1`);
    const tools = await findTools();
    const byRegions = new Map<number, RunFigures[]>(regionCounts.map((regions) => [regions, []]));
    const previews: number[] = [];
    const engines: EngineFigures[] = [];
    const checks: number[] = [];
    for (let index = 0; index < runs; index += 1) {
      for (const regions of regionCounts) byRegions.get(regions)?.push(offlineRun(regions));
      previews.push(milliseconds(() => node(["tools/preview.ts", "prod"])));
      checks.push(milliseconds(tsc));
      if (tools !== undefined) engines.push(enginePreview(tools.pulumi));
      process.stderr.write(`run ${index + 1} of ${runs} done\n`);
    }
    const lines = regionCounts.map((regions) => {
      const figures = byRegions.get(regions) ?? [];
      return {
        regions,
        resources: figures[0]?.resources ?? 0,
        cpu: median(figures.map((one) => one.cpuMs)),
        wall: median(figures.map((one) => one.wallMs)),
        memory: median(figures.map((one) => one.memoryMiB)),
      };
    });
    const [first, last] = [lines[0], lines.at(-1)];
    const rows = lines.map((line) => [
      String(line.regions),
      String(line.resources),
      line.cpu.toFixed(0),
      line.wall.toFixed(0),
      line.memory.toFixed(0),
      first && line !== first ? ((line.cpu - first.cpu) / (line.resources - first.resources)).toFixed(2) : "-",
    ]);
    const header = ["regions", "resources", "CPU ms", "wall ms", "MiB", "CPU ms for each further resource"];
    const start =
      first && last
        ? first.wall - (first.resources * (last.wall - first.wall)) / (last.resources - first.resources)
        : Number.NaN;
    const base = await resourcesWith(() => {});
    const more = await resourcesWith((config) => {
      const regions = config["realmgrid:regions"] as Record<
        string,
        {
          enabled: boolean;
          gameServers: { maxReplicas: number };
          worlds: { count: number };
          pools: Record<string, { maxNodes: number }>;
        }
      >;
      for (const region of Object.values(regions).filter((one) => one.enabled)) {
        region.gameServers.maxReplicas *= 10;
        region.worlds.count = 50;
        for (const pool of Object.values(region.pools)) pool.maxNodes *= 20;
      }
    });
    const preview = median(previews);
    const times = (ms: number) => `${ms.toFixed(0)} ms`;
    const ratio = (ms: number) => `${(ms / preview).toFixed(1)} times the offline preview`;
    const engineProcess = median(engines.map((one) => one.processMs));
    const operation = median(engines.map((one) => one.operationMs));
    const figures = [
      [
        "start of the program to its first resource",
        `${start.toFixed(0)} ms`,
        "offline runs, extrapolated to no resource",
      ],
      ["npm run preview -- prod", times(preview), ""],
      ...(tools === undefined
        ? [["real engine's preview of prod", "skipped", "no Pulumi CLI: npm run lab -- build"]]
        : [
            ["real engine's preview of prod, its process", times(engineProcess), ratio(engineProcess)],
            ["the operation alone, SDK loaded, no dry run", times(operation), ratio(operation)],
          ]),
      ["tsc -p .", times(median(checks)), ""],
      [
        "resources of prod, and with 10 times the servers and worlds",
        `${base} and ${more}`,
        "a region more is what adds resources",
      ],
    ];
    if (options.json === true) {
      const named = figures.map(([figure, measured, note]) => ({ figure, measured, note }));
      process.stdout.write(`${JSON.stringify({ byRegions: lines, figures: named }, null, 2)}\n`);
      return 0;
    }
    process.stdout.write(`offline run of prod's region, copied\n${table(header, rows)}\n\n`);
    process.stdout.write(`${table(["figure", "measured", ""], figures)}\n`);
    return 0;
  },
});
