/** What the schema documents as the effect of a change, and what a change does. */
import { z } from "zod";
import { Config } from "../../components/config/schema.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { type Difference, differences } from "./replacement.ts";

interface Schema {
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  effect?: string;
}

const root = z.toJSONSchema(Config, { io: "input" }) as Schema;

/** The schemas that a value may have, where it may have several. */
function options(schema: Schema): Schema[] {
  return schema.oneOf?.flatMap(options) ?? schema.anyOf?.flatMap(options) ?? [schema];
}

/** The effect that the schema documents for a field of a region that runs, or of another section. */
export function effectOf(path: string): string | undefined {
  let schema: Schema | undefined = root;
  for (const key of path.split(".")) {
    const open = options(schema ?? {});
    const found: Schema[] = open.flatMap((one) => {
      const inner = key === "[]" ? one.items : (one.properties?.[key] ?? one.additionalProperties);
      return typeof inner === "object" ? [inner] : [];
    });
    // The first block of a region is that of one which runs.
    schema = found[0];
  }
  return schema?.effect;
}

/** Every documented field of a section, with those of the entries of its lists as `list.[].field`. */
export function documentedFields(section: string): string[] {
  const below = (schema: Schema, path: string): string[] => [
    ...(schema.effect === undefined ? [] : [path]),
    ...options(schema).flatMap((one) => [
      ...Object.entries(one.properties ?? {}).flatMap(([key, inner]) => below(inner, `${path}.${key}`)),
      ...(one.items === undefined ? [] : below(one.items, `${path}.[]`)),
    ]),
  ];
  return [...new Set(below(root.properties?.[section] ?? {}, section))];
}

/** Differences as "resource: path". */
export function said(list: readonly Difference[]): string[] {
  return list.map(({ resource, path }) => `${resource.name}: ${path}`);
}

// What the Prometheus operator writes into files that servers read again; of Alertmanager, where its peers are its arguments.
const readAgain: Readonly<Record<string, RegExp>> = {
  Prometheus: /^spec\.(remoteWrite|replicas)(\.|$)/,
  Alertmanager: /^(?!)/,
};

/** Differences by which the Prometheus operator makes new pods: whatever is not a setting that servers read again. */
export function rolledByPrometheusOperator(before: OfflineRun, after: OfflineRun): Difference[] {
  return differences(before, after).filter(({ resource, path }) => {
    const again = readAgain[resource.type.split(":").at(-1) ?? ""];
    return again !== undefined && path.startsWith("spec.") && !again.test(path);
  });
}
