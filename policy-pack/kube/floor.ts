/** How many pods of a workload run at the least while it runs at all. Rules that count on company of a pod ask it. */
import type { Autoscalers } from "./autoscalers.ts";
import type { KubeObject } from "./objects.ts";
import type { Answer } from "./selectors.ts";
import type { Field } from "./tree.ts";

/** Kinds whose number of pods is `spec.replicas`, 1 where absent (Kubernetes API reference; Argo Rollouts). */
export const replicaKinds = [
  "Deployment",
  "StatefulSet",
  "ReplicaSet",
  "ReplicationController",
  "Rollout",
] as const satisfies readonly string[];

/** Kinds that run until somebody removes them: their pods serve, and a restart is no end. */
export const lastingKinds: readonly string[] = [...replicaKinds, "DaemonSet"];

/** A number of pods between two bounds, which are the same where it is known. */
export interface Floor {
  atLeast: number;
  /** Infinity where nothing bounds it. */
  atMost: number;
  /** A value that is known only after an `up` is why the bounds differ. */
  unknown: boolean;
}

const anything: Floor = { atLeast: 0, atMost: Number.POSITIVE_INFINITY, unknown: false };
const unknownFloor: Floor = { ...anything, unknown: true };

function exactly(pods: number): Floor {
  return { atLeast: pods, atMost: pods, unknown: false };
}

/** The API server has answered with this object, so that fields which nobody wrote have their defaults in it. */
export function fromServer(object: KubeObject): boolean {
  const metadata = object.root.at("metadata");
  return !metadata.unknown && ["uid", "resourceVersion", "creationTimestamp"].some((key) => !metadata.at(key).absent);
}

/** A number that is written, or a default. What is no number is refused by the API server and bounds nothing here. */
function count(field: Field, fallback: number): Floor {
  if (field.unknown) return unknownFloor;
  if (field.absent) return exactly(fallback);
  return field.number === undefined ? anything : exactly(Math.max(0, field.number));
}

// KEDA keeps exactly that many while it is there (KEDA, "Pausing autoscaling").
const pausedAnnotation = "autoscaling.keda.sh/paused-replicas";

// Defaults: a HorizontalPodAutoscaler keeps 1 (autoscaling/v2), KEDA scales to 0. A workload that is scaled to zero has
// no pod to protect; the first one that comes back counts.
function minimumOf(autoscaler: KubeObject): Floor {
  const paused = autoscaler.root.at("metadata", "annotations", pausedAnnotation);
  if (autoscaler.kind === "ScaledObject" && !paused.absent) {
    if (paused.unknown) return unknownFloor;
    if (/^\d{1,9}$/.test(paused.text ?? "")) return exactly(Number(paused.text));
  }
  const scaled = autoscaler.kind === "ScaledObject";
  const spec = autoscaler.root.at("spec");
  const { atLeast, atMost, unknown } = scaled ? count(spec.at("minReplicaCount"), 0) : count(spec.at("minReplicas"), 1);
  return { atLeast: Math.max(1, atLeast), atMost: Math.max(1, atMost), unknown };
}

/** See the file. An autoscaler's minimum goes before `replicas`; other kinds count by `spec.replicas` where they have it. */
export function floorOf(workload: KubeObject, autoscalers: Autoscalers): Floor {
  const replicas = workload.root.at("spec", "replicas");
  if (workload.kind === "Pod") return exactly(1);
  if (!replicaKinds.some((kind) => kind === workload.kind)) return replicas.absent ? anything : count(replicas, 1);
  const scalers = autoscalers.horizontalOf(workload).map(({ object }) => object);
  // Zero that somebody wrote switches the workload off, and an HPA with it; KEDA starts from zero all the same.
  const off = replicas.number === 0 && !fromServer(workload);
  if (off && !scalers.some(({ kind }) => kind === "ScaledObject")) return exactly(0);
  const minimums = scalers.map(minimumOf);
  if (minimums.length > 0) {
    return {
      atLeast: Math.min(...minimums.map((one) => one.atLeast)),
      atMost: Math.min(...minimums.map((one) => one.atMost)),
      unknown: minimums.some((one) => one.unknown),
    };
  }
  if (autoscalers.mayBeScaled(workload)) return unknownFloor;
  return workload.partial && replicas.absent ? anything : count(replicas, 1);
}

/**
 * More than one pod may run at a time: replicas, or the most that an autoscaler may ask for (KEDA: 100 where absent). The
 * extra pod of a rollout does not count. Undefined where an unknown value decides.
 */
export function mayBeSeveral(workload: KubeObject, autoscalers: Autoscalers): Answer {
  const replicas = workload.root.at("spec", "replicas");
  const own = moreThanOne(replicas, false);
  const scaled = autoscalers.horizontalOf(workload);
  if (scaled.length > 0) return any(scaled.map(({ object }) => maximumIsMoreThanOne(object)));
  return autoscalers.mayBeScaled(workload) ? own || undefined : own;
}

function maximumIsMoreThanOne({ kind, root }: KubeObject): Answer {
  const spec = root.at("spec");
  return kind === "ScaledObject"
    ? moreThanOne(spec.at("maxReplicaCount"), true)
    : moreThanOne(spec.at("maxReplicas"), false);
}

function moreThanOne(field: Field, fallback: boolean): Answer {
  if (field.unknown) return undefined;
  return field.absent ? fallback : (field.number ?? 0) > 1;
}

function any(answers: readonly Answer[]): Answer {
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}
