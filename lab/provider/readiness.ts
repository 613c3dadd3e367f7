// When an object counts as ready, told from its own fields. Pure.
import { isObject, type Json, type JsonObject, numberAt, textAt } from "./values.ts";

/** `failed` will not become ready by waiting. */
export type Readiness = { state: "ready" } | { state: "waiting" | "failed"; because: string };

const ready: Readiness = { state: "ready" };
const waiting = (because: string): Readiness => ({ state: "waiting", because });

type Rule = (object: JsonObject) => Readiness;

const rules: Readonly<Record<string, Rule>> = {
  "apps/v1/Deployment": deployment,
  "apps/v1/StatefulSet": statefulSet,
  "apps/v1/DaemonSet": daemonSet,
  "batch/v1/Job": job,
  "v1/Namespace": (object) => (textAt(object, "status", "phase") === "Active" ? ready : waiting("not active yet")),
  "v1/Pod": pod,
  "v1/Service": service,
  "apiextensions.k8s.io/v1/CustomResourceDefinition": (object) =>
    condition(object, "Established")?.status === "True" ? ready : waiting("not established yet"),
};

/** The rule for an object of this kind, or undefined where nothing is awaited. */
export function readinessRule(object: JsonObject): Rule | undefined {
  return rules[`${textAt(object, "apiVersion").replace(/^core\//, "")}/${textAt(object, "kind")}`];
}

/** True when the annotation says not to wait. */
export function skipsAwait(object: JsonObject): boolean {
  return ["true", "ready"].includes(textAt(object, "metadata", "annotations", "pulumi.com/skipAwait"));
}

/** Seconds to wait: what the resource options say, else the annotation, else ten minutes. */
export function timeoutSeconds(requested: number, object: JsonObject): number {
  if (requested > 0) return requested;
  const annotated = Number(textAt(object, "metadata", "annotations", "pulumi.com/timeoutSeconds"));
  return annotated > 0 ? annotated : 600;
}

/** The conditions of an object in one line, for messages. */
export function conditionsText(object: JsonObject): string {
  return conditions(object)
    .map((one) => [`${textAt(one, "type")}=${textAt(one, "status")}`, textAt(one, "reason"), textAt(one, "message")])
    .map((parts) => parts.filter((part) => part !== "").join(" "))
    .join("; ");
}

function conditions(object: JsonObject): JsonObject[] {
  const status = isObject(object.status) ? object.status : {};
  const list: Json | undefined = status.conditions;
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function condition(object: JsonObject, type: string): JsonObject | undefined {
  return conditions(object).find((one) => one.type === type);
}

function isObserved(object: JsonObject): boolean {
  return numberAt(object, 0, "status", "observedGeneration") >= numberAt(object, 0, "metadata", "generation");
}

function deployment(object: JsonObject): Readiness {
  const wanted = numberAt(object, 1, "spec", "replicas");
  if (wanted === 0) return ready;
  if (!isObserved(object)) return waiting("the controller has not seen it yet");
  const updated = numberAt(object, 0, "status", "updatedReplicas");
  const available = numberAt(object, 0, "status", "availableReplicas");
  if (updated >= wanted && available >= wanted) return ready;
  return waiting(`${updated} of ${wanted} replicas updated, ${available} available`);
}

function statefulSet(object: JsonObject): Readiness {
  const wanted = numberAt(object, 1, "spec", "replicas");
  if (wanted === 0) return ready;
  if (!isObserved(object)) return waiting("the controller has not seen it yet");
  const isReady = numberAt(object, 0, "status", "readyReplicas");
  if (isReady < wanted) return waiting(`${isReady} of ${wanted} pods ready`);
  // With OnDelete, or below a partition, pods of the old revision are meant to stay.
  const partition = numberAt(object, 0, "spec", "updateStrategy", "rollingUpdate", "partition");
  if (textAt(object, "spec", "updateStrategy", "type") === "OnDelete") return ready;
  if (textAt(object, "status", "currentRevision") === textAt(object, "status", "updateRevision")) return ready;
  const updated = numberAt(object, 0, "status", "updatedReplicas");
  if (partition > 0 && updated >= wanted - partition) return ready;
  return waiting(`${updated} of ${wanted - partition} pods updated`);
}

function daemonSet(object: JsonObject): Readiness {
  if (!isObserved(object)) return waiting("the controller has not seen it yet");
  const wanted = numberAt(object, 0, "status", "desiredNumberScheduled");
  const updated = numberAt(object, 0, "status", "updatedNumberScheduled");
  const available = numberAt(object, 0, "status", "numberAvailable");
  const isManual = textAt(object, "spec", "updateStrategy", "type") === "OnDelete";
  if (available >= wanted && (updated >= wanted || isManual)) return ready;
  return waiting(`${updated} of ${wanted} pods updated, ${available} available`);
}

function job(object: JsonObject): Readiness {
  const failed = condition(object, "Failed");
  if (failed?.status === "True") return { state: "failed", because: textAt(failed, "message") || "the job failed" };
  if (condition(object, "Complete")?.status === "True") return ready;
  if (isObject(object.spec) && object.spec.suspend === true) return ready;
  return waiting(`${numberAt(object, 0, "status", "succeeded")} pods succeeded`);
}

function pod(object: JsonObject): Readiness {
  const phase = textAt(object, "status", "phase");
  if (phase === "Succeeded" || condition(object, "Ready")?.status === "True") return ready;
  return phase === "Failed" ? { state: "failed", because: "the pod failed" } : waiting(`phase ${phase || "unknown"}`);
}

function service(object: JsonObject): Readiness {
  if (textAt(object, "spec", "type") !== "LoadBalancer") return ready;
  const status = isObject(object.status) ? object.status : {};
  const balancer = isObject(status.loadBalancer) ? status.loadBalancer : {};
  return Array.isArray(balancer.ingress) && balancer.ingress.length > 0 ? ready : waiting("no load balancer yet");
}
