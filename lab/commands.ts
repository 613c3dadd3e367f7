/** What the commands of the lab do. Each returns the exit code. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../tools/errors.ts";
import { paint } from "../tools/table.ts";
import type { Invocation } from "./command-line.ts";
import { isHealthy } from "./health.ts";
import { labRegions } from "./regions.ts";
import { loadScenario, scenarioNames } from "./scenario.ts";
import { defaultFolder, type Lab, readLab, runningProcesses, startLab, stopLab } from "./session.ts";
import { duration, type Progress } from "./tool-cache.ts";
import { optionalTools, toolSpecs } from "./tool-specs.ts";
import { resolveTool, resolveTools } from "./toolchain.ts";

/** What a command needs besides the command line. */
export interface CommandContext {
  /** Results, for standard output. */
  print: (line: string) => void;
  /** What happens meanwhile, for standard error. */
  onProgress: Progress;
  signal: AbortSignal;
}

/** Finds, downloads or builds every tool that the lab runs, or the named ones. */
export async function build({ args }: Invocation, { print, onProgress, signal }: CommandContext): Promise<number> {
  const known = [...toolSpecs, ...optionalTools];
  const strange = args.find((name) => known.every((spec) => spec.name !== name));
  if (strange !== undefined) {
    throw new UsageError(`unknown tool "${strange}"; want ${known.map((spec) => spec.name).join(", ")}`);
  }
  if (args.length > 0) {
    for (const spec of known.filter(({ name }) => args.includes(name))) {
      print(`${spec.name.padEnd(18)} ${await resolveTool(spec, { onProgress, signal })}`);
    }
    return 0;
  }
  const tools = await resolveTools({ onProgress, signal });
  for (const [name, path] of Object.entries(tools)) print(`${name.padEnd(18)} ${path}`);
  return 0;
}

/** Starts the regions, then deploys the stack to them. */
export async function up(invocation: Invocation, context: CommandContext): Promise<number> {
  const lab = await start(invocation, context);
  try {
    await deploy(lab, context);
  } catch (error) {
    // Whoever ends the command wants the lab to be gone; after any other failure its clusters can be looked at.
    if (context.signal.aborted) await stopLab(lab);
    throw error;
  }
  context.print(`kubeconfig ${lab.kubeconfig}, contexts ${lab.clusters.map(({ context }) => context).join(", ")}`);
  context.print(`try: npm run lab -- kubectl --stack ${lab.stack} ${lab.clusters[0]?.region} get nodes`);
  return 0;
}

