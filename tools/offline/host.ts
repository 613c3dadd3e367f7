/**
 * The offline host: runs the program as the engine would, on the SDK's mock monitor, and records what it registers.
 * No engine, no state, no cluster. Tests, preview and renderer stand on it.
 */

import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { importAnew } from "../import-anew.ts";
import { projectFolder, readStackFile, type StackConfig } from "./stack-file.ts";

/** One registered resource. */
export interface OfflineResource {
  urn: string;
  /** Type token, for example `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Logical name. */
  name: string;
  custom: boolean;
  parent?: string;
  /** Logical name of the provider instance; absent for components and default providers. */
  provider?: string;
  dependsOn: string[];
  protect: boolean;
  retainOnDelete: boolean;
  ignoreChanges: string[];
  /** Inputs with every secret replaced by `secretMark`. */
  inputs: Record<string, unknown>;
}

/** What a run of the program registered. */
export interface OfflineRun {
  stack: string;
  resources: OfflineResource[];
  /** Stack outputs. */
  outputs: Record<string, unknown>;
}

/** Stands for a secret wherever resources are recorded. */
export const secretMark = "[secret]";

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== "object" || value === null) return value;
  if (Reflect.get(value, signature) === secretSignature) return secretMark;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redact(inner)]));
}

function secret(value: string): Record<string, string> {
  return { [signature]: secretSignature, value };
}

/** What a resource's registration answers: its inputs, and made-up values where a provider would make them. */
function answer(type: string, inputs: Record<string, unknown>): Record<string, unknown> {
  if (type === "random:index/randomPassword:RandomPassword") {
    return { ...inputs, result: secret("offline-sample-value"), bcryptHash: secret("offline-sample-value") };
  }
  if (type.startsWith("random:")) throw new Error(`the offline host has no answer for ${type}`);
  return inputs;
}

interface RegisterRequest {
  getName(): string;
  getType(): string;
  getParent(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getIgnorechangesList(): string[];
  getDependenciesList(): string[];
  getCustom(): boolean;
  getProvider(): string;
}
type Callback = (error: unknown, response?: { getUrn(): string }) => void;
interface Monitor {
  registerResource(request: RegisterRequest, callback: Callback): Promise<void>;
}

/** Makes the monitor remember what a mock is not told: parent, dependencies, protection. */
function recordRegistrations(resources: OfflineResource[], inputsOf: Map<string, Record<string, unknown>>): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (response !== undefined) {
        const [type, name] = [request.getType(), request.getName()];
        const provider = /::([^:]+)::[^:]*$/.exec(request.getProvider())?.[1];
        resources.push({
          urn: response.getUrn(),
          type,
          name,
          custom: request.getCustom(),
          dependsOn: request.getDependenciesList(),
          protect: request.getProtect(),
          retainOnDelete: request.getRetainondelete(),
          ignoreChanges: request.getIgnorechangesList(),
          inputs: inputsOf.get(`${type} ${name}`) ?? {},
          ...(request.getParent() === "" ? {} : { parent: request.getParent() }),
          ...(provider === undefined ? {} : { provider }),
        });
      }
      callback(error, response);
    });
}

/**
 * Runs the program of a stack. `config` replaces the stack file, for tests; `program` replaces `index.ts`. Rejects with
 * what the program throws, for example a `ConfigError`. One run at a time: the SDK's settings are global.
 */
export async function runOffline(
  stack: string,
  options: { config?: StackConfig; program?: () => Promise<Record<string, unknown>> } = {},
): Promise<OfflineRun> {
  const config = options.config ?? readStackFile(stack);
  const resources: OfflineResource[] = [];
  const inputsOf = new Map<string, Record<string, unknown>>();
  await pulumi.runtime.setMocks(
    {
      call: ({ token }) => {
        throw new Error(`the program calls ${token}, which needs a cluster or a cloud`);
      },
      newResource: ({ type, name, inputs, custom }) => {
        inputsOf.set(`${type} ${name}`, redact(inputs) as Record<string, unknown>);
        return { id: custom ? `${name}-id` : undefined, state: answer(type, inputs) };
      },
    },
    "realmgrid",
    stack,
    // Not a preview: outputs are known, so that what is recorded is what would be applied.
    false,
  );
  pulumi.runtime.setAllConfig(
    Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    ),
  );
  recordRegistrations(resources, inputsOf);
  const program = options.program ?? (() => importAnew(join(projectFolder, "index.ts")));
  let failure: { error: unknown } | undefined;
  const outputs = await pulumi.runtime.runInPulumiStack(async () => {
    try {
      return await program();
    } catch (error) {
      // Thrown through the SDK's stack resource it would be reported a second time, as an unhandled rejection.
      failure = { error };
      return {};
    }
  });
  await pulumi.runtime.disconnect();
  if (failure !== undefined) throw failure.error;
  return { stack, resources, outputs: outputs as Record<string, unknown> };
}
