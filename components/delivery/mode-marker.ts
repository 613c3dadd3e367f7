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
 * The marker of a mode. With another mode it would have to be replaced, which the engine refuses for what is protected as
 * soon as the program says it: before it creates what depends on the marker, and before it deletes anything. A protected
 * object that is only left out is refused too late, when others are gone already. The first step of a hand-over takes the
 * protection off (docs/runbooks/hand-over.md); no later one does, since what that step has not marked would be deleted.
 */
export function createModeMarker(
  name: string,
  args: { delivery: DeliveryConfig; namespace: string; protectData: boolean },
  options: pulumi.CustomResourceOptions,
): k8s.core.v1.ConfigMap {
  const { mode, handOver } = args.delivery;
  const lets = mode === "pulumi" && handOver;
  // One logical name for all modes: only so is another mode a replacement.
  return new k8s.core.v1.ConfigMap(
    `${name}-${prefix}`,
    {
      metadata: {
        name: `${prefix}-${mode}`,
        namespace: args.namespace,
        labels: { "app.kubernetes.io/managed-by": "realmgrid" },
      },
      data: { mode },
    },
    { ...options, protect: args.protectData && !lets },
  );
}
