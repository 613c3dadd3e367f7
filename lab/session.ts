/** A lab: the clusters of a stack in one folder, described by `lab.json` so that another command can find and stop them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { type ClusterOptions, startCluster, stopCluster } from "./cluster.ts";
import { type CrdProject, checkProjects, defaultCrds, installCrds } from "./crds.ts";
import { mergeKubeconfigs } from "./kubeconfig.ts";
import { tryLock } from "./lock.ts";
import { coreApi, createNodes } from "./nodes.ts";
import { isOurs } from "./processes.ts";
import type { LabRegion } from "./regions.ts";
import { duration, type Progress } from "./tool-cache.ts";
import { resolveTools, type Tools } from "./toolchain.ts";

export type { Tools } from "./toolchain.ts";

/** One running region. */
export interface RegionCluster {
  region: string;
  /** Name of its context in the lab's kubeconfig. */
  context: string;
  /** Address of its API server. */
  server: string;
  /** Folder of its data and logs. */
  folder: string;
  processes: { name: string; pid: number }[];
}

/** A lab, running or left by a program that died. */
export interface Lab {
  stack: string;
  folder: string;
  /** One kubeconfig with a context for each region and no current one. */
  kubeconfig: string;
  clusters: RegionCluster[];
  tools: Tools;
}

/** How a lab is started. */
export interface LabOptions {
  stack: string;
  /** @default a folder for the stack in the system's temporary folder */
  folder?: string;
  regions: LabRegion[];
  /** Projects whose custom resource definitions are installed. @default defaultCrds */
  crds?: readonly string[];
  onProgress: Progress;
  /** Ends the start; everything that runs already is stopped. */
  signal?: AbortSignal;
  /** Requests per second of controllers and scheduler. @default the programs' own limits */
  clientQps?: number;
  /** More kwok stage files. */
  extraStages?: string[];
  /** @default resolved by the toolchain, built where needed */
  tools?: Tools;
  /** Where ports come from. @default free ports */
  ports?: ClusterOptions["ports"];
}

const LabFile = z.strictObject({
  stack: z.string(),
  folder: z.string(),
  kubeconfig: z.string(),
  clusters: z.array(
    z.strictObject({
      region: z.string(),
      context: z.string(),
      server: z.string(),
      folder: z.string(),
      processes: z.array(z.strictObject({ name: z.string(), pid: z.int().positive() })),
    }),
  ),
  tools: z.strictObject({
    kubeControlPlane: z.string(),
    kubectl: z.string(),
    kwok: z.string(),
    kwokStages: z.string(),
    pulumi: z.string(),
  }),
}) satisfies z.ZodType<Lab>;

/** The folder of a stack's lab when nobody names another. */
export function defaultFolder(stack: string): string {
  return join(tmpdir(), `realmgrid-lab-${stack}`);
}

/** Starts the regions side by side and returns when all nodes are Ready. A start that fails leaves no process. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const folder = resolve(options.folder ?? defaultFolder(options.stack));
  const crds: readonly string[] = options.crds ?? defaultCrds;
  checkProjects(crds);
  if (options.regions.length === 0) throw new Error(`stack ${options.stack} has no region to start`);
  mkdirSync(dirname(folder), { recursive: true });
  const lock = lockFolder(folder);
  try {
    await clearFolder(folder);
    const tools = options.tools ?? (await resolveTools(options));
    const started = Date.now();
    const kubeconfig = join(folder, "kubeconfig");
    const lab: Lab = { stack: options.stack, folder, kubeconfig, clusters: [], tools };
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeLab(lab);
    // The first region that fails ends the others.
    const failed = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
    const starts = options.regions.map(async (region) => {
      try {
        return await startRegion(lab, region, { ...options, crds, signal });
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    });
    await Promise.allSettled(starts);
    if (signal.aborted) {
      await stopClusters(lab);
      throw signal.reason;
    }
    mergeKubeconfigs(await Promise.all(starts), kubeconfig);
    options.onProgress(`lab of ${lab.stack} is up after ${duration(Date.now() - started)}: ${kubeconfig}`);
    return lab;
  } finally {
    lock.release();
  }
}

/** Stops every process of the lab and removes its folder. */
export async function stopLab(lab: Lab): Promise<void> {
  const lock = lockFolder(lab.folder);
  try {
    await stopClusters(lab);
    rmSync(lab.folder, { recursive: true, force: true });
  } finally {
    lock.release();
  }
}

/** The lab in a folder, undefined when there is none. */
export function readLab(folder: string): Lab | undefined {
  const file = labFile(resolve(folder));
  if (!existsSync(file)) return undefined;
  const result = LabFile.safeParse(parseJson(file));
  if (!result.success) throw new Error(`${file} does not describe a lab:\n${z.prettifyError(result.error)}`);
  return result.data;
}

/** The processes of a lab that run now. */
export function runningProcesses(lab: Lab): { region: string; name: string; pid: number }[] {
  return lab.clusters.flatMap(({ region, folder, processes }) =>
    processes.filter((process) => isOurs(process, folder)).map((process) => ({ region, ...process })),
  );
}

async function startRegion(
  lab: Lab,
  { region, context, nodes }: LabRegion,
  options: LabOptions & { crds: readonly CrdProject[] },
): Promise<string> {
  const { onProgress, signal } = options;
  const cluster: RegionCluster = { region, context, server: "", folder: join(lab.folder, region), processes: [] };
  lab.clusters.push(cluster);
  const running = await startCluster({
    ...options,
    region,
    context,
    folder: cluster.folder,
    tools: lab.tools,
    zones: [...new Set(nodes.map(({ zone }) => zone))],
    installCrds: (kubeconfig) =>
      installCrds(options.crds, { region, kubectl: lab.tools.kubectl, kubeconfig, folder: cluster.folder }, onProgress),
    // Written each time, so that `down` finds the processes even if this program is killed a moment later.
    onProcess: (processes) => {
      cluster.processes = [...processes];
      writeLab(lab);
    },
  });
  cluster.server = running.server;
  writeLab(lab);
  await createNodes(coreApi(running.kubeconfig, context), nodes, { region, onProgress, signal });
  return running.kubeconfig;
}

async function stopClusters(lab: Lab): Promise<void> {
  await Promise.all(lab.clusters.map(({ processes, folder }) => stopCluster(processes, folder)));
}

/** Only one program at a time starts or stops the lab of a folder. */
function lockFolder(folder: string): { release: () => void } {
  const lock = tryLock(`${folder}.lock`);
  if ("release" in lock) return lock;
  throw new Error(`process ${lock.heldBy} is starting or stopping a lab in ${folder} at this moment`);
}

/** Removes what a dead lab left. A running lab, and a folder that is not a lab's, are errors. */
async function clearFolder(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const old = readLab(folder);
  if (old === undefined) {
    if (readdirSync(folder).length === 0) return;
    throw new Error(`${folder} has files and is not the folder of a lab; name another one`);
  }
  const [first] = runningProcesses(old);
  if (first) {
    const who = `${first.name} of ${first.region}, process ${first.pid}`;
    throw new Error(
      `a lab of stack ${old.stack} runs in ${folder} (${who}); stop it first with \`npm run lab -- down\``,
    );
  }
  rmSync(folder, { recursive: true, force: true });
}

function labFile(folder: string): string {
  return join(folder, "lab.json");
}

function writeLab(lab: Lab): void {
  const file = labFile(lab.folder);
  writeFileSync(`${file}.new`, `${JSON.stringify(lab, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}
