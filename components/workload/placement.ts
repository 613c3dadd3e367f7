/** Where pods go: of ours, and of those that operators make, as parts of their resources. */
import type { types } from "@pulumi/kubernetes";
import type { ContainerSize } from "../capacity/workload-plan.ts";
import type { PoolName } from "../config/regions.ts";
import { domain } from "../kube/labels.ts";

/** Label and taint key of nodes that belong to one pool. */
export const poolLabel = `${domain}/pool`;

/** The node pool of an operator's pods. */
export interface OperatedPool {
  name: PoolName;
  /** Whether its nodes have the label and taint of the pool. */
  dedicated: boolean;
}

/** Requests and limits as an object of a custom resource. */
export function resourcesOf({ requests, limits }: ContainerSize) {
  return { requests: { ...requests }, limits: { ...limits } };
}

/** How long pods stay on a node that does not answer, and that they may go to the nodes of their pool. */
export function poolTolerations(pool: OperatedPool, tolerationSeconds: number): types.input.core.v1.Toleration[] {
  return [
    ...["not-ready", "unreachable"].map((state) => ({
      key: `node.kubernetes.io/${state}`,
      operator: "Exists",
      effect: "NoExecute",
      tolerationSeconds,
    })),
    ...(pool.dedicated ? [{ key: poolLabel, operator: "Equal", value: pool.name, effect: "NoSchedule" }] : []),
  ];
}

/** Pods evenly over zones, as many as there are. */
export function zoneSpread(selector: Readonly<Record<string, string>>): types.input.core.v1.TopologySpreadConstraint {
  return {
    maxSkew: 1,
    topologyKey: "topology.kubernetes.io/zone",
    whenUnsatisfiable: "DoNotSchedule",
    labelSelector: { matchLabels: { ...selector } },
    // A dead zone must not count as one with no pods (as in workload/pod.ts).
    nodeTaintsPolicy: "Honor",
    nodeAffinityPolicy: "Honor",
  };
}

/** Pods on different nodes, and on those of their pool. */
export function hostSpread(
  selector: Readonly<Record<string, string>>,
  pool: OperatedPool,
  hosts: "required" | "preferred",
): types.input.core.v1.Affinity {
  const term = { labelSelector: { matchLabels: { ...selector } }, topologyKey: "kubernetes.io/hostname" };
  return {
    podAntiAffinity:
      hosts === "required"
        ? { requiredDuringSchedulingIgnoredDuringExecution: [term] }
        : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }] },
    ...(pool.dedicated
      ? {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: poolLabel, operator: "In", values: [pool.name] }] }],
            },
          },
        }
      : {}),
  };
}
