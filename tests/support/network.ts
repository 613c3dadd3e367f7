/**
 * What NetworkPolicies mean, as an enforcing network reads them: a pod that no policy selects may do everything; one
 * that is selected may do what at least one policy allows. A connection needs both ends.
 */
import { BlockList, isIPv6 } from "node:net";
import type { types } from "@pulumi/kubernetes";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { all } from "./objects.ts";
import { operatedWorkloads } from "./operated.ts";
import { type Labels, templates } from "./pods.ts";

/** A NetworkPolicy as an API server answers with it. */
export type Policy = types.output.networking.v1.NetworkPolicy;

type Peer = types.output.networking.v1.NetworkPolicyPeer;
type Port = types.output.networking.v1.NetworkPolicyPort;
type Selector = types.output.meta.v1.LabelSelector;
type Direction = "Ingress" | "Egress";

/** A pod as the network sees it. */
export interface Pod {
  namespace: string;
  labels: Labels;
  /** Address; policies by address range apply to pods as well. @default an address in 10.0.0.0/8 */
  ip?: string;
}

/** A port to connect to. */
export interface Target {
  port: number;
  /** @default TCP */
  protocol?: "TCP" | "UDP";
}

function matches(selector: Selector | undefined, labels: Labels): boolean {
  const exact = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    exact &&
    (selector?.matchExpressions ?? []).every(({ key, operator, values }) => {
      const value = labels[key];
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      const listed = value !== undefined && values.includes(value);
      return operator === "In" ? listed : !listed;
    })
  );
}

function within(cidr: string, ip: string): boolean {
  const [network = "", length] = cidr.split("/");
  const family = isIPv6(network) ? "ipv6" : "ipv4";
  if ((family === "ipv6") !== isIPv6(ip)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(length), family);
  return list.check(ip, family);
}

function inBlock(block: Peer["ipBlock"], ip: string): boolean {
  return within(block.cidr, ip) && !(block.except ?? []).some((cidr) => within(cidr, ip));
}

function peerIsPod(peer: Peer, policyNamespace: string, pod: Pod): boolean {
  if (peer.ipBlock !== undefined) return inBlock(peer.ipBlock, pod.ip ?? "10.1.2.3");
  // The one label that Kubernetes sets on every namespace by itself; nobody sets another.
  const namespaceLabels = { "kubernetes.io/metadata.name": pod.namespace };
  const space =
    peer.namespaceSelector === undefined
      ? pod.namespace === policyNamespace
      : matches(peer.namespaceSelector, namespaceLabels);
  return space && matches(peer.podSelector, pod.labels);
}

function portAllowed(ports: readonly Port[] | undefined, { port, protocol = "TCP" }: Target): boolean {
  if (ports === undefined || ports.length === 0) return true;
  return ports.some((one) => {
    if ((one.protocol ?? "TCP") !== protocol) return false;
    if (one.port === undefined) return true;
    if (typeof one.port !== "number") throw new Error(`the simulator knows no port by name: ${one.port}`);
    return one.endPort === undefined ? one.port === port : port >= one.port && port <= one.endPort;
  });
}

function directionsOf(policy: Policy): readonly string[] {
  const { policyTypes, egress } = policy.spec;
  return policyTypes ?? (egress === undefined ? ["Ingress"] : ["Ingress", "Egress"]);
}

/** The policies of one region. */
export class Network {
  readonly #policies: readonly Policy[];

  constructor(policies: readonly Policy[]) {
    this.#policies = policies;
  }

  /** Whether a pod may connect to another: the one may leave and the other may be entered. */
  canReach(from: Pod, to: Pod, target: Target): boolean {
    return (
      this.#allows("Egress", from, target, (peer, space) => peerIsPod(peer, space, to)) &&
      this.#allows("Ingress", to, target, (peer, space) => peerIsPod(peer, space, from))
    );
  }

  /** Whether a pod may connect to an address outside of the cluster. */
  canReachAddress(from: Pod, ip: string, target: Target): boolean {
    return this.#allows("Egress", from, target, (peer) => peer.ipBlock !== undefined && inBlock(peer.ipBlock, ip));
  }

  /** Names of the policies that select a pod. */
  selecting(pod: Pod): string[] {
    return this.#of(pod).map((policy) => policy.metadata.name);
  }

  #of(pod: Pod): Policy[] {
    return this.#policies.filter(
      ({ metadata, spec }) => metadata.namespace === pod.namespace && matches(spec.podSelector, pod.labels),
    );
  }

  #allows(direction: Direction, pod: Pod, target: Target, isPeer: (peer: Peer, namespace: string) => boolean): boolean {
    const policies = this.#of(pod).filter((policy) => directionsOf(policy).includes(direction));
    if (policies.length === 0) return true;
    return policies.some(({ metadata, spec }) => {
      const rules =
        direction === "Ingress"
          ? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
          : (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
      return rules.some(({ peers, ports }) => {
        const anyone = peers === undefined || peers.length === 0;
        return portAllowed(ports, target) && (anyone || peers.some((peer) => isPeer(peer, metadata.namespace)));
      });
    });
  }
}

/** The network of one region of a run. */
export function networkOf(run: OfflineRun, region = "us-west"): Network {
  return new Network(all(run, "NetworkPolicy", region).map((one) => one.object));
}

/** Namespace of the game. */
export const game = "mmorpg-game";

/**
 * A pod of each workload of a namespace, those of operators among them, by its label `app`: the workload's name, without
 * the region in that of game servers. Not those on the network of their node: no policy selects them, and who reaches
 * them reaches the node (kubernetes.io, "NetworkPolicy and hostNetwork pods").
 */
export function podsOf(run: OfflineRun, region = "us-west", namespace = game): Record<string, Pod> {
  return Object.fromEntries(
    [...templates(run, region), ...operatedWorkloads(run, region)]
      .filter((one) => one.namespace === namespace && !one.spec.hostNetwork)
      .map(({ labels }) => [labels["app"] ?? "", { namespace, labels }]),
  );
}

/** A pod of each workload of every namespace of a region, by "namespace/app": stores of two systems have one name. */
export function allPodsOf(run: OfflineRun, region = "us-west"): Record<string, Pod> {
  const namespaces = all(run, "Namespace", region).map((one) => one.name);
  return Object.fromEntries(
    namespaces.flatMap((namespace) =>
      Object.entries(podsOf(run, region, namespace)).map(([name, pod]) => [`${namespace}/${name}`, pod]),
    ),
  );
}
