/**
 * Everybody comes at once, and later everybody leaves: the cluster's own autoscaler controller scales the Deployments by
 * the steps that the preview computes, and an `up` in between takes no pod back.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { type ScalingStep, scalingSteps, syncSeconds } from "../../components/capacity/autoscaler.ts";
import type { Engine } from "../engine.ts";
import { summary } from "../operation-result.ts";
import type { RegionCluster } from "../session.ts";
import {
  type DeployContext,
  expect,
  expectOnly,
  kubectl,
  type OwnedObject,
  openProgram,
  ownedObjects,
  table,
} from "./support/deployment.ts";
import { autoscalerOf, type MadeAutoscaler } from "./support/keda.ts";
import { type MetricsApi, metricsApiName, metricsApiObjects, startMetricsApi } from "./support/metrics-api.ts";
import { growPools, removeNodes, untilNodesReady } from "./support/more-nodes.ts";
import { ReplicaWatch } from "./support/replica-watch.ts";
import { scalingConfig } from "./support/scaling-config.ts";

/** One region with all that plays a part in it. */
interface Stage {
  context: DeployContext;
  cluster: RegionCluster;
  api: CoreV1Api;
  metrics: MetricsApi;
  autoscalers: MadeAutoscaler[];
  watch: ReplicaWatch;
  /** Nodes that were added. */
  nodes: string[];
  /** Files of the objects that were added, the first ones first. */
  files: string[];
}

async function run(context: DeployContext): Promise<void> {
  const most = Number(context.args[0] ?? 50);
  expect(Number.isInteger(most) && most > 0, () => `the most pods of a Deployment: got "${context.args[0]}"`);
  const { overrides, nodes } = scalingConfig(context, most);
  const engine = await openProgram(context, overrides);
  const stages: Stage[] = [];
  try {
    for (const cluster of context.lab.clusters)
      stages.push(await prepare(context, cluster, nodes[cluster.region] ?? {}));
    context.onProgress(`provider: ${engine.provider}; ${summary(await engine.up())}`);
    const owned = await ownedObjects(engine);
    await Promise.all(stages.map((stage) => begin(stage, owned)));
    await scales(context, engine, stages);
  } finally {
    const ends = await Promise.allSettled(stages.map(withdraw));
    for (const end of ends) if (end.status === "rejected") context.onProgress(`left behind: ${String(end.reason)}`);
  }
  context.onProgress(summary(await engine.destroy()));
  for (const { cluster, nodes } of stages) await removeNodes(context, cluster.context, nodes);
}

/** Up to the maxima and down to the minima, each followed by an `up` that must leave everything as it is. */
async function scales(context: DeployContext, engine: Engine, stages: readonly Stage[]): Promise<void> {
  const before = new Map<Stage, Set<string>>();
  for (const stage of stages) before.set(stage, await refusedPods(stage));
  const rows: string[][] = [];
  for (const direction of ["up", "down"] as const) {
    await Promise.all(stages.map((stage) => loadChanges(stage, direction)));
    const again = await engine.up({ expectNoChanges: true });
    expectOnly(again, []);
    context.onProgress(`at the ${direction === "up" ? "maxima" : "minima"}: ${summary(again)}`);
    // After the `up`, so that a step too many, or a count that it takes back, is among those that were seen.
    for (const stage of stages)
      rows.push(...stage.autoscalers.filter(isPlayed).map((one) => rowOf(stage, one, direction)));
  }
  for (const stage of stages) {
    const refused = [...(await refusedPods(stage))].filter((event) => !before.get(stage)?.has(event));
    expect(refused.length === 0, () => `${stage.cluster.region}: refused pods: ${refused.join("; ")}`);
  }
  table(context, ["region", "autoscaler", "from", "computed", "seen", "computed s", "seen s"], rows);
}

/** The region's own machines grow, and its API server gets a source of metrics. */
async function prepare(context: DeployContext, cluster: RegionCluster, wanted: Record<string, number>): Promise<Stage> {
  const config = configOf(context, cluster);
  const api = config.makeApiClient(CoreV1Api);
  const metrics = await startMetricsApi(cluster.folder);
  const watch = new ReplicaWatch();
  const stage: Stage = { context, cluster, api, metrics, autoscalers: [], watch, nodes: [], files: [] };
  try {
    stage.nodes = await growPools(api, wanted);
    await untilNodesReady(api, context.signal);
    context.onProgress(`${cluster.region}: ${stage.nodes.length} nodes more`);
    await apply(stage, "metrics-api.json", metricsApiObjects(metrics.port));
    const isThere = ["--for=condition=Available", "--timeout=300s", `apiservice/${metricsApiName}`];
    await kubectl(context, cluster.context, "wait", ...isThere);
  } catch (error) {
    await withdraw(stage);
    throw error;
  }
  return stage;
}

/** Makes the autoscalers, with nobody there, and waits until each has its minimum and has asked for its load. */
async function begin(stage: Stage, owned: readonly OwnedObject[]): Promise<void> {
  const { context, cluster, metrics, watch } = stage;
  const scaled = owned.filter((object) => object.context === cluster.context && object.inputs.kind === "ScaledObject");
  stage.autoscalers = scaled.map(autoscalerOf);
  const played = stage.autoscalers.filter(isPlayed);
  expect(played.length > 0, () => `${cluster.region}: no ScaledObject has a Prometheus trigger`);
  for (const line of told(stage.autoscalers)) context.onProgress(`${cluster.region}: ${line}`);
  for (const { metrics: names } of played) for (const name of names) metrics.set(name, 0);
  await watch.start(configOf(context, cluster), new Set(played.map(({ namespace }) => namespace)));
  await apply(
    stage,
    "autoscalers.json",
    played.map(({ object }) => object).filter((object) => object !== undefined),
  );
  await watch.until(boundsOf(played, "down"), context.signal);
  const names = played.flatMap((one) => one.metrics);
  await watch.untilTrue(
    () => names.every((name) => metrics.asked(name) > 0),
    () => "a load is not asked for",
    context.signal,
  );
}

