/** Simulated machines: groups of nodes, as a cloud's node pools would give them. */

import { setTimeout as sleep } from "node:timers/promises";
import { CoreV1Api, KubeConfig, type V1Node, type V1Taint } from "@kubernetes/client-node";
import { poolLabel } from "../components/workload/placement.ts";
import type { Progress } from "./tool-cache.ts";

/** Equal nodes of one pool in one zone. */
export interface NodeGroup {
  /** Pool, for example `worlds`; becomes the label that workloads select. */
  pool: string;
  zone: string;
  region: string;
  count: number;
  /** Cores of each node. */
  cpu: number;
  memoryGiB: number;
  /** Pods that each node may hold. */
  maxPods: number;
  /** Further labels. */
  labels?: Record<string, string>;
  taints?: V1Taint[];
}

/**
 * Label (`=true`) of the nodes that kwok plays. A scenario takes it away to make a machine hang: the node stops renewing
 * its lease and its pods neither start nor end; giving it back brings the machine back.
 */
export const managedNodeLabel = "kwok.x-k8s.io/managed";

/** Share of a machine that the system and the kubelet keep for themselves, as on managed clusters. */
const reserved = { cpu: 0.25, memoryGiB: 2 };
const parallel = 16;
const readyLimitMilliseconds = 180_000;

/** The Node objects of the groups, named `<pool>-<zone>-<n>`. */
export function nodeObjects(groups: readonly NodeGroup[]): V1Node[] {
  return groups.flatMap((group) => Array.from({ length: group.count }, (_, index) => nodeObject(group, index)));
}

function nodeObject(group: NodeGroup, index: number): V1Node {
  const name = `${group.pool}-${group.zone}-${index}`;
  const size = (cpu: number, memoryGiB: number) => ({
    cpu: `${Math.round(cpu * 1000)}m`,
    memory: `${Math.round(memoryGiB * 1024)}Mi`,
    "ephemeral-storage": "200Gi",
    pods: String(group.maxPods),
  });
  return {
    metadata: {
      name,
      labels: {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": `${group.cpu}-cores-${group.memoryGiB}-gib`,
        "topology.kubernetes.io/region": group.region,
        "topology.kubernetes.io/zone": group.zone,
        [poolLabel]: group.pool,
        [managedNodeLabel]: "true",
        ...group.labels,
      },
    },
    spec: { taints: group.taints },
    status: {
      capacity: size(group.cpu, group.memoryGiB),
      allocatable: size(group.cpu - reserved.cpu, group.memoryGiB - reserved.memoryGiB),
    },
  };
}

/** A client of one region. */
export function coreApi(kubeconfig: string, context: string): CoreV1Api {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  config.setCurrentContext(context);
  return config.makeApiClient(CoreV1Api);
}

/** Creates the nodes and waits until all of them are Ready. */
export async function createNodes(
  api: CoreV1Api,
  groups: readonly NodeGroup[],
  options: { region: string; onProgress: Progress; signal?: AbortSignal },
): Promise<void> {
  const waiting = nodeObjects(groups);
  const total = waiting.length;
  const create = async () => {
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      options.signal?.throwIfAborted();
      await api.createNode({ body: node });
    }
  };
  await Promise.all(Array.from({ length: parallel }, create));
  for (const started = Date.now(); ; ) {
    options.signal?.throwIfAborted();
    const { items } = await api.listNode();
    const ready = items.filter(isReady).length;
    if (ready >= total) break;
    if (Date.now() - started > readyLimitMilliseconds) {
      throw new Error(
        `${options.region}: ${ready} of ${total} nodes are Ready after ${readyLimitMilliseconds / 1000} s`,
      );
    }
    await sleep(250);
  }
  options.onProgress(`${options.region}: ${total} nodes Ready`);
}

/** Whether a node says that it is Ready. */
export function isReady(node: V1Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}
