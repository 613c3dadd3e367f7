/** ClusterGround: what a region's cluster needs before any namespace: classes and add-ons. */
import * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig } from "../config/cluster.ts";
import { createAddons } from "./addons.ts";
import { createPriorityClasses, createStorageClasses } from "./classes.ts";

/** Arguments of `ClusterGround`. */
export interface ClusterGroundArgs {
  cluster: ClusterConfig;
}

/** PriorityClasses, StorageClass and add-ons of one cluster. */
export class ClusterGround extends pulumi.ComponentResource {
  constructor(name: string, args: ClusterGroundArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:cluster:ClusterGround", name, {}, opts);
    const child = { parent: this };
    createPriorityClasses(name, child);
    createStorageClasses(name, args.cluster.storageClass, child);
    createAddons(name, args.cluster.addons, child);
    this.registerOutputs({});
  }
}
