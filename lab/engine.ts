/** Drives the real Pulumi engine for the lab: state, plugins and passphrase in one folder, the user's files untouched. */

import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import {
  type EngineEvent,
  type GlobalOpts,
  LocalWorkspace,
  PulumiCommand,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation/index.js";
import { parse, stringify } from "yaml";
import { type Deployment, type RecoverableStack, readLocks } from "../tools/recovery.ts";
import { type OperationResult, ResultCollector } from "./operation-result.ts";

/** Which provider serves the resources: the official plugins, or the lab's own where those are missing. */
export type ProviderKind = "official" | "loopback";

/** How an engine is opened. */
export interface EngineOptions {
  tools: { pulumi: string };
  kubeconfig: string;
  /** Where state, plugins and logs go. */
  folder: string;
  /** Folder with `Pulumi.yaml` and the stack files. */
  projectFolder: string;
  stack: string;
  program: PulumiFn;
  /** Values that take the place of those in the stack file, by full key such as `realmgrid:regions`. */
  config?: Record<string, unknown>;
  /** Folders of policy packs. */
  policyPacks?: string[];
  /** Files with the settings of these packs, in the same order. */
  policyPackConfigs?: string[];
}

/** How an `up` runs. */
export interface UpOptions {
  /** Fail when anything would change. */
  expectNoChanges?: boolean;
  /** Read the clusters before comparing. */
  refresh?: boolean;
  onEvent?: (event: EngineEvent) => void;
}

/** An operation that failed, with what it did before that. */
export class EngineError extends Error {
  readonly result: OperationResult;
  constructor(message: string, result: OperationResult, cause: unknown) {
    super(message, { cause });
    this.result = result;
  }
}

/** One stack of the real engine. */
export interface Engine extends RecoverableStack {
  readonly provider: ProviderKind;
  preview(): Promise<OperationResult>;
  up(options?: UpOptions): Promise<OperationResult>;
  refresh(): Promise<OperationResult>;
  destroy(): Promise<OperationResult>;
  /** Removes the lock of an update, whoever holds it. */
  cancel(): Promise<void>;
  /** Asks the running command to stop after the resources it is working on. */
  interrupt(): void;
  /** Ends the running command at once, as a crash would. */
  kill(): void;
}

const passphrase = "lab";

/** Opens the stack, and creates it when it is new. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const folders = {
    work: join(options.folder, "work"),
    state: join(options.folder, "state"),
    home: join(options.folder, "home"),
    plugins: join(options.folder, "plugins"),
    cli: join(options.folder, "cli"),
  };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const project = writeProject(options, folders.work);
  const { provider, path } = preparePlugins(folders.plugins);
  const pulumiCommand = await commandIn(folders.cli, options.tools.pulumi);
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: options.stack, projectName: project, program: options.program },
    {
      workDir: folders.work,
      pulumiHome: folders.home,
      pulumiCommand,
      envVars: {
        PULUMI_BACKEND_URL: `file://${folders.state}`,
        PULUMI_CONFIG_PASSPHRASE: passphrase,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        KUBECONFIG: options.kubeconfig,
        PATH: path,
      },
    },
  );
  const locksFolder = join(folders.state, ".pulumi", "locks", "organization", project, options.stack);
  const checkpoint = join(folders.state, ".pulumi", "stacks", project, `${options.stack}.json`);
  return new StackEngine({ ...options, stack, provider, locksFolder, checkpoint });
}

type OpenedStack = Pick<EngineOptions, "kubeconfig" | "policyPacks" | "policyPackConfigs"> & {
  stack: Stack;
  provider: ProviderKind;
  locksFolder: string;
  checkpoint: string;
};

class StackEngine implements Engine {
  readonly provider: ProviderKind;
  readonly locksFolder: string;
  readonly checkpoint: string;
  readonly #stack: Stack;
  readonly #policies: { policyPacks: string[]; policyPackConfigs?: string[] };
  readonly #kubeconfig: string;
  #running: AbortController | undefined;

  constructor(parts: OpenedStack) {
    this.#stack = parts.stack;
    this.provider = parts.provider;
    this.locksFolder = parts.locksFolder;
    this.checkpoint = parts.checkpoint;
    this.#policies = { policyPacks: parts.policyPacks ?? [], policyPackConfigs: parts.policyPackConfigs };
    this.#kubeconfig = parts.kubeconfig;
  }

  preview(): Promise<OperationResult> {
    return this.#run("preview", (common) => this.#stack.preview({ ...common, ...this.#policies }));
  }

  up(options: UpOptions = {}): Promise<OperationResult> {
    const { expectNoChanges, refresh, onEvent } = options;
    return this.#run(
      "up",
      (common) => this.#stack.up({ ...common, expectNoChanges, refresh, ...this.#policies }),
      onEvent,
    );
  }

  refresh(): Promise<OperationResult> {
    return this.#run("refresh", (common) => this.#stack.refresh(common));
  }

  destroy(): Promise<OperationResult> {
    return this.#run("destroy", (common) => this.#stack.destroy(common));
  }

  async exportState(): Promise<Deployment> {
    return (await this.#stack.exportStack()).deployment as Deployment;
  }

  async importState(deployment: Deployment): Promise<void> {
    const { version } = await this.#stack.exportStack();
    await this.#stack.importStack({ version, deployment });
  }

  async cancel(): Promise<void> {
    await this.#stack.cancel();
  }

  interrupt(): void {
    this.#running?.abort();
  }

  kill(): void {
    // The lock names the process of the running command.
    const [lock] = readLocks(this.locksFolder);
    if (lock !== undefined) process.kill(lock.pid, "SIGKILL");
  }

  async #run(
    kind: OperationResult["kind"],
    work: (common: GlobalOpts & { onEvent: (event: EngineEvent) => void; signal: AbortSignal }) => Promise<unknown>,
    onEvent?: (event: EngineEvent) => void,
  ): Promise<OperationResult> {
    if (this.#running !== undefined) throw new Error("the engine runs one operation at a time");
    const collector = new ResultCollector(kind, this.provider);
    this.#running = new AbortController();
    // The program runs in this process, and the SDK gives its KUBECONFIG to every provider that names no file: a cluster
    // of the user's must never be reached from here.
    const shellKubeconfig = process.env.KUBECONFIG;
    process.env.KUBECONFIG = this.#kubeconfig;
    try {
      await work({
        color: "never",
        suppressProgress: true,
        signal: this.#running.signal,
        onEvent: (event) => {
          collector.add(event);
          onEvent?.(event);
        },
      });
      return collector.result();
    } catch (error) {
      const result = collector.result();
      const why = error instanceof Error ? error.message : String(error);
      const said = result.errors.length > 0 ? result.errors.join("\n") : why;
      throw new EngineError(`${kind} failed: ${said}`, result, error);
    } finally {
      this.#running = undefined;
      if (shellKubeconfig === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = shellKubeconfig;
    }
  }
}

// The user's files are read, never used in place: the engine writes its salt into the stack file it is given.
function writeProject(options: EngineOptions, folder: string): string {
  const { name } = read(join(options.projectFolder, "Pulumi.yaml"));
  if (typeof name !== "string") throw new Error(`${join(options.projectFolder, "Pulumi.yaml")} has no name`);
  // The program is given as a function, so what the project says about files, packages and CLI version has no place here.
  writeFileSync(join(folder, "Pulumi.yaml"), stringify({ name, runtime: "nodejs" }));
  const file = `Pulumi.${options.stack}.yaml`;
  const own = join(folder, file);
  const salt = existsSync(own) ? read(own).encryptionsalt : undefined;
  const { config } = read(join(options.projectFolder, file));
  const values = { ...(typeof config === "object" ? config : {}), ...options.config };
  const locked = Object.entries(values).filter(([, value]) => /"secure":/.test(JSON.stringify(value) ?? ""));
  if (locked.length > 0) {
    const keys = locked.map(([key]) => key).join(", ");
    throw new Error(`${file}: ${keys}: encrypted, and the lab has no passphrase for it: give other values by "config"`);
  }
  // Values encrypted with the salt of an earlier run are in the state, so the salt stays.
  writeFileSync(
    own,
    stringify(salt === undefined ? { config: values } : { encryptionsalt: salt, config: values }, { version: "1.1" }),
  );
  return name;
}

function read(file: string): Record<string, unknown> {
  const value: unknown = parse(readFileSync(file, "utf8"));
  if (typeof value !== "object" || value === null) throw new Error(`${file} is empty`);
  return value as Record<string, unknown>;
}

const launchers = join(import.meta.dirname, "provider", "bin");
const pluginNames = ["pulumi-resource-kubernetes", "pulumi-resource-random", "pulumi-analyzer-policy-nodejs"];

/** Puts the lab's own plugins on the PATH where the official ones are missing. */
function preparePlugins(folder: string): { provider: ProviderKind; path: string } {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...installedPlugins()].filter((entry) => entry !== "");
  const official = pluginNames.filter((name) => folders.some((entry) => existsSync(join(entry, name))));
  for (const name of pluginNames) {
    rmSync(join(folder, name), { force: true });
    if (!official.includes(name)) symlinkSync(join(launchers, name), join(folder, name));
  }
  return {
    provider: official.includes("pulumi-resource-kubernetes") ? "official" : "loopback",
    path: [folder, ...folders].join(delimiter),
  };
}

// Plugins that the user's own CLI has downloaded, in the versions of the SDKs that the program uses.
function installedPlugins(): string[] {
  const plugins = join(process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"), "plugins");
  return ["kubernetes", "random"].map((name) => {
    const file = new URL(import.meta.resolve(`@pulumi/${name}/package.json`));
    const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
    return join(plugins, `resource-${name}-v${version}`);
  });
}

// The Automation API takes the folder of an installation, and the lab has a single file.
async function commandIn(folder: string, pulumi: string): Promise<PulumiCommand> {
  mkdirSync(join(folder, "bin"), { recursive: true });
  rmSync(join(folder, "bin", "pulumi"), { force: true });
  symlinkSync(pulumi, join(folder, "bin", "pulumi"));
  return PulumiCommand.get({ root: folder });
}
