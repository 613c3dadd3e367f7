/**
 * Recovery after an `up` that was killed. Such an `up` leaves a lock, a state in which some creations have begun, and
 * objects in the cluster that the state does not know; the next `up` would fail with "already exists" each time.
 *
 * Nothing here is guessed: only a resource whose creation the state says has begun is adopted, only when the cluster has
 * an object of exactly that name, and only when the Kubernetes provider wrote that object. Everything else stays as it is.
 */

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { KubeConfig, type KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";

/** A resource in an exported state. */
export interface StateResource {
  urn: string;
  type: string;
  custom?: boolean;
  id?: string;
  provider?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  pendingReplacement?: boolean;
  delete?: boolean;
}

/** The part of an exported state that recovery reads and writes. */
export interface Deployment {
  resources?: StateResource[];
  pending_operations?: { resource: StateResource; type: string }[];
  [other: string]: unknown;
}

/** The stack to recover: the lab's engine, or a thin cover of the Automation API's `Stack`. */
export interface RecoverableStack {
  /** Folder of the locks of a file backend; other backends have locks that only `pulumi cancel` can remove. */
  readonly locksFolder?: string;
  /** The state of a file backend, `.pulumi/stacks/<project>/<stack>.json` below it. */
  readonly checkpoint?: string;
  exportState(): Promise<Deployment>;
  importState(deployment: Deployment): Promise<void>;
  /** Reads every resource of the state from its cluster. */
  refresh(): Promise<unknown>;
}

/** Finds a live object. The arguments of the resource's provider say in which cluster. */
export type FindObject = (object: KubernetesObject, provider: Provider) => Promise<KubernetesObject | undefined>;

/** The arguments of a Kubernetes provider as they are in the state. */
export interface Provider {
  kubeconfig?: string;
  context?: string;
}

/** One operation that had begun. */
export interface PendingOperation {
  urn: string;
  operation: string;
  /** What recovery does about it. */
  action: "adopt" | "forget" | "leave to the refresh";
  because: string;
  /** Provider's id of an object to adopt. */
  id?: string;
}

/** What recovery found and did. */
export interface Recovery {
  removedLocks: Lock[];
  operations: PendingOperation[];
}

/** Who holds the stack. */
export interface Lock {
  file: string;
  pid: number;
  host: string;
}

/** Recovers a stack. Throws, with nothing changed, where a person has to decide. */
export async function recover(stack: RecoverableStack, find: FindObject = clusterFinder()): Promise<Recovery> {
  const removedLocks = stack.locksFolder === undefined ? [] : await removeDeadLocks(stack.locksFolder);
  if (stack.checkpoint !== undefined) removeBrokenAttributes(stack.checkpoint);
  const deployment = await stack.exportState();
  const operations = await plan(deployment, find);
  if (operations.length === 0) return { removedLocks, operations };
  await stack.importState(recovered(deployment, operations));
  // The adopted resources get their outputs, and updates and deletions that had begun show how far they came.
  await stack.refresh();
  return { removedLocks, operations };
}

/** Decides what to do about each operation that had begun. */
export async function plan(deployment: Deployment, find: FindObject): Promise<PendingOperation[]> {
  const operations: PendingOperation[] = [];
  for (const { resource, type } of deployment.pending_operations ?? []) {
    operations.push({ urn: resource.urn, operation: type, ...(await decide(deployment, resource, type, find)) });
  }
  return operations;
}

async function decide(
  deployment: Deployment,
  resource: StateResource,
  operation: string,
  find: FindObject,
): Promise<Pick<PendingOperation, "action" | "because" | "id">> {
  if (operation !== "creating") {
    return { action: "leave to the refresh", because: "the resource is in the state already" };
  }
  const object = objectOf(resource);
  if (object === undefined)
    return { action: "forget", because: "it lives in the state alone, so nothing was left behind" };
  const live = await find(object, providerOf(deployment, resource));
  if (live === undefined) return { action: "forget", because: "the cluster has no such object" };
  const name = [live.metadata?.namespace, live.metadata?.name].filter((part) => part !== undefined).join("/");
  const managers = live.metadata?.managedFields?.map(({ manager }) => manager ?? "") ?? [];
  if (!managers.some((manager) => manager.startsWith("pulumi-kubernetes"))) {
    throw new Error(
      `${object.kind} ${name} exists, but was written by ${managers.join(", ") || "nobody known"} and not by Pulumi: ` +
        "give it another name or remove it, then recover again",
    );
  }
  const known = (deployment.resources ?? []).find(({ urn, delete: old }) => urn === resource.urn && old !== true);
  if (known !== undefined && known.pendingReplacement !== true) {
    throw new Error(`${resource.urn} is in the state and its replacement exists too: remove one of the two by hand`);
  }
  return { action: "adopt", because: `${object.kind} ${name} exists and was written by Pulumi`, id: name };
}

/** The state after the decisions. Pure. */
export function recovered(deployment: Deployment, operations: readonly PendingOperation[]): Deployment {
  const adopted = new Map(operations.filter(({ id }) => id !== undefined).map(({ urn, id }) => [urn, id]));
  const pending = deployment.pending_operations ?? [];
  const added = pending
    .filter(({ resource, type }) => type === "creating" && adopted.has(resource.urn))
    .map(({ resource }) => ({ ...resource, id: adopted.get(resource.urn), outputs: resource.inputs ?? {} }));
  const kept = (deployment.resources ?? []).filter(({ urn, pendingReplacement }) => {
    return !(pendingReplacement === true && adopted.has(urn));
  });
  return {
    ...deployment,
    resources: [...kept, ...added],
    pending_operations: pending.filter(({ type }) => type !== "creating"),
  };
}

/**
 * Removes attributes that a kill left half-written beside a checkpoint or its backup, and answers their files. A file
 * backend replaces a checkpoint in one step, but writes its attributes in place before that; an empty attributes file
 * makes the good checkpoint unreadable ("failed to load checkpoint: EOF"), and a missing one does no harm.
 */
export function removeBrokenAttributes(checkpoint: string): string[] {
  const folder = dirname(checkpoint);
  if (!existsSync(folder)) return [];
  const broken = readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(checkpoint)}.`) && name.endsWith(".attrs"))
    .map((name) => join(folder, name))
    .filter((file) => !isJson(file));
  for (const file of broken) rmSync(file);
  return broken;
}

function isJson(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** The locks of a stack in a file backend. */
export function readLocks(folder: string): Lock[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return names.map((name) => {
    const file = join(folder, name);
    const { pid, hostname: host } = JSON.parse(readFileSync(file, "utf8")) as { pid: number; hostname: string };
    return { file, pid, host };
  });
}

// A process that has just been killed is still there for a moment.
const dyingMs = 3000;

/** Removes locks whose process is dead. A living one, or one on another machine, is an error. */
export async function removeDeadLocks(folder: string, patienceMs = dyingMs): Promise<Lock[]> {
  const locks = readLocks(folder);
  const deadline = Date.now() + patienceMs;
  for (const { pid, host } of locks) {
    if (host !== hostname()) {
      throw new Error(`the stack is locked by process ${pid} on ${host}: look there, then run \`pulumi cancel\``);
    }
    while (isAlive(pid) && Date.now() < deadline) await sleep(100);
    if (isAlive(pid))
      throw new Error(`the stack is locked by process ${pid}, which is running: wait for it or stop it`);
  }
  for (const { file } of locks) {
    rmSync(file);
    // The file backend keeps the attributes of an object beside it.
    rmSync(`${file}.attrs`, { force: true });
  }
  return locks;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be asked, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

