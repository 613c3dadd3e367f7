/** Disruption budgets: how many pods a node drain may take at a time. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { SelectorLabels } from "../kube/labels.ts";

/**
 * A PodDisruptionBudget. Pods that are not ready may always be evicted: a crash loop must not block a node drain
 * (kubernetes/kubernetes#66811). Stores say `IfHealthyBudget`: a member that recovers must not be joined by a second loss.
 */
export function disruptionBudget(
  resourceName: string,
  metadata: { name: string; namespace: string; labels: Record<string, string> },
  args: {
    selector: SelectorLabels;
    maxUnavailable: number | string;
    unhealthyPods?: "AlwaysAllow" | "IfHealthyBudget";
  },
  options: pulumi.CustomResourceOptions,
): k8s.policy.v1.PodDisruptionBudget {
  return new k8s.policy.v1.PodDisruptionBudget(
    resourceName,
    {
      metadata,
      spec: {
        maxUnavailable: args.maxUnavailable,
        unhealthyPodEvictionPolicy: args.unhealthyPods ?? "AlwaysAllow",
        selector: { matchLabels: { ...args.selector } },
      },
    },
    options,
  );
}
