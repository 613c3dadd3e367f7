/** Figures of the program: offline runs by size, the preview, the type check, the real engine beside them. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { runOffline } from "../offline/host.ts";
import { projectFolder, readStackFile, type StackConfig } from "../offline/stack-file.ts";
import { table } from "../table.ts";
import { type EngineFigures, enginePreview, type Figure, median, milliseconds, node, times } from "./engine.ts";
import type { RunFigures } from "./one-run.ts";

const regionCounts = [1, 2, 4, 8, 12];

function offlineRun(regions: number): RunFigures {
  return JSON.parse(node(["tools/bench/one-run.ts", String(regions)])) as RunFigures;
}

/** The program's resources for a change of the prod stack. */
async function resourcesWith(change: (config: StackConfig) => void): Promise<number> {
  const config = structuredClone(readStackFile("prod"));
  change(config);
  return (await runOffline("prod", { config })).resources.length;
}

function tsc(): void {
  execFileSync(join(projectFolder, "node_modules", ".bin", "tsc"), ["-p", "."], {
    cwd: projectFolder,
    stdio: "ignore",
  });
}

/** Measures; `pulumi` is the real CLI, where there is one. */
export async function benchProgram(
  runs: number,
  pulumi: string | undefined,
): Promise<{ figures: Figure[]; byRegions: object[]; text: string }> {
  const byRegions = new Map<number, RunFigures[]>(regionCounts.map((regions) => [regions, []]));
  const previews: number[] = [];
  const engines: EngineFigures[] = [];
  const checks: number[] = [];
  for (let index = 0; index < runs; index += 1) {
    for (const regions of regionCounts) byRegions.get(regions)?.push(offlineRun(regions));
    previews.push(milliseconds(() => node(["tools/preview.ts", "prod"])));
    checks.push(milliseconds(tsc));
    if (pulumi !== undefined) engines.push(enginePreview(pulumi));
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
  const ratio = (ms: number) => `${(ms / preview).toFixed(1)} times the offline preview`;
  const engineProcess = median(engines.map((one) => one.processMs));
  const operation = median(engines.map((one) => one.operationMs));
  const figures: Figure[] = [
    [
      "start of the program to its first resource",
      `${start.toFixed(0)} ms`,
      "offline runs, extrapolated to no resource",
    ],
    ["npm run preview -- prod", times(preview), ""],
    ...(pulumi === undefined
      ? ([["real engine's preview of prod", "skipped", "no Pulumi CLI: npm run lab -- build"]] as Figure[])
      : ([
          ["real engine's preview of prod, its process", times(engineProcess), ratio(engineProcess)],
          ["the operation alone, SDK loaded, no dry run", times(operation), ratio(operation)],
        ] as Figure[])),
    ["tsc -p .", times(median(checks)), ""],
    [
      "resources of prod, and with 10 times the servers and worlds",
      `${base} and ${more}`,
      "a region more is what adds resources",
    ],
  ];
  return {
    figures,
    byRegions: lines,
    text: `offline run of prod's region, copied\n${table(header, rows)}\n\n`,
  };
}
