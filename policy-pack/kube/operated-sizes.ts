/** How far a custom resource tells the sizes of the pods that its operator makes, and what else the operator makes. */
import type { KubeObject } from "./objects.ts";
import { isOperated } from "./operated.ts";
import type { Field } from "./tree.ts";

/**
 * Objects that an operator makes of one custom resource, by resource of a quota and kind. MySQL operator 26.7: the two
 * Services of servers and routers, settings of servers and exporter, three accounts. The others make one Secret each.
 */
const counts: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  services: { InnoDBCluster: 2 },
  configmaps: { InnoDBCluster: 2 },
  secrets: { InnoDBCluster: 3, Certificate: 1, ExternalSecret: 1, SealedSecret: 1 },
  "count/horizontalpodautoscalers.autoscaling": { ScaledObject: 1 },
};

/** How many of a resource the operator of an object makes; undefined where it makes some, and nobody knows how many. */
export function madeOf(object: KubeObject, resource: string): number | undefined {
  const own = counts[resource]?.[object.kind];
  if (own !== undefined) return own;
  const known = Object.values(counts).some((kinds) => Object.hasOwn(kinds, object.kind));
  return isOperated(object) && !known ? undefined : 0;
}

// Containers of a server as the MySQL operator names them; `fixdatadir` unless it is told to leave the volume alone.
function serverContainers(spec: Field): string[] {
  const fixes = spec.at("datadirPermissions", "setRightsUsingInitContainer").value !== false;
  const measures = spec.at("metrics", "enable");
  const metrics = measures.value === true || measures.unknown ? ["metrics"] : [];
  return [...(fixes ? ["fixdatadir"] : []), "initconf", "initmysql", "sidecar", "mysql", ...metrics];
}

/**
 * The template holds every container of the pod, with its sizes. Operators lay what a custom resource says over pods of
 * their own, by the names of containers: what it leaves out is there all the same, and nobody knows how large.
 */
export function isComplete(object: KubeObject, podSpec: Field): boolean {
  const { madeBy } = object;
  if (madeBy === undefined) return true;
  const containers = ["initContainers", "containers"].flatMap((list) => podSpec.at(list).items());
  if (madeBy.kind !== "InnoDBCluster") return containers.length > 0;
  const sized = new Set(containers.filter((one) => !one.at("resources").absent).map((one) => one.at("name").text));
  const names = object.kind === "StatefulSet" ? serverContainers(madeBy.root.at("spec")) : ["router"];
  return names.every((name) => sized.has(name));
}
