/** Clients of the clusters of a stack, by the contexts of the user's kubeconfig. */
import {
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
  type V1ManagedFieldsEntry,
} from "@kubernetes/client-node";
import { UserError } from "./errors.ts";

/** Clients by context. Throws one `UserError` with every context that the kubeconfig lacks. */
export function clusterClients(contexts: readonly string[]): (context: string) => KubernetesObjectApi {
  const config = new KubeConfig();
  config.loadFromDefault();
  const known = new Set(config.getContexts().map(({ name }) => name));
  const missing = contexts.filter((one) => !known.has(one));
  if (missing.length > 0) throw new UserError(`The kubeconfig has no context ${missing.join(", ")}.`);
  const clients = new Map(
    contexts.map((context) => {
      const one = new KubeConfig();
      one.loadFromString(config.exportConfig());
      one.setCurrentContext(context);
      return [context, KubernetesObjectApi.makeApiClient(one)];
    }),
  );
  return (context) => {
    const client = clients.get(context);
    if (client === undefined) throw new Error(`no client of ${context} was asked for`);
    return client;
  };
}

/** What names an object to an API server. */
export interface ObjectHeader {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** The live object, or undefined where the cluster has none. */
export async function readIfThere(
  client: KubernetesObjectApi,
  header: ObjectHeader,
): Promise<KubernetesObject | undefined> {
  try {
    return await client.read(header);
  } catch (error) {
    if ((error as { code?: number }).code === 404) return undefined;
    throw error;
  }
}

/**
 * Writes who claims which field of an object; no field changes. It goes with the version that was read: somebody
 * else's write in between is an error, not lost.
 */
export async function writeClaims(
  client: KubernetesObjectApi,
  { apiVersion, kind, metadata }: ObjectHeader,
  live: KubernetesObject,
  managedFields: V1ManagedFieldsEntry[] | undefined,
): Promise<void> {
  const { resourceVersion } = live.metadata ?? {};
  const patch = { apiVersion, kind, metadata: { ...metadata, resourceVersion, managedFields } };
  await client.patch(patch, undefined, undefined, undefined, undefined, PatchStrategy.MergePatch);
}
