/** Clients of the clusters of a stack, by the contexts of the user's kubeconfig. */
import { KubeConfig, KubernetesObjectApi } from "@kubernetes/client-node";
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
