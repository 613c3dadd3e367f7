/**
 * Runs one operation of the engine in a process of its own, so that a scenario can kill it together with the CLI and the
 * plugins. The one argument is a `ChildRequest` as JSON; the answer is one JSON object per line on the standard output.
 */
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { importAnew } from "../tools/import-anew.ts";
import { EngineError, type EngineOptions, openEngine, type UpOptions } from "./engine.ts";
import type { OperationResult } from "./operation-result.ts";

/** What the child is asked for. */
export interface ChildRequest {
  options: Omit<EngineOptions, "program">;
  /** Path of the module that is the program; see `programOf`. */
  module: string;
  operation: "preview" | "up" | "refresh" | "destroy";
  up?: Omit<UpOptions, "onEvent">;
}

/** What the child says. */
export type ChildMessage =
  | { step: { op: string; urn: string; done: boolean } }
  | { result: OperationResult }
  | { failed: string; result?: OperationResult };

/** The program in a module: its default function, or the module itself where it creates its resources as it loads. */
export function programOf(module: string): PulumiFn {
  return async () => {
    const loaded = await importAnew(module);
    return typeof loaded.default === "function" ? (loaded.default as PulumiFn)() : loaded;
  };
}

async function main({ options, module, operation, up }: ChildRequest): Promise<void> {
  try {
    const engine = await openEngine({ ...options, program: programOf(module) });
    const onEvent: UpOptions["onEvent"] = ({ resourcePreEvent, resOutputsEvent }) => {
      const metadata = (resourcePreEvent ?? resOutputsEvent)?.metadata;
      if (metadata) say({ step: { op: metadata.op, urn: metadata.urn, done: resOutputsEvent !== undefined } });
    };
    const result = operation === "up" ? await engine.up({ ...up, onEvent }) : await engine[operation]();
    say({ result });
  } catch (error) {
    const failed = error instanceof Error ? error.message : String(error);
    say({ failed, result: error instanceof EngineError ? error.result : undefined });
    process.exitCode = 1;
  }
}

function say(message: ChildMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

if (import.meta.main) {
  const [request] = process.argv.slice(2);
  if (request === undefined) throw new Error("usage: engine-child.ts '<request as JSON>'");
  await main(JSON.parse(request) as ChildRequest);
}
