/** Scenarios: programs in `lab/scenarios/` that do something to a running lab and measure what follows. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "./session.ts";
import type { Progress } from "./tool-cache.ts";

/** What a scenario gets. */
export interface ScenarioContext {
  /** The running lab. */
  lab: Lab;
  /** Words after the name on the command line. */
  args: readonly string[];
  onProgress: Progress;
  /** Aborted when the user ends the command. */
  signal: AbortSignal;
}

/** Default export of each file in `lab/scenarios/`. */
export interface Scenario {
  /** The file's name without `.ts`. */
  name: string;
  /** One line for the list. */
  summary: string;
  /** Throws when the lab does not behave as it must. */
  run: (context: ScenarioContext) => Promise<void>;
}

const scenariosFolder = join(import.meta.dirname, "scenarios");

/** Names of all scenarios. */
export function scenarioNames(folder = scenariosFolder): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith(".ts"));
  return files.map((file) => file.slice(0, -".ts".length)).sort();
}

/** Loads one scenario; only names of the list are ever loaded. */
export async function loadScenario(name: string, folder = scenariosFolder): Promise<Scenario> {
  const names = scenarioNames(folder);
  if (!names.includes(name)) {
    throw new Error(`there is no scenario "${name}"; want ${names.join(", ") || "one, but there are none yet"}`);
  }
  const module = (await import(join(folder, `${name}.ts`))) as { default?: Partial<Scenario> };
  const scenario = module.default;
  if (scenario?.name !== name || typeof scenario.summary !== "string" || typeof scenario.run !== "function") {
    throw new Error(`lab/scenarios/${name}.ts must have { name: "${name}", summary, run } as its default export`);
  }
  return scenario as Scenario;
}
