/** Pod templates of a run, wherever they stand. */
import type { types } from "@pulumi/kubernetes";
import { adNamespaces } from "../../components/ads/workloads.ts";
import { gameNamespace } from "../../components/game/workloads.ts";
import { maximumNodesAnnotation } from "../../components/kube/labels.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { all, type Kinds, type Placed } from "./objects.ts";

/** A container as an API server answers with it. */
export type Container = types.output.core.v1.Container;

/** Labels by key. */
export type Labels = Readonly<Record<string, string>>;

/** What pods are made of, whoever makes them. */
export interface Workload {
  region: string;
  kind: "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob";
  name: string;
  namespace: string;
  /** Selector of the owner; absent for jobs, which make their own. */
  selector?: Labels;
  labels: Labels;
  annotations: Labels;
  spec: types.output.core.v1.PodSpec;
}

/** One pod template and the object of the stack that makes pods from it. */
export interface Template extends Workload {
  owner: Placed<"Deployment"> | Placed<"StatefulSet"> | Placed<"DaemonSet"> | Placed<"CronJob">;
  /**
   * Pods that the object itself says: its number, or, of a DaemonSet, the nodes that it is annotated with. Absent for
   * jobs, and where an autoscaler owns the number.
   */
  replicas?: number;
}

/** Every pod template of a run, in one region or in all. */
export function templates(run: OfflineRun, region?: string): Template[] {
  const from = (
    kind: Template["kind"],
    owner: Template["owner"],
    template: types.output.core.v1.PodTemplateSpec,
    { selector, replicas }: { selector?: Labels; replicas?: number } = {},
  ): Template => ({
    region: owner.region,
    kind,
    name: owner.name,
    namespace: owner.namespace,
    owner,
    ...(selector ? { selector } : {}),
    ...(replicas === undefined ? {} : { replicas }),
    labels: template.metadata.labels ?? {},
    annotations: template.metadata.annotations ?? {},
    spec: template.spec,
  });
  const fromSet = (
    kind: "Deployment" | "StatefulSet" | "DaemonSet",
    owner: Placed<"Deployment"> | Placed<"StatefulSet"> | Placed<"DaemonSet">,
    replicas: number | undefined,
  ): Template => {
    const { template, selector } = owner.object.spec;
    return from(kind, owner, template, {
      selector: selector.matchLabels,
      ...(replicas === undefined ? {} : { replicas }),
    });
  };
  return [
    ...all(run, "Deployment", region).map((one) => fromSet("Deployment", one, one.object.spec.replicas)),
    ...all(run, "StatefulSet", region).map((one) => fromSet("StatefulSet", one, one.object.spec.replicas)),
    ...all(run, "DaemonSet", region).map((one) => fromSet("DaemonSet", one, nodesOf(one))),
    ...all(run, "CronJob", region).map((one) => from("CronJob", one, one.object.spec.jobTemplate.spec.template)),
  ];
}

/** Nodes that a DaemonSet runs on at most, by its annotation. Throws without one: nobody would know its pods. */
function nodesOf({ object, name, region }: Placed<"DaemonSet">): number {
  const nodes = Number(object.metadata.annotations?.[maximumNodesAnnotation]);
  if (!Number.isInteger(nodes) || nodes < 1) throw new Error(`${region} ${name} has no ${maximumNodesAnnotation}`);
  return nodes;
}

/** Pods that a rollout of a Deployment starts beyond its number, as the object says it: a number or a percentage. */
export function surgeOf({ owner }: Template): string {
  const { strategy } = owner.object.spec as Partial<types.output.apps.v1.DeploymentSpec>;
  // All of them are gone before the first new one starts.
  if (strategy?.type === "Recreate" || owner.object.kind !== "Deployment") return "0";
  return String(strategy?.rollingUpdate.maxSurge ?? "25%");
}

/** Where an object is: names are unique by region, namespace and kind, and the game and the ads share some. */
export interface Place {
  region: string;
  namespace: string;
}

/** True when both are in one namespace of one region, where selectors and names reach. */
export function together(one: Place, other: Place): boolean {
  return one.region === other.region && one.namespace === other.namespace;
}

/** The object of a kind with a name at a place. Throws when it is not there. */
export function objectAt<K extends keyof Kinds>(run: OfflineRun, kind: K, name: string, place: Place): Kinds[K] {
  const found = all(run, kind, place.region).find((one) => one.name === name && together(one, place));
  if (found === undefined) throw new Error(`${place.region} ${place.namespace} has no ${kind} ${name}`);
  return found.object;
}

/** Namespaces of the ad platform, as far as a run has them; their names are those of its environments. */
export const adPlatforms: readonly string[] = Object.values(adNamespaces);

/** Templates of worlds, game servers and services: what serves players and reads the settings of the game. */
export function gameTemplates(run: OfflineRun, region?: string): Template[] {
  const found = templates(run, region).filter(
    (one) =>
      one.namespace === gameNamespace &&
      ["world", "session", "service"].includes(one.labels["app.kubernetes.io/component"] ?? ""),
  );
  if (found.length < 7) throw new Error(`want a world, a game server and five services, found ${found.length}`);
  return found;
}

/** Templates of the services of the ad platform. */
export function adTemplates(run: OfflineRun, region?: string): Template[] {
  const found = templates(run, region).filter(
    (one) => adPlatforms.includes(one.namespace) && one.labels["app.kubernetes.io/component"] === "service",
  );
  if (found.length < 3) throw new Error(`want campaign, bidding and analytics, found ${found.length}`);
  return found;
}

/**
 * The template of one workload. Where namespaces share the name and none is given, it is the game's. Throws when it is
 * not there.
 */
export function templateOf(run: OfflineRun, name: string, region = "us-west", namespace?: string): Template {
  const found = templates(run, region).filter(
    (one) => one.name === name && (namespace === undefined || one.namespace === namespace),
  );
  const one = found.find((each) => each.namespace === gameNamespace) ?? found[0];
  if (one === undefined) throw new Error(`${region} ${namespace ?? ""} has no workload ${name}`);
  return one;
}

/** Containers and init containers of a template. */
export function containersOf(template: Pick<Workload, "spec">): Container[] {
  return [...(template.spec.initContainers ?? []), ...template.spec.containers];
}

/** True when every label of the selector is on the pod; an empty selector takes all. */
export function selects(selector: Labels | undefined, labels: Labels): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);
}

/** Value, or source, of an environment variable. */
export function environment(container: Container | undefined, name: string): types.output.core.v1.EnvVar | undefined {
  return (container?.env ?? []).find((one) => one.name === name);
}
