/**
 * Workloads change hands and come back, step by step as docs/runbooks/hand-over.md says, with data protected as in
 * production. No pod, no workload, no Service and no claim becomes another one. Before that the accident: the mode is
 * changed and nothing else, which the engine refuses.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Side } from "../../tools/field-managers.ts";
import { deliveredObjects, handOver } from "../../tools/hand-over/hand-over.ts";
import { EngineError } from "../engine.ts";
import { type OperationResult, summary } from "../operation-result.ts";
import { type ClusterObject, called, keyOf } from "./support/argocd-objects.ts";
import {
  applicationsOf,
  type Delivery,
  deliveryValues,
  engineManager,
  prepareArgoCd,
  removeArgoCd,
  renderedTree,
  stackValues,
  syncAll,
} from "./support/delivery.ts";
import {
  type DeployContext,
  expect,
  expectOnly,
  openProgram,
  ownedObjects,
  present,
  sourceOf,
  table,
} from "./support/deployment.ts";
import { clientOf, list, managersOf, read } from "./support/live-objects.ts";
import { differs, syncManager } from "./support/sync.ts";

/** One run of the scenario. */
interface Run {
  context: DeployContext;
  rows: string[][];
  /** Objects that must stay, with their identities. */
  lasting: Map<string, string>;
}

type Changes = Parameters<typeof expectOnly>[1];

async function run(context: DeployContext): Promise<void> {
  context.onProgress(`the lab has no Argo CD: a stand-in applies as ${syncManager}, as Argo CD's sources say`);
  const all: Run = { context, rows: [], lasting: new Map() };
  await prepareArgoCd(context);
  await up(all, "pulumi", { mode: "pulumi" }, ["created"]);
  all.lasting = await lastingObjects(context);
  context.onProgress(`${all.lasting.size} pods, workloads, Services and claims that must stay`);
  await refusesAccident(all, "mode changed by accident", { mode: "argocd" });
  await refusesAccident(all, "without step 1", { mode: "argocd", handOver: true, automated: false });
  await up(all, "mode set back", { mode: "pulumi" }, []);
  await toArgoCd(all);
  await toEngine(all);
  await up(all, "nothing protected any more", { mode: "pulumi", protectData: false }, []);
  const engine = await openProgram(context, deliveryValues(context, { mode: "pulumi" }));
  const owned = await ownedObjects(engine);
  context.onProgress(summary(await engine.destroy()));
  const left = await present(context, owned);
  expect(left.length === 0, () => `destroy left ${left.map(({ id }) => id).join(", ")}`);
  await removeArgoCd(context);
  table(context, ["step", "seconds", "created", "updated", "replaced", "deleted", "same"], all.rows);
}

/** An `up` of the platform with another delivery: what it may do, and that nothing that must stay is another one. */
async function up(all: Run, step: string, delivery: Delivery, allowed: Changes): Promise<OperationResult> {
  const { context } = all;
  const exempted = delivery.handOver === true ? withExemption(context) : context;
  const engine = await openProgram(exempted, deliveryValues(context, { protectData: true, ...delivery }));
  const result = await engine.up();
  note(all, step, result);
  // The object that says the mode is another one with another mode.
  const replaced = result.replaced.filter((urn) => !urn.endsWith("-delivered-by"));
  expectOnly({ ...inClusters(result), replaced }, allowed);
  await expectLasting(all, step);
  return result;
}

/** The policy pack refuses worlds that nobody protects, so that a hand-over needs an exemption with a last day. */
function withExemption(context: DeployContext): DeployContext {
  const expires = new Date(Date.now() + 24 * 3600 * 1000).toISOString().slice(0, 10);
  const what = { rule: "protected-store", kind: "StatefulSet", namespace: "mmorpg-game", name: "*" };
  const exemptions = [{ ...what, reason: "worlds change hands", expires }];
  const file = join(context.lab.folder, "hand-over-policies.json");
  writeFileSync(file, JSON.stringify({ "data-protection": { exemptions } }));
  return { ...context, program: { ...sourceOf(context), policyPackConfigs: [file] } };
}

/** The same without providers, which are told whether they adopt: that is no change in a cluster. */
function inClusters(result: OperationResult): OperationResult {
  return { ...result, updated: result.updated.filter((urn) => !urn.includes("pulumi:providers:")) };
}

function note({ context, rows }: Run, step: string, result: OperationResult): void {
  context.onProgress(`${step}: ${summary(result)}`);
  const { seconds, created, updated, replaced, deleted, same } = result;
  const counts = [created, updated, replaced, deleted, same].map((urns) => String(urns.length));
  rows.push([step, seconds.toFixed(1), ...counts]);
}