// The object a Kubernetes resource stands for; other resources stand for none.
function objectOf({ type, inputs }: StateResource): KubernetesObject | undefined {
  if (!type.startsWith("kubernetes:")) return undefined;
  const { apiVersion, kind, metadata } = (inputs ?? {}) as KubernetesObject;
  if (apiVersion === undefined || kind === undefined || metadata?.name === undefined) return undefined;
  return { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace } };
}

// A reference to a provider is its URN, two colons and its id.
function providerOf({ resources }: Deployment, { provider }: StateResource): Provider {
  const found = resources?.find(({ urn, id }) => provider === `${urn}::${id}`);
  if (found === undefined) throw new Error(`the state has no provider ${provider ?? "(none)"}`);
  const { kubeconfig, context } = found.inputs ?? {};
  if (typeof kubeconfig === "object" && kubeconfig !== null) {
    throw new Error(`the kubeconfig of ${found.urn} is encrypted in the state: give the provider a context instead`);
  }
  return {
    kubeconfig: typeof kubeconfig === "string" ? kubeconfig : undefined,
    context: typeof context === "string" ? context : undefined,
  };
}

/** Reads objects with the credentials of the provider's kubeconfig, else of the user's own; keeps what it has loaded. */
export function clusterFinder(): FindObject {
  const clients = new Map<string, KubernetesObjectApi>();
  return async (object, provider) => {
    const key = JSON.stringify([provider.kubeconfig, provider.context]);
    const client = clients.get(key) ?? clientOf(provider);
    clients.set(key, client);
    try {
      return await client.read({ ...object, metadata: { ...object.metadata, name: object.metadata?.name ?? "" } });
    } catch (error) {
      if ((error as { code?: number }).code === 404) return undefined;
      // A kind that the API server does not know has no objects.
      if (error instanceof Error && /unrecognized API version and kind/i.test(error.message)) return undefined;
      throw error;
    }
  };
}

/** As `clusterFinder`, for a single object. */
export const findByKubeconfig: FindObject = (object, provider) => clusterFinder()(object, provider);

function clientOf({ kubeconfig, context }: Provider): KubernetesObjectApi {
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromDefault();
  else if (/[\n{]/.test(kubeconfig)) config.loadFromString(kubeconfig);
  else config.loadFromFile(kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  return KubernetesObjectApi.makeApiClient(config);
}
