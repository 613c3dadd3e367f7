/** Settings of the family `naming`. */
import type { Schema } from "../../core/settings.ts";

/** An object that exists without the stack making it. */
export interface ElsewhereObject {
  kind: string;
  /** Its namespace; any when absent. */
  namespace?: string;
  /** Its name, or `*`. */
  name: string;
}

/** How things are called, and what may be called upon. */
export interface NamingSettings {
  /** Kubernetes version of the clusters, as `1.36`. */
  version: string;
  /** Labels of every workload and of its pods. */
  requiredLabels: readonly string[];
  /** Namespaces of Kubernetes itself that the stack may write to. */
  allowedNamespaces: readonly string[];
  /** Custom kinds that live in no namespace. */
  clusterScopedKinds: readonly string[];
  /** Objects that exist without the stack making them. */
  elsewhere: readonly ElsewhereObject[];
}

/** Kinds that the rule `references` looks for. */
export const referencedKinds = [
  "ConfigMap",
  "IngressClass",
  "PersistentVolumeClaim",
  "PriorityClass",
  "RuntimeClass",
  "Secret",
  "ServiceAccount",
  "StorageClass",
] as const;

const text = (description: string) => ({ type: "string" as const, description });

/** The settings and their defaults. */
export const namingSchema: Schema<NamingSettings> = {
  version: {
    ...text("Kubernetes version of the clusters, for example 1.36."),
    pattern: "^1\\.\\d{1,2}$",
    default: "1.36",
  },
  requiredLabels: {
    type: "array",
    description: "Labels that every workload and its pods must have.",
    items: text("Key of a label."),
    default: ["app.kubernetes.io/name", "app.kubernetes.io/managed-by"],
  },
  allowedNamespaces: {
    type: "array",
    description: "Namespaces of Kubernetes itself, such as kube-system, that objects may live in.",
    items: text("Name of a namespace."),
    default: [],
  },
  clusterScopedKinds: {
    type: "array",
    description: "Custom kinds that live in no namespace, beside the well-known ones.",
    items: text("A kind."),
    default: [],
  },
  elsewhere: {
    type: "array",
    description: "Objects that exist without the stack making them, so that references to them are right.",
    items: {
      type: "object",
      description: "One object.",
      properties: {
        kind: { ...text("Its kind."), enum: referencedKinds },
        namespace: text("Its namespace; any without it."),
        name: text("Its name, or *."),
      },
      required: ["kind", "name"],
    },
    default: [],
  },
};