/** Brings the stack's program to the running clusters with the real engine. */
async function deploy(lab: Lab, { print, onProgress, signal }: CommandContext): Promise<void> {
  signal.throwIfAborted();
  const { openStack } = await import("./stack.ts");
  const engine = await openStack(lab);
  onProgress(`pulumi up of stack ${lab.stack} with the ${engine.provider} provider`);
  const stop = () => engine.interrupt();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const { created, updated, same, seconds } = await engine.up();
    print(
      `up: ${created.length} created, ${updated.length} updated, ${same.length} the same in ${duration(seconds * 1000)} (${engine.provider} provider)`,
    );
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Shows the regions and their processes; 1 when no lab runs. */
export async function status(invocation: Invocation, { print }: CommandContext): Promise<number> {
  const folder = folderOf(invocation);
  const lab = readLab(folder);
  if (lab === undefined) {
    print(invocation.json ? JSON.stringify({ running: false, folder }) : `no lab in ${folder}`);
    return 1;
  }
  const running = runningProcesses(lab);
  const regions = await Promise.all(
    lab.clusters.map(async ({ region, context, server, folder, processes }) => ({
      region,
      context,
      server,
      ready: server !== "" && (await isHealthy(`${server}/readyz`, join(folder, "ca.crt"))),
      processes: processes.map(({ name, pid }) => {
        const runs = running.some((other) => other.pid === pid);
        return { name, pid, running: runs, memoryMiB: runs ? memoryMiB(pid) : undefined };
      }),
    })),
  );
  const all = regions.length > 0 && regions.every(({ ready, processes }) => ready && processes.every((p) => p.running));
  if (invocation.json) {
    print(
      JSON.stringify({ running: all, stack: lab.stack, folder, kubeconfig: lab.kubeconfig, regions }, undefined, 2),
    );
    return all ? 0 : 1;
  }
  print(`stack ${lab.stack} in ${folder}`);
  for (const { region, context, server, ready, processes } of regions) {
    const state = ready ? paint("green", "ready") : paint("red", "not ready");
    print(`${paint("bold", region)} ${state} ${server} context ${context}`);
    for (const { name, pid, running, memoryMiB } of processes) {
      const memory = memoryMiB === undefined ? "" : `${memoryMiB} MiB`;
      print(`  ${name.padEnd(24)} ${String(pid).padStart(8)} ${running ? memory.padStart(10) : paint("red", "ended")}`);
    }
  }
  return all ? 0 : 1;
}

/** Runs kubectl in one region and ends as it does. */
export async function kubectl(invocation: Invocation, _: CommandContext): Promise<number> {
  const lab = runningLab(invocation);
  const [region = "", ...args] = invocation.args;
  const cluster = lab.clusters.find((one) => one.region === region);
  if (cluster === undefined) {
    throw new Error(`the lab has no region "${region}"; want ${lab.clusters.map((one) => one.region).join(", ")}`);
  }
  const target = ["--kubeconfig", lab.kubeconfig, "--context", cluster.context];
  const child = spawn(lab.tools.kubectl, [...target, ...args], { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** Runs a scenario on the lab of the stack, or on one of its own when none runs. Without a name, lists them. */
export async function scenario(invocation: Invocation, context: CommandContext): Promise<number> {
  const [name, ...args] = invocation.args;
  if (name === undefined) {
    for (const known of scenarioNames()) context.print(`${known.padEnd(26)} ${(await loadScenario(known)).summary}`);
    return 0;
  }
  const { run } = await loadScenario(name);
  const { onProgress, signal } = context;
  const running = readLab(folderOf(invocation));
  if (running && runningProcesses(running).length > 0) {
    await run({ lab: running, args, onProgress, signal });
    return 0;
  }
  const lab = await start(invocation, context);
  try {
    await run({ lab, args, onProgress, signal });
    return 0;
  } finally {
    await stopLab(lab);
  }
}

/** Stops the lab and removes its folder. */
export async function down(invocation: Invocation, { print }: CommandContext): Promise<number> {
  const folder = folderOf(invocation);
  const lab = readLab(folder);
  if (lab === undefined) {
    print(`no lab in ${folder}`);
    return 0;
  }
  const count = runningProcesses(lab).length;
  await stopLab(lab);
  print(`stopped ${count} processes and removed ${folder}`);
  return 0;
}

async function start(invocation: Invocation, { onProgress, signal }: CommandContext): Promise<Lab> {
  const { stack, crds, clientQps } = invocation;
  const folder = folderOf(invocation);
  try {
    return await startLab({ stack, folder, regions: labRegions(stack), crds, clientQps, onProgress, signal });
  } catch (error) {
    // Logs of a start that failed by itself are kept for reading; an interrupted one leaves nothing.
    const left = signal.aborted ? readLab(folder) : undefined;
    if (left) await stopLab(left);
    throw error;
  }
}

function runningLab(invocation: Invocation): Lab {
  const folder = folderOf(invocation);
  const lab = readLab(folder);
  if (lab && runningProcesses(lab).length > 0) return lab;
  throw new Error(`no lab runs in ${folder}; start it with \`npm run lab -- up ${invocation.stack}\``);
}

function folderOf({ folder, stack }: Invocation): string {
  return folder ?? defaultFolder(stack);
}

/** Memory that a process holds, where the system tells it. */
function memoryMiB(pid: number): number | undefined {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return undefined;
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(file, "utf8"));
  return match ? Math.round(Number(match[1]) / 1024) : undefined;
}
