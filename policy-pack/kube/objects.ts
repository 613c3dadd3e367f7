/** One Kubernetes object, wherever it comes from: a resource of the engine, of the offline host, or a manifest. */
import { Field, toTree } from "./tree.ts";

/** What the engine knows of a resource beside its inputs; absent for plain manifests. */
export interface ObjectOptions {
  protect: boolean;
  ignoreChanges: readonly string[];
}

/** One object as rules see it. */
export interface KubeObject {
  kind: string;
  /** API group; "" for the core group. */
  group: string;
  version: string;
  /** A `*Patch` resource: what is absent here may be there in the cluster. */
  partial: boolean;
  root: Field;
  /** URN, or file and document number: where a person finds it. Unique within a stack. */
  source: string;
  /** Which cluster it goes to; objects of different clusters never meet. Empty where there is one cluster only. */
  cluster: string;
  options?: ObjectOptions;
  /** The custom resource that an operator makes this of; absent for what the stack itself has. */
  madeBy?: KubeObject;
}

/** What is needed to make a `KubeObject`. */
export interface ObjectInput {
  /** Pulumi type token, for example `kubernetes:apps/v1:Deployment`. Absent for manifests, which carry their kind. */
  type?: string;
  props: unknown;
  source: string;
  cluster?: string;
  options?: ObjectOptions;
}

const tokenPattern = /^kubernetes:(?:(?<group>[^:]*)\/)?(?<version>[^:/]+):(?<kind>\w+)$/;

// Components of the SDK with a kubernetes token of their own; their children are objects of their own.
const components = new Set(["Chart", "ConfigFile", "ConfigGroup", "Directory"]);

/**
 * The object of a resource or a manifest; undefined for what is no Kubernetes object (a component, a password, a
 * provider, a document without kind). Custom resources are named by their own `apiVersion` and `kind`.
 */
export function toObject(input: ObjectInput): KubeObject | undefined {
  const { type, source, cluster = "", options } = input;
  const token = type === undefined ? undefined : tokenPattern.exec(type)?.groups;
  if (type !== undefined && token === undefined) return undefined;
  const root = new Field(toTree(input.props));
  const [ownGroup, ownVersion] = splitApiVersion(root.at("apiVersion").text);
  const kind = token?.["kind"] ?? root.at("kind").text;
  if (kind === undefined || kind === "") return undefined;
  if (components.has(kind) && root.at("apiVersion").absent && token !== undefined) return undefined;
  const tokenGroup = token?.["group"] ?? "";
  return {
    kind: kind.replace(/Patch$/, ""),
    group: token === undefined ? ownGroup : tokenGroup === "core" ? "" : tokenGroup,
    version: token?.["version"] ?? ownVersion,
    partial: token !== undefined && kind.endsWith("Patch"),
    root,
    source,
    cluster,
    ...(options === undefined ? {} : { options }),
  };
}

function splitApiVersion(apiVersion = ""): [group: string, version: string] {
  const slash = apiVersion.lastIndexOf("/");
  return slash < 0 ? ["", apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersion(object: Pick<KubeObject, "group" | "version">): string {
  return object.group === "" ? object.version : `${object.group}/${object.version}`;
}

// A Helm release of the SDK is no object of the API server: its name and namespace are arguments without `metadata`.
function metadataOf({ group, kind, root }: KubeObject): Field {
  return group === "helm.sh" && kind === "Release" ? root : root.at("metadata");
}

/** Where the object says its name. */
export function nameField(object: KubeObject): Field {
  return metadataOf(object).at("name");
}

/** Where the object says its namespace. */
export function namespaceField(object: KubeObject): Field {
  return metadataOf(object).at("namespace");
}

/** Name of the object; undefined where it is unknown or left to the API server. */
export function nameOf(object: KubeObject): string | undefined {
  return nameField(object).text;
}

/** Kinds that live in no namespace, of the groups that this pack looks into. */
const clusterScoped = new Set([
  "Namespace",
  "Node",
  "PersistentVolume",
  "StorageClass",
  "VolumeAttributesClass",
  "CSIDriver",
  "CSINode",
  "VolumeAttachment",
  "PriorityClass",
  "RuntimeClass",
  "IngressClass",
  "GatewayClass",
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  "APIService",
  "MutatingWebhookConfiguration",
  "ValidatingWebhookConfiguration",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
  "FlowSchema",
  "PriorityLevelConfiguration",
  "CertificateSigningRequest",
  "VolumeSnapshotClass",
  "VolumeSnapshotContent",
  "ClusterIssuer",
  "ClusterSecretStore",
  "ClusterExternalSecret",
  "ClusterTriggerAuthentication",
  "ClusterImageCatalog",
]);

/** The object lives in no namespace. */
export function isClusterScoped(object: KubeObject): boolean {
  return clusterScoped.has(object.kind);
}

/** Namespace of the object: "default" where none is written, undefined where it is unknown or has no meaning. */
export function namespaceOf(object: KubeObject): string | undefined {
  if (isClusterScoped(object)) return undefined;
  const field = namespaceField(object);
  if (field.unknown) return undefined;
  return field.text === undefined || field.text === "" ? "default" : field.text;
}

/** The object of the stack that a finding about this one belongs to: itself, or what an operator makes it of. */
export function origin(object: KubeObject): KubeObject {
  return object.madeBy ?? object;
}

/** `Deployment mmorpg-game/auth-service`, for messages. */
export function describe(object: KubeObject): string {
  const name = nameOf(object) ?? "(name not known yet)";
  const namespace = namespaceOf(object);
  const made = object.madeBy === undefined ? "" : ` (made of the ${object.madeBy.kind})`;
  return `${object.kind} ${namespace === undefined ? name : `${namespace}/${name}`}${made}`;
}
