/** Plays the cluster autoscaler: more machines like those of a pool. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CoreV1Api, V1Node } from "@kubernetes/client-node";
import { poolLabel } from "../../../components/workload/placement.ts";
import { isReady } from "../../nodes.ts";
import { type DeployContext, expect, kubectl } from "./deployment.ts";

/** Adds nodes until each pool has as many as wanted; answers the names of those that are new. */
export async function growPools(api: CoreV1Api, wanted: Readonly<Record<string, number>>): Promise<string[]> {
  const { items } = await api.listNode();
  const added: string[] = [];
  for (const [pool, count] of Object.entries(wanted)) {
    const present = items.filter(({ metadata }) => metadata?.labels?.[poolLabel] === pool);
    for (let index = present.length; index < count; index++) {
      // One after the other, so that every zone gets its share.
      const like = present[index % present.length];
      if (like === undefined) throw new Error(`pool ${pool} has no node to go by`);
      const node = nodeLike(like, `${pool}-more-${index}`);
      await api.createNode({ body: node });
      added.push(node.metadata?.name ?? "");
    }
  }
  return added;
}

/** Waits until all nodes of the cluster are Ready. */
export async function untilNodesReady(api: CoreV1Api, signal: AbortSignal): Promise<void> {
  const limit = Date.now() + 180_000;
  for (;;) {
    const waiting = (await api.listNode()).items.filter((node) => !isReady(node));
    if (waiting.length === 0) return;
    expect(Date.now() < limit, () => `not Ready: ${waiting.map(({ metadata }) => metadata?.name).join(", ")}`);
    await sleep(250, undefined, { signal });
  }
}

/** Takes nodes away again. */
export async function removeNodes(context: DeployContext, cluster: string, names: readonly string[]): Promise<void> {
  if (names.length > 0) await kubectl(context, cluster, "delete", "node", "--ignore-not-found", ...names);
}

function nodeLike({ metadata, spec, status }: V1Node, name: string): V1Node {
  return {
    metadata: { name, labels: { ...metadata?.labels, "kubernetes.io/hostname": name } },
    // Other taints say how that machine is at the moment.
    spec: { taints: spec?.taints?.filter(({ key }) => key === poolLabel) },
    status: { capacity: status?.capacity, allocatable: status?.allocatable },
  };
}
