/** Settings of the family `ownership`. */
import type { Schema } from "../../core/settings.ts";

/** Who may own what. */
export interface OwnershipSettings {
  /** Values of the label `app.kubernetes.io/managed-by` that mean this program. */
  managers: readonly string[];
  /** Helm releases that may exist, by name or chart; every pinned one where the list is empty. */
  releases: readonly string[];
  /** Namespaces that belong to the cluster or to others: the stack puts nothing there. */
  foreignNamespaces: readonly string[];
}

/** The settings and their defaults. */
export const ownershipSchema: Schema<OwnershipSettings> = {
  managers: {
    type: "array",
    description: "Values of the label app.kubernetes.io/managed-by that mean this program.",
    items: { type: "string", description: "A value of the label." },
    // Pulumi writes its own name where it does not use server-side apply.
    default: ["realmgrid", "pulumi"],
  },
  releases: {
    type: "array",
    description: "Helm releases that may exist, by name or chart; every pinned one where the list is empty.",
    items: { type: "string", description: "Name of a release or of a chart." },
    default: [],
  },
  foreignNamespaces: {
    type: "array",
    description: "Namespaces that belong to the cluster or to others; the stack puts nothing there.",
    items: { type: "string", description: "Name of a namespace." },
    default: ["kube-system", "kube-public", "kube-node-lease"],
  },
};
