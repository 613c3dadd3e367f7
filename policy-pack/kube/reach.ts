/**
 * How many pods of a workload can exist at one time, terminating ones included: they hold their quota until they are
 * gone. Read from the manifests alone, for one disturbance at a time: one rollout from the maximum, or one fall and rise
 * of the autoscaler. Nodes that die and second rollouts while the first still drains are not in it: then a pod waits at
 * the quota until another is gone.
 */

import { shortestInterval } from "./cron.ts";
import type { KubeObject } from "./objects.ts";
import {
  type Bounds,
  boundsFor,
  type Count,
  countOf,
  kedaDefaultMaximum,
  type ScalingBounds,
  wholeNumber,
} from "./scaling-bounds.ts";
import type { Field } from "./tree.ts";

/** Pods of a workload at its peak. */
export interface Reach {
  /** The maximum of the autoscaler, or the fixed number: pods that have a claim of their own in a StatefulSet. */
  running: Count;
  /** All that can exist: running, started by a rollout beyond it, and terminating. */
  total: Count;
}

/** What the manifests of a workload do not say. */
export interface ReachContext {
  scaling: ScalingBounds;
  /** Nodes that each DaemonSet runs on at most; undefined leaves it to the DaemonSet. */
  nodes?: number;
}

/** Kubernetes API, PodSpec: `terminationGracePeriodSeconds`. */
const defaultGraceSeconds = 30;

/** How a rollout replaces pods. */
export interface Replacement {
  surge: number;
  unavailable: number;
  /** Seconds that a terminating pod takes at most. */
  graceSeconds: number;
  /** Seconds that a new pod is ready before the next old one goes. */
  minReadySeconds: number;
}

/**
 * Pods beyond `maximum` at the worst moment of a rollout that begins with `maximum` old pods. At most `surge +
 * unavailable` pods are in transition, each new one takes at least `minReadySeconds` until it lets an old one go, and an
 * old one is gone after the grace period: so (surge + unavailable) x (grace / minReady + 1) terminate together. That and
 * the surge can never be more than `maximum`: every pod is an old one or a new one, and there are `maximum` of each.
 * Deployments do not wait for terminating pods (KEP-3973 is about that, and off by default). It is reached to the pod
 * where nothing may be unavailable, and at most `unavailable` pods too many otherwise.
 */
export function beyondMaximum(
  maximum: number,
  { surge, unavailable, graceSeconds, minReadySeconds }: Replacement,
): number {
  // Both zero is refused or read as one unavailable pod: nothing could move.
  const moving = Math.max(1, surge + unavailable);
  const waves =
    graceSeconds === 0
      ? 0
      : minReadySeconds === 0
        ? Number.POSITIVE_INFINITY
        : Math.floor(graceSeconds / minReadySeconds) + 1;
  return Math.min(maximum, surge + (waves === 0 ? 0 : moving * waves));
}

function grace(podSpec: Field): number | undefined {
  return wholeNumber(podSpec.at("terminationGracePeriodSeconds"), defaultGraceSeconds);
}

// "25%" of a number, or a number; undefined where it is unknown.
function share(field: Field, byDefault: string, of: number, round: (value: number) => number): number | undefined {
  const value = field.absent ? byDefault : field.value;
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  const percent = typeof value === "string" ? /^(\d{1,6})%$/.exec(value)?.[1] : undefined;
  return percent === undefined ? undefined : round((of * Number(percent)) / 100);
}

function boundsOf(object: KubeObject, { scaling }: ReachContext): Bounds | undefined {
  return boundsFor(scaling, object).bounds;
}

// An autoscaler corrects a number that is written beside it, but until then that many pods are asked for.
function running(object: KubeObject, { scaling }: ReachContext): Count {
  const written = object.root.at("spec", "replicas");
  const { bounds, open } = boundsFor(scaling, object);
  const count =
    bounds === undefined
      ? countOf(written, "how many replicas it has", 1)
      : { ...bounds.maximum, least: Math.max(bounds.maximum.least, wholeNumber(written, 0) ?? 0) };
  return open === undefined || count.open !== undefined ? count : { ...count, open };
}

