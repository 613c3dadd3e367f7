/** Pod templates of a run, wherever they stand. */
import type { types } from "@pulumi/kubernetes";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { all, type Placed } from "./objects.ts";

/** A container as an API server answers with it. */
export type Container = types.output.core.v1.Container;

/** Labels by key. */
export type Labels = Readonly<Record<string, string>>;

/** What pods are made of, whoever makes them. */
export interface Workload {
  region: string;
  kind: "Deployment" | "StatefulSet" | "CronJob";
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
  owner: Placed<"Deployment"> | Placed<"StatefulSet"> | Placed<"CronJob">;
}

/** Every pod template of a run, in one region or in all. */
export function templates(run: OfflineRun, region?: string): Template[] {
  const from = (
    kind: Template["kind"],
    owner: Template["owner"],
    template: types.output.core.v1.PodTemplateSpec,
    selector?: Labels,
  ): Template => ({
    region: owner.region,
    kind,
    name: owner.name,
    namespace: owner.namespace,
    owner,
    ...(selector ? { selector } : {}),
    labels: template.metadata.labels ?? {},
    annotations: template.metadata.annotations ?? {},
    spec: template.spec,
  });
  return [
    ...all(run, "Deployment", region).map((one) =>
      from("Deployment", one, one.object.spec.template, one.object.spec.selector.matchLabels),
    ),
    ...all(run, "StatefulSet", region).map((one) =>
      from("StatefulSet", one, one.object.spec.template, one.object.spec.selector.matchLabels),
    ),
    ...all(run, "CronJob", region).map((one) => from("CronJob", one, one.object.spec.jobTemplate.spec.template)),
  ];
}

/** Templates of worlds, game servers and services: what serves players and reads the settings of the game. */
export function gameTemplates(run: OfflineRun, region?: string): Template[] {
  const found = templates(run, region).filter((one) =>
    ["world", "session", "service"].includes(one.labels["app.kubernetes.io/component"] ?? ""),
  );
  if (found.length < 7) throw new Error(`want a world, a game server and five services, found ${found.length}`);
  return found;
}

/** The template of one workload. Throws when it is not there. */
export function templateOf(run: OfflineRun, name: string, region = "us-west"): Template {
  const found = templates(run, region).find((one) => one.name === name);
  if (found === undefined) throw new Error(`${region} has no workload ${name}`);
  return found;
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
