/** Runs of a stack by who owns what: the engine, Argo CD, or whoever. */
import { parse } from "yaml";
import { isModeMarker } from "../../components/delivery/mode-marker.ts";
import { type OfflineRun, runOffline } from "./host.ts";
import { type PlacedObject, placedObjects } from "./inventory.ts";
import { readStackFile, type StackConfig } from "./stack-file.ts";

/** Whose objects. */
export const owners = ["pulumi", "argocd", "all"] as const;

/** One of `owners`. */
export type TreeOwner = (typeof owners)[number];

/** A run, and which of its objects belong to the owner. */
export interface OwnedRun {
  run: OfflineRun;
  owns: (placed: PlacedObject) => boolean;
}

const key = "realmgrid:delivery";

function section(config: StackConfig, name: string): object {
  const value: unknown = config[name];
  const content: unknown = typeof value === "string" ? parse(value) : value;
  return typeof content === "object" && content !== null ? content : {};
}

/** Contexts of the kubeconfig by region. */
export function regionContexts(config: StackConfig): Record<string, string> {
  const regions = Object.entries(section(config, "realmgrid:regions") as Record<string, { context?: string }>);
  return Object.fromEntries(regions.flatMap(([name, { context }]) => (context === undefined ? [] : [[name, context]])));
}

type Section = { mode?: string; argocd?: { repository?: unknown } };

function delivery(config: StackConfig): Section {
  return section(config, key);
}

/** Who delivers worlds, game servers and services by the stack file. */
export function deliveryMode(config: StackConfig): "pulumi" | "argocd" {
  return delivery(config).mode === "argocd" ? "argocd" : "pulumi";
}

/** The stack with another mode; a sample repository where it has none. */
export function withMode(config: StackConfig, mode: "pulumi" | "argocd"): StackConfig {
  const section = delivery(config);
  // Before a hand-over the stack file has no repository yet; the tree does not depend on it.
  const repository = section.argocd?.repository ?? {
    url: "https://example.com/sample.git",
    revision: "sample",
    path: "sample",
  };
  return { ...config, [key]: { ...section, mode, argocd: { ...section.argocd, repository } } };
}

/** Identity of an object within a stack. */
export function objectKey({ region, apiVersion, kind, namespace, name }: PlacedObject): string {
  return [region, apiVersion, kind, namespace, name].join(" ");
}

/**
 * The objects of one owner. What Argo CD owns is what the program makes when the engine owns everything, without what it
 * makes when Argo CD delivers: no second list says it.
 */
export async function runOwned(stack: string, owner: TreeOwner, config = readStackFile(stack)): Promise<OwnedRun> {
  if (owner === "pulumi") return { run: await runOffline(stack, { config }), owns: () => true };
  if (owner === "all") return { run: (await runWhole(stack, { config })).run, owns: () => true };
  const all = await runOffline(stack, { config: withMode(config, "pulumi") });
  const engine = await runOffline(stack, { config: withMode(config, "argocd") });
  const ofEngine = new Set(placedObjects(engine).map(objectKey));
  return { run: all, owns: (placed) => !ofEngine.has(objectKey(placed)) && !isModeMarker(placed.name) };
}

/** Everything that a stack puts into its clusters, whoever applies it. */
export interface WholeRun {
  run: OfflineRun;
  /** The same without Argo CD's own objects: to a policy, an Application may bring anything. */
  judged: OfflineRun;
  /** Objects that Argo CD delivers. */
  delivered: number;
}

/** Runs a stack for people who want to see all of it, and for policies, which judge what will be in the clusters. */
export async function runWhole(
  stack: string,
  { config = readStackFile(stack), ...options }: NonNullable<Parameters<typeof runOffline>[1]> = {},
): Promise<WholeRun> {
  if (deliveryMode(config) === "pulumi") {
    const run = await runOffline(stack, { ...options, config });
    return { run, judged: run, delivered: 0 };
  }
  const engine = await runOffline(stack, { ...options, config });
  const all = await runOffline(stack, { ...options, config: withMode(config, "pulumi") });
  const ofEngine = new Set(engine.resources.map(({ urn }) => urn));
  const judged = { ...all, resources: all.resources.filter(isNoMarker) };
  const ofAll = new Set(judged.resources.map(({ urn }) => urn));
  const own = engine.resources.filter(({ urn }) => !ofAll.has(urn));
  return {
    run: { ...engine, resources: [...judged.resources, ...own] },
    judged,
    delivered: judged.resources.filter(({ urn, custom }) => custom && !ofEngine.has(urn)).length,
  };
}

function isNoMarker({ inputs }: OfflineRun["resources"][number]): boolean {
  const { name } = (inputs["metadata"] ?? {}) as { name?: unknown };
  return typeof name !== "string" || !isModeMarker(name);
}
