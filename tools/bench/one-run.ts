/** One measured offline run in a process of its own: `node tools/bench/one-run.ts REGIONS`. Prints figures as JSON. */
import { runOffline } from "../offline/host.ts";
import { readStackFile, type StackConfig } from "../offline/stack-file.ts";

/** What one run took. */
export interface RunFigures {
  resources: number;
  /** CPU of the process in milliseconds, from its start. */
  cpuMs: number;
  /** Wall time from the start of the process in milliseconds. */
  wallMs: number;
  memoryMiB: number;
}

/** The prod stack with `regions` copies of its first region. */
export function manyRegions(regions: number): StackConfig {
  const config = readStackFile("prod");
  const [first] = Object.values(config["realmgrid:regions"] as Record<string, Record<string, unknown>>);
  const copies = Array.from({ length: regions }, (_, index) => [
    `region-${index}`,
    { ...first, context: `context-${index}`, worlds: { count: 5, firstWorldId: index * 1000 } },
  ]);
  return { ...config, "realmgrid:regions": Object.fromEntries(copies) };
}

const [regions] = process.argv.slice(2);
if (regions !== undefined) {
  const run = await runOffline("prod", { config: manyRegions(Number(regions)) });
  const { user, system } = process.cpuUsage();
  const figures: RunFigures = {
    resources: run.resources.length,
    cpuMs: (user + system) / 1000,
    wallMs: performance.now(),
    memoryMiB: process.memoryUsage.rss() / 2 ** 20,
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
