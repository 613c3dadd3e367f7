/** PriorityClasses and the StorageClass of worlds. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig } from "../config/cluster.ts";
import { domain } from "../kube/labels.ts";

/**
 * Who goes first when nodes are scarce: stores hold what all need, a world has players and state that nobody else
 * has, batch can wait.
 * Values: judgement; only their order matters.
 */
export const priorityClasses = {
  data: { name: "game-data", value: 1_100_000, description: "Stores: without them nobody can play" },
  worlds: { name: "game-worlds", value: 1_000_000, description: "Worlds: players and state that nobody else has" },
  services: { name: "game-services", value: 900_000, description: "Services that every player needs to log in" },
  sessions: { name: "game-sessions", value: 800_000, description: "Game servers: players can move to another one" },
  batch: { name: "game-batch", value: 1_000, description: "Jobs that can wait, such as backups" },
} as const;

/** The PriorityClasses. Batch never preempts. */
export function createPriorityClasses(name: string, options: pulumi.CustomResourceOptions): void {
  for (const [key, { name: className, value, description }] of Object.entries(priorityClasses)) {
    new k8s.scheduling.v1.PriorityClass(
      `${name}-priority-${key}`,
      {
        metadata: { name: className, labels: { "app.kubernetes.io/managed-by": "realmgrid" } },
        value,
        description,
        preemptionPolicy: key === "batch" ? "Never" : "PreemptLowerPriority",
      },
      options,
    );
  }
}

/** The StorageClass of worlds, when the configuration names a provisioner; otherwise the cluster's own is used. */
export function createStorageClass(
  name: string,
  storageClass: ClusterConfig["storageClass"],
  options: pulumi.CustomResourceOptions,
): void {
  if (storageClass.provisioner === undefined) return;
  new k8s.storage.v1.StorageClass(
    `${name}-storage-class`,
    {
      metadata: { name: storageClass.name, labels: { [`${domain}/for`]: "worlds" } },
      provisioner: storageClass.provisioner,
      parameters: storageClass.parameters,
      // The volume is made in the zone that the pod is placed in, and outlives its claim.
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
      reclaimPolicy: "Retain",
    },
    options,
  );
}
