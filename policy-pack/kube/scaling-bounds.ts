/** Who scales which workload, how far, and how fast back. */
import { type KubeObject, nameOf } from "./objects.ts";
import type { Field } from "./tree.ts";

/** A number of pods: exactly `least`, or at least that many because of `open`. */
export interface Count {
  least: number;
  /** What is not known, as the end of a sentence; absent where `least` is exact. */
  open?: string;
}

/** The bounds that autoscalers set for one workload. */
export interface Bounds {
  /** Undefined where it is unknown. */
  minimum: number | undefined;
  maximum: Count;
  /** Pods that the autoscaler may stop within a number of seconds; undefined where that is unknown. */
  stops(seconds: number): number | undefined;
}

/** Bounds of all workloads of a namespace. */
export interface ScalingBounds {
  /** By `Kind/name` of the target. */
  byTarget: ReadonlyMap<string, Bounds>;
  /** Targets of autoscalers that may be of this namespace or not, with what is not known. */
  maybe: ReadonlyMap<string, string>;
  /** An autoscaler whose target is unknown: any workload may be it. */
  lost?: string;
}

/** Kinds that are read here. */
export const scalingKinds = ["HorizontalPodAutoscaler", "ScaledObject", "FleetAutoscaler"] as const;

/** KEDA, ScaledObject and ScaledJob specification: `maxReplicaCount`. */
export const kedaDefaultMaximum = 100;

