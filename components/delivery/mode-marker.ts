/** An object whose name says who delivers workloads, so that the engine itself refuses a change by accident. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { DeliveryConfig } from "../config/delivery.ts";

/** First part of the name of every marker. */
const prefix = "delivered-by";

/** True for the name of a marker. Each mode has its own, so it says nothing about who owns what. */
export function isModeMarker(name: string): boolean {
  return name.startsWith(`${prefix}-`);
}

/**
 * The marker of a mode. With another mode it would have to be deleted, which the engine refuses for what is protected,
 * before it deletes anything else: a changed word in a stack file cannot remove what players are on. A hand-over takes
 * the protection off first (docs/runbooks/hand-over.md).
 */
export function createModeMarker(
  name: string,
  args: { delivery: DeliveryConfig; namespace: string; protectData: boolean },
  options: pulumi.CustomResourceOptions,
): void {
  const { mode, handOver } = args.delivery;
  new k8s.core.v1.ConfigMap(
    `${name}-${prefix}-${mode}`,
    {
      metadata: {
        name: `${prefix}-${mode}`,
        namespace: args.namespace,
        labels: { "app.kubernetes.io/managed-by": "realmgrid" },
      },
      data: { mode },
    },
    { ...options, protect: args.protectData && !handOver },
  );
}
