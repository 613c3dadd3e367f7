/** Containers that have resources, with where they write them and what the pod says in their place. */
import { type Container, containersOf, type PodTemplate } from "../../kube/pods.ts";
import { type Reading, readQuantity } from "../../kube/quantities.ts";
import type { Field } from "../../kube/tree.ts";

/** Init containers, sidecars and containers. Ephemeral containers have no resources: the API server refuses them. */
export function sizedContainers(pod: PodTemplate): Container[] {
  return containersOf(pod).filter(({ list }) => list !== "ephemeralContainers");
}

/** A quantity of a container. */
export function resourceField(container: Container, side: "requests" | "limits", resource: string): Field {
  return container.field.at("resources", side, resource);
}

/** A quantity of the pod itself (`spec.resources`), which stands in place of those of its containers. */
export function podResource(pod: PodTemplate, side: "requests" | "limits", resource: string): Reading {
  return readQuantity(pod.spec.at("resources", side, resource));
}

/** Whether a quantity is more than nothing; undefined where it is unknown. What is malformed is told by `quantities`. */
export function isSet(reading: Reading): boolean | undefined {
  if (reading === "unknown") return undefined;
  return typeof reading === "bigint" ? reading > 0n : reading === "malformed";
}
