/** Every pod that an object brings, whatever its kind, and every container of a pod. */
import { mapping } from "./made.ts";
import type { KubeObject } from "./objects.ts";
import { Field, type Tree } from "./tree.ts";

/** A pod, or the template of one. */
export interface PodTemplate {
  object: KubeObject;
  /** `metadata` of the pod itself, not of its controller. */
  metadata: Field;
  spec: Field;
}

/** Lists of a pod's containers, in the order in which they start. */
export const containerLists = ["initContainers", "containers", "ephemeralContainers"] as const;

/** One container of a pod. */
export interface Container {
  /** Name, or its place where the name is missing or unknown. */
  name: string;
  list: (typeof containerLists)[number];
  /** An init container that keeps running beside the others (`restartPolicy: Always`). */
  sidecar: boolean;
  field: Field;
}

// Where each kind keeps its pod: the path to the template, which has `metadata` and `spec`. The group is not asked for,
// so that old versions (`extensions/v1beta1`) and forks of a group are covered.
const templatePaths: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  ["Pod", [[]]],
  ["PodTemplate", [["template"]]],
  ["CronJob", [["spec", "jobTemplate", "spec", "template"]]],
  ["ScaledJob", [["spec", "jobTargetRef", "template"]]],
  // Agones and kruise: a game server is a template of its own around that of the pod.
  ["Fleet", [["spec", "template", "spec", "template"]]],
  [
    "GameServerSet",
    [
      ["spec", "template", "spec", "template"],
      ["spec", "gameServerTemplate"],
    ],
  ],
  [
    "AdvancedCronJob",
    [
      ["spec", "template", "jobTemplate", "spec", "template"],
      ["spec", "template", "broadcastJobTemplate", "spec", "template"],
    ],
  ],
]);

const commonPath = ["spec", "template"] as const;

// Their template must be a pod, so one that is unknown is a pod that nobody can judge.
const builtInControllers = new Set([
  "Pod",
  "PodTemplate",
  "ReplicationController",
  "ReplicaSet",
  "Deployment",
  "DaemonSet",
  "StatefulSet",
  "Job",
  "CronJob",
]);

const builtInGroups = /^(|apps|batch|extensions|policy|autoscaling|[\w.-]+\.k8s\.io)$/;

// A definition of a kind holds schemas that look like pods and are none.
const neverPods = new Set(["CustomResourceDefinition", "ConfigMap", "Secret"]);

// Their containers are laid over those of an operator or a chart, or put into foreign pods: what they lack may be there.
const overlays = new Set([
  "Prometheus",
  "PrometheusAgent",
  "Alertmanager",
  "ThanosRuler",
  "SidecarSet",
  "Release",
  "HelmRelease",
  "HelmChart",
  "Application",
]);

// How deep the net looks for pods of kinds that it does not know; a JobSet in a List has them at 9.
const netDepth = 16;

function isMapping(value: Tree): value is { [key: string]: Tree } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// A list of things with a name or an image is a list of containers, wherever it stands.
function looksLikePodSpec(field: Field): boolean {
  const containers = field.at("containers");
  if (!Array.isArray(containers.value)) return false;
  return containers.value.some((one) => isMapping(one) && (one["image"] !== undefined || one["name"] !== undefined));
}

/** A pod as the net finds it. */
interface Catch {
  metadata: Field;
  spec: Field;
}

/** Pods of kinds that nobody listed, found by their shape: custom resources are many, and new ones appear. */
function netted(field: Field, metadata: Field, depth: number, found: Catch[]): void {
  if (depth > netDepth) return;
  const { value } = field;
  if (Array.isArray(value)) {
    for (const item of field.items()) netted(item, nowhere, depth + 1, found);
  } else if (isMapping(value)) {
    if (looksLikePodSpec(field)) {
      found.push({ metadata, spec: field });
      return;
    }
    for (const [key, below] of field.entries()) {
      netted(below, key === "spec" ? field.at("metadata") : nowhere, depth + 1, found);
    }
  }
}

const nowhere = new Field(undefined, "metadata");

// Somebody else must say the image of a container that has none: then it may say more.
function isOverlay(object: KubeObject, spec: Field): boolean {
  if (overlays.has(object.kind)) return true;
  return spec
    .at("containers")
    .items()
    .some((one) => one.at("image").absent);
}

// Prometheus operator: the resource is the pod, and what its pods carry stands in it. `resources` are those of the server,
// while those of a pod would bound all its containers together.
function ofPrometheus(spec: Field): Catch {
  const entries = spec.entries().map(([key, { value }]) => [key, key === "resources" ? undefined : value]);
  return { metadata: spec.at("podMetadata"), spec: new Field(mapping(Object.fromEntries(entries)), spec.path) };
}

function hasPod(object: KubeObject, spec: Field): boolean {
  if (builtInControllers.has(object.kind) || templatePaths.has(object.kind)) {
    return spec.unknown || isMapping(spec.value);
  }
  return !spec.unknown && (looksLikePodSpec(spec) || spec.at("containers").unknown);
}

function isBuiltIn(object: KubeObject): boolean {
  return builtInGroups.test(object.group) && !object.kind.endsWith("List");
}

/** The pods of an object; none for most kinds. */
export function podTemplates(object: KubeObject): PodTemplate[] {
  if (neverPods.has(object.kind)) return [];
  const pods = new Map<string, PodTemplate>();
  for (const path of templatePaths.get(object.kind) ?? [commonPath]) {
    const template = object.root.at(...path);
    const spec = template.at("spec");
    if (hasPod(object, spec)) pods.set(spec.path, { object, metadata: template.at("metadata"), spec });
  }
  if (isBuiltIn(object)) return [...pods.values()];
  const found: Catch[] = [];
  netted(object.root, nowhere, 0, found);
  for (const { metadata, spec } of found) {
    if (pods.has(spec.path)) continue;
    const own = isOverlay(object, spec) ? { ...object, partial: true } : object;
    const told = object.group === "monitoring.coreos.com" ? ofPrometheus(spec) : { metadata, spec };
    pods.set(spec.path, { object: own, ...told });
  }
  return [...pods.values()];
}

/** Every container of a pod: init containers and sidecars, containers, ephemeral containers. */
export function containersOf(pod: PodTemplate): Container[] {
  return containerLists.flatMap((list) =>
    pod.spec
      .at(list)
      .items()
      .map((field) => ({
        name: field.at("name").text ?? field.path,
        list,
        sidecar: list === "initContainers" && field.at("restartPolicy").text === "Always",
        field,
      })),
  );
}
