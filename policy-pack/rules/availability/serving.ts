/** Pods that run until somebody removes them, and what asks after their health. */
import type { Report } from "../../core/rule.ts";
import { lastingKinds } from "../../kube/floor.ts";
import { type Container, containersOf, type PodTemplate } from "../../kube/pods.ts";
import type { Answer } from "../../kube/selectors.ts";
import type { Field } from "../../kube/tree.ts";

/** The fields of a container that hold a probe. */
export const probeNames = ["startupProbe", "readinessProbe", "livenessProbe"] as const;

/**
 * The pod is meant to run for ever. Pods of jobs end, and pods of custom kinds are looked after by their operator (a
 * game server of Agones reports its health to the SDK).
 */
export function lasts(pod: PodTemplate): Answer {
  if (pod.object.kind !== "Pod") return lastingKinds.includes(pod.object.kind);
  const policy = pod.spec.at("restartPolicy");
  if (policy.unknown) return undefined;
  return policy.absent || policy.text === "Always";
}

/** Whether the container runs beside the others for as long as they do, so that kubelet takes its probes and hooks. */
export function stays({ list, sidecar, field }: Container): Answer {
  if (list !== "initContainers" || sidecar) return list !== "ephemeralContainers";
  return field.at("restartPolicy").unknown ? undefined : false;
}

/** What kubelet asks or calls while a container stays. */
const askings = [...probeNames, "lifecycle"];

/** The containers of a pod that stay. Where that is unknown, a container with something to ask is undecidable. */
export function staying(pod: PodTemplate, report: Report): Container[] {
  return containersOf(pod).filter((one) => {
    const answer = stays(one);
    if (answer === undefined && askings.some((key) => !one.field.at(key).absent)) {
      report.undecidable({ field: one.field.at("restartPolicy"), container: one });
    }
    return answer === true;
  });
}

/** A number that Kubernetes fills in where it is absent; undefined for what is unknown or no number. */
export function numberOr(field: Field, fallback: number): number | undefined {
  return field.absent ? fallback : field.number;
}
