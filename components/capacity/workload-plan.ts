/** What the arithmetic knows of a workload. Components are built from the same plan, so that sums and objects agree. */
import type { PoolName } from "../config/regions.ts";
import { type Amount, amount, larger, type Size, sum } from "../kube/quantities.ts";

/** Requests and limits of a container as Kubernetes writes them. */
export interface ContainerSize {
  requests: Size;
  limits: Size;
}

/** Size of a pod as the scheduler and a ResourceQuota count it. */
export interface PodSize {
  requests: Amount;
  limits: Amount;
  /** Each container and init container, for the LimitRange. */
  containers: readonly ContainerSize[];
}

/** One workload of a region at its largest. */
export interface WorkloadPlan {
  /** Name of the object, for example `game-server-us-west`. */
  name: string;
  kind: "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob";
  /** Where its pods run; a DaemonSet runs on the nodes of every pool, which keep room for it (`cluster.nodeReserved`). */
  pool: PoolName;
  /** Pods that always run, and pods that may run; the same number where no autoscaler works. */
  minReplicas: number;
  maxReplicas: number;
  /** Pods that a rollout at the maximum starts beyond it. */
  surgePods: number;
  /** Seconds from "terminate" to the end; in this time the pod still counts for quota and node. */
  graceSeconds: number;
  /** Seconds that a new pod must be ready before a rollout goes on. */
  minReadySeconds: number;
  /** Expected seconds from start to ready. */
  bootSeconds: number;
  /** Seconds that pods stay on a node that does not answer. */
  tolerationSeconds: number;
  pod: PodSize;
  /** Volume of each pod in bytes; absent without volumes. */
  claimBytes?: number;
  /** Second volume of each pod, such as one for a log; only beside `claimBytes`. */
  secondClaimBytes?: number;
  /** Services, ConfigMaps and Secrets that come with the workload; sizes of volumes that are no pod's own, in bytes. */
  objects: { services: number; configMaps: number; secrets: number; claims?: readonly number[] };
}

/**
 * Size of a pod: containers run side by side, init containers one after the other before them, so the larger of the sum
 * and the largest init container (kubernetes.io, "Resource sharing within containers").
 */
export function podSize(containers: readonly ContainerSize[], initContainers: readonly ContainerSize[] = []): PodSize {
  const effective = (part: "requests" | "limits"): Amount =>
    initContainers.map((one) => amount(one[part])).reduce(larger, sum(containers.map((one) => amount(one[part]))));
  return {
    requests: effective("requests"),
    limits: effective("limits"),
    containers: [...containers, ...initContainers],
  };
}
