/** Pods, namespaces and clusters for the tests of the quota arithmetic. */
import { Cluster } from "../../../policy-pack/core/cluster.ts";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import {
  type DemandSettings,
  type NamespaceDemand,
  namespaceDemand,
} from "../../../policy-pack/kube/namespace-demand.ts";
import { type PodTemplate, podTemplates } from "../../../policy-pack/kube/pods.ts";
import { formatQuantity } from "../../../policy-pack/kube/quantities.ts";
import { needOf } from "../../../policy-pack/kube/quota-need.ts";
import { objectsOf } from "./findings.ts";

/** Nothing that manifests do not say. */
export const plainSettings: DemandSettings = { nodes: 0, injected: [], reserves: [] };

/** A pod with that spec. */
export function podOfSpec(spec: unknown): PodTemplate {
  const [object] = objectsOf([{ apiVersion: "v1", kind: "Pod", metadata: { name: "sample" }, spec }]);
  const [pod] = object === undefined ? [] : podTemplates(object);
  if (pod === undefined) throw new Error("no pod");
  return pod;
}

/** What manifests bring into the namespace `sample`. */
export function demandOf(manifests: readonly Manifest[], settings: Partial<DemandSettings> = {}): NamespaceDemand {
  return namespaceDemand(new Cluster(objectsOf(manifests)), "sample", { ...plainSettings, ...settings });
}

/** An object in the namespace `sample`. */
export function objectIn(kind: string, more: Manifest = {}, apiVersion = "v1", name = kind.toLowerCase()): Manifest {
  return { apiVersion, kind, metadata: { name, namespace: "sample" }, ...more };
}

/** A pod of one container with these sizes. */
export function podIn(
  spec: Manifest = {},
  requests: Manifest = { cpu: "1", memory: "1Gi" },
  limits: Manifest = {},
): Manifest {
  const container = { name: "box", image: "example.com/box:1", resources: { requests, limits } };
  return objectIn("Pod", { spec: { containers: [container], ...spec } });
}

/** A need as text: "4", "4?" where it is at least that much, undefined for resources that no quota counts. */
export function needText(
  manifests: readonly Manifest[],
  resource: string,
  settings: Partial<DemandSettings> = {},
): string | undefined {
  const need = needOf(demandOf(manifests, settings), resource);
  if (need === undefined) return undefined;
  return `${formatQuantity(resource, need.least)}${need.open.length === 0 ? "" : "?"}`;
}
