import type { ObjectRule, Report } from "../../core/rule.ts";
import type { KubeObject } from "../../kube/objects.ts";
import type { Field } from "../../kube/tree.ts";
import { boundsOf } from "./bounds.ts";
import { cpuTrigger, scaledObject, workload } from "./cases.ts";
import type { AutoscalingSettings } from "./settings.ts";

const ofPods = ["AverageValue", "Utilization"];
const ofSignals = ["AverageValue", "Value"];

const fallbackBehaviors = ["static", "currentReplicas", "currentReplicasIfHigher", "currentReplicasIfLower"];

function isMapping(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWhole(lowest: number) {
  return (value: unknown) => Number.isSafeInteger(value) && Number(value) >= lowest;
}

function checkTrigger(trigger: Field, report: Report): void {
  const [type, metadata, metricType] = [trigger.at("type"), trigger.at("metadata"), trigger.at("metricType")];
  report.check(type, (value) => typeof value === "string" && value !== "", "a trigger needs a type");
  report.check(metadata, isMapping, "a trigger needs metadata");
  for (const [, value] of metadata.entries()) {
    // A number would be refused: metadata is a map of texts. What an up makes of an unknown value is most likely one.
    if (!value.unknown && value.text === undefined) report.violated(value, "must be a text: put it in quotes");
  }
  const allowed = type.text === "cpu" || type.text === "memory" ? ofPods : ofSignals;
  const either = [...ofPods, ...ofSignals];
  report.check(
    metricType,
    (value) => value === undefined || (typeof value === "string" && (type.unknown ? either : allowed).includes(value)),
    `must be ${allowed.join(" or ")}`,
  );
}

function checkNames(triggers: readonly Field[], report: Report): void {
  const names = new Set<string>();
  for (const trigger of triggers) {
    const name = trigger.at("name");
    if (name.unknown && triggers.length > 1) report.undecidable(name);
    if (name.text === undefined) continue;
    if (names.has(name.text)) report.violated(name, "another trigger has that name");
    names.add(name.text);
  }
}

function checkFallback(object: KubeObject, report: Report): void {
  const spec = object.root.at("spec");
  const fallback = spec.at("fallback");
  if (fallback.absent) return;
  const { minimum, maximum, lowest } = boundsOf(object.kind, spec);
  const [from, to] = [minimum.absent ? lowest : minimum.number, maximum.number];
  report.check(fallback.at("failureThreshold"), isWhole(0), "must be a number from 0");
  const replicas = fallback.at("replicas");
  const isCount = isWhole(0);
  report.check(replicas, isCount, "must be a number of pods");
  const pods = replicas.number;
  if (pods !== undefined && ((from !== undefined && pods < from) || (to !== undefined && pods > to))) {
    report.violated(replicas, "lies outside of minReplicaCount and maxReplicaCount");
  } else if (minimum.unknown || maximum.unknown) report.undecidable(replicas);
  report.check(
    fallback.at("behavior"),
    (value) => value === undefined || (typeof value === "string" && fallbackBehaviors.includes(value)),
    `must be one of ${fallbackBehaviors.join(", ")}`,
  );
}

function triggers(...list: unknown[]) {
  return [workload(), scaledObject({ triggers: list })];
}

const prometheus = { type: "prometheus", metadata: { query: "up", threshold: "100" } };

function fallback(more: object) {
  return [workload(), scaledObject({ fallback: { failureThreshold: 3, replicas: 3, ...more } })];
}

/** ScaledObjects and ScaledJobs that KEDA takes. */
export const kedaTriggers: ObjectRule<AutoscalingSettings> = {
  id: "keda-triggers",
  subject: "object",
  kinds: ["ScaledObject", "ScaledJob"],
  level: "mandatory",
  title: "KEDA can read the triggers, times and fallback of what it scales.",
  why: "KEDA marks a ScaledObject that it cannot read as not ready and scales nothing; an up does not see it.",
  fix: "give each trigger a type, metadata of texts and a known metricType, and keep times and fallback in range",
  check(object, report) {
    const spec = object.root.at("spec");
    const list = spec.at("triggers");
    report.check(list, (value) => Array.isArray(value) && value.length > 0, "there is no trigger");
    for (const trigger of list.items()) checkTrigger(trigger, report);
    checkNames(list.items(), report);
    const optional = (lowest: number) => (value: unknown) => value === undefined || isWhole(lowest)(value);
    report.check(spec.at("pollingInterval"), optional(1), "must be 1 s or more");
    if (object.kind !== "ScaledObject") return;
    report.check(spec.at("cooldownPeriod"), optional(0), "must be a number of seconds from 0");
    report.check(spec.at("initialCooldownPeriod"), optional(0), "must be a number of seconds from 0");
    checkFallback(object, report);
  },
  good: [
    { name: "CPU", objects: triggers(cpuTrigger) },
    { name: "a query, and CPU beside it", objects: triggers(prometheus, cpuTrigger) },
    { name: "a query whose answer is the number", objects: triggers({ ...prometheus, metricType: "Value" }) },
    { name: "names that differ", objects: triggers({ ...prometheus, name: "one" }, { ...prometheus, name: "two" }) },
    { name: "a fallback within the bounds", objects: fallback({ behavior: "currentReplicasIfHigher" }) },
    { name: "times", objects: [workload(), scaledObject({ pollingInterval: 1, cooldownPeriod: 0 })] },
  ],
  bad: [
    {
      name: "no triggers",
      objects: [workload(), scaledObject({ triggers: null })],
      expect: [{ path: "spec.triggers" }],
    },
    { name: "an empty list", objects: triggers(), expect: [{ path: "spec.triggers" }] },
    { name: "no type", objects: triggers({ ...prometheus, type: null }), expect: [{ path: "spec.triggers[0].type" }] },
    {
      name: "no metadata",
      objects: triggers({ ...prometheus, metadata: null }),
      expect: [{ path: "spec.triggers[0].metadata" }],
    },
    {
      name: "a number that is no text",
      objects: triggers({ ...prometheus, metadata: { threshold: 100 } }),
      expect: [{ path: "spec.triggers[0].metadata.threshold" }],
    },
    {
      name: "an unknown metric type",
      objects: triggers({ ...prometheus, metricType: "Average" }),
      expect: [{ path: "spec.triggers[0].metricType" }],
    },
    {
      name: "a query has no requests to be a share of",
      objects: triggers({ ...prometheus, metricType: "Utilization" }),
      expect: [{ path: "spec.triggers[0].metricType" }],
    },
    {
      name: "CPU has no sum over pods",
      objects: triggers({ ...cpuTrigger, metricType: "Value" }),
      expect: [{ path: "spec.triggers[0].metricType" }],
    },
    {
      name: "two of one name",
      objects: triggers({ ...prometheus, name: "one" }, { ...prometheus, name: "one" }),
      expect: [{ path: "spec.triggers[1].name" }],
    },
    {
      name: "asks without pause",
      objects: [workload(), scaledObject({ pollingInterval: 0 })],
      expect: [{ path: "spec.pollingInterval" }],
    },
    {
      name: "a negative cooldown",
      objects: [workload(), scaledObject({ cooldownPeriod: -1 })],
      expect: [{ path: "spec.cooldownPeriod" }],
    },
    {
      name: "a negative cooldown at the start",
      objects: [workload(), scaledObject({ initialCooldownPeriod: -1 })],
      expect: [{ path: "spec.initialCooldownPeriod" }],
    },
    {
      name: "a fallback above the maximum",
      objects: fallback({ replicas: 6 }),
      expect: [{ path: "spec.fallback.replicas" }],
    },
    {
      name: "a fallback below the minimum",
      objects: fallback({ replicas: 1 }),
      expect: [{ path: "spec.fallback.replicas" }],
    },
    {
      name: "a fallback to nothing",
      objects: fallback({ replicas: null }),
      expect: [{ path: "spec.fallback.replicas" }],
    },
    {
      name: "a fallback without patience",
      objects: fallback({ failureThreshold: null }),
      expect: [{ path: "spec.fallback.failureThreshold" }],
    },
    {
      name: "an unknown fallback",
      objects: fallback({ behavior: "highest" }),
      expect: [{ path: "spec.fallback.behavior" }],
    },
  ],
};
