// The lab's stand-in for the official Kubernetes provider, for machines where that one cannot be downloaded. It follows
// the official rules (what replaces what, what is awaited, who owns which field), so that what the lab shows is what
// production would do. It is for the lab alone.
import { isGone, Objects } from "./apply.ts";
import { NotReadyError, Waiter } from "./await.ts";
import { ApiClient, ApiError, UnreachableError } from "./client.ts";
import { compare, isWithin, parsePropertyPath, propertyPath } from "./diff.ts";
import { type Kind, NoSuchKindError } from "./kinds.ts";
import { loadConnection } from "./kubeconfig.ts";
import { runPlugin } from "./plugin.ts";
import { replacingChanges, replacingFields, takesSameName } from "./replacement.ts";
import {
  type DiffResult,
  type EngineLog,
  type Failure,
  InitialisationError,
  type Operation,
  type ResourceProvider,
  type StoredResource,
} from "./resource-provider.ts";
import { diffSettings, readSettings, type Settings } from "./settings.ts";
import {
  containsUnknown,
  isObject,
  isUnknown,
  type JsonObject,
  keepSecrets,
  plainObject,
  secret,
  textAt,
} from "./values.ts";

// Cluster-wide kinds that a preview must know before it can ask an API server.
const clusterWide = new Set(
  (
    "Namespace Node PersistentVolume ClusterRole ClusterRoleBinding StorageClass PriorityClass IngressClass RuntimeClass " +
    "CustomResourceDefinition APIService ValidatingWebhookConfiguration MutatingWebhookConfiguration GatewayClass " +
    "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ClusterIssuer"
  ).split(" "),
);

/** The provider behind `pulumi-resource-kubernetes`. */
export class KubernetesProvider implements ResourceProvider {
  readonly version = "4.34.2";
  readonly #cancel = new AbortController();
  #settings: Settings | undefined;
  #defaultNamespace = "default";
  #cluster: { objects: Objects; waiter: Waiter } | undefined;
  #unreachableBecause = "the provider is not configured";

  diffConfig(before: JsonObject, after: JsonObject): DiffResult {
    return diffSettings(before, after);
  }

  async configure(inputs: JsonObject, log: EngineLog): Promise<void> {
    const settings = readSettings(inputs);
    this.#settings = settings;
    if (!settings.isKnown) {
      this.#unreachableBecause = "which cluster is meant is not known yet";
      return;
    }
    try {
      const connection = loadConnection(settings.kubeconfig, settings.context);
      this.#defaultNamespace = settings.namespace ?? connection.namespace;
      const client = new ApiClient(connection, (message) => log("warning", message));
      await client.send({ method: "GET", path: "/version" });
      const objects = new Objects(client);
      this.#cluster = { objects, waiter: new Waiter(objects, this.#cancel.signal) };
    } catch (error) {
      // A preview works without a cluster; everything else ends with this reason.
      this.#unreachableBecause = error instanceof Error ? error.message : String(error);
    }
  }

