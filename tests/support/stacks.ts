/** The stack files of the project as data, with changes for one test. */
import { parseConfig } from "../../components/config/load.ts";
import type { Mistake } from "../../components/config/mistakes.ts";
import type { Config } from "../../components/config/schema.ts";
import { type PlatformPlan, planMistakes, planPlatform } from "../../components/plan.ts";
import { readStackFile, type StackConfig } from "../../tools/offline/stack-file.ts";

/** Stack files that the project ships. */
export type StackName = "dev" | "prod";

/** Values by path, as in `regions.eu-west.gameServers.maxReplicas`; `undefined` removes a key. */
export type Changes = Readonly<Record<string, unknown>>;

const prefix = "realmgrid:";

function set(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key = "", ...rest] = path;
  if (rest.length === 0) {
    if (value === undefined) delete target[key];
    else target[key] = value;
    return;
  }
  const inner = target[key];
  const next: Record<string, unknown> = typeof inner === "object" && inner !== null ? { ...inner } : {};
  target[key] = next;
  set(next, rest, value);
}

/** A stack's configuration by full key, changed. */
export function stackConfig(stack: StackName, changes: Changes = {}): StackConfig {
  const config: StackConfig = structuredClone(readStackFile(stack));
  for (const [path, value] of Object.entries(changes)) set(config, `${prefix}${path}`.split("."), value);
  return config;
}

/** A stack's sections by their short names, changed: what the schema reads. */
export function sections(stack: StackName, changes: Changes = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(stackConfig(stack, changes))
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}

/** A stack's parsed configuration, changed. Throws where the schema refuses it. */
export function configOf(stack: StackName, changes: Changes = {}): Config {
  const { config, mistakes } = parseConfig(sections(stack, changes));
  if (config === undefined) throw new Error(`the schema refuses ${stack}: ${JSON.stringify(mistakes)}`);
  return config;
}

/** A stack's plan, changed, whether or not it has mistakes between fields. */
export function planOf(stack: StackName, changes: Changes = {}): PlatformPlan {
  return planPlatform(configOf(stack, changes));
}

/** Every mistake of a changed stack: those of the schema, or, when it has none, those between fields and of sums. */
export function mistakesOf(stack: StackName, changes: Changes = {}): Mistake[] {
  const { config, mistakes } = parseConfig(sections(stack, changes));
  return config === undefined ? mistakes : planMistakes(config);
}

/** Paths of the mistakes of a changed stack. */
export function mistakePaths(stack: StackName, changes: Changes = {}): string[] {
  return mistakesOf(stack, changes).map((one) => one.path);
}

/** The one mistake of a changed stack; throws when there are more or fewer. */
export function onlyMistake(stack: StackName, changes: Changes = {}): Mistake {
  const mistakes = mistakesOf(stack, changes);
  const [mistake] = mistakes;
  if (mistake === undefined || mistakes.length > 1) {
    throw new Error(`want one mistake, got ${JSON.stringify(mistakes, null, 2)}`);
  }
  return mistake;
}
