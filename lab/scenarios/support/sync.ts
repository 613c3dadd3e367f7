/**
 * Stands in for Argo CD's application controller, which is not built for the lab: one synchronisation of an Application
 * with its part of the rendered tree, by kubectl, which Argo CD applies by too. It follows the sources of argo-cd 3:
 * `gitops-engine/pkg/sync` for waves and pruning, `util/argo/resource_tracking.go` for tracking, and
 * `normalizeTargetResources` of `controller/sync.go` for fields that others own. It knows neither Git nor hooks nor
 * retries, and of health only the rollouts of pods: what waits for an operator (KEDA) would wait for ever in a lab.
 */
import { isDeepStrictEqual } from "node:util";
import type { KubernetesObject } from "@kubernetes/client-node";
import {
  type Application,
  type AppProject,
  type ClusterObject,
  called,
  groupOf,
  type IgnoreRule,
  keyOf,
} from "./argocd-objects.ts";
import { type DeployContext, expect, kubectl } from "./deployment.ts";
import { allKinds, list, objectsIn, type Place, read, remove, withObjects } from "./live-objects.ts";
import { refusal } from "./project-rights.ts";

/** What one synchronisation did; objects as `Kind name`. */
export interface SyncResult {
  application: string;
  seconds: number;
  created: string[];
  changed: string[];
  same: string[];
  pruned: string[];
  /** No longer in the tree, and kept since it says `Prune=false`. */
  kept: string[];
}

/** Field manager of what Argo CD applies (`ArgoCDSSAManager`). */
export const syncManager = "argocd-controller";

const trackingAnnotation = "argocd.argoproj.io/tracking-id";
const waveAnnotation = "argocd.argoproj.io/sync-wave";
const optionsAnnotation = "argocd.argoproj.io/sync-options";

/** Options that this stand-in follows; an Application without one of them is synchronised in another way. */
const followed = [
  "ServerSideApply=true",
  "ApplyOutOfSyncOnly=true",
  "RespectIgnoreDifferences=true",
  "PruneLast=true",
  "CreateNamespace=false",
];

/** Value of the annotation by which Argo CD knows its objects: `<application>:<group>/<kind>:<namespace>/<name>`. */
export function trackingId(application: string, object: KubernetesObject): string {
  return `${application}:${keyOf(object)}`;
}

/** The object with its tracking annotation. */
export function tracked(application: string, object: ClusterObject): ClusterObject {
  const { metadata } = object;
  const annotations = { ...metadata.annotations, [trackingAnnotation]: trackingId(application, object) };
  return { ...object, metadata: { ...metadata, annotations } };
}

/** Objects by wave, the lowest first. Who says nothing is in wave 0. */
export function syncWaves(objects: readonly ClusterObject[]): { wave: number; objects: ClusterObject[] }[] {
  const waves = Map.groupBy(objects, ({ metadata }) => Number(metadata.annotations?.[waveAnnotation] ?? 0));
  return [...waves].map(([wave, its]) => ({ wave, objects: its })).sort((one, other) => one.wave - other.wave);
}

/**
 * The object with the live values of the fields that others own. A field that is not there is left out: nothing that Git
 * says about it is written.
 */
export function withLiveFields(
  object: ClusterObject,
  live: ClusterObject | undefined,
  rules: readonly IgnoreRule[],
): ClusterObject {
  if (live === undefined) return object;
  return rules
    .filter(({ group, kind }) => group === groupOf(object) && kind === object.kind)
    .flatMap(({ jsonPointers }) => jsonPointers.map(stepsOf))
    .reduce((result, steps) => withValue(result, steps, valueAt(live, steps)) as ClusterObject, object);
}

/** What becomes of live objects that the tree no longer has. */
export function pruneDecisions(
  live: readonly ClusterObject[],
  { application, tree }: { application: string; tree: readonly ClusterObject[] },
): { prune: ClusterObject[]; keep: ClusterObject[] } {
  const wanted = new Set(tree.map(keyOf));
  const gone = live.filter((object) => {
    // A ReplicaSet has the annotations of its Deployment, whose name the value tells: it is not tracked itself.
    const isTracked = object.metadata.annotations?.[trackingAnnotation] === trackingId(application, object);
    return isTracked && !wanted.has(keyOf(object));
  });
  const isKept = ({ metadata }: ClusterObject) =>
    (metadata.annotations?.[optionsAnnotation] ?? "").split(",").some((option) => option.trim() === "Prune=false");
  return { prune: gone.filter((object) => !isKept(object)), keep: gone.filter(isKept) };
}

