/** Plays KEDA's operator, which a lab lacks: makes of a ScaledObject the autoscaler that the operator would make of it. */
import type { V2HorizontalPodAutoscaler, V2MetricSpec } from "@kubernetes/client-node";
import type { AutoscalerSpec } from "../../../components/capacity/autoscaler.ts";
import type { OwnedObject } from "./deployment.ts";
import { type MetricName, scaledObjectLabel } from "./metrics-api.ts";

interface ScaledSpec {
  scaleTargetRef: { name: string };
  minReplicaCount: number;
  maxReplicaCount: number;
  advanced: { horizontalPodAutoscalerConfig: { behavior: AutoscalerSpec["behavior"] } };
  triggers: {
    type: string;
    metricType?: string;
    metadata: { threshold?: string };
  }[];
}

/** What KEDA would make of a ScaledObject. */
export interface MadeAutoscaler {
  namespace: string;
  /** Of the ScaledObject, the autoscaler and the Deployment. */
  name: string;
  /** Minimum, maximum and behaviour. */
  spec: AutoscalerSpec;
  /** Its Prometheus triggers, each with the value of one pod at work. */
  metrics: (MetricName & { threshold: number })[];
  /** Types of the triggers that are left out, since they need metrics of real processes. */
  leftOut: string[];
  /** The object; undefined where every trigger is left out. */
  object: V2HorizontalPodAutoscaler | undefined;
}

/** The autoscaler of a ScaledObject. */
export function autoscalerOf({ inputs }: OwnedObject): MadeAutoscaler {
  const { name = "", namespace = "" } = inputs.metadata ?? {};
  const scaled = inputs.spec as unknown as ScaledSpec;
  const { behavior } = scaled.advanced.horizontalPodAutoscalerConfig;
  const spec = { minReplicas: scaled.minReplicaCount, maxReplicas: scaled.maxReplicaCount, behavior };
  const isPlayed = ({ type, metricType = "AverageValue" }: ScaledSpec["triggers"][number]) =>
    type === "prometheus" && metricType === "AverageValue";
  const metrics = scaled.triggers.flatMap((trigger, index) =>
    isPlayed(trigger)
      ? [
          {
            namespace,
            scaledObject: name,
            metric: `s${index}-prometheus`,
            threshold: Number(trigger.metadata.threshold),
          },
        ]
      : [],
  );
  const leftOut = scaled.triggers.filter((trigger) => !isPlayed(trigger)).map(({ type }) => type);
  const object: V2HorizontalPodAutoscaler = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name, namespace, labels: { [scaledObjectLabel]: name } },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: scaled.scaleTargetRef.name },
      ...spec,
      metrics: metrics.map(metricSpec),
    },
  };
  return { namespace, name, spec, metrics, leftOut, object: metrics.length > 0 ? object : undefined };
}

function metricSpec({ scaledObject, metric, threshold }: MadeAutoscaler["metrics"][number]): V2MetricSpec {
  return {
    type: "External",
    external: {
      metric: { name: metric, selector: { matchLabels: { [scaledObjectLabel]: scaledObject } } },
      target: { type: "AverageValue", averageValue: String(threshold) },
    },
  };
}
