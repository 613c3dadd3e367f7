/** KEDA scales, the Vertical Pod Autoscaler only recommends: no two writers for one field. */
import type { IScaledObject } from "@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { autoscalerBehavior } from "../capacity/autoscaler.ts";
import type { ContainerSize } from "../capacity/workload-plan.ts";
import type { BehaviorConfig } from "../config/scaling.ts";
import { type Amount, amount, bytes, cpuMillis, formatBytes, formatCpu } from "../kube/quantities.ts";

type Trigger = IScaledObject["spec"]["triggers"][number];

/** How a Deployment scales. */
export interface ScalingArgs {
  minReplicas: number;
  maxReplicas: number;
  behavior: BehaviorConfig;
  triggers: Trigger[];
  /** What happens while Prometheus does not answer; only where a trigger asks it. */
  keepWhenBlind: boolean;
}

/**
 * CPU as an absolute average, `percent` of the request. Utilisation in percent would follow every change of the request
 * and so feed back with a vertical autoscaler (kubernetes/autoscaler#6060).
 */
export function cpuTrigger(size: ContainerSize, percent: number): Trigger {
  const value = formatCpu(Math.round((cpuMillis(size.requests.cpu) * percent) / 100));
  return { type: "cpu", metricType: "AverageValue", metadata: { value } };
}

/** Memory as an absolute average, `percent` of the request. */
export function memoryTrigger(size: ContainerSize, percent: number): Trigger {
  const value = formatBytes(Math.floor((bytes(size.requests.memory) * percent) / 100 / 2 ** 20) * 2 ** 20);
  return { type: "memory", metricType: "AverageValue", metadata: { value } };
}

/** A Prometheus query. `AverageValue` divides the answer by the pods, `Value` compares it as it is. */
export function prometheusTrigger(args: {
  name: string;
  serverAddress: string;
  query: string;
  threshold: number;
  metricType: "AverageValue" | "Value";
}): Trigger {
  const { name, metricType, serverAddress, query, threshold } = args;
  return {
    type: "prometheus",
    name,
    metricType,
    metadata: {
      serverAddress,
      query,
      threshold: String(threshold),
      // An empty answer is a fault and keeps the count. By default it is a zero, and servers full of players would go.
      ignoreNullValues: "false",
    },
  };
}

/** The ScaledObject of a Deployment with the same name; the HPA that KEDA makes has that name too. */
export function scaledObject(
  resourceName: string,
  metadata: { name: string; namespace: string; labels: Record<string, string> },
  scaling: ScalingArgs,
  options: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
  const spec: IScaledObject["spec"] = {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: metadata.name },
    minReplicaCount: scaling.minReplicas,
    maxReplicaCount: scaling.maxReplicas,
    // Without an answer from Prometheus no server with players is removed.
    ...(scaling.keepWhenBlind
      ? { fallback: { failureThreshold: 3, replicas: scaling.minReplicas, behavior: "currentReplicasIfHigher" } }
      : {}),
    advanced: {
      horizontalPodAutoscalerConfig: {
        name: metadata.name,
        behavior: autoscalerBehavior(scaling.behavior),
      },
    },
    triggers: scaling.triggers,
  };
  return new k8s.apiextensions.CustomResource(
    resourceName,
    { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", metadata, spec },
    options,
  );
}

/**
 * A VerticalPodAutoscaler that recommends and never acts: from half the request to the limit, above which no request can
 * go. For game servers that is 500m and 1Gi to 2 and 4Gi, the original design's lower end and the upper end that its
 * limit range left of 4 and 8Gi.
 */
export function recommendations(
  resourceName: string,
  target: { kind: "Deployment" | "StatefulSet"; name: string; namespace: string; labels: Record<string, string> },
  container: { name: string; size: ContainerSize },
  options: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
  const half = (one: Amount): Amount => ({
    cpuMillis: Math.ceil(one.cpuMillis / 2),
    memoryBytes: Math.ceil(one.memoryBytes / 2),
  });
  const size = (one: Amount) => ({ cpu: formatCpu(one.cpuMillis), memory: formatBytes(one.memoryBytes) });
  return new k8s.apiextensions.CustomResource(
    resourceName,
    {
      apiVersion: "autoscaling.k8s.io/v1",
      kind: "VerticalPodAutoscaler",
      metadata: { name: target.name, namespace: target.namespace, labels: target.labels },
      spec: {
        targetRef: { apiVersion: "apps/v1", kind: target.kind, name: target.name },
        updatePolicy: { updateMode: "Off" },
        resourcePolicy: {
          containerPolicies: [
            {
              containerName: container.name,
              minAllowed: size(half(amount(container.size.requests))),
              maxAllowed: size(amount(container.size.limits)),
              controlledValues: "RequestsOnly",
            },
          ],
        },
      },
    },
    options,
  );
}
