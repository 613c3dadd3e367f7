/** Workloads that every rule of the family accepts, and ways to spoil one thing of them. */
import type { Manifest } from "../../core/rule.ts";

const labels = { app: "sample" };

/** A container that serves and answers for its health. */
export function container(more: Manifest = {}): Manifest {
  return {
    name: "app",
    image: "registry.example.com/app:1.0.0",
    ports: [{ name: "http", containerPort: 8080 }],
    readinessProbe: { httpGet: { path: "/ready", port: "http" }, periodSeconds: 5, timeoutSeconds: 2 },
    livenessProbe: { httpGet: { path: "/live", port: "http" }, periodSeconds: 10, failureThreshold: 3 },
    ...more,
  };
}

/** The template of a pod, with changes to its spec. */
export function template(spec: Manifest = {}, podLabels: Manifest = labels): Manifest {
  return {
    metadata: { labels: podLabels },
    spec: {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "kubernetes.io/hostname",
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: labels },
        },
      ],
      containers: [container()],
      ...spec,
    },
  };
}

/** A workload of three, with changes to its spec; its pods carry `app: sample`. */
export function workload(spec: Manifest = {}, kind = "Deployment", name = "sample"): Manifest {
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace: "sample" },
    spec: { replicas: 3, selector: { matchLabels: labels }, template: template(), ...spec },
  };
}

/** A lone server, for rules about pods: a StatefulSet of one needs no company. */
export function server(podSpec: Manifest = {}): Manifest {
  return workload({ replicas: 1, template: template(podSpec) }, "StatefulSet");
}

/** A budget for the pods of `workload`, with changes to its spec. */
export function budget(spec: Manifest = {}, name = "sample", version = "policy/v1"): Manifest {
  return {
    apiVersion: version,
    kind: "PodDisruptionBudget",
    metadata: { name, namespace: "sample" },
    spec: { selector: { matchLabels: labels }, unhealthyPodEvictionPolicy: "AlwaysAllow", ...spec },
  };
}

/** A budget that lets one pod go at a time. */
export const looseBudget = budget({ maxUnavailable: 1 });

/** A HorizontalPodAutoscaler of `workload`. */
export function autoscaler(spec: Manifest = {}): Manifest {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "sample", namespace: "sample" },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "sample" },
      minReplicas: 3,
      maxReplicas: 9,
      ...spec,
    },
  };
}

/** A ScaledObject of `workload`. */
export function scaledObject(spec: Manifest = {}): Manifest {
  return {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: { name: "sample", namespace: "sample" },
    spec: { scaleTargetRef: { name: "sample" }, minReplicaCount: 3, maxReplicaCount: 9, triggers: [], ...spec },
  };
}

/** A custom resource of three servers that an operator makes. */
export function operated(apiVersion: string, kind: string, spec: Manifest = {}): Manifest {
  return { apiVersion, kind, metadata: { name: "data", namespace: "sample" }, spec: { instances: 3, ...spec } };
}

/** A job that ends, with changes to its spec and to that of its pod. */
export function job(spec: Manifest = {}, podSpec: Manifest = {}): Manifest {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "sample", namespace: "sample" },
    spec: {
      backoffLimit: 2,
      activeDeadlineSeconds: 600,
      template: {
        spec: { restartPolicy: "Never", containers: [{ name: "app", image: "app:1" }], ...podSpec },
      },
      ...spec,
    },
  };
}

/** A job every night, with changes to its spec and to that of its job. */
export function cronJob(spec: Manifest = {}, jobSpec: Manifest = {}, podSpec: Manifest = {}): Manifest {
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "sample", namespace: "sample" },
    spec: {
      schedule: "0 3 * * *",
      concurrencyPolicy: "Forbid",
      jobTemplate: { spec: job(jobSpec, podSpec)["spec"] },
      ...spec,
    },
  };
}
