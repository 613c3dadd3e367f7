/**
 * Changes of the stores: new passwords, other sizes, volumes that grow and that shrink. Each reaches what it must and
 * nothing else, as its preview said, and no namespace, StatefulSet, claim or volume is another one afterwards.
 */
import { agentsNamespace, Cluster } from "../../components/config/cluster.ts";
import { Data, type DataConfig } from "../../components/config/data.ts";
import { mysqlClusterName } from "../../components/data/mysql-plan.ts";
import { checksumAnnotation } from "../../components/kube/labels.ts";
import { bytes, formatBytes, gibibyte } from "../../components/kube/quantities.ts";
import { credentialKeys } from "../../components/kube/stores.ts";
import { readStackFile } from "../../tools/offline/stack-file.ts";
import type { StateResource } from "../../tools/recovery.ts";
import type { Engine } from "../engine.ts";
import { type OperationResult, summary } from "../operation-result.ts";
import {
  type DeployContext,
  expect,
  expectOnly,
  kubectl,
  type OwnedObject,
  openProgram,
  ownedObjects,
  sourceOf,
  table,
} from "./support/deployment.ts";

/** What a change does. Everything else stays as it is. */
interface Effect {
  /** URNs that are updated in any case. */
  updated: string[];
  /** Tells which other objects may be updated. */
  mayUpdate?: (object: OwnedObject) => boolean;
  /** URNs that are replaced. */
  replaced?: string[];
}

/** A change of `data` with its effect, told from what the state holds before it. */
interface Change {
  what: string;
  data: DataConfig;
  effect: (owned: readonly OwnedObject[], state: readonly StateResource[]) => Effect;
}

type Note = (step: string, result: OperationResult) => OperationResult;

async function run(context: DeployContext): Promise<void> {
  const { stack, projectFolder } = sourceOf(context);
  const rows: (string | number)[][] = [];
  const note: Note = (step, result) => {
    const { seconds, created, updated, replaced, deleted, same } = result;
    context.onProgress(`${step}: ${summary(result)}`);
    const counts = [created, updated, replaced, deleted, same].map((urns) => urns.length);
    rows.push([step, seconds.toFixed(1), ...counts]);
    return result;
  };
  const data = Data.parse(readStackFile(stack, projectFolder)["realmgrid:data"] ?? {});
  const engine = await openProgram(context);
  context.onProgress(`provider: ${engine.provider}`);
  note("first up", await engine.up());
  const kept = await lastingObjects(context);
  context.onProgress(`${kept.length} namespaces, StatefulSets, claims and volumes that must stay`);
  const rotated = await rotates(context, engine, data, note);
  let last = engine;
  for (const change of sizeChanges(rotated)) {
    last = await makes(context, change, note);
    await expectKept(context, kept, change.what);
  }
  expectOnly(note("once more", await last.up({ expectNoChanges: true })), []);
  note("destroy", await last.destroy());
  table(context, ["step", "seconds", "created", "updated", "replaced", "deleted", "same"], rows);
}

/** Makes a change: the preview and the `up` have its effect and no other. */
async function makes(context: DeployContext, { what, data, effect }: Change, note: Note): Promise<Engine> {
  context.signal.throwIfAborted();
  const engine = await openProgram(context, { "realmgrid:data": data });
  const owned = await ownedObjects(engine);
  const wanted = effect(owned, (await engine.exportState()).resources ?? []);
  expectEffect(await engine.preview(), wanted, owned);
  const done = note(what, await engine.up());
  expectEffect(done, wanted, owned);
  for (const line of told(done, owned)) context.onProgress(`  ${line}`);
  return engine;
}

function expectEffect(result: OperationResult, effect: Effect, owned: readonly OwnedObject[]): void {
  expectOnly(result, ["updated", "replaced"]);
  const { updated, mayUpdate = () => false, replaced = [] } = effect;
  const optional = new Set(owned.filter(mayUpdate).map(({ urn }) => urn));
  const found = result.updated.filter((urn) => updated.includes(urn) || !optional.has(urn));
  expectSame(`${result.kind}: updated`, found, updated);
  expectSame(`${result.kind}: replaced`, result.replaced, replaced);
}

function expectSame(what: string, found: readonly string[], wanted: readonly string[]): void {
  const missing = wanted.filter((one) => !found.includes(one));
  const strange = found.filter((one) => !wanted.includes(one));
  const names = (urns: readonly string[]) => urns.map(nameOf).join(", ") || "nothing";
  expect(
    missing.length + strange.length === 0,
    () => `${what} too much: ${names(strange)}; missing: ${names(missing)}`,
  );
}

