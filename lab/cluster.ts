/** One region: etcd, API server, controller-manager, scheduler and kwok on free loopback ports, in a folder of its own. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeCertificates } from "./certificates.ts";
import { isHealthy } from "./health.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { kwokConfiguration } from "./kwok-config.ts";
import { freePorts } from "./ports.ts";
import { type LabProcess, type StartedProcess, startProcess, stopProcesses, tail } from "./processes.ts";
import {
  apiServerArguments,
  controllerArguments,
  etcdArguments,
  kwokArguments,
  schedulerArguments,
} from "./program-arguments.ts";
import type { Progress } from "./tool-cache.ts";
import type { Tools } from "./toolchain.ts";

/** How one region is started. */
export interface ClusterOptions {
  region: string;
  /** Name of the kubectl context. */
  context: string;
  /** Folder of this region alone; it is made and, when a start is repeated, made again. */
  folder: string;
  tools: Tools;
  /** Zones of the simulated nodes. */
  zones: readonly string[];
  /** Projects whose custom resource definitions `installCrds` puts in. */
  crds: readonly string[];
  /** Called when the API server answers and before kwok starts, which needs the kinds it plays. */
  installCrds: (kubeconfig: string) => Promise<void>;
  /**
   * Requests per second of each controller and of the scheduler. Production has the default, so times that are measured
   * for production keep it; a raised value shows what the objects themselves cost.
   * @default the programs' own: 20 for controllers, 50 for the scheduler
   */
  clientQps?: number;
  /** More kwok stage files. */
  extraStages?: readonly string[];
  onProgress: Progress;
  /** Told about each process as soon as it runs, so that it can be stopped even if this program dies. */
  onProcess: (processes: readonly LabProcess[]) => void;
  signal?: AbortSignal;
  /** Where ports come from. @default freePorts */
  ports?: (count: number) => Promise<number[]>;
}

/** A running region. */
export interface RunningCluster {
  server: string;
  /** Kubeconfig file of this region alone. */
  kubeconfig: string;
  processes: LabProcess[];
}

/** One port for each program. */
type FivePorts = [etcd: number, api: number, controllers: number, scheduler: number, kwok: number];

/** Time for a program to answer. Cold caches and two cores shared by three regions make it long. */
const startLimitMilliseconds = 180_000;
const portAttempts = 4;

/** Starts a region; when another program takes one of the chosen ports in between, it starts over with others. */
export async function startCluster(options: ClusterOptions): Promise<RunningCluster> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (!(error instanceof ProcessEnded) || !error.portTaken || attempt === portAttempts) throw error;
      options.onProgress(`${options.region}: a port was taken in between, choosing others`);
    }
  }
}

async function startOnce(options: ClusterOptions): Promise<RunningCluster> {
  const { folder, tools, region, onProgress } = options;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const processes: StartedProcess[] = [];
  const control = (program: string) => join(tools.kubeControlPlane, program);
  const start = async (name: string, program: string, args: string[], health: string) => {
    options.signal?.throwIfAborted();
    processes.push(await startProcess(name, program, args, { folder, logFile: join(folder, `${name}.log`) }));
    options.onProcess(processes.map(({ name, pid }) => ({ name, pid })));
    await waitUntilHealthy(health, name, processes, options);
  };
  try {
    await writeCertificates(folder);
    const [etcd, api, controllers, scheduler, kwok] = (await (options.ports ?? freePorts)(5)) as FivePorts;
    const server = `https://127.0.0.1:${api}`;
    const kubeconfig = writeKubeconfig(folder, options.context, server);
    const client = { folder, kubeconfig, clientQps: options.clientQps };
    await start("etcd", control("etcd"), etcdArguments(folder, etcd), `http://127.0.0.1:${etcd}/health`);
    await start("kube-apiserver", control("kube-apiserver"), apiServerArguments(folder, api, etcd), `${server}/readyz`);
    onProgress(`${region}: API server answers at ${server}`);
    await Promise.all([
      start(
        "kube-controller-manager",
        control("kube-controller-manager"),
        controllerArguments(client, controllers),
        `https://127.0.0.1:${controllers}/healthz`,
      ),
      start(
        "kube-scheduler",
        control("kube-scheduler"),
        schedulerArguments(client, scheduler),
        `https://127.0.0.1:${scheduler}/healthz`,
      ),
      options.installCrds(kubeconfig),
    ]);
    const { crds, zones, extraStages } = options;
    writeFileSync(
      join(folder, "kwok.yaml"),
      kwokConfiguration({ defaultStages: tools.kwokStages, crds, zones, extraStages }),
    );
    await start("kwok", tools.kwok, kwokArguments(client, kwok), `https://127.0.0.1:${kwok}/healthz`);
    return { server, kubeconfig, processes: processes.map(({ name, pid }) => ({ name, pid })) };
  } catch (error) {
    await stopCluster(processes, folder);
    throw error;
  }
}

/** Stops a region: first those that use the API server, then it, then etcd, so that no log fills with lost connections. */
export async function stopCluster(processes: readonly LabProcess[], folder: string): Promise<void> {
  const stores = ["kube-apiserver", "etcd"];
  await stopProcesses(
    processes.filter(({ name }) => !stores.includes(name)),
    folder,
  );
  for (const store of stores)
    await stopProcesses(
      processes.filter(({ name }) => name === store),
      folder,
    );
}

/** A process of the cluster ended while it was needed. */
export class ProcessEnded extends Error {
  /** Whether it ended because another program has its port. */
  readonly portTaken: boolean;

  constructor(region: string, process: StartedProcess) {
    const log = tail(process.logFile);
    super(`${region}: ${process.name} ended with ${process.ended()}. Its last lines (${process.logFile}):\n${log}`);
    this.portTaken = /address already in use/i.test(log);
  }
}

async function waitUntilHealthy(
  url: string,
  name: string,
  processes: readonly StartedProcess[],
  options: ClusterOptions,
): Promise<void> {
  const started = Date.now();
  const authority = join(options.folder, "ca.crt");
  for (let nextLine = 15_000; ; ) {
    options.signal?.throwIfAborted();
    const dead = processes.find((process) => process.ended() !== undefined);
    if (dead) throw new ProcessEnded(options.region, dead);
    if (await isHealthy(url, authority)) return;
    const elapsed = Date.now() - started;
    if (elapsed > startLimitMilliseconds) {
      const log = join(options.folder, `${name}.log`);
      throw new Error(
        `${options.region}: ${name} does not answer after ${startLimitMilliseconds / 1000} s. Its last lines (${log}):\n${tail(log)}`,
      );
    }
    if (elapsed > nextLine) {
      options.onProgress(`${options.region}: waiting for ${name}, ${Math.round(elapsed / 1000)} s so far`);
      nextLine += 15_000;
    }
    await sleep(200);
  }
}
