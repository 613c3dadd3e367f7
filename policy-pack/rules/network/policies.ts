/** What a NetworkPolicy says; kubernetes.io, "Network Policies", and the defaults of the API server. */
import type { Cluster } from "../../core/cluster.ts";
import { type KubeObject, namespaceOf } from "../../kube/objects.ts";
import { type Answer, all } from "../../kube/selectors.ts";
import type { Field } from "../../kube/tree.ts";

/** Into a pod, or out of it. */
export type Direction = "Ingress" | "Egress";

/** Field with the rules of a direction, and the field of each rule with its peers. */
export const directions = [
  { direction: "Ingress", rules: "ingress", peers: "from" },
  { direction: "Egress", rules: "egress", peers: "to" },
] as const;

/** True where one is true, undefined where one is not known, false otherwise. */
export function any(answers: readonly Answer[]): Answer {
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}

/** A policy of Kubernetes itself; Calico and Antrea have a kind of the same name. */
export function isNetworkPolicy(object: KubeObject): boolean {
  return object.kind === "NetworkPolicy" && (object.group === "networking.k8s.io" || object.group === "extensions");
}

/** Policies by namespace; under undefined those whose namespace is not known yet. */
export function policiesByNamespace(cluster: Cluster): Map<string | undefined, KubeObject[]> {
  const found = new Map<string | undefined, KubeObject[]>();
  for (const policy of cluster.ofKind("NetworkPolicy").filter(isNetworkPolicy)) {
    const namespace = namespaceOf(policy);
    const known = found.get(namespace);
    if (known === undefined) found.set(namespace, [policy]);
    else known.push(policy);
  }
  return found;
}

/** The rules of a direction. */
export function rulesOf(policy: KubeObject, direction: Direction): Field {
  return policy.root.at("spec", direction.toLowerCase());
}

/** Whether a policy isolates its pods in that direction. Without types it is Ingress, and Egress where it has rules. */
export function isolates(policy: KubeObject, direction: Direction): Answer {
  const types = policy.root.at("spec", "policyTypes");
  if (types.unknown) return undefined;
  const items = types.items();
  if (items.length > 0) return any(items.map((item) => (item.unknown ? undefined : item.text === direction)));
  if (policy.partial) return undefined;
  if (direction === "Ingress") return true;
  const rules = rulesOf(policy, direction);
  return rules.unknown ? undefined : rules.items().length > 0;
}

/** Whether a policy is for every pod of its namespace. An absent selector is an empty one. */
export function isForAllPods(policy: KubeObject): Answer {
  const selector = policy.root.at("spec", "podSelector");
  return selector.absent && policy.partial ? undefined : isEmptySelector(selector);
}

/** Whether a `LabelSelector` selects everything. */
export function isEmptySelector(selector: Field): Answer {
  const [labels, expressions] = [selector.at("matchLabels"), selector.at("matchExpressions")];
  return all([
    labels.unknown ? undefined : labels.entries().length === 0,
    expressions.unknown ? undefined : expressions.items().length === 0,
  ]);
}

/** Port of DNS; RFC 1035. */
export const dnsPort = 53;

// CoreDNS and kube-dns call their ports "dns" and "dns-tcp".
function isDnsName(name: string): boolean {
  return name === "dns" || name === "dns-tcp" || name === "domain";
}

/** Whether a rule lets traffic to a port pass. A rule without ports lets all of them pass. */
export function allowsPort(rule: Field, protocol: "TCP" | "UDP", port: number): Answer {
  const ports = rule.at("ports");
  if (ports.unknown) return undefined;
  const items = ports.items();
  return items.length === 0 || any(items.map((item) => portAnswer(item, protocol, port)));
}

function portAnswer(item: Field, protocol: string, wanted: number): Answer {
  const [own, port, end] = [item.at("protocol"), item.at("port"), item.at("endPort")];
  const sameProtocol = own.unknown ? undefined : (own.text ?? "TCP") === protocol;
  if (port.unknown) return all([sameProtocol, undefined]);
  if (port.text !== undefined) return all([sameProtocol, wanted === dnsPort && isDnsName(port.text)]);
  if (port.number === undefined) return all([sameProtocol, port.absent]);
  if (end.unknown) return all([sameProtocol, port.number === wanted ? true : port.number > wanted ? false : undefined]);
  return all([sameProtocol, port.number <= wanted && wanted <= (end.number ?? port.number)]);
}

/** Whether a rule lets nothing but DNS pass. */
export function isDnsOnly(rule: Field): Answer {
  const ports = rule.at("ports");
  if (ports.unknown) return undefined;
  const items = ports.items();
  if (items.length === 0) return false;
  return all(
    items.map((item) => {
      const [port, end] = [item.at("port"), item.at("endPort")];
      if (port.unknown) return undefined;
      if (port.text !== undefined) return isDnsName(port.text);
      return port.number === dnsPort && (end.unknown ? undefined : (end.number ?? dnsPort) === dnsPort);
    }),
  );
}
