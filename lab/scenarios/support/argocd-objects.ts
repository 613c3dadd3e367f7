/** Objects that Argo CD reads and writes, as far as scenarios look at them. */
import type { KubernetesObject, V1ObjectMeta } from "@kubernetes/client-node";

/** An object as the API server writes it. */
export type ClusterObject = KubernetesObject & { metadata: V1ObjectMeta; [field: string]: unknown };

/** A rule of `ignoreDifferences`. */
export interface IgnoreRule {
  group: string;
  kind: string;
  jsonPointers: string[];
}

/** The part of an Application that a synchronisation reads. */
export interface Application extends ClusterObject {
  spec: {
    project: string;
    source: { repoURL: string; path: string };
    destination: { server?: string; name?: string; namespace: string };
    syncPolicy: { syncOptions: string[] };
    ignoreDifferences: IgnoreRule[];
  };
}

/** A kind in the lists of a project. */
export interface GroupKind {
  group: string;
  kind: string;
}

/** The part of an AppProject that says what may be written where. */
export interface AppProject extends ClusterObject {
  spec: {
    sourceRepos: string[];
    destinations: { server?: string; name?: string; namespace: string }[];
    clusterResourceWhitelist?: GroupKind[];
    namespaceResourceWhitelist: GroupKind[];
  };
}

/** API group of an object; empty for the core group. */
export function groupOf({ apiVersion = "" }: KubernetesObject): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

/** Identity of an object within a cluster, whatever the version of its kind. */
export function keyOf(object: KubernetesObject): string {
  const { namespace = "", name = "" } = object.metadata ?? {};
  return `${groupOf(object)}/${object.kind}:${namespace}/${name}`;
}

/** An object in the words of the tables. */
export function called({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata?.name}`;
}
