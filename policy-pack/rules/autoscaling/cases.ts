/** A workload and autoscalers that every rule of the family accepts, and ways to spoil one thing of them. */
import type { Manifest } from "../../core/rule.ts";

const metadata = { name: "sample", namespace: "sample" };

/** Target of every autoscaler here. */
export const target = { apiVersion: "apps/v1", kind: "Deployment", name: "sample" };

/** A container with requests for both resources. */
export function container(more: Manifest = {}): Manifest {
  return { name: "app", image: "app:1", resources: { requests: { cpu: "250m", memory: "256Mi" } }, ...more };
}

/** A Deployment whose count an autoscaler owns, with changes to its spec and to that of its pods. */
export function workload(spec: Manifest = {}, podSpec: Manifest = {}, kind = "Deployment"): Manifest {
  return {
    apiVersion: "apps/v1",
    kind,
    metadata,
    spec: { template: { metadata: { labels: {} }, spec: { containers: [container()], ...podSpec } }, ...spec },
  };
}

/** A metric of `autoscaling/v2` in percent of requests. */
export function utilization(name = "cpu"): Manifest {
  return { type: "Resource", resource: { name, target: { type: "Utilization", averageUtilization: 70 } } };
}

/** A HorizontalPodAutoscaler on CPU, with changes to its spec. */
export function autoscaler(spec: Manifest = {}, name = "sample"): Manifest {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { ...metadata, name },
    spec: { scaleTargetRef: target, minReplicas: 2, maxReplicas: 5, metrics: [utilization()], ...spec },
  };
}

/** A trigger of KEDA on CPU, in millicores. */
export const cpuTrigger: Manifest = { type: "cpu", metricType: "AverageValue", metadata: { value: "200m" } };

/** A ScaledObject, with changes to its spec. */
export function scaledObject(spec: Manifest = {}, name = "sample"): Manifest {
  return {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: { ...metadata, name },
    spec: {
      scaleTargetRef: { name: "sample" },
      minReplicaCount: 2,
      maxReplicaCount: 5,
      triggers: [cpuTrigger],
      ...spec,
    },
  };
}

/** A VerticalPodAutoscaler that acts on a workload which nothing else scales by CPU or memory. */
export function vertical(spec: Manifest = {}, name = "sample"): Manifest {
  return {
    apiVersion: "autoscaling.k8s.io/v1",
    kind: "VerticalPodAutoscaler",
    metadata: { ...metadata, name },
    spec: {
      targetRef: target,
      updatePolicy: { updateMode: "Recreate" },
      resourcePolicy: { containerPolicies: [{ containerName: "*", maxAllowed: { cpu: "2", memory: "4Gi" } }] },
      ...spec,
    },
  };
}
