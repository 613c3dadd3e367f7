/** A namespace whose quota holds its one workload exactly, and ways to spoil one thing of it. */
import type { Manifest } from "../../core/rule.ts";
import { maximumNodesAnnotation } from "../../kube/reach.ts";

/** The namespace. */
export const namespace: Manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name: "sample" } };

/** Name and place of an object. */
export function named(name: string): Manifest {
  return { name, namespace: "sample" };
}

/** A container with changed resources. */
export function container(resources: Manifest = {}, more: Manifest = {}): Manifest {
  return {
    name: "app",
    image: "registry.example.com/app:1.0.0",
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "200m", memory: "256Mi" }, ...resources },
    ...more,
  };
}

/** The template of a pod with changes to its spec. */
export function template(spec: Manifest = {}): Manifest {
  return { metadata: { labels: { app: "app" } }, spec: { containers: [container()], ...spec } };
}

/**
 * Two replicas, one pod of surge, and all the time in the world to terminate beside new ones that are ready at once: four
 * pods at the peak.
 */
export function deployment(pod: Manifest = {}, spec: Manifest = {}): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: named("app"),
    spec: {
      replicas: 2,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      selector: { matchLabels: { app: "app" } },
      template: template(pod),
      ...spec,
    },
  };
}

/** A DaemonSet that says on how many nodes it runs at most. */
export function daemons(nodes: unknown): Manifest {
  const annotations = { [maximumNodesAnnotation]: nodes };
  return { ...deployment(), kind: "DaemonSet", metadata: { ...named("app"), annotations } };
}

/** A StatefulSet of two pods with a claim each. */
export function statefulSet(pod: Manifest = {}, spec: Manifest = {}): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: named("app"),
    spec: {
      replicas: 2,
      serviceName: "app",
      selector: { matchLabels: { app: "app" } },
      template: template(pod),
      volumeClaimTemplates: [
        {
          metadata: { name: "data" },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } } },
        },
      ],
      ...spec,
    },
  };
}

/** What the deployment's four pods need, and no more. */
export const exact: Manifest = {
  "requests.cpu": "400m",
  "requests.memory": "512Mi",
  "limits.cpu": "800m",
  "limits.memory": "1Gi",
  pods: "4",
};

/** The quota, with changes to what it grants; `undefined` removes a resource. */
export function quota(hard: Manifest = {}, more: Manifest = {}): Manifest {
  const granted = Object.fromEntries(Object.entries({ ...exact, ...hard }).filter(([, value]) => value !== undefined));
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: named("quota"), spec: { hard: granted, ...more } };
}

/** The limit range, with changes to its entry for containers and further entries. */
export function limitRange(item: Manifest = {}, ...more: Manifest[]): Manifest {
  return {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: named("limits"),
    spec: {
      limits: [
        {
          type: "Container",
          default: { cpu: "200m", memory: "256Mi" },
          defaultRequest: { cpu: "100m", memory: "128Mi" },
          max: { cpu: "1", memory: "1Gi" },
          ...item,
        },
        ...more,
      ],
    },
  };
}

/** The namespace with its limit range and these objects. */
export function around(...objects: Manifest[]): Manifest[] {
  return [namespace, limitRange(), ...objects];
}

/** All of it: a stack that every rule of the family accepts. */
export const sound: readonly Manifest[] = around(quota(), deployment());
