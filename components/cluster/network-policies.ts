/** Network policies from declared calls: one policy for each workload, both ends of each edge from one list. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { SelectorLabels } from "../kube/labels.ts";

type Rule = k8s.types.input.networking.v1.NetworkPolicyEgressRule;
type Peer = k8s.types.input.networking.v1.NetworkPolicyPeer;

/** A call that a workload makes. */
export type Call =
  /** To another node of the graph, on these ports; `udp` where the same ports carry datagrams too. */
  | { to: string; ports: readonly number[]; udp?: boolean }
  /** To pods of another namespace, on these ports. */
  | { to: "elsewhere"; namespace: string; selector: SelectorLabels; ports: readonly number[] }
  /** To public addresses by HTTPS. */
  | { to: "internet" }
  /** To address ranges, on these ports. */
  | { to: "addresses"; cidrs: readonly string[]; ports: readonly number[] };

/** A port that Prometheus scrapes, path `/metrics`. */
export interface Scrape {
  port: number;
  /** Seconds between two scrapes; the global interval when absent. */
  intervalSeconds?: number;
}

/** A workload, or a store, as the network sees it. */
export interface NetworkNode {
  /** Name that calls refer to, and name of the policy. */
  name: string;
  selector: SelectorLabels;
  calls: readonly Call[];
  /** Ports that pods of the gateway's namespace may reach. */
  publicPorts: readonly number[];
  /** What Prometheus scrapes: it may reach these ports, and a PodMonitor is made of them. */
  scrapes: readonly Scrape[];
  /** Ports that pods of other namespaces may reach, such as those of an operator. */
  foreignCallers?: readonly { namespace: string; ports: readonly number[] }[];
}

/** Address ranges that are not public: private, shared, link-local (with the cloud's metadata address), loopback. */
const notPublic = {
  "0.0.0.0/0": ["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"],
  "::/0": ["::1/128", "fc00::/7", "fe80::/10"],
};

/** Selects a namespace by the label that Kubernetes itself sets on every one. */
export function namespaceLabel(namespace: string): { namespaceSelector: { matchLabels: Record<string, string> } } {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } };
}

function tcp(ports: readonly number[], udp = false): { protocol: string; port: number }[] {
  return ports.flatMap((port) => (udp ? ["TCP", "UDP"] : ["TCP"]).map((protocol) => ({ protocol, port })));
}

function pods(node: NetworkNode): Peer {
  return { podSelector: { matchLabels: { ...node.selector } } };
}

function egress(call: Call, nodes: ReadonlyMap<string, NetworkNode>): Rule {
  if (call.to === "internet") {
    return {
      to: Object.entries(notPublic).map(([cidr, except]) => ({ ipBlock: { cidr, except } })),
      ports: tcp([443]),
    };
  }
  if ("cidrs" in call) return { to: call.cidrs.map((cidr) => ({ ipBlock: { cidr } })), ports: tcp(call.ports) };
  if ("namespace" in call) {
    const peer = { ...namespaceLabel(call.namespace), podSelector: { matchLabels: { ...call.selector } } };
    return { to: [peer], ports: tcp(call.ports) };
  }
  const target = nodes.get(call.to);
  if (target === undefined || !("ports" in call))
    throw new Error(`a call goes to "${call.to}", which no node is named`);
  return { to: [pods(target)], ports: tcp(call.ports, call.udp) };
}

type CallBetween = Extract<Call, { udp?: boolean }>;

/** True for a call that goes to the node, within the namespace. */
function isBetween(call: Call, node: NetworkNode): call is CallBetween {
  return call.to === node.name && "ports" in call && !("cidrs" in call) && !("namespace" in call);
}

/** The policies of one namespace. */
export function createNetworkPolicies(
  name: string,
  args: {
    namespace: string;
    nodes: readonly NetworkNode[];
    gatewayNamespace: string;
    monitoringNamespace: string;
    labels: Record<string, string>;
  },
  options: pulumi.CustomResourceOptions,
): void {
  const byName = new Map(args.nodes.map((node) => [node.name, node]));
  for (const node of args.nodes) {
    const callers = args.nodes.flatMap((caller) =>
      caller.calls.filter((call) => isBetween(call, node)).map((call) => ({ caller, call })),
    );
    const ingress: k8s.types.input.networking.v1.NetworkPolicyIngressRule[] = [
      ...callers.map(({ caller, call }) => ({ from: [pods(caller)], ports: tcp(call.ports, call.udp) })),
      ...(node.publicPorts.length > 0
        ? [{ from: [namespaceLabel(args.gatewayNamespace)], ports: tcp(node.publicPorts) }]
        : []),
      ...(node.scrapes.length > 0
        ? [{ from: [namespaceLabel(args.monitoringNamespace)], ports: tcp(node.scrapes.map(({ port }) => port)) }]
        : []),
      ...(node.foreignCallers ?? []).map(({ namespace, ports }) => ({
        from: [namespaceLabel(namespace)],
        ports: tcp(ports),
      })),
    ];
    new k8s.networking.v1.NetworkPolicy(
      `${name}-network-${node.name}`,
      {
        metadata: { name: `${node.name}-network-policy`, namespace: args.namespace, labels: args.labels },
        spec: {
          podSelector: { matchLabels: { ...node.selector } },
          // A type without a rule denies. Empty lists are left out: the API server drops them, and the object would seem
          // to change with every apply.
          policyTypes: ["Ingress", "Egress"],
          ...(ingress.length > 0 ? { ingress } : {}),
          ...(node.calls.length > 0 ? { egress: node.calls.map((call) => egress(call, byName)) } : {}),
        },
      },
      options,
    );
  }
}
