/** What scenarios share: the program under test, its engine, and the objects that its state says it owns. */

import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { KubernetesObject } from "@kubernetes/client-node";
import { projectFolder } from "../../../tools/offline/stack-file.ts";
import { clusterFinder, type StateResource } from "../../../tools/recovery.ts";
import { table as textTable } from "../../../tools/table.ts";
import { type Engine, openEngine } from "../../engine.ts";
import { type ChildMessage, type ChildRequest, programOf } from "../../engine-child.ts";
import type { OperationResult } from "../../operation-result.ts";
import type { ScenarioContext } from "../../scenario.ts";
import { contentChangesOf, labOverrides, policyPack } from "../../stack.ts";

/** A program that scenarios deploy. */
export interface ProgramSource {
  /** Path of the module that is the program. */
  module: string;
  /** Folder with `Pulumi.yaml` and the stack files. */
  projectFolder: string;
  stack: string;
  /** Values that take the place of those in the stack file. */
  config?: Record<string, unknown>;
  /** Folders of policy packs that judge every preview and every `up`. */
  policyPacks?: string[];
  /** Files with the settings of these packs, in the same order. */
  policyPackConfigs?: string[];
  /** Changes of config that reach nothing but ConfigMaps and Secrets, for `no-replace`. */
  contentChanges?: { what: string; config: Record<string, unknown> }[];
}

/** What the scenarios of this folder get: the lab, and the program where it is not the platform itself. */
export type DeployContext = ScenarioContext & { program?: ProgramSource };

/** The program of the context, else the platform with the stack of the lab. */
export function sourceOf({ program, lab }: DeployContext): ProgramSource {
  if (program !== undefined) return program;
  const config = labOverrides(lab.stack);
  const contentChanges = contentChangesOf(lab.stack);
  const module = join(projectFolder, "index.ts");
  return { module, projectFolder, stack: lab.stack, config, policyPacks: [policyPack], contentChanges };
}

type Overrides = Record<string, unknown>;

function optionsOf(context: DeployContext, config: Overrides): ChildRequest["options"] {
  const { lab } = context;
  const source = sourceOf(context);
  return {
    tools: lab.tools,
    kubeconfig: lab.kubeconfig,
    folder: join(lab.folder, "engine"),
    projectFolder: source.projectFolder,
    stack: source.stack,
    config: { ...source.config, ...config },
    policyPacks: source.policyPacks,
    policyPackConfigs: source.policyPackConfigs,
  };
}

/** Opens the engine with the program of the context. */
export async function openProgram(context: DeployContext, config: Overrides = {}): Promise<Engine> {
  return openEngine({ ...optionsOf(context, config), program: programOf(sourceOf(context).module) });
}

/** An `up` in a process group of its own. */
export interface ChildRun {
  /** Ends with the result, or undefined when it was killed. Rejects when it failed. */
  done: Promise<OperationResult | undefined>;
  /** Kills the child with the CLI and the plugins, as a machine that loses power would. */
  kill(): void;
}

/** Starts an `up` that can be killed; `onStep` hears of every step as it begins and as it ends. */
export function startUp(
  context: DeployContext,
  onStep: (step: { op: string; urn: string; done: boolean }) => void,
): ChildRun {
  const request: ChildRequest = {
    options: optionsOf(context, {}),
    module: sourceOf(context).module,
    operation: "up",
  };
  const script = join(import.meta.dirname, "..", "..", "engine-child.ts");
  const child = spawn(process.execPath, [script, JSON.stringify(request)], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let last: ChildMessage | undefined;
  let stderr = "";
  let isKilled = false;
  child.stderr.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString("utf8")).slice(-4000);
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = JSON.parse(line) as ChildMessage;
    if ("step" in message) onStep(message.step);
    else last = message;
  });
  const done = new Promise<OperationResult | undefined>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => {
      if (isKilled) resolve(undefined);
      else if (last !== undefined && "result" in last && !("failed" in last)) resolve(last.result);
      else
        reject(new Error(last !== undefined && "failed" in last ? last.failed : `the engine said nothing:\n${stderr}`));
    });
  });
  const kill = () => {
    if (isKilled || child.pid === undefined || child.exitCode !== null) return;
    isKilled = true;
    process.kill(-child.pid, "SIGKILL");
  };
  return { done, kill };
}

/** An object of the program, as the state knows it. */
export interface OwnedObject {
  urn: string;
  id: string;
  inputs: KubernetesObject & { spec?: Record<string, unknown>; data?: Record<string, unknown> };
  /** Context of the cluster that holds it. */
  context: string;
}

/** The Kubernetes objects in the state of the engine. */
export async function ownedObjects(engine: Engine): Promise<OwnedObject[]> {
  const { resources = [] } = await engine.exportState();
  const contexts = new Map(resources.map(({ urn, id, inputs }) => [`${urn}::${id}`, String(inputs?.context ?? "")]));
  return resources.filter(isObject).map(({ urn, id = "", inputs, provider = "" }) => {
    return { urn, id, inputs: inputs as OwnedObject["inputs"], context: contexts.get(provider) ?? "" };
  });
}

function isObject({ type }: StateResource): boolean {
  return type.startsWith("kubernetes:");
}

/** The objects, of those given, that are in the cluster now. */
export async function present(context: DeployContext, objects: readonly OwnedObject[]): Promise<OwnedObject[]> {
  const { kubeconfig } = context.lab;
  const find = clusterFinder();
  const found: OwnedObject[] = [];
  for (const object of objects) {
    const live = await find(object.inputs, { kubeconfig, context: object.context || undefined });
    if (live !== undefined) found.push(object);
  }
  return found;
}

const run = promisify(execFile);

/** Does by kubectl what a person would do by hand. */
export async function kubectl(context: DeployContext, cluster: string, ...args: string[]): Promise<string> {
  const { tools, kubeconfig } = context.lab;
  const { stdout } = await run(tools.kubectl, ["--kubeconfig", kubeconfig, "--context", cluster, ...args], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** Throws what a scenario found wrong. */
export function expect(condition: boolean, problem: () => string): void {
  if (!condition) throw new Error(problem());
}

/** Throws when a run did anything but what is allowed. */
export function expectOnly(result: OperationResult, allowed: readonly (keyof Changes)[]): void {
  const { created, updated, replaced, deleted } = result;
  for (const [name, urns] of Object.entries({ created, updated, replaced, deleted })) {
    if (allowed.includes(name as keyof Changes)) continue;
    expect(urns.length === 0, () => {
      const what = urns.map((urn) => `${urn.split("::").at(-1)} (${(result.differences[urn] ?? []).join(", ")})`);
      return `${result.kind}: ${name} ${what.join("; ")}, wanted nothing ${name}`;
    });
  }
}

type Changes = Pick<OperationResult, "created" | "updated" | "replaced" | "deleted">;

/** Shows rows in columns. */
export function table(
  context: DeployContext,
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  const cells = rows.map((row) => row.map(String));
  for (const line of textTable(head, cells, "").split("\n")) context.onProgress(line);
}
