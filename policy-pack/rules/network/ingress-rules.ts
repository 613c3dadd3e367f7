/** What an Ingress says, in its present and its old versions. */
import type { KubeObject } from "../../kube/objects.ts";
import type { Field } from "../../kube/tree.ts";

/** An Ingress of Kubernetes itself. */
export function isIngress(object: KubeObject): boolean {
  return object.kind === "Ingress" && (object.group === "networking.k8s.io" || object.group === "extensions");
}

/** An object of the Gateway API; Istio has a Gateway of its own. */
export function isGatewayApi(object: KubeObject): boolean {
  return object.group === "gateway.networking.k8s.io";
}

/** Kinds of the Gateway API that lead traffic to Services. */
export const routeKinds = ["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"] as const;

/** Rules for hosts. */
export function hostRules(ingress: KubeObject): Field[] {
  return ingress.root.at("spec", "rules").items();
}

/** Paths of a rule. */
export function pathsOf(rule: Field): Field[] {
  return rule.at("http", "paths").items();
}

/** Where what no rule matches goes: `backend` until `networking.k8s.io/v1`. */
export function defaultBackend(ingress: KubeObject): Field {
  const present = ingress.root.at("spec", "defaultBackend");
  return present.absent ? ingress.root.at("spec", "backend") : present;
}
