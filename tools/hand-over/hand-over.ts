/** Objects that change hands, and how the old owner lets go of them in the clusters. */
import type { KubernetesObjectApi } from "@kubernetes/client-node";
import { type ObjectHeader, readIfThere, writeClaims } from "../clusters.ts";
import { type Side, transfer } from "../field-managers.ts";
import { placedObjects } from "../offline/inventory.ts";
import { regionContexts, runOwned } from "../offline/owners.ts";
import type { StackConfig } from "../offline/stack-file.ts";

/** An object that Argo CD may own. */
export interface DeliveredObject {
  context: string;
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
}

/** What was found, or done, about an object. */
export interface HandOverLine extends DeliveredObject {
  state: "missing" | "not applied" | "let go" | "done";
}

/** The objects of a stack that Argo CD may own, each with the context of its cluster. */
export async function deliveredObjects(stack: string, config: StackConfig): Promise<DeliveredObject[]> {
  const { run, owns } = await runOwned(stack, "argocd", config);
  const contexts = regionContexts(config);
  return placedObjects(run)
    .filter(owns)
    .map(({ region, apiVersion, kind, namespace, name }) => {
      return { context: contexts[region] ?? region, apiVersion, kind, namespace, name };
    });
}

/**
 * Takes the old owner's claims off the fields of the objects. All are looked at first: where one is missing or was not
 * applied by the new owner, nothing is written.
 */
export async function handOver(
  objects: readonly DeliveredObject[],
  { to, dryRun, client }: { to: Side; dryRun: boolean; client: (context: string) => KubernetesObjectApi },
): Promise<HandOverLine[]> {
  const found = await Promise.all(
    objects.map(async (object) => {
      const live = await readIfThere(client(object.context), headerOf(object));
      return { object, live, step: live === undefined ? undefined : transfer(live.metadata?.managedFields ?? [], to) };
    }),
  );
  const lines = found.map(({ object, step }): HandOverLine => ({ ...object, state: step?.state ?? "missing" }));
  if (dryRun || lines.some(({ state }) => state === "missing" || state === "not applied")) return lines;
  for (const { object, live, step } of found) {
    if (step?.state !== "let go" || live === undefined) continue;
    await writeClaims(client(object.context), headerOf(object), live, step.managedFields);
  }
  return lines;
}

function headerOf({ apiVersion, kind, namespace, name }: DeliveredObject): ObjectHeader {
  return { apiVersion, kind, metadata: { name, namespace } };
}
