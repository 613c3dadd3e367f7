/** A pod whose sizes every rule of the family accepts, and ways to spoil one thing of it. */
import type { Manifest } from "../../core/rule.ts";

/** Requests and limits that are within every default. */
export const sizes: Manifest = {
  requests: { cpu: "100m", memory: "128Mi" },
  limits: { cpu: "500m", memory: "256Mi" },
};

/** A container with other resources. */
export function container(resources: unknown = sizes, more: Manifest = {}): Manifest {
  return { name: "app", image: "registry.example.com/app:1.0.0", resources, ...more };
}

/** A container with changes to its requests and limits; `undefined` removes a resource. */
export function sized(requests: Manifest, limits: Manifest = {}): Manifest {
  const { requests: ownRequests, limits: ownLimits } = sizes as Record<string, Manifest>;
  return container({ requests: { ...ownRequests, ...requests }, limits: { ...ownLimits, ...limits } });
}

/** A pod with changes to its spec. */
export function pod(spec: Manifest = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "sample", namespace: "sample" },
    spec: { containers: [container()], ...spec },
  };
}

/** A pod with one container of other requests and limits. */
export function podOf(requests: Manifest, limits: Manifest = {}): Manifest {
  return pod({ containers: [sized(requests, limits)] });
}

/** A Prometheus: the operator lays the containers over its own, and the resources are those of the server. */
export function prometheus(spec: Manifest): Manifest {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "Prometheus",
    metadata: { name: "sample", namespace: "sample" },
    spec,
  };
}

/** A pod in a CronJob, the deepest of the built-in kinds. */
export function cronJob(spec: Manifest = {}): Manifest {
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "sample", namespace: "sample" },
    spec: { jobTemplate: { spec: { template: { spec: { containers: [container()], ...spec } } } } },
  };
}
