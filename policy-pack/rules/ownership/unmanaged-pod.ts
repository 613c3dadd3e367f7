import type { ObjectRule } from "../../core/rule.ts";
import type { KubeObject } from "../../kube/objects.ts";
import { configMap, deployment } from "./cases.ts";
import type { OwnershipSettings } from "./settings.ts";

const groups: Readonly<Record<string, readonly string[]>> = {
  Pod: [""],
  ReplicationController: [""],
  ReplicaSet: ["apps", "extensions"],
};

const reasons: Readonly<Record<string, string>> = {
  Pod: "nothing replaces a pod of its own when its node is lost",
  ReplicationController: "a ReplicationController cannot roll out a change",
  ReplicaSet: "a ReplicaSet of its own cannot roll out a change",
};

function isUnmanaged(object: KubeObject): boolean {
  // A patch brings no pod: the object that it changes has an owner already.
  return !object.partial && groups[object.kind]?.includes(object.group) === true;
}

/** Pods are brought by controllers that replace and roll them. Jobs are controllers too. */
export const unmanagedPod: ObjectRule<OwnershipSettings> = {
  id: "unmanaged-pod",
  subject: "object",
  kinds: Object.keys(groups),
  level: "mandatory",
  title: "Pods belong to a Deployment, a StatefulSet, a DaemonSet or a Job.",
  why: "A pod without such an owner is gone with its node, and a change of it is a deletion.",
  fix: "use a Deployment, a StatefulSet, a DaemonSet, a Job or a CronJob",
  check(object, report) {
    if (isUnmanaged(object)) report.violated(object.root.at("kind"), reasons[object.kind] ?? "");
  },
  good: [
    { name: "a Deployment", objects: [deployment()] },
    { name: "a Job", objects: [deployment({}, { apiVersion: "batch/v1", kind: "Job" })] },
    { name: "a custom kind of the same name", objects: [configMap({}, { apiVersion: "example.com/v1", kind: "Pod" })] },
  ],
  bad: [
    { name: "a Pod", objects: [configMap({}, { kind: "Pod" })], expect: [{ path: "kind" }] },
    {
      name: "a ReplicaSet",
      objects: [configMap({}, { apiVersion: "apps/v1", kind: "ReplicaSet" })],
      expect: [{ path: "kind" }],
    },
    {
      name: "a ReplicaSet of an old version",
      objects: [configMap({}, { apiVersion: "extensions/v1beta1", kind: "ReplicaSet" })],
      expect: [{ path: "kind" }],
    },
    {
      name: "a ReplicationController",
      objects: [configMap({}, { kind: "ReplicationController" })],
      expect: [{ path: "kind" }],
    },
  ],
};
