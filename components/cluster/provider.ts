/** One provider for each region's cluster, made here and nowhere else. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/**
 * The provider of a region. `clusterIdentifier` keeps an edited kubeconfig from replacing everything on it. ConfigMaps
 * and Secrets are mutable: replaced, they would make every pod template unknown and the worlds would be deleted.
 * `adopt`: what is to be created and is there already is taken over, with the fields that Argo CD has applied: the same
 * value in other words (2 instead of 2000m) is a conflict too. Only while workloads change hands: at any other time it
 * would hide that an object is somebody else's.
 */
export function regionProvider(
  region: string,
  { context, adopt }: { context: string; adopt: boolean },
  options: pulumi.ResourceOptions,
): k8s.Provider {
  return new k8s.Provider(
    region,
    {
      context,
      clusterIdentifier: region,
      enableServerSideApply: true,
      enableConfigMapMutable: true,
      enableSecretMutable: true,
      ...(adopt ? { upsertExistingObjects: true, enablePatchForce: true } : {}),
    },
    options,
  );
}
