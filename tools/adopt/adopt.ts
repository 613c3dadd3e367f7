/** What is in the clusters already under the names of a stack, and what an `up` that adopts would do to it. */
import { type KubernetesObject, type KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import { type ObjectHeader, readIfThere, writeClaims } from "../clusters.ts";
import type { PlacedObject } from "../offline/inventory.ts";

/** What was found of an object. */
export type Adoption =
  /** Nothing has this name. */
  | { state: "new" }
  /** The engine or Argo CD of this program wrote it. */
  | { state: "ours" }
  /** It is there, and `fields` of it would change. */
  | { state: "adopt"; fields: string[]; helm: boolean }
  /** It is there, and the API server refuses what would have to change. */
  | { state: "blocked"; because: string };

/** An object with what was found. */
export interface AdoptionLine {
  context: string;
  kind: string;
  namespace: string;
  name: string;
  adoption: Adoption;
}

const fieldManager = "realmgrid-adopt";

const ownManagers = /^(pulumi-kubernetes|argocd-controller)/;

/** True for a claim that Helm left, in either of its ways to write. */
function isHelm({ manager, subresource }: { manager?: string; subresource?: string }): boolean {
  return manager === "helm" && (subresource ?? "") === "";
}

/** Paths of leaves that differ; of lists as a whole, since their order may have a meaning. No values. */
export function changedFields(before: unknown, after: unknown, path = ""): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const isMapping = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isMapping(before) || !isMapping(after)) return [path];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .flatMap((key) => changedFields(before[key], after[key], path === "" ? key : `${path}.${key}`));
}

/** What an API server writes by itself with each change. */
const bookkeeping = /^(metadata\.(managedFields|resourceVersion|generation|creationTimestamp)|status)(\.|$)/;

function headerOf({ apiVersion = "", kind = "", metadata = {} }: KubernetesObject): ObjectHeader {
  return { apiVersion, kind, metadata: { name: metadata.name ?? "", namespace: metadata.namespace } };
}

function reason(error: unknown): string {
  const { body } = error as { body?: unknown };
  try {
    const { message } = JSON.parse(String(body)) as { message?: string };
    // The first sentence names the field; what follows may repeat its value.
    return (message ?? "").split(/: (?:Invalid value|Forbidden)/)[0] ?? "refused";
  } catch {
    return error instanceof Error ? error.message : String(error);
  }
}

async function look(client: KubernetesObjectApi, inputs: KubernetesObject): Promise<Adoption> {
  const live = await readIfThere(client, headerOf(inputs));
  if (live === undefined) return { state: "new" };
  const managers = live.metadata?.managedFields ?? [];
  if (managers.some(({ manager = "" }) => ownManagers.test(manager))) return { state: "ours" };
  const helm = managers.some(isHelm);
  // The offline host knows no content of Secrets; all of it is written anew.
  if (inputs.kind === "Secret") return { state: "adopt", fields: ["data"], helm };
  try {
    const applied = await client.patch(inputs, undefined, "All", fieldManager, true, PatchStrategy.ServerSideApply);
    return { state: "adopt", fields: changedFields(live, applied).filter((path) => !bookkeeping.test(path)), helm };
  } catch (error) {
    if ((error as { code?: number }).code !== 422) throw error;
    return { state: "blocked", because: reason(error) };
  }
}

/** Looks at every object of a stack. The API servers are asked what they would make of it; nothing is written. */
export async function adoptions(
  objects: readonly PlacedObject[],
  { contexts, client }: { contexts: Record<string, string>; client: (context: string) => KubernetesObjectApi },
): Promise<AdoptionLine[]> {
  const lines: AdoptionLine[] = [];
  for (const { region, resource, kind, namespace, name } of objects) {
    const context = contexts[region] ?? region;
    const adoption = await look(client(context), resource.inputs as KubernetesObject);
    lines.push({ context, kind, namespace, name, adoption });
  }
  return lines;
}

/**
 * Takes Helm's claims off the fields of what will be adopted, so that the engine can write them. No field changes.
 * `kubectl`'s claims are taken over by the engine itself.
 */
export async function takeFromHelm(
  lines: readonly AdoptionLine[],
  { objects, client }: { objects: readonly PlacedObject[]; client: (context: string) => KubernetesObjectApi },
): Promise<number> {
  let taken = 0;
  for (const [index, { context, adoption }] of lines.entries()) {
    if (adoption.state !== "adopt" || !adoption.helm) continue;
    const header = headerOf((objects[index]?.resource.inputs ?? {}) as KubernetesObject);
    const live = await client(context).read(header);
    const managedFields = live.metadata?.managedFields?.filter((entry) => !isHelm(entry));
    await writeClaims(client(context), header, live, managedFields);
    taken += 1;
  }
  return taken;
}