/** Identities of pods, workloads, Services and claims of the namespaces that Argo CD delivers to. */
async function lastingObjects(context: DeployContext): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const object of await ownObjects(context)) found.set(object.key, object.identity);
  return found;
}

async function ownObjects(context: DeployContext): Promise<{ key: string; identity: string }[]> {
  const objects = await deliveredObjects(sourceOf(context).stack, stackValues(context));
  const places = new Map(objects.map((one) => [`${one.context} ${one.namespace}`, one]));
  const found: { key: string; identity: string }[] = [];
  for (const { context: cluster, namespace } of places.values()) {
    const kinds = "pods,deployments,statefulsets,services,persistentvolumeclaims";
    for (const object of await list({ context, cluster }, namespace, kinds)) {
      // Pods of jobs come and go by the clock.
      if (object.metadata.ownerReferences?.some(({ kind }) => kind === "Job")) continue;
      const { containerStatuses = [] } = (object["status"] ?? {}) as { containerStatuses?: { restartCount: number }[] };
      const restarts = containerStatuses.map(({ restartCount }) => restartCount).join(" ");
      found.push({ key: `${cluster} ${keyOf(object)}`, identity: `${object.metadata.uid} ${restarts}` });
    }
  }
  return found;
}

async function expectLasting({ context, lasting }: Run, step: string): Promise<void> {
  if (lasting.size === 0) return;
  const now = await lastingObjects(context);
  const changed = [...lasting].filter(([key, identity]) => now.get(key) !== identity).map(([key]) => key);
  const added = [...now.keys()].filter((key) => !lasting.has(key));
  expect(changed.length === 0, () => `${step}: gone, restarted or another one: ${changed.join(", ")}`);
  expect(added.length === 0, () => `${step}: new: ${added.join(", ")}`);
}

/**
 * The mode is changed without the step that prepares it: preview and `up` are refused, and nothing is made or deleted. The
 * `up` of the lab goes without a preview before it, which would have stopped a person.
 */
