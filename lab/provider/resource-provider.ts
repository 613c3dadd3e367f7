// What a provider is to the plugin that serves it, in plain values.
import type { JsonObject } from "./values.ts";

/** A field the program got wrong. */
export interface Failure {
  property: string;
  reason: string;
}

/** What a diff found. `detailed` maps a property path to the kind of its change. */
export interface DiffResult {
  detailed: ReadonlyMap<string, { kind: "add" | "delete" | "update"; replaces: boolean }>;
  deleteBeforeReplace: boolean;
}

/** What a written or read object is in the engine's state. */
export interface StoredResource {
  id: string;
  outputs: JsonObject;
  /** Given by a read only: the inputs as they are in the cluster now. */
  inputs?: JsonObject;
}

/** What every operation on a resource gets. */
export interface Operation {
  urn: string;
  type: string;
  id: string;
  isPreview: boolean;
  /** Seconds the resource options allow, 0 for no word. */
  timeout: number;
  inputs: JsonObject;
  oldInputs: JsonObject;
  oldOutputs: JsonObject;
  ignoreChanges: string[];
}

/** A provider, in plain values. */
export interface ResourceProvider {
  version: string;
  checkConfig?(inputs: JsonObject): Failure[];
  diffConfig?(before: JsonObject, after: JsonObject): DiffResult;
  configure(inputs: JsonObject, log: EngineLog): Promise<void>;
  check(operation: Operation): Promise<{ inputs: JsonObject; failures: Failure[] }>;
  diff(operation: Operation): Promise<DiffResult>;
  create(operation: Operation): Promise<StoredResource>;
  read(operation: Operation): Promise<StoredResource | undefined>;
  update(operation: Operation): Promise<StoredResource>;
  delete(operation: Operation): Promise<void>;
  cancel(): void;
}

/** Shows a message to the user, beside the resource it is about. */
export type EngineLog = (severity: "info" | "warning", message: string, urn?: string) => void;

/** The resource exists, but did not become what it should: the engine keeps it in its state and tries again later. */
export class InitialisationError extends Error {
  readonly stored: StoredResource;
  constructor(message: string, stored: StoredResource) {
    super(message);
    this.stored = stored;
  }
}
