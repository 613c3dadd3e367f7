/** Which resources of pods an autoscaler reads, and whether it reads them as a share of requests. */
import type { KubeObject } from "../../kube/objects.ts";
import type { Answer } from "../../kube/selectors.ts";
import type { Field } from "../../kube/tree.ts";

/** Resources that both horizontal and vertical autoscalers know. */
export const podResources = ["cpu", "memory"] as const;

/** One resource that an autoscaler reads. */
export interface Reading {
  /** `cpu`, `memory` or another resource; undefined where it is unknown. */
  resource: string | undefined;
  /** Name of the only container that counts; absent where all do. */
  container?: Field;
  /** As a percentage of requests, so that they must be there. */
  ofRequests: Answer;
  /** Where the autoscaler says so. */
  field: Field;
}

function resourceOf(field: Field): string | undefined {
  return field.unknown ? undefined : (field.text ?? "");
}

function byTarget(metric: Field, field: Field): Pick<Reading, "ofRequests" | "field"> {
  const type = metric.at("target", "type");
  // v2beta1 has no target; what is set says what is meant.
  const share = [metric.at("target", "averageUtilization"), metric.at("targetAverageUtilization")];
  if (type.text === "Utilization" || share.some((one) => one.number !== undefined)) return { ofRequests: true, field };
  return { ofRequests: type.unknown || share.some((one) => one.unknown) ? undefined : false, field };
}

function readingsOfMetric(metric: Field): Reading[] {
  if (metric.unknown || metric.at("type").unknown) {
    return [{ resource: undefined, ofRequests: undefined, field: metric.at("type") }];
  }
  if (metric.at("type").text === "Resource") {
    const resource = metric.at("resource");
    return [{ resource: resourceOf(resource.at("name")), ...byTarget(resource, metric) }];
  }
  if (metric.at("type").text === "ContainerResource") {
    const resource = metric.at("containerResource");
    const container = resource.at("container");
    return [{ resource: resourceOf(resource.at("name")), container, ...byTarget(resource, metric) }];
  }
  return [];
}

// autoscaling/v1 knows CPU only. Without any metric, both versions take 80 % of CPU requests.
function readingsOfHpa({ version, root }: KubeObject): Reading[] {
  const metrics = root.at("spec", "metrics");
  const list = metrics.items();
  if (version === "v1" || list.length === 0) {
    return [
      {
        resource: "cpu",
        ofRequests: true,
        field: version === "v1" ? root.at("spec", "targetCPUUtilizationPercentage") : metrics,
      },
    ];
  }
  return list.flatMap(readingsOfMetric);
}

function readingsOfTrigger(trigger: Field): Reading[] {
  const [type, metricType] = [trigger.at("type"), trigger.at("metricType")];
  const oldType = trigger.at("metadata", "type");
  if (!type.unknown && type.text !== "cpu" && type.text !== "memory") return [];
  const share = metricType.text === "Utilization" || (metricType.absent && oldType.text === "Utilization");
  const unknown = type.unknown || metricType.unknown || (metricType.absent && oldType.unknown);
  const container = trigger.at("metadata", "containerName");
  return [
    {
      resource: type.text,
      ...(container.absent ? {} : { container }),
      ofRequests: share ? true : unknown ? undefined : false,
      field: type,
    },
  ];
}

/** What an autoscaler reads of its workload's pods. */
export function readingsOf(autoscaler: KubeObject): Reading[] {
  if (autoscaler.kind !== "ScaledObject") return readingsOfHpa(autoscaler);
  return autoscaler.root.at("spec", "triggers").items().flatMap(readingsOfTrigger);
}
