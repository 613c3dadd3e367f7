/** Kubernetes objects of a run by kind, with the types that an API server answers with. */
import type { IVerticalPodAutoscaler } from "@kubernetes-models/autoscaler/autoscaling.k8s.io/v1/VerticalPodAutoscaler";
import type { IScaledObject } from "@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject";
import type { types } from "@pulumi/kubernetes";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { type PlacedObject, placedObjects } from "../../tools/offline/inventory.ts";

/** Types by kind. Fields that an object leaves out are typed as present: tests compare with `undefined` where it matters. */
export interface Kinds {
  ConfigMap: types.output.core.v1.ConfigMap;
  CronJob: types.output.batch.v1.CronJob;
  DaemonSet: types.output.apps.v1.DaemonSet;
  Deployment: types.output.apps.v1.Deployment;
  LimitRange: types.output.core.v1.LimitRange;
  Namespace: types.output.core.v1.Namespace;
  NetworkPolicy: types.output.networking.v1.NetworkPolicy;
  PersistentVolumeClaim: types.output.core.v1.PersistentVolumeClaim;
  PodDisruptionBudget: types.output.policy.v1.PodDisruptionBudget;
  PriorityClass: types.output.scheduling.v1.PriorityClass;
  ResourceQuota: types.output.core.v1.ResourceQuota;
  Role: types.output.rbac.v1.Role;
  RoleBinding: types.output.rbac.v1.RoleBinding;
  ScaledObject: IScaledObject;
  Secret: types.output.core.v1.Secret;
  Service: types.output.core.v1.Service;
  ServiceAccount: types.output.core.v1.ServiceAccount;
  StatefulSet: types.output.apps.v1.StatefulSet;
  StorageClass: types.output.storage.v1.StorageClass;
  VerticalPodAutoscaler: IVerticalPodAutoscaler;
}

/** An object with its place. */
export type Placed<K extends keyof Kinds> = PlacedObject & { object: Kinds[K] };

const placed = new WeakMap<OfflineRun, PlacedObject[]>();

/** Every Kubernetes object of a run. */
export function everything(run: OfflineRun): PlacedObject[] {
  const known = placed.get(run) ?? placedObjects(run);
  placed.set(run, known);
  return known;
}

/** Every object of a kind, in one region or in all. */
export function all<K extends keyof Kinds>(run: OfflineRun, kind: K, region?: string): Placed<K>[] {
  return everything(run)
    .filter((one) => one.kind === kind && (region === undefined || one.region === region))
    .map((one) => ({ ...one, object: one.resource.inputs as unknown as Kinds[K] }));
}

/** The object of a kind with a name in a region. Throws when it is not there. */
export function find<K extends keyof Kinds>(run: OfflineRun, kind: K, name: string, region = "us-west"): Kinds[K] {
  const found = all(run, kind, region).find((one) => one.name === name);
  if (found === undefined) {
    const names = all(run, kind, region).map((one) => one.name);
    throw new Error(`${region} has no ${kind} ${name}, only ${names.join(", ")}`);
  }
  return found.object;
}

/** Names of the regions of a run. */
export function regionNames(run: OfflineRun): string[] {
  return run.resources.filter((one) => one.type === "realmgrid:region:Region").map((one) => one.name);
}

/** The first element. Throws on an empty list, so that a test never passes for lack of anything to look at. */
export function first<T>(list: readonly T[] | undefined): T {
  const [one] = list ?? [];
  if (one === undefined) throw new Error("the list is empty");
  return one;
}