/** What was changed, kind by kind, and where. Paths alone: values may be secret. */
function told(result: OperationResult, owned: readonly OwnedObject[]): string[] {
  const places = new Map<string, { names: Set<string>; paths: Set<string> }>();
  for (const urn of [...result.updated, ...result.replaced]) {
    const object = owned.find((one) => one.urn === urn)?.inputs;
    const kind = object?.kind ?? urn.split("::")[2]?.split(":").at(-1) ?? "";
    const place = places.get(kind) ?? { names: new Set(), paths: new Set() };
    place.names.add(object?.metadata?.name ?? nameOf(urn));
    for (const path of result.differences[urn] ?? []) place.paths.add(path);
    places.set(kind, place);
  }
  return [...places].map(([kind, { names, paths }]) => {
    const who = names.size > 6 ? `${names.size}` : [...names].join(", ");
    return `${kind} ${who}: ${[...paths].join(", ")}`;
  });
}

/** Raises the generation: each user keeps one password, and every pod that has one starts anew. */
async function rotates(context: DeployContext, engine: Engine, data: DataConfig, note: Note): Promise<DataConfig> {
  const users = userSecrets(await ownedObjects(engine), (await engine.exportState()).resources ?? []);
  const secrets = await passwordsOf(context, users);
  const pods = await rolledPods(context);
  expect(secrets.size > 0 && pods.length > 0, () => "the stack has no user of a store, or no pod that reads one");
  const kept = await lastingObjects(context);
  const generation = data.credentials.generation + 1;
  const change: Change = {
    what: `generation ${data.credentials.generation} -> ${generation}`,
    data: { ...data, credentials: { ...data.credentials, generation } },
    effect: (owned, state) => ({
      updated: [...userSecrets(owned, state), ...owned.filter(hasChecksum)].map(({ urn }) => urn),
      // The other slot holds the password that stays valid.
      replaced: state.filter((one) => slotOf(one) === generation % 2).map(({ urn }) => urn),
    }),
  };
  const rotated = await makes(context, change, note);
  expectOnly(note("once more", await rotated.up({ expectNoChanges: true })), []);
  await expectKept(context, kept, change.what);
  const now = await passwordsOf(context, users);
  for (const [user, before] of secrets) {
    const after = now.get(user);
    expect(
      after?.previous === before.password && after.password !== before.password && after.password !== before.previous,
      () => `${user}: the last password is not the one before the new one`,
    );
    expect(after?.texts === 0, () => `${user}: ${after?.texts} keys still hold the last password`);
  }
  const old = (await rolledPods(context)).filter((pod) => pods.includes(pod));
  expect(old.length === 0, () => `still with the last password: ${old.join(", ")}`);
  context.onProgress(`  ${now.size} users, each with its last password still valid; ${pods.length} pods started anew`);
  return change.data;
}

function sizeChanges(data: DataConfig): Change[] {
  const { mysql, valkey } = data;
  const routers = mysql.routers + 1;
  const more = { ...data, mysql: { ...mysql, routers } };
  const maxConnections = mysql.maxConnections + 100;
  const memory = formatBytes(bytes(mysql.resources.limits.memory) + gibibyte);
  const resources = { ...mysql.resources, limits: { ...mysql.resources.limits, memory } };
  const larger = { ...data, mysql: { ...more.mysql, maxConnections, resources } };
  const volumes = (share: number): DataConfig => ({
    ...larger,
    mysql: { ...larger.mysql, diskSize: sized(mysql.diskSize, share) },
    valkey: { ...valkey, diskSize: sized(valkey.diskSize, share) },
  });
  const disks = (one: DataConfig) => `volumes of MySQL ${one.mysql.diskSize}, of Valkey ${one.valkey.diskSize}`;
  // Claims of the servers are no objects of the stack, so nothing but the scratch space of MySQL's dumps and restores
  // follows its volumes; that of Valkey follows its memory.
  const scratch = (owned: readonly OwnedObject[]): Effect => ({
    updated: owned.filter(isMySqlDump).map(({ urn }) => urn),
    mayUpdate: followsThePlan,
  });
  const ofMySql = (...kinds: string[]) => {
    return (owned: readonly OwnedObject[]): Effect => ({
      updated: owned
        .filter(({ inputs }) => kinds.includes(inputs.kind ?? "") && inputs.metadata?.name === mysqlClusterName)
        .map(({ urn }) => urn),
      mayUpdate: followsThePlan,
    });
  };
  return [
    { what: `routers ${mysql.routers} -> ${routers}`, data: more, effect: ofMySql("InnoDBCluster") },
    {
      what: `maxConnections ${mysql.maxConnections} -> ${maxConnections}, memory ${memory}`,
      data: larger,
      effect: ofMySql("InnoDBCluster", "VerticalPodAutoscaler"),
    },
    { what: disks(volumes(1.2)), data: volumes(1.2), effect: scratch },
    { what: disks(volumes(0.8)), data: volumes(0.8), effect: scratch },
  ];
}

function sized(size: string, share: number): string {
  return `${Math.round((bytes(size) * share) / gibibyte)}Gi`;
}

