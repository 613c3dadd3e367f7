/**
 * Real KEDA scales the game servers by what a real Prometheus records of their pages: it grows and shrinks by the steps
 * that the preview computes, and while players cannot be seen it takes no server away.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type ScalingStep, scalingSteps, syncSeconds } from "../../components/capacity/autoscaler.ts";
import type { Engine } from "../engine.ts";
import { summary } from "../operation-result.ts";
import { freePorts } from "../ports.ts";
import { debianServer } from "../toolchain/debian-packages.ts";
import {
  type DeployContext,
  expect,
  expectOnly,
  kubectl,
  openProgram,
  ownedObjects,
  sourceOf,
  table,
} from "./support/deployment.ts";
import { builtKeda } from "./support/keda-programs.ts";
import { growPools, removeNodes, untilNodesReady } from "./support/more-nodes.ts";
import { PlayerStage } from "./support/player-stage.ts";
import { wantedServers } from "./support/players.ts";
import { scalingConfig } from "./support/scaling-config.ts";

/** Players of a server that is busier than the aim of 1500, and less than the tolerance of a tenth. */
const busyPlayers = 1600;

/**
 * Seconds that load must stay low before servers are removed: 300 in production. Pods are scraped one after the other, so
 * when all of them fall silent the sum is a part of the truth for a scrape and an evaluation, 30 s: the window must be
 * longer.
 */
const downWindowSeconds = 45;

const clusterKey = "realmgrid:cluster";

/** The scenario as it goes on, with what was seen so far. */
interface Story {
  context: DeployContext;
  engine: Engine;
  stage: PlayerStage;
  started: number;
  rows: (string | number)[][];
}

async function run(context: DeployContext): Promise<void> {
  const most = Number(context.args[0] ?? 12);
  expect(Number.isInteger(most) && most > 5, () => `the most game servers, more than 5: got "${context.args[0]}"`);
  const built = await builtKeda(context);
  const { onProgress, signal } = context;
  const server = await debianServer("prometheus", { onProgress, signal });
  const [cluster] = context.lab.clusters;
  if (cluster === undefined) throw new Error("the lab has no region");
  const [port = 0] = await freePorts(1);
  const { overrides, nodes } = scalingConfig(context, most, { downWindowSeconds });
  const { config } = sourceOf(context);
  const ours = { ...(config?.[clusterKey] as object), prometheusUrl: `http://127.0.0.1:${port}` };
  const engine = await openProgram(context, { ...overrides, [clusterKey]: ours });
  const stage = new PlayerStage(context, cluster);
  const story: Story = { context, engine, stage, started: Date.now(), rows: [] };
  const added = await growPools(stage.core, nodes[cluster.region] ?? {});
  try {
    await untilNodesReady(stage.core, context.signal);
    context.onProgress(`provider: ${engine.provider}; ${summary(await engine.up())}`);
    await stage.measure(await ownedObjects(engine), { server, port });
    await stage.scale(built);
    await begins(story);
    await grows(story);
    await isNotScraped(story);
    await isBlind(story);
    await shrinks(story);
    table(context, ["s", "what", "players", "wanted", "seen"], story.rows);
    // KEDA has a finalizer on every ScaledObject and must be there when they go.
    context.onProgress(summary(await engine.destroy()));
  } finally {
    await stage.end();
  }
  await removeNodes(context, cluster.context, added);
}

/** The minimum runs, is as full as it should be, and then a little fuller, which is within the tolerance. */
async function begins(story: Story): Promise<void> {
  const { stage, context } = story;
  const { namespace, name, spec, metrics } = stage.deployed.autoscaler;
  const { minReplicas } = spec;
  await stage.watch.until([{ namespace, name, replicas: minReplicas }], context.signal);
  await runs(story);
  story.started = Date.now();
  await play(story, minReplicas * (metrics[0]?.threshold ?? 0));
  row(story, `${minReplicas} servers, each as full as it should be`);
  stage.watch.restart();
  await play(story, minReplicas * busyPlayers);
  await holds(story, `${busyPlayers} on each: within the tolerance`);
}

/** So many come that every server of the maximum has a little more than its aim. */
async function grows(story: Story): Promise<void> {
  const { stage } = story;
  const { maxReplicas } = stage.deployed.autoscaler.spec;
  stage.watch.restart();
  const started = Date.now();
  stage.exporter.play(maxReplicas * busyPlayers);
  await steps(story, maxReplicas, { started, what: `${busyPlayers} for each of ${maxReplicas} come` });
  await staysAfterUp(story);
}

/** The pages of the pods are not to be had, and Prometheus answers with no series. */
async function isNotScraped(story: Story): Promise<void> {
  const { stage } = story;
  stage.watch.restart();
  stage.exporter.isSilent = true;
  await stage.until("no series is left", async () => {
    return (await stage.prometheus.value(stage.deployed.query)) === undefined;
  });
  row(story, "no pod can be scraped, Prometheus has no series");
  await holds(story, "so all stay");
  stage.exporter.isSilent = false;
  await seen(story);
  row(story, "pods are scraped again");
}

