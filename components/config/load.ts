/** The only reader of `pulumi.Config`. */
import * as pulumi from "@pulumi/pulumi";
import { ConfigError, type Mistake } from "./mistakes.ts";
import { Config, namespace } from "./schema.ts";
import { mistakesOf, nearest } from "./schema-mistakes.ts";

/** Parsed configuration, or every mistake that the schema finds in it. */
export type Parsed = { config: Config; mistakes: [] } | { config: undefined; mistakes: Mistake[] };

/** File that the running stack's configuration comes from. */
export function stackFile(): string {
  return `Pulumi.${pulumi.getStack()}.yaml`;
}

function misspelt(fullKey: string, space: string): Mistake {
  return {
    path: fullKey.slice(space.length + 1),
    got: `${space}:`,
    want: `${namespace}:`,
    why: "keys of other namespaces are for providers and are not read",
    fix: `write ${namespace}:${fullKey.slice(space.length + 1)}`,
  };
}

/** Checks plain data, for example a parsed stack file's sections, against the schema. */
export function parseConfig(input: unknown): Parsed {
  const result = Config.safeParse(input);
  if (result.success) {
    // The engine hands regions over sorted by name, a stack file in the order in which they were written: whoever runs
    // the program must get the same objects.
    const regions = Object.entries(result.data.regions).sort(([one], [other]) => (one < other ? -1 : 1));
    return { config: { ...result.data, regions: Object.fromEntries(regions) }, mistakes: [] };
  }
  return { config: undefined, mistakes: result.error.issues.flatMap((issue) => mistakesOf(issue, input)) };
}

/**
 * Reads every section of the running stack. Throws a `ConfigError` with all mistakes of the file: those of the schema,
 * or, when it has none, those that `check` finds between fields.
 */
export function loadConfig(check: (config: Config) => Mistake[]): Config {
  const reader = new pulumi.Config(namespace);
  const input: Record<string, unknown> = {};
  const mistakes: Mistake[] = [];
  for (const fullKey of Object.keys(pulumi.runtime.allConfig())) {
    const [space = ""] = fullKey.split(":");
    if (space !== namespace) {
      if (nearest(space, [namespace]) !== undefined) mistakes.push(misspelt(fullKey, space));
      continue;
    }
    const key = fullKey.slice(namespace.length + 1);
    try {
      input[key] = reader.requireObject(key);
    } catch {
      mistakes.push({ path: key, got: reader.get(key), want: "an object (YAML mapping)" });
    }
  }
  const unreadable = new Set(mistakes.map(({ path }) => path));
  const parsed = parseConfig(input);
  // What could not be read at all is missing from the input and has been said already.
  mistakes.push(...parsed.mistakes.filter(({ path }) => !unreadable.has(path)));
  if (parsed.config !== undefined && mistakes.length === 0) {
    mistakes.push(...check(parsed.config));
    if (mistakes.length === 0) return parsed.config;
  }
  throw new ConfigError(stackFile(), namespace, mistakes);
}
