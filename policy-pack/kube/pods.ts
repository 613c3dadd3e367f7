/** Every pod that an object brings, whatever its kind, and every container of a pod. */
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
const templatePaths: Readonly<Record<string, readonly (readonly string[])[]>> = {
  Pod: [[]],
  PodTemplate: [["template"]],
  CronJob: [["spec", "jobTemplate", "spec", "template"]],
  ScaledJob: [["spec", "jobTargetRef", "template"]],
  // Agones and kruise: a game server is a template of its own around that of the pod.
  Fleet: [["spec", "template", "spec", "template"]],
  GameServerSet: [
    ["spec", "template", "spec", "template"],
    ["spec", "gameServerTemplate"],
  ],
  AdvancedCronJob: [
    ["spec", "template", "jobTemplate", "spec", "template"],
    ["spec", "template", "broadcastJobTemplate", "spec", "template"],
  ],
};

const commonPath = ["spec", "template"] as const;

// How deep the net looks for pods of kinds that it does not know.
const netDepth = 8;

function isMapping(value: Tree): value is { [key: string]: Tree } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// A list of things with a name and an image is a list of containers, wherever it stands.
function looksLikePodSpec(field: Field): boolean {
  const containers = field.at("containers");
  if (!Array.isArray(containers.value)) return false;
  return containers.value.some((one) => isMapping(one) && (one["image"] !== undefined || one["name"] !== undefined));
}

/** Pods of kinds that nobody listed, found by their shape: custom resources are many, and new ones appear. */
function netted(field: Field, depth: number, found: Field[]): void {
  if (depth > netDepth) return;
  const { value } = field;
  if (Array.isArray(value)) {
    for (const item of field.items()) netted(item, depth + 1, found);
  } else if (isMapping(value)) {
    if (looksLikePodSpec(field)) found.push(field);
    else for (const [, below] of field.entries()) netted(below, depth + 1, found);
  }
}

// A definition of a kind holds schemas that look like pods and are none.
const neverPods = new Set(["CustomResourceDefinition", "ConfigMap", "Secret"]);

/** The pods of an object; none for most kinds. */
export function podTemplates(object: KubeObject): PodTemplate[] {
  if (neverPods.has(object.kind)) return [];
  const known = templatePaths[object.kind] ?? [commonPath];
  const templates = known
    .map((path) => object.root.at(...path))
    .map((template) => ({ object, metadata: template.at("metadata"), spec: template.at("spec") }))
    .filter(({ spec }) => hasPod(object, spec));
  if (templates.length > 0 || templatePaths[object.kind] !== undefined || isBuiltIn(object)) return templates;
  const specs: Field[] = [];
  netted(object.root, 0, specs);
  return specs.map((spec) => ({ object, metadata: beside(object, spec), spec }));
}

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

function isBuiltIn(object: KubeObject): boolean {
  return builtInGroups.test(object.group);
}

// An unknown template of a controller is a pod that nobody can judge; of another kind it is most likely no pod at all.
function hasPod(object: KubeObject, spec: Field): boolean {
  if (builtInControllers.has(object.kind) || templatePaths[object.kind] !== undefined) {
    return spec.unknown || isMapping(spec.value);
  }
  return !spec.unknown && (looksLikePodSpec(spec) || spec.at("containers").unknown);
}

function beside(object: KubeObject, spec: Field): Field {
  const at = spec.path.replace(/\.?spec$/, "");
  if (at === spec.path) return new Field(undefined, "metadata");
  let field = object.root;
  for (const part of at.split(".").filter((key) => key !== "")) {
    const [, key = part, index] = /^(.*)\[(\d+)\]$/.exec(part) ?? [];
    field = field.at(key);
    if (index !== undefined) field = field.items()[Number(index)] ?? new Field(undefined);
  }
  return field.at("metadata");
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