/** Prometheus is gone; players leave, which nobody sees. */
async function isBlind(story: Story): Promise<void> {
  const { stage } = story;
  stage.watch.restart();
  await stage.prometheus.stop();
  stage.exporter.play(stage.deployed.autoscaler.spec.minReplicas * (busyPlayers / 4));
  row(story, "Prometheus is stopped, and players leave");
  await stage.untilFallback();
  row(story, "KEDA falls back");
  await holds(story, "so all stay");
}

/** Prometheus is back and shows that players have left. */
async function shrinks(story: Story): Promise<void> {
  const { stage } = story;
  stage.watch.restart();
  const started = Date.now();
  await stage.prometheus.resume();
  await steps(story, stage.deployed.autoscaler.spec.minReplicas, { started, what: "Prometheus is back" });
  await staysAfterUp(story);
}

/** Lets players play and waits until an autoscaler is told so. */
async function play(story: Story, players: number): Promise<void> {
  story.stage.exporter.play(players);
  await seen(story);
}

async function seen({ stage }: Story): Promise<void> {
  const { players } = stage.exporter;
  await stage.until(`${players} players are seen`, async () => (await stage.toldPlayers()) === players);
}

/** Waits for the last step and compares all of them with those computed. A loaded machine may be late, never early. */
async function steps(story: Story, to: number, { started, what }: { started: number; what: string }): Promise<void> {
  const { stage, context } = story;
  const { namespace, name, spec } = stage.deployed.autoscaler;
  const from = servers(story);
  row(story, what);
  await stage.watch.until([{ namespace, name, replicas: to }], context.signal);
  await runs(story);
  const computed = scalingSteps(spec, from, to);
  const taken = stage.watch.steps(namespace, name);
  const since = (started - story.started) / 1000;
  for (const [index, { seconds, replicas }] of taken.entries()) {
    const running = index === 0 ? from : (taken[index - 1]?.replicas ?? from);
    const { [index]: step } = computed;
    const says = step === undefined ? "not computed" : `computed ${step.replicas} after ${step.seconds} s`;
    row(story, `step after ${seconds.toFixed(0)} s, ${says}`, { seconds: since + seconds, running, replicas });
  }
  const counts = (some: readonly ScalingStep[]) => some.map(({ replicas }) => replicas).join(" ");
  expect(counts(taken) === counts(computed), () => `${what}: computed ${counts(computed)}, seen ${counts(taken)}`);
  const early = taken.filter(({ seconds }, index) => seconds < (computed[index]?.seconds ?? 0) - syncSeconds);
  expect(early.length === 0, () => `${what}: too early: ${early.map(({ seconds }) => seconds.toFixed(0)).join(" ")} s`);
}

/** Waits long enough for a step to come, which is a window, a period and three passes; and none may come. */
async function holds(story: Story, what: string): Promise<void> {
  const { stage, context } = story;
  const { namespace, name, spec } = stage.deployed.autoscaler;
  const { stabilizationWindowSeconds = 0, policies = [] } = spec.behavior.scaleDown;
  const [{ periodSeconds } = { periodSeconds: 0 }] = policies;
  const seconds = stabilizationWindowSeconds + periodSeconds + 3 * syncSeconds;
  await sleep(seconds * 1000, undefined, { signal: context.signal });
  stage.check();
  const taken = stage.watch.steps(namespace, name);
  row(story, what);
  expect(taken.length === 0, () => {
    return `${what}: wanted no step, seen ${taken.map(({ replicas }) => replicas).join(" ")}`;
  });
}

/** An `up` takes nothing back. */
async function staysAfterUp(story: Story): Promise<void> {
  const { stage, engine } = story;
  const before = servers(story);
  const again = await engine.up({ expectNoChanges: true });
  expectOnly(again, []);
  expect(servers(story) === before, () => `up has changed ${before} servers to ${servers(story)}`);
  stage.check();
  row(story, `up: ${again.same.length} the same`);
}

async function runs({ stage, context }: Story): Promise<void> {
  const { namespace, name } = stage.deployed.autoscaler;
  const [cluster] = context.lab.clusters;
  const target = ["--namespace", namespace, `deployment/${name}`];
  await kubectl(context, cluster?.context ?? "", "rollout", "status", "--timeout=300s", ...target);
}

function servers({ stage }: Story): number {
  const { namespace, name } = stage.deployed.autoscaler;
  return stage.watch.replicas(namespace, name);
}

/** Notes a moment: now, or a step that was seen before. */
function row(story: Story, what: string, step?: { seconds: number; running: number; replicas: number }): void {
  const { stage, context, started, rows } = story;
  const { spec, metrics } = stage.deployed.autoscaler;
  const now = { seconds: (Date.now() - started) / 1000, running: servers(story), replicas: servers(story) };
  const { seconds, running, replicas } = step ?? now;
  const { players } = stage.exporter;
  const wanted = wantedServers(players, running, { ...spec, playersPerServer: metrics[0]?.threshold ?? 0 });
  rows.push([seconds.toFixed(0), what, players, wanted, replicas]);
  context.onProgress(`${seconds.toFixed(0)} s: ${what}; ${players} players want ${wanted}, seen ${replicas}`);
}

export default {
  name: "players",
  summary:
    "real KEDA scales game servers by what a real Prometheus records; blind, it keeps them (argument: most servers)",
  run,
};
