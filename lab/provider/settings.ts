// The provider's own arguments, and what a change of them does. Pure.
import { compare, propertyPath } from "./diff.ts";
import type { DiffResult } from "./resource-provider.ts";
import { isUnknown, type Json, type JsonObject, plainObject, textAt } from "./values.ts";

/** The arguments of `new k8s.Provider(...)` that the loopback provider heeds. */
export interface Settings {
  kubeconfig?: string;
  context?: string;
  namespace?: string;
  configMapsMutable: boolean;
  secretsMutable: boolean;
  takeExisting: boolean;
  /** Whether every apply takes fields over that others have applied. */
  force: boolean;
  /** False when an argument that says which cluster is meant is not known yet. */
  isKnown: boolean;
}

/** Reads the arguments. The SDK sends everything that is not text as JSON in a text. */
export function readSettings(inputs: JsonObject): Settings {
  const args = plainObject(inputs);
  if (flag(args.enableServerSideApply, true) === false) {
    throw new Error(
      "the loopback provider knows server-side apply only: leave enableServerSideApply out or set it to true",
    );
  }
  return {
    kubeconfig: kubeconfigText(args.kubeconfig),
    context: textAt(args, "context") || undefined,
    namespace: textAt(args, "namespace") || undefined,
    configMapsMutable: flag(args.enableConfigMapMutable, false),
    secretsMutable: flag(args.enableSecretMutable, false),
    takeExisting: flag(args.upsertExistingObjects, false),
    force: flag(args.enablePatchForce, false),
    isKnown: !isUnknown(args.kubeconfig) && !isUnknown(args.context) && !isUnknown(args.cluster),
  };
}

/**
 * With a `clusterIdentifier` on both sides it alone says whether the cluster is another one. Without it, another server
 * in the kubeconfig, or another context, means another cluster, and every object on it is replaced.
 */
export function diffSettings(before: JsonObject, after: JsonObject): DiffResult {
  const was = plainObject(before);
  const is = plainObject(after);
  const changes = compare(was, is).filter(({ path }) => path[0] !== "version");
  const oldCluster = textAt(was, "clusterIdentifier");
  const newCluster = textAt(is, "clusterIdentifier");
  const deciding =
    oldCluster !== "" && newCluster !== "" ? ["clusterIdentifier"] : ["kubeconfig", "context", "cluster"];
  const detailed = changes.map(({ path, kind }) => {
    const name = String(path[0]);
    const isOther = deciding.includes(name) && !(name === "kubeconfig" && isSameServer(was.kubeconfig, is.kubeconfig));
    return [propertyPath(path), { kind, replaces: isOther }] as const;
  });
  return { detailed: new Map(detailed), deleteBeforeReplace: false };
}

// A new token or certificate for the same server is the same cluster.
function isSameServer(before: Json | undefined, after: Json | undefined): boolean {
  const servers = [before, after].map((value) => {
    if (typeof value !== "string") return undefined;
    return [...value.matchAll(/["']?server["']?\s*:\s*["']?([^"'\s,}]+)/g)].map(([, server]) => server).join(" ");
  });
  return servers[0] !== undefined && servers[0] !== "" && servers[0] === servers[1];
}

function kubeconfigText(value: Json | undefined): string | undefined {
  if (typeof value === "string" && !isUnknown(value)) return value === "" ? undefined : value;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : undefined;
}

function flag(value: Json | undefined, otherwise: boolean): boolean {
  if (value === true || value === "true") return true;
  return value === false || value === "false" ? false : otherwise;
}
