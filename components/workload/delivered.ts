/** What Argo CD delivers where the configuration says so, and how it changes hands. */
import type * as pulumi from "@pulumi/pulumi";
import type { DeliveryConfig } from "../config/delivery.ts";

/** True where the engine creates what serves players and bids; else Argo CD does, from the rendered tree. */
export function appliesWorkloads({ mode }: DeliveryConfig): boolean {
  return mode === "pulumi";
}

/**
 * Options of a component whose objects Argo CD may own. While the owner changes they may be dropped from the state, and
 * are then left in the cluster: not one pod is stopped. Worlds are protected at any other time.
 */
export function deliveredOptions({ handOver }: DeliveryConfig): pulumi.ComponentResourceOptions {
  if (!handOver) return {};
  return {
    transformations: [({ props, opts }) => ({ props, opts: { ...opts, retainOnDelete: true, protect: false } })],
  };
}