// Pods that terminate after the autoscaler went down, while it goes up again; undefined where that is unknown.
function stopped(maximum: number, bounds: Bounds | undefined, graceSeconds: number): number | undefined {
  if (bounds === undefined || graceSeconds === 0) return 0;
  const stops = bounds.stops(graceSeconds);
  if (bounds.minimum === undefined || stops === undefined) return stops === 0 ? 0 : undefined;
  return Math.min(Math.max(0, maximum - bounds.minimum), stops);
}

// The worst of what may happen. No more than all pods can be replaced, so where one thing does that, the rest is no matter.
function worst(count: Count, beyond: readonly (number | undefined)[], open: string): Count {
  const known = Math.max(0, ...beyond.filter((one) => one !== undefined));
  const sure = known >= count.least || !beyond.includes(undefined);
  return {
    least: count.least + known,
    ...(sure ? {} : { open }),
    ...(count.open === undefined ? {} : { open: count.open }),
  };
}

function rolling(object: KubeObject, podSpec: Field, context: ReachContext): Reach {
  const count = running(object, context);
  const graceSeconds = grace(podSpec);
  if (graceSeconds === undefined) return { running: count, total: worst(count, [undefined], "its grace period") };
  const churn = stopped(count.least, boundsOf(object, context), graceSeconds);
  const rollout = rolloutOf(object, count.least, graceSeconds);
  return { running: count, total: worst(count, [churn, rollout], "how its pods are replaced") };
}

function rolloutOf(object: KubeObject, maximum: number, graceSeconds: number): number | undefined {
  const strategy = object.root.at("spec", "strategy");
  const minReadySeconds = wholeNumber(object.root.at("spec", "minReadySeconds"), 0);
  const type = strategy.at("type");
  if (strategy.unknown || type.unknown) return undefined;
  // A Fleet starts anew at once; a Deployment waits until the old pods are gone.
  if (type.text === "Recreate") return object.kind === "Fleet" && graceSeconds > 0 ? maximum : 0;
  // Argo: a second, complete set of pods, and then the first one goes.
  if (!strategy.at("blueGreen").absent) return maximum;
  const numbers = object.kind === "Rollout" ? strategy.at("canary") : strategy.at("rollingUpdate");
  const surge = share(numbers.at("maxSurge"), "25%", maximum, Math.ceil);
  const unavailable = share(numbers.at("maxUnavailable"), "25%", maximum, Math.floor);
  if (surge === undefined || unavailable === undefined || minReadySeconds === undefined) return undefined;
  return beyondMaximum(maximum, { surge, unavailable, graceSeconds, minReadySeconds });
}

/** Annotation of a DaemonSet that says on how many nodes it runs at most. */
export const maximumNodesAnnotation = "realmgrid.io/maximum-nodes";