  async check({ type, inputs }: Operation): Promise<{ inputs: JsonObject; failures: Failure[] }> {
    const failures: Failure[] = [];
    if (/^kubernetes:helm\.sh\//.test(type)) {
      throw new Error("the loopback provider cannot run Helm: set the add-on to install: existing");
    }
    const metadata = plainObject(isObject(inputs.metadata) ? inputs.metadata : {});
    const name = metadata.name;
    if (name === undefined || name === "") {
      const reason = "wanted a fixed name: the loopback provider makes no names, since every object here has one";
      failures.push({ property: "metadata.name", reason });
    }
    if (isUnknown(inputs.metadata) || metadata.namespace !== undefined) return { inputs, failures };
    const isNamespaced = await this.#isNamespaced(inputs);
    if (!isNamespaced) return { inputs, failures };
    const given = isObject(inputs.metadata) ? inputs.metadata : {};
    return { inputs: { ...inputs, metadata: { ...given, namespace: this.#defaultNamespace } }, failures };
  }

  async diff({ inputs, oldInputs, oldOutputs, ignoreChanges }: Operation): Promise<DiffResult> {
    const before = plainObject(Object.keys(oldInputs).length > 0 ? oldInputs : oldOutputs);
    const after = plainObject(inputs);
    const ignored = ignoreChanges.map(parsePropertyPath);
    const changes = compare(before, after).filter(({ path }) => !ignored.some((prefix) => isWithin(path, prefix)));
    const modes = {
      configMaps: this.#settings?.configMapsMutable ?? false,
      secrets: this.#settings?.secretsMutable ?? false,
    };
    const replacing = new Set(replacingChanges(before, after, changes, replacingFields(after, modes)));
    const detailed = changes.map((change) => {
      return [propertyPath(change.path), { kind: change.kind, replaces: replacing.has(change) }] as const;
    });
    return {
      detailed: new Map(detailed),
      deleteBeforeReplace: replacing.size > 0 && takesSameName(before, after),
    };
  }

  async create({ inputs, isPreview, timeout, urn }: Operation): Promise<StoredResource> {
    const object = plainObject(inputs);
    if (isPreview) return this.#preview(inputs, (objects) => objects.create(object, this.#creation(true)));
    const { objects } = this.#reachable();
    const written = await explained(`create ${urn}`, objects.create(object, this.#creation(false)));
    const stored = await this.#settled(inputs, written, timeout);
    // Objects of a new kind must find it.
    if (textAt(object, "kind") === "CustomResourceDefinition") objects.kinds.forget();
    return stored;
  }

  async read({ id, inputs, oldInputs, oldOutputs, type }: Operation): Promise<StoredResource | undefined> {
    const { objects, waiter } = this.#reachable();
    const known = [oldInputs, inputs, oldOutputs].find((one) => Object.keys(one).length > 0);
    const old = plainObject(known ?? identityOf(type, id));
    const live = await objects.read(old);
    if (live === undefined) return undefined;
    const now = known === undefined ? withoutServerFields(live) : await objects.inputsNow(old, live);
    const marked = keepSecrets(now, secretsOf(now, oldInputs)) as JsonObject;
    const stored = { id, outputs: outputs(live, oldInputs), inputs: marked };
    // The engine notes it, and the next update waits for it as for a new one.
    const problem = await waiter.notReady(old, live);
    if (problem !== undefined) throw new InitialisationError(problem, stored);
    return stored;
  }

  async update({ inputs, isPreview, timeout, urn, ignoreChanges }: Operation): Promise<StoredResource> {
    const object = plainObject(inputs);
    const change = { dryRun: isPreview, force: this.#settings?.force ?? false, ignore: ignoreChanges };
    if (isPreview) return this.#preview(inputs, (objects) => objects.update(object, change));
    const { objects } = this.#reachable();
    const written = await explained(`update ${urn}`, objects.update(object, change));
    return this.#settled(inputs, written, timeout);
  }

  async delete({ oldInputs, oldOutputs, timeout }: Operation): Promise<void> {
    const { objects, waiter } = this.#reachable();
    const old = plainObject(Object.keys(oldInputs).length > 0 ? oldInputs : oldOutputs);
    if (await objects.delete(old)) await waiter.untilGone(old, timeout);
  }

  cancel(): void {
    this.#cancel.abort();
  }

  #creation(dryRun: boolean): { dryRun: boolean; force: boolean; takeExisting: boolean } {
    const { force = false, takeExisting = false } = this.#settings ?? {};
    return { dryRun, force, takeExisting };
  }

  #reachable(): { objects: Objects; waiter: Waiter } {
    if (this.#cluster === undefined) {
      throw new Error(`the configured Kubernetes cluster is unreachable: ${this.#unreachableBecause}`);
    }
    return this.#cluster;
  }

  // What the API server would make of it. Where it cannot be asked yet, what the program says is all there is to show.
  async #preview(inputs: JsonObject, ask: (objects: Objects) => Promise<JsonObject>): Promise<StoredResource> {
    const asGiven = { id: "", outputs: inputs };
    if (this.#cluster === undefined || containsUnknown(plainObject(inputs))) return asGiven;
    try {
      const { status: _, ...result } = await ask(this.#cluster.objects);
      return { id: "", outputs: outputs(result, inputs) };
    } catch (error) {
      if (error instanceof UnreachableError || isGone(error)) return asGiven;
      if (error instanceof ApiError && ["AlreadyExists", "Forbidden"].includes(error.reason)) return asGiven;
      throw error;
    }
  }

  async #settled(inputs: JsonObject, written: JsonObject, timeout: number): Promise<StoredResource> {
    const id = idOf(written);
    try {
      const live = await this.#reachable().waiter.untilReady(plainObject(inputs), written, timeout);
      return { id, outputs: outputs(live, inputs) };
    } catch (error) {
      // Whatever goes wrong now, the object exists, and the engine must not lose it.
      const live = error instanceof NotReadyError ? error.live : written;
      const message = error instanceof Error ? error.message : String(error);
      throw new InitialisationError(message, { id, outputs: outputs(live, inputs), inputs });
    }
  }

  async #isNamespaced(inputs: JsonObject): Promise<boolean> {
    const guess = !clusterWide.has(textAt(inputs, "kind"));
    if (this.#cluster === undefined) return guess;
    try {
      const kind: Kind = await this.#cluster.objects.kindOf(inputs);
      return kind.namespaced;
    } catch (error) {
      // The definition of the kind may be part of the same program.
      if (error instanceof NoSuchKindError || error instanceof UnreachableError) return guess;
      throw error;
    }
  }
}

// The API server's words stay as they are, since people search for them.
async function explained(what: string, work: Promise<JsonObject>): Promise<JsonObject> {
  try {
    return await work;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const hint = error instanceof NoSuchKindError ? " (is its CustomResourceDefinition installed?)" : "";
    throw new Error(`${what}: ${why}${hint}`, { cause: error });
  }
}

function idOf(object: JsonObject): string {
  const namespace = textAt(object, "metadata", "namespace");
  return `${namespace === "" ? "" : `${namespace}/`}${textAt(object, "metadata", "name")}`;
}

// Who owns which field is long, changes with every status, and is asked from the API server when it matters.
function outputs(live: JsonObject, inputs: JsonObject): JsonObject {
  const { managedFields: _, ...metadata } = isObject(live.metadata) ? live.metadata : {};
  const object = { ...live, metadata };
  return keepSecrets(object, secretsOf(object, inputs)) as JsonObject;
}

// A Secret is secret as a whole, whatever the program marked.
function secretsOf(object: JsonObject, inputs: JsonObject): JsonObject {
  if (textAt(object, "kind") !== "Secret") return inputs;
  return { ...inputs, data: secret({}), stringData: secret({}) };
}

// An import knows nothing but the type and the id.
function identityOf(type: string, id: string): JsonObject {
  const [, apiVersion, kind] = type.split(":");
  const [name, namespace] = id.split("/").reverse();
  return { apiVersion: apiVersion ?? "", kind: kind ?? "", metadata: { name: name ?? "", namespace: namespace ?? "" } };
}

function withoutServerFields(live: JsonObject): JsonObject {
  const {
    creationTimestamp: _1,
    generation: _2,
    managedFields: _3,
    resourceVersion: _4,
    uid: _5,
    ...metadata
  } = isObject(live.metadata) ? live.metadata : {};
  const { status: _6, ...rest } = live;
  return { ...rest, metadata };
}

if (import.meta.main) await runPlugin(new KubernetesProvider(), process.argv[2]);
