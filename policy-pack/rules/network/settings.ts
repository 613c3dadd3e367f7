/** Settings of the family `network`. */
import type { Property, Schema } from "../../core/settings.ts";

/** Pods that exist although the stack does not make them. */
export interface ElsewherePods {
  /** Namespace; any when absent. */
  namespace?: string;
  labels: Readonly<Record<string, string>>;
}

/** What is meant to be open, and what exists elsewhere. */
export interface NetworkSettings {
  elsewherePods: readonly ElsewherePods[];
  /** Services as `namespace/name`. */
  elsewhereServices: readonly string[];
  /** Namespaces. */
  guardedElsewhere: readonly string[];
  /** Namespaces in which the cluster's DNS runs. */
  dnsNamespaces: readonly string[];
  /** Labels of namespaces that only the API server and administrators set. */
  trustedNamespaceLabels: readonly string[];
  /** Address ranges that are not the internet, in CIDR notation. */
  clusterRanges: readonly string[];
  /** Network policies as `namespace/name`. */
  publicPolicies: readonly string[];
  /** Services as `namespace/name`. */
  exposed: readonly string[];
  /** Annotations of an Ingress. */
  tlsAnnotations: readonly string[];
}

function names(what: string): Property {
  return { type: "string", description: `${what} as namespace/name.`, pattern: "^[^/]+/[^/]+$" };
}

const namespaceName: Property = { type: "string", description: "Name of a namespace." };

/** The settings and their defaults. */
export const networkSchema: Schema<NetworkSettings> = {
  elsewherePods: {
    type: "array",
    description: "Pods that operators or other stacks make, by labels, so that policies and Services may select them.",
    items: {
      type: "object",
      description: "Pods by labels.",
      properties: {
        namespace: { type: "string", description: "Their namespace; any without it." },
        labels: {
          type: "object",
          description: "Their labels.",
          additionalProperties: { type: "string", description: "Value of the label." },
        },
      },
      required: ["labels"],
    },
    // The MySQL operator makes the pods of its InnoDBCluster: labels of components/data/mysql-cluster-spec.ts, and the
    // role that the operator itself writes.
    default: [
      { labels: { app: "mysql", "mysql.oracle.com/cluster-role": "PRIMARY" } },
      { labels: { app: "mysql", "mysql.oracle.com/cluster-role": "SECONDARY" } },
      { labels: { app: "mysql-router" } },
    ],
  },
  elsewhereServices: {
    type: "array",
    description: "Services that operators or other stacks make, as namespace/name.",
    items: names("A Service"),
    default: [],
  },
  guardedElsewhere: {
    type: "array",
    description: "Namespaces whose default deny and way to DNS are made outside the stack.",
    items: namespaceName,
    default: [],
  },
  dnsNamespaces: {
    type: "array",
    description: "Namespaces in which the cluster's DNS runs.",
    items: namespaceName,
    default: ["kube-system"],
  },
  trustedNamespaceLabels: {
    type: "array",
    description: "Labels of namespaces that only the API server or administrators can set.",
    items: { type: "string", description: "Key of a label." },
    default: ["kubernetes.io/metadata.name"],
  },
  clusterRanges: {
    type: "array",
    description: "Addresses of pods, nodes, Services and the cloud: a rule for the internet excepts them.",
    items: { type: "string", description: "A range in CIDR notation.", pattern: "^[0-9a-fA-F:.]+/\\d{1,3}$" },
    // RFC 1918 and RFC 6598 (private and shared addresses), RFC 3927 (link-local), RFC 4193 and RFC 4291 for IPv6.
    default: [
      "10.0.0.0/8",
      "100.64.0.0/10",
      "169.254.0.0/16",
      "172.16.0.0/12",
      "192.168.0.0/16",
      "fc00::/7",
      "fe80::/10",
    ],
  },
  publicPolicies: {
    type: "array",
    description: "Network policies that may let in, or out, everyone, as namespace/name.",
    items: names("A NetworkPolicy"),
    default: [],
  },
  exposed: {
    type: "array",
    description: "Services that may be reached from outside the cluster, as namespace/name.",
    items: names("A Service"),
    default: [],
  },
  tlsAnnotations: {
    type: "array",
    description: "Annotations by which an Ingress gets its certificate from the cloud.",
    items: { type: "string", description: "Key of an annotation." },
    default: [
      "alb.ingress.kubernetes.io/certificate-arn",
      "ingress.gcp.kubernetes.io/pre-shared-cert",
      "networking.gke.io/managed-certificates",
    ],
  },
};
