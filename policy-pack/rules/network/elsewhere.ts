/** Pods and Services that nobody sees: those of Helm releases, of operators, and those that the settings list. */
import type { Cluster } from "../../core/cluster.ts";
import { isClusterScoped, type KubeObject, namespaceOf } from "../../kube/objects.ts";
import { type Answer, selects, selectsMap } from "../../kube/selectors.ts";
import { Field, toTree } from "../../kube/tree.ts";
import { isBuiltInGroup } from "./pod-index.ts";
import { any } from "./policies.ts";
import type { NetworkSettings } from "./settings.ts";

// Kinds of widely used operators that bring neither pods nor Services. Any other custom kind may bring both.
const bringNothing = new Set([
  "AuthorizationPolicy",
  "BackendTrafficPolicy",
  "Bundle",
  "Certificate",
  "CiliumNetworkPolicy",
  "ClientTrafficPolicy",
  "DestinationRule",
  "ExternalSecret",
  "FleetAutoscaler",
  "IngressRoute",
  "Issuer",
  "Middleware",
  "NetworkPolicy",
  "PeerAuthentication",
  "PodMonitor",
  "Probe",
  "PrometheusRule",
  "PushSecret",
  "ScaledJob",
  "ScaledObject",
  "ScrapeConfig",
  "SealedSecret",
  "SecretStore",
  "SecurityPolicy",
  "ServiceMonitor",
  "TriggerAuthentication",
  "VirtualService",
]);

function bringsOthers(cluster: Cluster, object: KubeObject): boolean {
  if (isClusterScoped(object) || object.group === "helm.sh") return false;
  // A Gateway is built-in by its group, and its controller may start a proxy beside it.
  if (object.kind === "Gateway") return true;
  return !isBuiltInGroup(object.group) && !bringNothing.has(object.kind) && cluster.podsOf(object).length === 0;
}

/** Why it cannot be decided what a selector selects, where something may be made by others. */
export const othersMay = "others may make such pods: a Helm release or an operator beside its resource";

/** Where others make objects. */
export interface Elsewhere {
  /**
   * Others may make pods and Services in that namespace. A Helm release makes them in its own namespace, by Helm's
   * convention, an operator beside its resource.
   */
  mayMake(namespace: string): boolean;
}

const found = new WeakMap<Cluster, Elsewhere>();

/** Where others make objects of a cluster; found once. */
export function elsewhereOf(cluster: Cluster): Elsewhere {
  const known = found.get(cluster);
  if (known !== undefined) return known;
  const makers = [...cluster.opaque(), ...cluster.objects.filter((object) => bringsOthers(cluster, object))];
  const namespaces = new Set(makers.map(namespaceOf));
  const elsewhere = { mayMake: (namespace: string) => namespaces.has(namespace) || namespaces.has(undefined) };
  found.set(cluster, elsewhere);
  return elsewhere;
}

function listed({ elsewherePods }: NetworkSettings, namespace: string, test: (labels: Field) => Answer): Answer {
  const possible = elsewherePods.filter((one) => one.namespace === undefined || one.namespace === namespace);
  return any(possible.map((one) => test(new Field(toTree(one.labels)))));
}

/** Whether the settings list pods that the `LabelSelector` selects. */
export function listsSelected(settings: NetworkSettings, namespace: string, selector: Field): Answer {
  return listed(settings, namespace, (labels) => selects(selector, labels));
}

/** Whether the settings list pods that a plain map of labels selects. */
export function listsSelectedByMap(settings: NetworkSettings, namespace: string, map: Field): Answer {
  return listed(settings, namespace, (labels) => selectsMap(map, labels));
}
