import type { ObjectRule, Report } from "../../core/rule.ts";
import { type KubeObject, nameOf, namespaceOf } from "../../kube/objects.ts";
import type { Answer } from "../../kube/selectors.ts";
import type { Field } from "../../kube/tree.ts";
import { autoscaler, scaledObject, workload } from "./cases.ts";
import type { AutoscalingSettings } from "./settings.ts";

/** Fields and defaults of each kind (Kubernetes API reference; KEDA, ScaledObject and ScaledJob specification). */
const shapes = {
  HorizontalPodAutoscaler: { minimum: "minReplicas", maximum: "maxReplicas", lowest: 1, stops: false },
  ScaledObject: { minimum: "minReplicaCount", maximum: "maxReplicaCount", lowest: 0, stops: false },
  ScaledJob: { minimum: "minReplicaCount", maximum: "maxReplicaCount", lowest: 0, stops: true },
} as const;

/** The bounds of an autoscaler, as fields, with the minimum that holds where none is written. */
export function boundsOf(
  kind: string,
  spec: Field,
): { minimum: Field; maximum: Field; lowest: number; stops: boolean } {
  const shape = shapes[kind as keyof typeof shapes];
  return { ...shape, minimum: spec.at(shape.minimum), maximum: spec.at(shape.maximum) };
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** The settings name the autoscaler; undefined where its own name is unknown and decides. */
function isListed(object: KubeObject, names: readonly string[]): Answer {
  const [namespace, name] = [namespaceOf(object), nameOf(object)];
  if (names.some((one) => one === "*" || one === `${namespace}/${name}`)) return true;
  return names.length > 0 && (namespace === undefined || name === undefined) ? undefined : false;
}

function checkStop(field: Field, mayStop: Answer, report: Report): void {
  if (mayStop === undefined) report.undecidable(field);
  else if (!mayStop) report.violated(field, "stops every pod of the workload");
}

function checkOrder(low: Field, lowest: number, high: Field, report: Report): void {
  const [from, to] = [low.absent ? lowest : low.number, high.number];
  if (from !== undefined && to !== undefined && from > to)
    report.violated(low, `is ${from}, above the maximum of ${to}`);
}

/** How far autoscalers go. */
export const bounds: ObjectRule<AutoscalingSettings> = {
  id: "bounds",
  subject: "object",
  kinds: Object.keys(shapes),
  level: "mandatory",
  title: "An autoscaler has a minimum of at least one pod, and a maximum above it that somebody wrote.",
  why: "KEDA's defaults are 0 and 100 pods: an outage at night, and a bill that nobody has planned for.",
  fix: "set the minimum to 1 or more and the maximum above it, or list the autoscaler in scaleToZero",
  check(object, report, settings) {
    const spec = object.root.at("spec");
    const { minimum, maximum, lowest, stops } = boundsOf(object.kind, spec);
    const mayStop = stops ? true : isListed(object, settings.scaleToZero);
    report.check(
      maximum,
      (value) => isCount(value) && value !== 0,
      "is missing or no number of pods: nobody said how far it may scale",
    );
    const isMinimum = (value: unknown) => value === undefined || isCount(value);
    report.check(minimum, isMinimum, "is no number of pods");
    if (!(minimum.absent && object.partial) && (minimum.absent ? lowest : minimum.number) === 0) {
      checkStop(minimum, mayStop, report);
    }
    checkOrder(minimum, lowest, maximum, report);
    const idle = spec.at("idleReplicaCount");
    if (object.kind === "ScaledObject" && !idle.absent) {
      const [waiting, from] = [idle.number, minimum.absent ? 0 : minimum.number];
      if (!idle.unknown && (waiting === undefined || (from !== undefined && waiting >= from))) {
        report.violated(idle, "must be below minReplicaCount, or KEDA refuses the object");
      } else if (idle.unknown) report.undecidable(idle);
      else if (waiting === 0) checkStop(idle, mayStop, report);
    }
  },
  good: [
    { name: "from two to five", objects: [workload(), autoscaler()] },
    { name: "an absent minimum of an HPA is one", objects: [workload(), autoscaler({ minReplicas: null })] },
    { name: "a ScaledObject from two to five", objects: [workload(), scaledObject()] },
    {
      name: "scaling to zero is meant",
      objects: [workload(), scaledObject({ minReplicaCount: 0 })],
      settings: { scaleToZero: ["sample/sample"] },
    },
    {
      name: "it is meant for all",
      objects: [workload(), autoscaler({ minReplicas: 0 })],
      settings: { scaleToZero: ["*"] },
    },
    {
      name: "jobs come and go",
      objects: [
        {
          apiVersion: "keda.sh/v1alpha1",
          kind: "ScaledJob",
          metadata: { name: "sample", namespace: "sample" },
          spec: { maxReplicaCount: 5, jobTargetRef: {}, triggers: [{ type: "cron", metadata: {} }] },
        },
      ],
    },
  ],
  bad: [
    {
      name: "the minimum is above the maximum",
      objects: [workload(), autoscaler({ minReplicas: 6 })],
      expect: [{ path: "spec.minReplicas" }],
    },
    {
      name: "the same for KEDA",
      objects: [workload(), scaledObject({ minReplicaCount: 6 })],
      expect: [{ path: "spec.minReplicaCount" }],
    },
    {
      name: "no maximum",
      objects: [workload(), autoscaler({ maxReplicas: null })],
      expect: [{ path: "spec.maxReplicas" }],
    },
    {
      name: "KEDA goes to 100",
      objects: [workload(), scaledObject({ maxReplicaCount: null })],
      expect: [{ path: "spec.maxReplicaCount" }],
    },
    {
      name: "a maximum of none",
      objects: [workload(), scaledObject({ minReplicaCount: 1, maxReplicaCount: 0 })],
      expect: [{ path: "spec.maxReplicaCount" }, { path: "spec.minReplicaCount" }],
    },
    {
      name: "KEDA goes to zero by default",
      objects: [workload(), scaledObject({ minReplicaCount: null })],
      expect: [{ path: "spec.minReplicaCount" }],
    },
    {
      name: "zero is written",
      objects: [workload(), autoscaler({ minReplicas: 0 })],
      expect: [{ path: "spec.minReplicas" }],
    },
    {
      name: "zero is meant for another",
      objects: [workload(), scaledObject({ minReplicaCount: 0 })],
      settings: { scaleToZero: ["sample/other"] },
      expect: [{ path: "spec.minReplicaCount" }],
    },
    {
      name: "a number in quotes",
      objects: [workload(), autoscaler({ minReplicas: "2" })],
      expect: [{ path: "spec.minReplicas" }],
    },
    {
      name: "idle pods are not fewer",
      objects: [workload(), scaledObject({ idleReplicaCount: 2 })],
      expect: [{ path: "spec.idleReplicaCount" }],
    },
    {
      name: "idle means none",
      objects: [workload(), scaledObject({ idleReplicaCount: 0 })],
      expect: [{ path: "spec.idleReplicaCount" }],
    },
    {
      name: "jobs up to 100",
      objects: [
        {
          apiVersion: "keda.sh/v1alpha1",
          kind: "ScaledJob",
          metadata: { name: "sample", namespace: "sample" },
          spec: { jobTargetRef: {}, triggers: [{ type: "cron", metadata: {} }] },
        },
      ],
      expect: [{ path: "spec.maxReplicaCount" }],
    },
  ],
};
