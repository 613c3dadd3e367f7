/** What the program hands to the engine beyond what the offline host records: raw inputs and timeouts. */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runtime } from "@pulumi/pulumi";
import { runOffline } from "../../tools/offline/host.ts";
import { projectFolder } from "../../tools/offline/stack-file.ts";
import { inTurn } from "./runs.ts";
import { type StackName, stackConfig } from "./stacks.ts";

/** One registration as it leaves the program. */
export interface Registration {
  type: string;
  name: string;
  /** Inputs with secrets in clear, as the engine gets them. */
  raw: unknown;
  /** URNs of the resources whose outputs are among the inputs; an order said with `dependsOn` is none. */
  outputsOf: string[];
  /** Seconds that the engine waits for a create and for an update; absent where the provider's default holds. */
  createTimeout?: number;
  updateTimeout?: number;
}

interface Request {
  getType(): string;
  getName(): string;
  getObject(): { toJavaScript(): unknown } | undefined;
  getPropertydependenciesMap(): { forEach(visit: (one: { getUrnsList(): string[] }) => void): void };
  getCustomtimeouts(): { getCreate(): string; getUpdate(): string } | undefined;
}

interface Monitor {
  registerResource(request: Request, callback: unknown): unknown;
}

function seconds(text: string | undefined): number | undefined {
  const match = /^([\d.]+)(s|m|h)$/.exec(text ?? "");
  return match ? Number(match[1]) * { s: 1, m: 60, h: 3600 }[match[2] as "s" | "m" | "h"] : undefined;
}

const known = new Map<StackName, Promise<Registration[]>>();

/** Every registration of a stack. */
export function registrationsOf(stack: StackName): Promise<Registration[]> {
  const registrations: Registration[] = [];
  const run = async () => {
    await runOffline(stack, {
      config: stackConfig(stack),
      program: async () => {
        const monitor = runtime.getMonitor() as unknown as Monitor;
        const register = monitor.registerResource.bind(monitor);
        monitor.registerResource = (request, callback) => {
          const timeouts = request.getCustomtimeouts();
          const outputsOf: string[] = [];
          request.getPropertydependenciesMap().forEach((one) => {
            outputsOf.push(...one.getUrnsList());
          });
          registrations.push({
            type: request.getType(),
            name: request.getName(),
            raw: request.getObject()?.toJavaScript(),
            outputsOf,
            createTimeout: seconds(timeouts?.getCreate()),
            updateTimeout: seconds(timeouts?.getUpdate()),
          });
          return register(request, callback);
        };
        return { ...(await import(`${pathToFileURL(join(projectFolder, "index.ts")).href}?registrations=${stack}`)) };
      },
    });
    return registrations;
  };
  const found = known.get(stack) ?? inTurn(run);
  known.set(stack, found);
  return found;
}
