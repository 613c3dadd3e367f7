import type { ObjectRule } from "../../core/rule.ts";
import { isBuiltInGroup, isRelease } from "../../kube/api-groups.ts";
import { isClusterScoped, type KubeObject } from "../../kube/objects.ts";
import { unknown } from "../../kube/tree.ts";
import { metadata, object } from "./cases.ts";
import type { NamingSettings } from "./settings.ts";

/** Namespaces that every cluster has for itself (kubernetes.io, "Initial namespaces"). */
const ownNamespaces = new Set(["kube-system", "kube-public", "kube-node-lease"]);

/** Custom kinds that are known to live in no namespace, beside those of `isClusterScoped` and `Cluster...`. */
const clusterKinds = new Set([
  "AdminNetworkPolicy",
  "AKSNodeClass",
  "BaselineAdminNetworkPolicy",
  "BGPConfiguration",
  "BGPPeer",
  "Bundle",
  "CiliumBGPPeeringPolicy",
  "CiliumClusterwideNetworkPolicy",
  "CiliumLoadBalancerIPPool",
  "ConstraintTemplate",
  "EC2NodeClass",
  "FelixConfiguration",
  "GlobalNetworkPolicy",
  "GlobalNetworkSet",
  "Installation",
  "IPPool",
  "NodeClaim",
  "NodePool",
  "ResourceFlavor",
  "VolumeGroupSnapshotClass",
]);

// Undefined where nobody knows: a custom kind says in its definition whether it lives in a namespace.
function isNamespaced({ kind, group }: KubeObject, settings: NamingSettings): boolean | undefined {
  if (settings.clusterScopedKinds.includes(kind) || clusterKinds.has(kind)) return false;
  if (isBuiltInGroup({ group })) return true;
  // `ClusterPolicy` and the like; a `Cluster` alone is a database.
  return /^Cluster[A-Z]/.test(kind) ? false : undefined;
}

/** What lives in `default` has no quota, no network policy and nobody who cleans up. */
export const defaultNamespace: ObjectRule<NamingSettings> = {
  id: "default-namespace",
  subject: "object",
  level: "mandatory",
  title: "No object lives in the default namespace, and none in those of Kubernetes itself unless allowed.",
  why: "The default namespace has no quota and no network policy, and whatever forgets its namespace lands there.",
  fix: "set metadata.namespace to a namespace of the stack",
  check(subject, report, settings) {
    // A list holds objects of its own; a release brings objects that nobody sees here.
    if (isClusterScoped(subject) || (subject.kind.endsWith("List") && subject.root.at("items").items().length > 0))
      return;
    const release = isRelease(subject);
    const namespaced = release ? true : isNamespaced(subject, settings);
    const field = release ? subject.root.at("namespace") : subject.root.at("metadata", "namespace");
    if (namespaced === false) return;
    const { text } = field;
    if (field.unknown) report.undecidable(field);
    else if (!field.absent && text === undefined) report.violated(field, "the namespace is no text");
    else if (text === undefined || text === "") {
      if (subject.partial) return;
      if (namespaced === true) report.violated(field, "no namespace is written, which means default");
      else report.undecidable(field, "no namespace is written, and whether the kind has one is not known here");
    } else if (text === "default") report.violated(field, "the object lives in the default namespace");
    else if (!release && ownNamespaces.has(text) && !settings.allowedNamespaces.includes(text)) {
      report.violated(field, `${text} belongs to Kubernetes itself`);
    }
  },
  good: [
    { name: "a namespace of its own", objects: [object("v1", "ConfigMap")] },
    {
      name: "a list has no namespace, its objects have",
      objects: [{ apiVersion: "v1", kind: "List", items: [object("v1", "ConfigMap")] }],
    },
    {
      name: "kinds without namespace",
      objects: ["Namespace", "ClusterRole", "PriorityClass"].map((kind) => ({
        apiVersion: "v1",
        kind,
        metadata: { name: "sample" },
      })),
    },
    {
      name: "custom kinds without namespace",
      objects: ["ClusterPolicy", "NodePool"].map((kind) => ({
        apiVersion: "example.com/v1",
        kind,
        metadata: { name: "sample" },
      })),
    },
    {
      name: "a custom kind of the settings",
      objects: [{ apiVersion: "example.com/v1", kind: "World", metadata: { name: "sample" } }],
      settings: { clusterScopedKinds: ["World"] },
    },
    {
      name: "kube-system, where it is allowed",
      objects: [object("v1", "ConfigMap", { metadata: metadata({ namespace: "kube-system" }) })],
      settings: { allowedNamespaces: ["kube-system"] },
    },
    {
      name: "a release of an add-on",
      objects: [{ apiVersion: "helm.sh/v3", kind: "Release", name: "metrics-server", namespace: "kube-system" }],
    },
  ],
  bad: [
    {
      name: "default",
      objects: [object("v1", "ConfigMap", { metadata: metadata({ namespace: "default" }) })],
      expect: [{ path: "metadata.namespace" }],
    },
    ...[undefined, null, ""].map((namespace) => ({
      name: `no namespace (${namespace})`,
      objects: [object("v1", "Service", { metadata: metadata({ namespace }) })],
      expect: [{ path: "metadata.namespace" }],
    })),
    {
      name: "a namespace that is no text",
      objects: [object("v1", "Service", { metadata: metadata({ namespace: {} }) })],
      expect: [{ path: "metadata.namespace" }],
    },
    ...[...ownNamespaces].map((namespace) => ({
      name: namespace,
      objects: [object("v1", "ConfigMap", { metadata: metadata({ namespace }) })],
      expect: [{ path: "metadata.namespace" }],
    })),
    {
      name: "a release without namespace",
      objects: [{ apiVersion: "helm.sh/v3", kind: "Release", name: "sample" }],
      expect: [{ path: "namespace" }],
    },
    {
      name: "a custom kind without namespace, and one in default",
      objects: [
        { apiVersion: "example.com/v1", kind: "World", metadata: { name: "a" } },
        { apiVersion: "example.com/v1", kind: "World", metadata: { name: "b", namespace: "default" } },
      ],
      expect: [{ path: "metadata.namespace", verdict: "undecidable" }, { path: "metadata.namespace" }],
    },
    {
      name: "a namespace that is not known yet",
      objects: [object("v1", "ConfigMap", { metadata: metadata({ namespace: unknown }) })],
      expect: [{ path: "metadata.namespace", verdict: "undecidable" }],
    },
  ],
};
