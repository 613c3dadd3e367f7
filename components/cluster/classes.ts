/** PriorityClasses and StorageClasses. */
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
  data: { name: "stores", value: 1_100_000, description: "Stores: without them nothing else works" },
  worlds: { name: "game-worlds", value: 1_000_000, description: "Worlds: players and state that nobody else has" },
  monitoring: { name: "monitoring", value: 950_000, description: "Monitoring: autoscalers are blind without it" },
  services: { name: "game-services", value: 900_000, description: "Services that every player needs to log in" },
  sessions: { name: "game-sessions", value: 800_000, description: "Game servers: players can move to another one" },
  ads: { name: "ad-services", value: 700_000, description: "Ad platform: it earns money, players come first" },
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

/**
 * The StorageClasses, when the configuration names a provisioner; otherwise the cluster's own are used. What a player
 * would miss outlives its claim, a job's scratch volume does not.
 */
export function createStorageClasses(
  name: string,
  storageClass: ClusterConfig["storageClass"],
  options: pulumi.CustomResourceOptions,
): void {
  const { provisioner, parameters } = storageClass;
  if (provisioner === undefined) return;
  const classes = [
    { suffix: "storage-class", className: storageClass.name, purpose: "data", reclaimPolicy: "Retain" },
    { suffix: "scratch-class", className: storageClass.scratchName, purpose: "scratch", reclaimPolicy: "Delete" },
  ];
  for (const { suffix, className, purpose, reclaimPolicy } of classes.filter((one) => one.className !== "")) {
    new k8s.storage.v1.StorageClass(
      `${name}-${suffix}`,
      {
        metadata: { name: className, labels: { [`${domain}/for`]: purpose } },
        provisioner,
        parameters,
        // The volume is made in the zone that the pod is placed in.
        volumeBindingMode: "WaitForFirstConsumer",
        allowVolumeExpansion: true,
        reclaimPolicy,
      },
      options,
    );
  }
}
