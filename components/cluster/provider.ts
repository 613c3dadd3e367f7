/** One provider for each region's cluster, made here and nowhere else. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/**
 * The provider of a region. `clusterIdentifier` keeps an edited kubeconfig from replacing everything on it. ConfigMaps
 * and Secrets are mutable: replaced, they would make every pod template unknown and the worlds would be deleted.
 */
export function regionProvider(region: string, context: string, options: pulumi.ResourceOptions): k8s.Provider {
  return new k8s.Provider(
    region,
    {
      context,
      clusterIdentifier: region,
      enableServerSideApply: true,
      enableConfigMapMutable: true,
      enableSecretMutable: true,
    },
    options,
  );
}