async function refusesAccident(all: Run, step: string, delivery: Delivery): Promise<void> {
  const { context } = all;
  const engine = await openProgram(context, deliveryValues(context, { protectData: true, ...delivery }));
  const before = await ownedObjects(engine);
  for (const operation of ["preview", "up"] as const) {
    let refusal: unknown;
    try {
      await engine[operation]();
    } catch (error) {
      refusal = error;
    }
    if (!(refusal instanceof EngineError)) throw new Error(`${operation}: the changed mode was not refused`);
    const { message, result } = refusal;
    note(all, `${step}: ${operation} refused`, result);
    const said = /unable to replace resource "[^"]*::([^":]+)"\s+as it is currently marked for protection/.exec(
      message,
    );
    expect(said !== null, () => `${operation} failed, but not since the mode is protected: ${message}`);
    context.onProgress(`  refused: ${said?.[1]} would be replaced, and is protected`);
    if (operation === "up") expectOnly(inClusters(result), []);
    const after = (await ownedObjects(engine)).map(({ urn }) => urn).sort();
    const names = before.map(({ urn }) => urn).sort();
    expect(after.join() === names.join(), () => "the state has other objects than before");
    expect((await present(context, before)).length === before.length, () => "objects are gone from the clusters");
    await expectLasting(all, operation);
  }
}

/** What is in the state of the engine, by identity in the cluster. */
async function stateKeys(context: DeployContext): Promise<Set<string>> {
  const engine = await openProgram(context, deliveryValues(context, { mode: "pulumi" }));
  const owned = await ownedObjects(engine);
  return new Set(owned.map(({ inputs, context: cluster }) => `${cluster} ${keyOf(inputs as ClusterObject)}`));
}

/** The delivered objects, by identity in the cluster. */
async function treeKeys(context: DeployContext): Promise<Set<string>> {
  const objects = await deliveredObjects(sourceOf(context).stack, stackValues(context));
  return new Set(
    objects.map(({ context: cluster, apiVersion, kind, namespace, name }) => {
      return `${cluster} ${keyOf({ apiVersion, kind, metadata: { namespace, name } })}`;
    }),
  );
}

/** Of `all`, those that are not among `some`, but for the object that says the mode. */
function without(all: Set<string>, some: Set<string>): string[] {
  return [...all].filter((key) => !some.has(key) && !key.includes("/delivered-by-")).sort();
}

async function toArgoCd(all: Run): Promise<void> {
  const { context } = all;
  await up(all, "1 handOver: true", { mode: "pulumi", handOver: true }, []);
  const before = await stateKeys(context);
  const dropping: Delivery = { mode: "argocd", handOver: true, automated: false };
  await up(all, "3 mode: argocd", dropping, ["created", "deleted"]);
  const dropped = without(before, await stateKeys(context));
  const tree = await treeKeys(context);
  expect(dropped.join() === [...tree].sort().join(), () => `dropped from the state: ${dropped.join(", ")}`);
  context.onProgress(`${dropped.length} objects dropped from the state and kept in the clusters`);
  await syncs(all, "4 sync", "changed");
  await handsOver(all, "argocd");
  await syncs(all, "sync once more", "same");
  await up(all, "6 handOver: false", { mode: "argocd" }, ["updated"]);
  await up(all, "up once more", { mode: "argocd" }, []);
}

async function toEngine(all: Run): Promise<void> {
  const { context } = all;
  await up(all, "1 automated: false", { mode: "argocd", handOver: true, automated: false }, ["updated"]);
  const before = await stateKeys(context);
  await up(all, "2 mode: pulumi", { mode: "pulumi", handOver: true, automated: false }, ["created", "deleted"]);
  const adopted = without(await stateKeys(context), before);
  const tree = await treeKeys(context);
  expect(adopted.join() === [...tree].sort().join(), () => `adopted: ${adopted.join(", ")}`);
  context.onProgress(`${adopted.length} objects adopted`);
  await handsOver(all, "pulumi");
  await up(all, "4 handOver: false", { mode: "pulumi" }, []);
  await up(all, "up once more", { mode: "pulumi" }, []);
}

/** An annotation counts as a new generation of a Deployment, so that number is left out too. */
function withoutAnnotations({ metadata, status: _, ...rest }: ClusterObject): ClusterObject {
  const { annotations: __, generation: ___, ...others } = metadata;
  return { ...rest, metadata: others };
}

/** One synchronisation in which every object falls under one heading. */
async function syncs(all: Run, step: string, heading: "changed" | "same"): Promise<void> {
  const { context, rows } = all;
  const applications = await applicationsOf(context, await renderedTree(context));
  const contents = async () => {
    const lists = applications.map(({ cluster, tree }) => read({ context, cluster }, tree));
    return (await Promise.all(lists)).flat().map(withoutAnnotations);
  };
  const before = await contents();
  for (const result of await syncAll(context, applications)) {
    const { application, seconds, created, changed, same, pruned, kept } = result;
    const others = { created, changed, same, pruned, kept, [heading]: [] };
    const strange = Object.entries(others).filter(([, names]) => names.length > 0);
    expect(strange.length === 0, () => `${step}: ${strange.map(([key, names]) => `${key} ${names}`).join("; ")}`);
    const counts = [created, changed, [], pruned, same].map(({ length }) => String(length));
    rows.push([`${step}: ${application}`, seconds.toFixed(1), ...counts]);
    context.onProgress(`${step}: ${application}: ${result[heading].length} ${heading}`);
  }
  const after = new Map((await contents()).map((object) => [keyOf(object), object]));
  const other = before.filter((object) => {
    const now = after.get(keyOf(object));
    return now === undefined || differs(object, now);
  });
  expect(other.length === 0, () => `${step}: more than annotations changed: ${other.map(called).join(", ")}`);
  await expectLasting(all, step);
}

/** The old owner lets go, by the program of `npm run hand-over`; afterwards it has written no field of any object. */
async function handsOver(all: Run, to: Side): Promise<void> {
  const { context } = all;
  const objects = await deliveredObjects(sourceOf(context).stack, stackValues(context));
  const started = Date.now();
  const lines = await handOver(objects, { to, dryRun: false, client: (cluster) => clientOf({ context, cluster }) });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const strange = lines.filter(({ state }) => state !== "let go");
  expect(strange.length === 0, () => strange.map(({ kind, name, state }) => `${kind} ${name}: ${state}`).join("; "));
  const old = to === "argocd" ? engineManager : syncManager;
  for (const { context: cluster } of context.lab.clusters) {
    const its = objects.filter((one) => one.context === cluster);
    const named = its.map(({ apiVersion, kind, namespace, name }) => ({
      apiVersion,
      kind,
      metadata: { namespace, name },
    }));
    const claimed = (await read({ context, cluster }, named)).filter((object) =>
      managersOf(object).some((manager) => manager.startsWith(old)),
    );
    expect(claimed.length === 0, () => `still written by ${old}: ${claimed.map(called).join(", ")}`);
  }
  context.onProgress(`hand-over to ${to}: ${lines.length} objects let go in ${seconds} s`);
  await expectLasting(all, `hand-over to ${to}`);
}

export default {
  name: "hand-over",
  summary: "workloads go from the engine to Argo CD and back; no pod is restarted; an accident is refused",
  run,
};
