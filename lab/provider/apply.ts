// Creates, reads, updates and deletes objects of one cluster.
import { type ApiClient, ApiError } from "./client.ts";
import { parsePropertyPath } from "./diff.ts";
import { liveInputs } from "./drift.ts";
import { canonical, type Kind, Kinds, NoSuchKindError, pathOf } from "./kinds.ts";
import { conflictMessage, fieldManager, takeOver } from "./ownership.ts";
import { at, isObject, type JsonObject, textAt } from "./values.ts";

/** How an object is written. */
export interface WriteOptions {
  /** Ask the API server what it would do, and change nothing. */
  dryRun: boolean;
  /** Take over fields that others have applied. */
  force: boolean;
}

/** The objects of one cluster. */
export class Objects {
  readonly client: ApiClient;
  readonly kinds: Kinds;

  constructor(client: ApiClient) {
    this.client = client;
    this.kinds = new Kinds(client);
  }

  /** The kind of an object. */
  async kindOf(object: JsonObject): Promise<Kind> {
    return this.kinds.resolve(textAt(object, "apiVersion"), textAt(object, "kind"));
  }

  /** Creates an object. One that exists is an error, unless it is to be taken over. */
  async create(object: JsonObject, options: WriteOptions & { takeExisting: boolean }): Promise<JsonObject> {
    const kind = await this.kindOf(object);
    const body = await this.#normalised(object);
    try {
      return await this.client.send({
        method: "POST",
        path: pathOf(kind, textAt(body, "metadata", "namespace")),
        query: writeQuery(options),
        body,
      });
    } catch (error) {
      if (options.takeExisting && error instanceof ApiError && error.reason === "AlreadyExists") {
        return this.update(object, { ...options, ignore: [] });
      }
      throw error;
    }
  }

  /** The live object, or undefined when it, or its whole kind, is not there. */
  async read(object: JsonObject): Promise<JsonObject | undefined> {
    try {
      return await this.client.send({ method: "GET", path: await this.path(object) });
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  /** The path of one object. */
  async path(object: JsonObject): Promise<string> {
    const name = textAt(object, "metadata", "name");
    return pathOf(await this.kindOf(object), textAt(object, "metadata", "namespace"), name);
  }

  /** Brings a live object to what the program says, by server-side apply. */
  async update(object: JsonObject, options: WriteOptions & { ignore: string[] }): Promise<JsonObject> {
    const path = await this.path(object);
    const live = await this.client.send({ method: "GET", path });
    const body = withIgnored(await this.#normalised(object), live, options.ignore);
    if (textAt(body, "kind") === "CustomResourceDefinition") return this.#put(path, body, live, options);
    const taken = takeOver(live);
    if (taken !== undefined && !options.dryRun) await this.#setManagedFields(path, taken);
    const forced = options.force || textAt(body, "metadata", "annotations", "pulumi.com/patchForce") === "true";
    // A dry run cannot take fields over first, so it must not stumble over those a real update would take.
    const force = forced || (options.dryRun && taken !== undefined);
    try {
      return await this.#apply(path, body, { ...options, force });
    } catch (error) {
      if (error instanceof ApiError && error.status === 409 && error.reason === "Conflict") {
        throw new Error(conflictMessage(body, error.body), { cause: error });
      }
      throw error;
    }
  }

  /** The inputs of a live object as they are now; see `liveInputs`. */
  async inputsNow(inputs: JsonObject, live: JsonObject): Promise<JsonObject> {
    let wanted: JsonObject | undefined;
    try {
      const body = await this.#normalised(inputs);
      wanted = await this.#apply(await this.path(inputs), body, { dryRun: true, force: true });
    } catch (error) {
      // Where the API server would refuse the inputs (an immutable field, a webhook), the live values alone decide.
      if (!(error instanceof ApiError)) throw error;
    }
    return liveInputs(inputs, live, wanted);
  }

  /** Asks for deletion, dependents first. False when the object was not there. */
  async delete(object: JsonObject): Promise<boolean> {
    try {
      const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Foreground" };
      await this.client.send({ method: "DELETE", path: await this.path(object), body });
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }

  async #normalised(object: JsonObject): Promise<JsonObject> {
    const kind = await this.kindOf(object);
    const metadata: JsonObject = { ...(isObject(object.metadata) ? object.metadata : {}) };
    if (!kind.namespaced) delete metadata.namespace;
    return { ...object, apiVersion: canonical(textAt(object, "apiVersion")), metadata };
  }

  #apply(path: string, body: JsonObject, options: WriteOptions): Promise<JsonObject> {
    return this.client.send({
      method: "PATCH",
      path,
      query: { ...writeQuery(options), force: String(options.force) },
      body,
      contentType: "application/apply-patch+yaml",
    });
  }

  // A definition is replaced as a whole: an apply would keep versions that the program has dropped.
  #put(path: string, body: JsonObject, live: JsonObject, options: WriteOptions): Promise<JsonObject> {
    const metadata = { ...(body.metadata as JsonObject), resourceVersion: textAt(live, "metadata", "resourceVersion") };
    return this.client.send({ method: "PUT", path, query: writeQuery(options), body: { ...body, metadata } });
  }

  async #setManagedFields(path: string, entries: JsonObject[]): Promise<void> {
    const body = [{ op: "replace", path: "/metadata/managedFields", value: entries }];
    await this.client.send({ method: "PATCH", path, body, contentType: "application/json-patch+json" });
  }
}

function writeQuery(options: Pick<WriteOptions, "dryRun">): Record<string, string> {
  return options.dryRun ? { fieldManager, dryRun: "All" } : { fieldManager };
}

/** True when the error says that the object, its namespace or its kind is not there. */
export function isGone(error: unknown): boolean {
  return error instanceof NoSuchKindError || (error instanceof ApiError && error.status === 404);
}

// An ignored field keeps its live value: then applying it changes nothing and takes nothing from its owner.
function withIgnored(object: JsonObject, live: JsonObject, ignore: string[]): JsonObject {
  return ignore.reduce((result, text) => {
    const steps = parsePropertyPath(text);
    const names = steps.filter((step) => typeof step === "string");
    // Lists are merged by key, not by place, so a place in a list says nothing about the live one.
    return names.length === steps.length ? withValue(result, names, at(live, ...names)) : result;
  }, object);
}

function withValue(object: JsonObject, [key, ...rest]: string[], value: JsonObject[string]): JsonObject {
  if (key === undefined || value === undefined) return object;
  if (rest.length === 0) return { ...object, [key]: value };
  const child = object[key];
  return isObject(child) ? { ...object, [key]: withValue(child, rest, value) } : object;
}
