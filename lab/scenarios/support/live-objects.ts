/** Objects of a cluster as kubectl shows them. */
import { randomUUID } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { KubeConfig, KubernetesObjectApi } from "@kubernetes/client-node";
import { type ClusterObject, called, keyOf } from "./argocd-objects.ts";
import { type DeployContext, expect, kubectl } from "./deployment.ts";

/** A cluster of the lab. */
export interface Place {
  context: DeployContext;
  /** Name of its context. */
  cluster: string;
}

/** The client of a cluster that tools of the project get in place of their own. */
export function clientOf({ context, cluster }: Place): KubernetesObjectApi {
  const config = new KubeConfig();
  config.loadFromFile(context.lab.kubeconfig);
  config.setCurrentContext(cluster);
  return KubernetesObjectApi.makeApiClient(config);
}

/** How long controllers may take to have nothing more to do. */
const quietLimitMs = 120_000;

/** What kubectl says when it does something with some objects; nothing where there are none. */
export async function withObjects(
  { context, cluster }: Place,
  items: readonly ClusterObject[],
  ...words: string[]
): Promise<string> {
  if (items.length === 0) return "";
  // A file for each call, since calls run side by side.
  const file = join(context.lab.folder, `objects-${randomUUID()}.json`);
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  try {
    return await kubectl(context, cluster, ...words, "--filename", file);
  } finally {
    rmSync(file);
  }
}

/** Objects in such an answer as JSON: one is shown as it is, several as a list. */
export function objectsIn(text: string): ClusterObject[] {
  if (text.trim() === "") return [];
  const answer = JSON.parse(text) as ClusterObject & { items?: ClusterObject[] };
  return answer.kind === "List" ? (answer.items ?? []) : [answer];
}

/** The live ones of some objects, with the list of who wrote which field. */
export async function read(place: Place, objects: readonly ClusterObject[]): Promise<ClusterObject[]> {
  const how = ["--ignore-not-found", "--show-managed-fields", "--output=json"];
  return objectsIn(await withObjects(place, objects, "get", ...how));
}

/** Deletes objects, and returns when they are gone with all that hangs on them. */
export async function remove(place: Place, objects: readonly ClusterObject[]): Promise<void> {
  await withObjects(place, objects, "delete", "--cascade=foreground");
}

/** All objects of some kinds in a namespace. */
export async function list(place: Place, namespace: string, kinds: string): Promise<ClusterObject[]> {
  const what = ["get", kinds, "--namespace", namespace, "--output=json"];
  return objectsIn(await kubectl(place.context, place.cluster, ...what));
}

/** Every kind of a namespace that can be listed and deleted, but for events. */
export async function allKinds({ context, cluster }: Place): Promise<string> {
  const about = ["--namespaced", "--verbs=list,delete", "--output=name"];
  const kinds = (await kubectl(context, cluster, "api-resources", ...about)).trim().split("\n");
  return kinds.filter((kind) => !/^events(\.|$)/.test(kind)).join(",");
}

/** Who has written fields of an object, but for what goes through a subresource. */
export function managersOf({ metadata }: ClusterObject): string[] {
  const own = (metadata.managedFields ?? []).filter(({ subresource }) => (subresource ?? "") === "");
  return [...new Set(own.map(({ manager }) => manager ?? ""))];
}

/** Version of each object. */
export function versionsOf(objects: readonly ClusterObject[]): Map<string, string> {
  return new Map(objects.map((object) => [keyOf(object), object.metadata.resourceVersion ?? ""]));
}

/** Waits until no controller writes to the objects any more, and answers them. */
export async function untilQuiet(place: Place, objects: readonly ClusterObject[]): Promise<ClusterObject[]> {
  const limit = Date.now() + quietLimitMs;
  for (let before = await read(place, objects); ; ) {
    await sleep(3000, undefined, { signal: place.context.signal });
    const now = await read(place, objects);
    const versions = versionsOf(before);
    const moving = now.filter((object) => versions.get(keyOf(object)) !== object.metadata.resourceVersion);
    if (moving.length === 0) return now;
    expect(Date.now() < limit, () => `still written to: ${moving.map(called).join(", ")}`);
    before = now;
  }
}