/** Secrets of the stores' users: those beside two passwords. The state has their content encrypted as a whole. */
function userSecrets(owned: readonly OwnedObject[], state: readonly StateResource[]): OwnedObject[] {
  const users = new Set(
    state.filter((one) => slotOf(one) !== undefined).map(({ urn }) => nameOf(urn.replace(slot, ""))),
  );
  return owned.filter(({ urn, inputs }) => inputs.kind === "Secret" && users.has(nameOf(urn)));
}

const slot = /-(even|odd)$/;

/** Which of a user's two passwords a resource is: that of even generations, 0, or of odd ones, 1. */
function slotOf({ type, urn }: StateResource): 0 | 1 | undefined {
  const [, parity] = type === "random:index/randomPassword:RandomPassword" ? (slot.exec(urn) ?? []) : [];
  return parity === undefined ? undefined : parity === "even" ? 0 : 1;
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

/**
 * Quota and limit range follow the sums, and keep their floors while these suffice; the size of Prometheus and the numbers
 * of its rules follow what it watches.
 */
function followsThePlan({ inputs }: OwnedObject): boolean {
  return ["ResourceQuota", "LimitRange", "Prometheus", "PrometheusRule"].includes(inputs.kind ?? "");
}

/** Namespaces of monitoring, where nobody logs in to a store. */
const defaults = Cluster.parse({});
const watchers: readonly string[] = [defaults.monitoringNamespace, agentsNamespace(defaults)];

function hasChecksum({ inputs }: OwnedObject): boolean {
  if (watchers.includes(inputs.metadata?.namespace ?? "")) return false;
  const template = inputs.spec?.["template"] as { metadata?: { annotations?: Record<string, string> } } | undefined;
  return template?.metadata?.annotations?.[checksumAnnotation] !== undefined;
}

function isMySqlDump({ inputs }: OwnedObject): boolean {
  return inputs.kind === "CronJob" && /^mysql-(backup|drill|restore)$/.test(inputs.metadata?.name ?? "");
}

/** Passwords by user, read from the clusters; `texts` counts the other keys that hold the last one. Never shown. */
async function passwordsOf(context: DeployContext, users: readonly OwnedObject[]) {
  const found = new Map<string, { password: string; previous: string; texts: number }>();
  for (const { inputs, context: cluster } of users) {
    const { name = "", namespace = "" } = inputs.metadata ?? {};
    const text = await kubectl(context, cluster, "--namespace", namespace, "get", "secret", name, "--output", "json");
    const { data } = JSON.parse(text) as { data: Record<string, string> };
    const { password = "", [credentialKeys.previous]: previous = "" } = data;
    const others = Object.entries(data).filter(([key]) => key !== credentialKeys.previous);
    const texts = others.filter(([, value]) => value === previous).length;
    found.set(`${cluster} ${namespace}/${name}`, { password, previous, texts });
  }
  return found;
}

/** Pods whose template carries the generation, each with its uid. */
async function rolledPods(context: DeployContext): Promise<string[]> {
  const key = checksumAnnotation.replaceAll(".", "\\.");
  const checksum = `{.metadata.annotations.${key}}`;
  const fields = `{.metadata.namespace} {.metadata.name} {.metadata.uid} ${checksum} {.metadata.deletionTimestamp}`;
  const lines = (await inEachCluster(context, fields, "pods")).map((line) => line.trim().split(" "));
  // Behind the cluster. A pod that is being deleted has a fifth word; one without the checksum has only three.
  return lines
    .filter((words) => words.length === 5 && !watchers.includes(words[1] ?? ""))
    .map((words) => words.join(" "));
}

/** What must outlive every change, each with its uid and its size. */
async function lastingObjects(context: DeployContext): Promise<string[]> {
  const size = "{.spec.resources.requests.storage}{.spec.capacity.storage}{.status.capacity.storage}";
  const template = "{.spec.volumeClaimTemplates[*].spec.resources.requests.storage}";
  const fields = `{.kind}/{.metadata.name} {.metadata.uid} ${size}${template}`;
  return inEachCluster(context, fields, "namespaces,statefulsets,persistentvolumeclaims,persistentvolumes");
}

async function inEachCluster(context: DeployContext, fields: string, kinds: string): Promise<string[]> {
  const output = `jsonpath={range .items[*]}${fields}{"\\n"}{end}`;
  const texts = await Promise.all(
    context.lab.clusters.map(async ({ context: cluster }) => {
      const text = await kubectl(context, cluster, "get", kinds, "--all-namespaces", "--output", output);
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => `${cluster} ${line}`);
    }),
  );
  return texts.flat().sort();
}

async function expectKept(context: DeployContext, before: readonly string[], what: string): Promise<void> {
  const now = await lastingObjects(context);
  const gone = before.filter((line) => !now.includes(line));
  const strange = now.filter((line) => !before.includes(line));
  expect(gone.length + strange.length === 0, () => `${what}: was ${gone.join("; ")}; is ${strange.join("; ")}`);
}

export default {
  name: "data-changes",
  summary: "new passwords, sizes and volumes of the stores reach what they must and replace nothing",
  run,
};
