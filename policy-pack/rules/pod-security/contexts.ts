/** Security contexts: a pod has one, each of its containers has one, and some fields of the first hold for the others. */
import type { Report } from "../../core/rule.ts";
import { type Container, containersOf, type PodTemplate } from "../../kube/pods.ts";
import type { Field, Tree } from "../../kube/tree.ts";

/** A security context; without a container, that of the pod. */
export interface SecurityContext {
  field: Field;
  container?: Container;
}

/** Security contexts of the containers. */
export function containerContexts(pod: PodTemplate): (SecurityContext & { container: Container })[] {
  return containersOf(pod).map((container) => ({ container, field: container.field.at("securityContext") }));
}

/** Security contexts of the pod and of its containers. */
export function allContexts(pod: PodTemplate): SecurityContext[] {
  return [{ field: pod.spec.at("securityContext") }, ...containerContexts(pod)];
}

/** A value that counts as set as soon as what holds it is there: `{ seccompProfile: {} }` sets a type of none. */
export interface Held {
  holder: Field;
  value: Field;
}

/**
 * Wants a value in each container, or in the pod for the containers that set none. A wrong one of the pod is wrong even
 * where every container has its own: the next container that somebody adds has not.
 */
export function checkInherited(
  pod: PodTemplate,
  report: Report,
  read: (context: Field) => Held,
  allowed: (value: Tree) => boolean,
  message: string,
): void {
  const ofPod = read(pod.spec.at("securityContext"));
  if (!ofPod.holder.absent) report.check(ofPod.value, allowed, message);
  for (const { container, field } of containerContexts(pod)) {
    const { holder, value } = read(field);
    const place = { field: value, container };
    if (!holder.absent) report.check(place, allowed, message);
    else if (ofPod.holder.absent && !pod.object.partial) report.violated(place, `${message}, here or for the pod`);
  }
}