/** A whole number of a field, or of its default; undefined where it is unknown or no number. */
export function wholeNumber(field: Field, byDefault?: number): number | undefined {
  if (field.absent) return byDefault;
  const { number } = field;
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** A count of a field, or of its default. */
export function countOf(field: Field, what: string, byDefault?: number): Count {
  const number = wholeNumber(field, byDefault);
  return number === undefined ? { least: 0, open: what } : { least: number };
}

/**
 * Pods that an HPA may stop in a number of seconds, by its `behavior.scaleDown`: each policy is a limit for any window of
 * its period, so a longer time touches one period more than it holds. Without policies it is all at once (autoscaling/v2,
 * HPAScalingRules: 100 % in 15 s).
 */
function stopsBy(scaleDown: Field, maximum: number): (seconds: number) => number | undefined {
  const select = scaleDown.at("selectPolicy");
  const policies = scaleDown.at("policies").items();
  if (select.unknown) return () => undefined;
  if (select.text === "Disabled") return () => 0;
  return (seconds) => {
    const limits: number[] = [];
    for (const policy of policies) {
      const [value, period] = [wholeNumber(policy.at("value")), wholeNumber(policy.at("periodSeconds"))];
      if (value === undefined || period === undefined || policy.at("type").unknown) return undefined;
      const pods = policy.at("type").text === "Percent" ? Math.ceil((maximum * value) / 100) : value;
      limits.push(Math.min(maximum, pods * (Math.floor(seconds / Math.max(1, period)) + 1)));
    }
    if (limits.length === 0) return maximum;
    return select.text === "Min" ? Math.min(...limits) : Math.max(...limits);
  };
}

function labelOf(object: KubeObject): string {
  return `${object.kind} ${nameOf(object) ?? "(name not known yet)"}`;
}

interface Found {
  target: string | undefined;
  bounds: Bounds;
}

function found(kind: Field, kindDefault: string, name: Field, bounds: Bounds): Found {
  const kindText = kind.absent ? kindDefault : kind.text;
  const known = kindText !== undefined && name.text !== undefined;
  return { target: known ? `${kindText}/${name.text}` : undefined, bounds };
}

// KEDA keeps exactly that many, whatever the maximum says (KEDA, "Pausing autoscaling").
function paused(object: KubeObject): Count {
  const field = object.root.at("metadata", "annotations", "autoscaling.keda.sh/paused-replicas");
  if (field.unknown) return { least: 0, open: "whether KEDA is paused" };
  return { least: /^\d{1,9}$/.test(field.text ?? "") ? Number(field.text) : 0 };
}

function read(object: KubeObject): Found {
  const spec = object.root.at("spec");
  const label = labelOf(object);
  const target = spec.at("scaleTargetRef");
  if (object.kind === "FleetAutoscaler") {
    // Only a buffer has a bound that can be read; webhooks and counters ask others.
    const maximum = countOf(spec.at("policy", "buffer", "maxReplicas"), `how far ${label} scales`);
    const minimum = wholeNumber(spec.at("policy", "buffer", "minReplicas"), 0);
    const bounds: Bounds = { minimum, maximum, stops: () => maximum.least };
    return found(spec.at("fleetKind"), "Fleet", spec.at("fleetName"), bounds);
  }
  if (object.kind === "ScaledObject") {
    const count = countOf(spec.at("maxReplicaCount"), `maxReplicaCount of ${label}`, kedaDefaultMaximum);
    const maximum = larger(count, paused(object));
    const minimum = wholeNumber(spec.at("minReplicaCount"), 0);
    const behavior = spec.at("advanced", "horizontalPodAutoscalerConfig", "behavior", "scaleDown");
    // To zero, KEDA scales itself and at once.
    const stops = minimum === 0 ? () => maximum.least : stopsBy(behavior, maximum.least);
    return found(target.at("kind"), "Deployment", target.at("name"), { minimum, maximum, stops });
  }
  const maximum = countOf(spec.at("maxReplicas"), `maxReplicas of ${label}`);
  const minimum = wholeNumber(spec.at("minReplicas"), 1);
  const stops = stopsBy(spec.at("behavior", "scaleDown"), maximum.least);
  return found(target.at("kind"), "", target.at("name"), { minimum, maximum, stops });
}

/**
 * Reads the autoscalers among the objects of one namespace. Several for one workload: the larger maximum counts.
 * `adrift` are objects whose namespace is unknown.
 */
export function scalingBoundsOf(objects: readonly KubeObject[], adrift: readonly KubeObject[] = []): ScalingBounds {
  const byTarget = new Map<string, Bounds>();
  const maybe = new Map<string, string>();
  let lost: string | undefined;
  const isScaler = (object: KubeObject) => (scalingKinds as readonly string[]).includes(object.kind);
  for (const object of objects.filter(isScaler)) {
    const { target, bounds } = read(object);
    if (target === undefined) lost = `which workload ${labelOf(object)} scales`;
    else {
      const known = byTarget.get(target);
      byTarget.set(target, known === undefined ? bounds : joined(known, bounds));
    }
  }
  for (const object of adrift.filter(isScaler)) {
    const { target } = read(object);
    if (target === undefined) lost = `which workload ${labelOf(object)} scales`;
    else maybe.set(target, `whether ${labelOf(object)} is in this namespace`);
  }
  return { byTarget, maybe, ...(lost === undefined ? {} : { lost }) };
}

/** What scales a workload, and what is not known about that. */
export function boundsFor(scaling: ScalingBounds, workload: KubeObject): { bounds?: Bounds; open?: string } {
  const { byTarget, maybe, lost } = scaling;
  const name = nameOf(workload);
  if (name === undefined) {
    const some = [...byTarget.keys(), ...maybe.keys()].some((target) => target.startsWith(`${workload.kind}/`));
    return lost === undefined && !some ? {} : { open: "which autoscaler scales it, since its name is not known" };
  }
  const target = `${workload.kind}/${name}`;
  const [bounds, open] = [byTarget.get(target), maybe.get(target) ?? lost];
  return { ...(bounds === undefined ? {} : { bounds }), ...(open === undefined ? {} : { open }) };
}

function larger(one: Count, other: Count): Count {
  const open = one.open ?? other.open;
  return { least: Math.max(one.least, other.least), ...(open === undefined ? {} : { open }) };
}

function joined(one: Bounds, other: Bounds): Bounds {
  const [minimum, otherMinimum] = [one.minimum, other.minimum];
  return {
    minimum: minimum === undefined || otherMinimum === undefined ? undefined : Math.min(minimum, otherMinimum),
    maximum: larger(one.maximum, other.maximum),
    stops: (seconds) => {
      const [first, second] = [one.stops(seconds), other.stops(seconds)];
      return first === undefined || second === undefined ? undefined : Math.max(first, second);
    },
  };
}
