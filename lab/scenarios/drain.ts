/** Every node is drained in turn, as an upgrade does it, while the disruption budgets of both systems are watched. */
import { setTimeout as sleep } from "node:timers/promises";
import { CoreV1Api, KubeConfig, PolicyV1Api, type V1Pod, type V1PodDisruptionBudget } from "@kubernetes/client-node";
import { summary } from "../operation-result.ts";
import { scaleTo } from "./support/autoscaler.ts";
import { type DeployContext, expect, kubectl, openProgram, ownedObjects, table } from "./support/deployment.ts";
import { isReady } from "./support/pods.ts";
import { scalingConfig } from "./support/scaling-config.ts";

/** A budget and what was seen of its pods. */
interface Watched {
  name: string;
  /** Pods that should be there. */
  pods: number;
  /** How many of them may be away at a time. */
  allowed: number;
  mostAway: number;
}

async function run(context: DeployContext): Promise<void> {
  // The smallest numbers of the original designs: with one pod of each there would be little to watch.
  const engine = await openProgram(context, scalingConfig(context, 5).overrides);
  context.onProgress(`provider: ${engine.provider}; ${summary(await engine.up())}`);
  const owned = await ownedObjects(engine);
  const rows: (string | number)[][] = [];
  for (const cluster of context.lab.clusters) {
    const config = new KubeConfig();
    config.loadFromFile(context.lab.kubeconfig);
    config.setCurrentContext(cluster.context);
    // Deployments start with one pod, and somebody has to ask for the others.
    await scaleTo("minReplicaCount", context, cluster.context, owned);
    for (const { name, pods, allowed, mostAway } of await drainAll(context, cluster.context, config))
      rows.push([cluster.context, name, pods, allowed, mostAway]);
  }
  table(context, ["cluster", "budget", "pods", "may be away", "most away"], rows);
  context.onProgress(summary(await engine.destroy()));
}

async function drainAll(context: DeployContext, cluster: string, config: KubeConfig): Promise<Watched[]> {
  const core = config.makeApiClient(CoreV1Api);
  const budgets = (await config.makeApiClient(PolicyV1Api).listPodDisruptionBudgetForAllNamespaces()).items;
  const podsOf = async ({ metadata, spec }: V1PodDisruptionBudget): Promise<V1Pod[]> => {
    const labels = Object.entries(spec?.selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
    const list = await core.listNamespacedPod({
      namespace: metadata?.namespace ?? "",
      labelSelector: labels.join(","),
    });
    return list.items;
  };
  const watched = await Promise.all(
    budgets.map(async (budget) => {
      const pods = (await podsOf(budget)).length;
      const name = `${budget.metadata?.namespace}/${budget.metadata?.name}`;
      return { budget, seen: { name, pods, allowed: allowedOf(budget, pods), mostAway: 0 } };
    }),
  );
  // Budgets of what operators make have no pods here.
  const real = watched.filter(({ seen }) => seen.pods > 0);
  expect(real.length > 10, () => `only ${real.length} budgets have pods`);
  let isDraining = true;
  const looking = (async () => {
    while (isDraining) {
      await Promise.all(
        real.map(async ({ budget, seen }) => {
          const ready = (await podsOf(budget)).filter(isReady).length;
          seen.mostAway = Math.max(seen.mostAway, seen.pods - ready);
        }),
      );
      await sleep(200, undefined, { signal: context.signal });
    }
  })();
  const nodes = (await core.listNode()).items.map(({ metadata }) => metadata?.name ?? "");
  try {
    for (const node of nodes) {
      const how = ["--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=300s"];
      await kubectl(context, cluster, "drain", node, ...how);
      await kubectl(context, cluster, "uncordon", node);
    }
  } finally {
    isDraining = false;
    await looking;
  }
  context.onProgress(`${cluster}: ${nodes.length} nodes drained`);
  const broken = real.filter(({ seen }) => seen.mostAway > seen.allowed);
  expect(broken.length === 0, () =>
    broken.map(({ seen }) => `${seen.name}: ${seen.mostAway} of ${seen.pods} away, ${seen.allowed} may be`).join("; "),
  );
  return real.map(({ seen }) => seen).sort((one, other) => (one.name < other.name ? -1 : 1));
}

// A share is rounded up, as the controller does it (kubernetes.io, "Rounding logic when specifying percentages").
function allowedOf({ spec }: V1PodDisruptionBudget, pods: number): number {
  const most = String(spec?.maxUnavailable ?? 0);
  return most.endsWith("%") ? Math.ceil((pods * Number.parseFloat(most)) / 100) : Number(most);
}

export default {
  name: "drain",
  summary: "every node is drained in turn; no budget of either system is overdrawn",
  run,
};