// A DaemonSet of no node is a text that went wrong.
function ownNodes(object: KubeObject): number | undefined {
  const { text } = object.root.at("metadata", "annotations", maximumNodesAnnotation);
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

function daemons(object: KubeObject, podSpec: Field, context: ReachContext): Reach {
  const nodes = context.nodes ?? ownNodes(object);
  if (nodes === undefined) {
    const what = `how many nodes it runs on (setting nodes, annotation ${maximumNodesAnnotation})`;
    const open: Count = { least: 0, open: what };
    return { running: open, total: open };
  }
  const spec = object.root.at("spec");
  const strategy = spec.at("updateStrategy");
  const count: Count = { least: nodes };
  const surge = share(strategy.at("rollingUpdate", "maxSurge"), "0%", nodes, Math.ceil);
  // Without surge the old pod of a node is gone before the new one starts.
  if (surge === 0 || strategy.at("type").text === "OnDelete") return { running: count, total: count };
  const [graceSeconds, minReadySeconds] = [grace(podSpec), wholeNumber(spec.at("minReadySeconds"), 0)];
  const known = surge !== undefined && graceSeconds !== undefined && minReadySeconds !== undefined;
  const beyond = known ? beyondMaximum(nodes, { surge, unavailable: 0, graceSeconds, minReadySeconds }) : undefined;
  return { running: count, total: worst(count, [beyond], "how its pods are replaced") };
}

function parallel(job: Field): Count {
  const [parallelism, completions] = [job.at("parallelism"), job.at("completions")];
  const count = countOf(parallelism, "how many pods it runs in parallel", 1);
  if (completions.absent || count.open !== undefined) return count;
  const most = wholeNumber(completions);
  return most === undefined ? { least: 0, open: "its completions" } : { least: Math.min(count.least, most) };
}

function times(count: Count, factor: Count): Count {
  const open = count.open ?? factor.open;
  return { least: count.least * factor.least, ...(open === undefined ? {} : { open }) };
}

/**
 * Runs of a CronJob that exist at one time. Forbid: one, since a job ends with its last pod. Replace: the next run starts
 * while the pods of the last one terminate. Allow: as many as its deadline is longer than its interval.
 */
function overlap(spec: Field, podSpec: Field): Count {
  const policy = spec.at("concurrencyPolicy");
  const graceSeconds = grace(podSpec);
  if (policy.unknown) return { least: 1, open: "its concurrencyPolicy" };
  if (policy.text === "Forbid") return { least: 1 };
  if (policy.text === "Replace") {
    return graceSeconds === undefined ? { least: 1, open: "its grace period" } : { least: graceSeconds === 0 ? 1 : 2 };
  }
  const deadline = wholeNumber(spec.at("jobTemplate", "spec", "activeDeadlineSeconds"));
  const interval = shortestInterval(spec.at("schedule").text ?? "");
  if (deadline === undefined || interval === undefined || graceSeconds === undefined) {
    return { least: 1, open: "how many runs overlap (concurrencyPolicy Allow without a deadline that bounds them)" };
  }
  return { least: Math.floor((deadline + graceSeconds) / interval) + 1 };
}

type Reader = (object: KubeObject, podSpec: Field, context: ReachContext) => Reach;

function both(count: Count): Reach {
  return { running: count, total: count };
}

const one: Reader = () => both({ least: 1 });
const fixed: Reader = (object, podSpec, context) => {
  const count = running(object, context);
  const graceSeconds = grace(podSpec);
  const churn = graceSeconds === undefined ? undefined : stopped(count.least, boundsOf(object, context), graceSeconds);
  return { running: count, total: worst(count, [churn], "how fast it scales down") };
};
// A pod of that name is gone before the next of that name starts, up and down.
const named: Reader = (object, _, context) => both(running(object, context));
const job: Reader = (object) => both(parallel(object.root.at("spec")));
const cronJob: Reader = (object, podSpec) => {
  const spec = object.root.at("spec");
  return both(times(parallel(spec.at("jobTemplate", "spec")), overlap(spec, podSpec)));
};
const scaledJob: Reader = (object) => {
  const spec = object.root.at("spec");
  const jobs = countOf(spec.at("maxReplicaCount"), "its maxReplicaCount", kedaDefaultMaximum);
  return both(times(parallel(spec.at("jobTargetRef")), jobs));
};
const build: Reader = (object) => both(countOf(object.root.at("spec", "max"), "its max"));
const template: Reader = () => both({ least: 0 });

const readers: Readonly<Record<string, Reader>> = {
  Pod: one,
  PodTemplate: template,
  GameServer: one,
  Deployment: rolling,
  Rollout: rolling,
  Fleet: rolling,
  ReplicaSet: fixed,
  ReplicationController: fixed,
  GameServerSet: fixed,
  StatefulSet: named,
  DaemonSet: daemons,
  Job: job,
  CronJob: cronJob,
  ScaledJob: scaledJob,
  GameServerBuild: build,
};

/** How many pods an object of that kind runs can be read from it. */
export function isCounted(object: KubeObject): boolean {
  return Object.hasOwn(readers, object.kind);
}

/** How many pods of a template of an object can exist. Kinds that nobody listed run an unknown number. */
export function reachOf(object: KubeObject, podSpec: Field, context: ReachContext): Reach {
  const reader = isCounted(object) ? readers[object.kind] : undefined;
  if (reader !== undefined) return reader(object, podSpec, context);
  return both({ least: 0, open: `how many pods a ${object.kind} runs` });
}
