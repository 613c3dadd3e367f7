/** Objects that bring pods, each around the same pod. */
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { type KubeObject, toObject } from "../../../policy-pack/kube/objects.ts";

/** A kind that brings pods. */
export interface Wrapper {
  name: string;
  /** Type token of the engine. */
  type: string;
  /** Path of the pod within the object, with a point behind it; "" where the object is the pod. */
  prefix: string;
  /** What is absent may be there in the cluster. */
  partial?: true;
}

const template = "spec.template.";
const server = "spec.template.spec.template.";

/** Every kind that the tests put pods into. */
export const wrappers: readonly Wrapper[] = [
  { name: "Pod", type: "core/v1:Pod", prefix: "" },
  { name: "Deployment", type: "apps/v1:Deployment", prefix: template },
  { name: "DaemonSet", type: "apps/v1:DaemonSet", prefix: template },
  { name: "StatefulSet", type: "apps/v1:StatefulSet", prefix: template },
  { name: "ReplicaSet", type: "apps/v1:ReplicaSet", prefix: template },
  { name: "ReplicationController", type: "core/v1:ReplicationController", prefix: template },
  { name: "Job", type: "batch/v1:Job", prefix: template },
  { name: "CronJob", type: "batch/v1:CronJob", prefix: "spec.jobTemplate.spec.template." },
  { name: "PodTemplate", type: "core/v1:PodTemplate", prefix: "template." },
  { name: "DeploymentPatch", type: "apps/v1:DeploymentPatch", prefix: template, partial: true },
  { name: "CronJobPatch", type: "batch/v1:CronJobPatch", prefix: "spec.jobTemplate.spec.template.", partial: true },
  { name: "Deployment of an old version", type: "extensions/v1beta1:Deployment", prefix: template },
  { name: "CronJob of an old version", type: "batch/v1beta1:CronJob", prefix: "spec.jobTemplate.spec.template." },
  { name: "Pod in a List", type: "core/v1:PodList", prefix: "items[0]." },
  { name: "Deployment in a List", type: "core/v1:List", prefix: "items[0].spec.template." },
  { name: "Agones Fleet", type: "agones.dev/v1:Fleet", prefix: server },
  { name: "Agones GameServer", type: "agones.dev/v1:GameServer", prefix: template },
  { name: "Agones GameServerSet", type: "agones.dev/v1:GameServerSet", prefix: server },
  { name: "kruise GameServerSet", type: "game.kruise.io/v1alpha1:GameServerSet", prefix: "spec.gameServerTemplate." },
  { name: "kruise CloneSet", type: "apps.kruise.io/v1alpha1:CloneSet", prefix: template },
  { name: "thundernetes GameServerBuild", type: "mps.playfab.com/v1alpha1:GameServerBuild", prefix: template },
  { name: "Argo Rollout", type: "argoproj.io/v1alpha1:Rollout", prefix: template },
  { name: "Knative Service", type: "serving.knative.dev/v1:Service", prefix: template },
  { name: "KEDA ScaledJob", type: "keda.sh/v1alpha1:ScaledJob", prefix: "spec.jobTargetRef.template." },
  { name: "Volcano Job", type: "batch.volcano.sh/v1alpha1:Job", prefix: "spec.tasks[1].template." },
  { name: "StrimziPodSet", type: "core.strimzi.io/v1:StrimziPodSet", prefix: "spec.pods[0]." },
  {
    name: "JobSet",
    type: "jobset.x-k8s.io/v1alpha2:JobSet",
    prefix: "spec.replicatedJobs[0].template.spec.template.",
  },
  { name: "RayCluster", type: "ray.io/v1:RayCluster", prefix: "spec.headGroupSpec.template." },
  { name: "a kind nobody knows", type: "example.com/v1:Unheard", prefix: 'spec["a.b/c"].parts[2].pod.' },
  { name: "a kind named as a method", type: "example.com/v1:constructor", prefix: template },
];

/** Puts a value at a path as people write it, making mappings and lists on the way. */
export function putAt(path: string, value: unknown): unknown {
  const match = /^\.?(?:(?<key>[\w$-]+)|\["(?<quoted>[^"]+)"\]|\[(?<index>\d+)\])/.exec(path);
  if (match === null) return value;
  const { key, quoted, index } = match.groups ?? {};
  const inner = putAt(path.slice(match[0].length), value);
  if (index === undefined) return { [key ?? quoted ?? ""]: inner };
  return Array.from({ length: Number(index) + 1 }, (_, at) => (at === Number(index) ? inner : {}));
}

/** An object of a kind around a pod's metadata and spec. */
export function wrapped({ type, prefix }: Wrapper, pod: Manifest): KubeObject {
  const { metadata, spec } = pod;
  const name = { name: "sample", namespace: "sample" };
  const around = prefix === "" ? pod : putAt(prefix.slice(0, -1), { metadata, spec });
  const object = toObject({
    type: `kubernetes:${type}`,
    props: prefix === "" ? pod : { metadata: name, ...(around as Manifest) },
    source: type,
  });
  if (object === undefined) throw new Error(`${type} is no object`);
  return object;
}
