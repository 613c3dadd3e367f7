/** At the autoscalers' maxima a tenth of the pods die at once, without grace; the time until all are Ready is measured. */

import { setTimeout as sleep } from "node:timers/promises";
import { CoreV1Api, KubeConfig, type V1Pod, Watch } from "@kubernetes/client-node";
import { kubernetesTerms } from "../../components/capacity/recovery.ts";
import { summary } from "../operation-result.ts";
import { scaleTo } from "./support/autoscaler.ts";
import { type DeployContext, expect, kubectl, openProgram, ownedObjects, table } from "./support/deployment.ts";
import { isReady } from "./support/pods.ts";

const limitMs = 300_000;

async function run(context: DeployContext): Promise<void> {
  const seed = Number(context.args[0] ?? Date.now() % 1_000_000);
  const engine = await openProgram(context);
  context.onProgress(`provider: ${engine.provider}; ${summary(await engine.up())}; seed ${seed}`);
  const owned = await ownedObjects(engine);
  const random = generator(seed);
  const rows: (string | number)[][] = [];
  for (const cluster of context.lab.clusters) {
    const namespaces = owned
      .filter((object) => object.context === cluster.context && object.inputs.kind === "Namespace")
      .map(({ inputs }) => inputs.metadata?.name ?? "");
    if (namespaces.length === 0) continue;
    await scaleTo("maxReplicaCount", context, cluster.context, owned);
    rows.push(await killIn(context, cluster.context, namespaces, random));
  }
  table(
    context,
    ["cluster", "pods", "killed", "worlds killed", "seconds until all Ready", "computed, boot 0", "twice at once"],
    rows,
  );
  if (!context.args.includes("keep")) context.onProgress(summary(await engine.destroy()));
}

async function killIn(
  context: DeployContext,
  cluster: string,
  namespaces: string[],
  random: () => number,
): Promise<(string | number)[]> {
  const config = new KubeConfig();
  config.loadFromFile(context.lab.kubeconfig);
  config.setCurrentContext(cluster);
  const api = config.makeApiClient(CoreV1Api);
  const pods = async () => {
    const lists = await Promise.all(namespaces.map((namespace) => api.listNamespacedPod({ namespace })));
    return lists.flatMap(({ items }) => items).filter(isRunningKind);
  };
  const before = await untilReady(context, pods, undefined, new Set());
  const victims = shuffled(before, random).slice(0, Math.ceil(before.length / 10));
  const killed = new Set(victims.map(({ metadata }) => metadata?.uid ?? ""));
  const watcher = await watchOrdinals(config, namespaces);
  const started = Date.now();
  for (const [namespace, names] of byNamespace(victims)) {
    const force = ["--grace-period=0", "--force", "--wait=false"];
    await kubectl(context, cluster, "--namespace", namespace, "delete", "pod", ...names, ...force);
  }
  await untilReady(context, pods, before.length, killed);
  const seconds = (Date.now() - started) / 1000;
  watcher.stop();
  expect(watcher.twice.length === 0, () => `ran twice at once: ${watcher.twice.join(", ")}`);
  const worlds = victims.filter(isOrdinal).length;
  // The simulated pods boot at once; the other terms are those of the preview's recovery table.
  const computed = kubernetesTerms.schedule + (worlds > 0 ? kubernetesTerms.attach : 0);
  return [cluster, before.length, victims.length, worlds, seconds.toFixed(1), computed, watcher.twice.length];
}

// Pods of jobs end by themselves, so they are not among those that must come back.
function isRunningKind({ metadata }: V1Pod): boolean {
  return metadata?.ownerReferences?.some(({ kind }) => kind !== "Job") ?? false;
}

function isOrdinal({ metadata }: V1Pod): boolean {
  return metadata?.ownerReferences?.some(({ kind }) => kind === "StatefulSet") ?? false;
}

async function untilReady(
  context: DeployContext,
  list: () => Promise<V1Pod[]>,
  wanted: number | undefined,
  gone: ReadonlySet<string>,
): Promise<V1Pod[]> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const pods = await list();
    const isBack = pods.every((pod) => isReady(pod) && !gone.has(pod.metadata?.uid ?? ""));
    if (isBack && pods.length > 0 && (wanted === undefined || pods.length >= wanted)) return pods;
    const waiting = pods.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata?.name);
    expect(Date.now() < deadline, () => {
      return `${pods.length} pods, wanted ${wanted ?? "some"}; not Ready: ${waiting.slice(0, 5).join(", ")}`;
    });
    await sleep(100, undefined, { signal: context.signal });
  }
}

// A world must not run twice: a second pod of one name may come only after the first is known to be gone.
async function watchOrdinals(config: KubeConfig, namespaces: string[]): Promise<{ twice: string[]; stop: () => void }> {
  const alive = new Map<string, string>();
  const twice: string[] = [];
  const watch = new Watch(config);
  let isStopped = false;
  const controllers = await Promise.all(
    namespaces.map((namespace) =>
      watch.watch(
        `/api/v1/namespaces/${namespace}/pods`,
        {},
        (type, pod: V1Pod) => {
          if (!isOrdinal(pod)) return;
          const key = `${namespace}/${pod.metadata?.name}`;
          const uid = pod.metadata?.uid ?? "";
          const other = alive.get(key);
          if (type !== "DELETED" && other !== undefined && other !== uid) twice.push(key);
          if (type !== "DELETED") alive.set(key, uid);
          else if (other === uid) alive.delete(key);
        },
        (error: unknown) => {
          // A watch that ends early has not seen everything, which must not pass for a clean result.
          if (!isStopped) twice.push(`unknown: the watch of ${namespace} ended (${String(error)})`);
        },
      ),
    ),
  );
  const stop = () => {
    isStopped = true;
    for (const controller of controllers) controller.abort();
  };
  return { twice, stop };
}

function byNamespace(pods: readonly V1Pod[]): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const { metadata } of pods) {
    const namespace = metadata?.namespace ?? "";
    names.set(namespace, [...(names.get(namespace) ?? []), metadata?.name ?? ""]);
  }
  return names;
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ item }) => item);
}

// The same seed chooses the same pods, so that a bad run can be run again.
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export default {
  name: "kill-tenth",
  summary: "a tenth of the pods die at once and come back (arguments: seed, keep)",
  run,
};