/** What is played and what is not: a lab has no processes that would use CPU or memory. */
function told(autoscalers: readonly MadeAutoscaler[]): string[] {
  const names = (some: readonly MadeAutoscaler[]) => some.map(({ name }) => name).join(", ");
  const leftOut = [...new Set(autoscalers.flatMap((one) => one.leftOut))].sort();
  const idle = autoscalers.filter((one) => !isPlayed(one));
  return [
    `autoscalers: ${names(autoscalers.filter(isPlayed))}`,
    ...leftOut.map((type) => {
      const owners = autoscalers.filter((one) => one.leftOut.includes(type));
      return `left out, since pods of the lab use nothing: triggers of type ${type} of ${names(owners)}`;
    }),
    ...(idle.length > 0 ? [`so without an autoscaler: ${names(idle)}`] : []),
  ];
}

/** Changes every load at once and waits until the Deployments have followed and their pods run. */
async function loadChanges(stage: Stage, direction: "up" | "down"): Promise<void> {
  const { context, cluster, metrics, watch, autoscalers } = stage;
  const played = autoscalers.filter(isPlayed);
  watch.restart();
  for (const { metrics: names, spec } of played) {
    // A tenth beyond what runs is within the controller's tolerance, so exactly the maximum would stop short of it.
    const pods = direction === "up" ? spec.maxReplicas * 1.2 : 0;
    for (const name of names) metrics.set(name, Math.ceil(pods * name.threshold));
  }
  await watch.until(boundsOf(played, direction), context.signal);
  for (const { namespace, name } of played) {
    const target = ["--namespace", namespace, `deployment/${name}`];
    await kubectl(context, cluster.context, "rollout", "status", "--timeout=300s", ...target);
  }
}

/** The counts must be those computed; a loaded machine may be late and never early. */
function rowOf(
  { cluster, watch }: Stage,
  { namespace, name, spec }: MadeAutoscaler,
  direction: "up" | "down",
): string[] {
  const { minReplicas, maxReplicas } = spec;
  const [from, wanted] = direction === "up" ? [minReplicas, maxReplicas] : [maxReplicas, minReplicas];
  const computed = scalingSteps(spec, from, wanted);
  const seen = watch.steps(namespace, name);
  const what = `${cluster.region}: ${name} from ${from}`;
  expect(
    seen.map(({ replicas }) => replicas).join() === computed.map(({ replicas }) => replicas).join(),
    () => `${what}: computed ${short(computed, countOf)}, seen ${short(seen, countOf)}`,
  );
  const early = seen.filter(({ seconds }, index) => seconds < (computed[index]?.seconds ?? 0) - syncSeconds);
  expect(early.length === 0, () => {
    return `${what}: early: computed ${short(computed, secondsOf)} s, seen ${short(seen, secondsOf)} s`;
  });
  const columns = [short(computed, countOf), short(seen, countOf), short(computed, secondsOf), short(seen, secondsOf)];
  return [cluster.region, name, String(from), ...columns];
}

function countOf({ replicas }: ScalingStep): string {
  return String(replicas);
}

function secondsOf({ seconds }: ScalingStep): string {
  return seconds.toFixed(0);
}

/** All steps where there are few, else the first and the last ones and how many there are. */
function short(steps: readonly ScalingStep[], text: (step: ScalingStep) => string): string {
  const texts = steps.map(text);
  if (texts.length <= 8) return texts.join(" ");
  return `${texts.slice(0, 4).join(" ")} .. ${texts.slice(-3).join(" ")} (${texts.length})`;
}

function isPlayed({ object }: MadeAutoscaler): boolean {
  return object !== undefined;
}

function boundsOf(autoscalers: readonly MadeAutoscaler[], direction: "up" | "down") {
  return autoscalers.map(({ namespace, name, spec }) => {
    return { namespace, name, replicas: direction === "up" ? spec.maxReplicas : spec.minReplicas };
  });
}

/** Pods that a quota or a limit range refused, as events tell it; one that repeats has a higher count. */
async function refusedPods({ api }: Stage): Promise<Set<string>> {
  const { items } = await api.listEventForAllNamespaces({ fieldSelector: "reason=FailedCreate" });
  return new Set(items.map(({ involvedObject, count, message }) => `${involvedObject.name} (${count}): ${message}`));
}

function configOf({ lab }: DeployContext, { context }: RegionCluster): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(lab.kubeconfig);
  config.setCurrentContext(context);
  return config;
}

async function apply({ context, cluster, files }: Stage, name: string, items: readonly object[]): Promise<void> {
  const file = join(cluster.folder, name);
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  files.push(file);
  await kubectl(context, cluster.context, "apply", "--server-side", "--filename", file);
}

/** Takes away what the scenario added, but for the nodes, which have pods. An API without its server stops clean-ups. */
async function withdraw({ context, cluster, metrics, watch, files }: Stage): Promise<void> {
  watch.stop();
  try {
    for (const file of files.toReversed()) {
      await kubectl(context, cluster.context, "delete", "--ignore-not-found", "--filename", file);
    }
  } finally {
    await metrics.stop();
  }
}

export default {
  name: "scaling",
  summary: "everybody comes, everybody leaves: steps of the real autoscaler are those computed (argument: most pods)",
  run,
};
