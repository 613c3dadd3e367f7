/** Resources of a run by region and component: what trees, folders and golden files are made of. */
import type { OfflineResource, OfflineRun } from "./host.ts";

/** A Kubernetes object of a run and where it belongs. */
export interface PlacedObject {
  region: string;
  /** First component below the region, for example `game`. */
  component: string;
  resource: OfflineResource;
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
}

const regionType = "realmgrid:region:Region";

/** Ancestors of a resource, nearest first. */
export function ancestors(run: OfflineRun, resource: OfflineResource): OfflineResource[] {
  const byUrn = new Map(run.resources.map((one) => [one.urn, one]));
  const result: OfflineResource[] = [];
  for (let parent = byUrn.get(resource.parent ?? ""); parent !== undefined; parent = byUrn.get(parent.parent ?? "")) {
    result.push(parent);
  }
  return result;
}

/** Name of a component without the names of those above it: `us-west-game` below `us-west` is `game`. */
export function shortName(name: string, parent: string | undefined): string {
  return parent !== undefined && name.startsWith(`${parent}-`) ? name.slice(parent.length + 1) : name;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** True for objects of the Kubernetes API; a Helm release is none. */
export function isKubernetesObject(resource: OfflineResource): boolean {
  return resource.type.startsWith("kubernetes:") && !resource.type.startsWith("kubernetes:helm.sh/");
}

/** Every Kubernetes object of a run, sorted by region, component, kind, namespace and name. */
export function placedObjects(run: OfflineRun): PlacedObject[] {
  const placed = run.resources.filter(isKubernetesObject).map((resource) => {
    const above = ancestors(run, resource);
    const index = above.findIndex((one) => one.type === regionType);
    const region = above[index];
    const component = above[index - 1];
    if (region === undefined || component === undefined) {
      throw new Error(`${resource.type} ${resource.name} belongs to no component of a region`);
    }
    const metadata = (resource.inputs["metadata"] ?? {}) as Record<string, unknown>;
    return {
      region: region.name,
      component: shortName(component.name, region.name),
      resource,
      apiVersion: text(resource.inputs["apiVersion"]),
      kind: text(resource.inputs["kind"]),
      namespace: text(metadata["namespace"]),
      name: text(metadata["name"]),
    };
  });
  const key = (one: PlacedObject) => [one.region, one.component, one.kind, one.namespace, one.name].join("\u0000");
  // Not localeCompare: the order must not depend on anybody's locale.
  return placed.sort((one, other) => (key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : 0));
}

/** One line for each resource of a run: logical path, type, object name, protection. No values, so no secrets. */
export function inventory(run: OfflineRun): string {
  const lines = run.resources.map((resource) => {
    const metadata = resource.inputs["metadata"] as { name?: string; namespace?: string } | undefined;
    const path = [...ancestors(run, resource).map((one) => one.name)].reverse().slice(1);
    return [
      [...path, resource.name].join(" > "),
      resource.type,
      metadata?.name === undefined ? "-" : [metadata.namespace, metadata.name].filter(Boolean).join("/"),
      resource.provider ?? "-",
      ...(resource.protect ? ["protected"] : []),
    ].join(" | ");
  });
  return `${lines.sort().join("\n")}\n`;
}