/** True where two states of an object differ in more than their version and the list of who wrote what. */
export function differs(one: ClusterObject, other: ClusterObject): boolean {
  return !isDeepStrictEqual(comparable(one), comparable(other));
}

function comparable({ metadata, ...rest }: ClusterObject): unknown {
  const { managedFields: _, resourceVersion: __, ...others } = metadata;
  return { ...rest, metadata: others };
}

function stepsOf(pointer: string): string[] {
  const steps = pointer.split("/").slice(1);
  return steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueAt(value: unknown, steps: readonly string[]): unknown {
  return steps.reduce<unknown>((current, step) => (isRecord(current) ? current[step] : undefined), value);
}

function withValue(value: unknown, [step, ...rest]: readonly string[], leaf: unknown): unknown {
  if (step === undefined) return leaf;
  if (!isRecord(value)) return leaf === undefined ? value : { [step]: withValue(undefined, rest, leaf) };
  const { [step]: before, ...others } = value;
  const after = withValue(before, rest, leaf);
  return after === undefined ? others : { ...others, [step]: after };
}

/**
 * Makes one part of a cluster what the tree says: wave after wave what is out of sync, and at last what the tree no longer
 * has. Throws, before anything is written, where the project does not allow an object.
 */
export async function sync(
  context: DeployContext,
  args: { cluster: string; application: Application; project: AppProject; tree: readonly ClusterObject[] },
): Promise<SyncResult> {
  const { cluster, application, project } = args;
  const name = application.metadata.name ?? "";
  const { syncOptions } = application.spec.syncPolicy;
  const strange = followed.filter((option) => !syncOptions.includes(option));
  expect(strange.length === 0, () => `${name} lacks ${strange.join(", ")}: the lab synchronises in no other way`);
  const refused = args.tree.flatMap((object) => refusal(project, { application, object }) ?? []);
  expect(refused.length === 0, () => `${name}: ${refused.join("; ")}`);
  const tree = args.tree.map((object) => tracked(name, object));
  const started = Date.now();
  const result: SyncResult = {
    application: name,
    seconds: 0,
    created: [],
    changed: [],
    same: [],
    pruned: [],
    kept: [],
  };
  const at = { context, cluster };
  for (const { objects } of syncWaves(tree)) {
    const live = byKey(await read(at, objects));
    const rules = application.spec.ignoreDifferences;
    const targets = objects.map((object) => withLiveFields(object, live.get(keyOf(object)), rules));
    const would = byKey(await apply(at, targets, "--dry-run=server"));
    const outOfSync = targets.filter((target) => {
      const [is, becomes] = [live.get(keyOf(target)), would.get(keyOf(target))];
      const isOut = is === undefined || becomes === undefined || differs(is, becomes);
      result[is === undefined ? "created" : isOut ? "changed" : "same"].push(called(target));
      return isOut;
    });
    await apply(at, outOfSync);
    await untilRolledOut(at, outOfSync);
  }
  const { namespace } = application.spec.destination;
  const { prune, keep } = pruneDecisions(await list(at, namespace, await allKinds(at)), { application: name, tree });
  result.pruned.push(...prune.map(called));
  result.kept.push(...keep.map(called));
  await remove(at, prune);
  return { ...result, seconds: (Date.now() - started) / 1000 };
}

function byKey(objects: readonly ClusterObject[]): Map<string, ClusterObject> {
  return new Map(objects.map((object) => [keyOf(object), object]));
}

async function apply(place: Place, objects: readonly ClusterObject[], ...more: string[]): Promise<ClusterObject[]> {
  const how = ["--server-side", "--force-conflicts", `--field-manager=${syncManager}`, "--output=json", ...more];
  return objectsIn(await withObjects(place, objects, "apply", ...how));
}

async function untilRolledOut({ context, cluster }: Place, objects: readonly ClusterObject[]): Promise<void> {
  for (const { kind = "", metadata } of objects) {
    if (!["Deployment", "StatefulSet"].includes(kind)) continue;
    const what = [`${kind.toLowerCase()}/${metadata.name}`, "--namespace", metadata.namespace ?? ""];
    await kubectl(context, cluster, "rollout", "status", "--timeout=300s", ...what);
  }
}
