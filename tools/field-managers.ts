/** Who wrote which fields of an object, and how one side lets go of them. Nothing here changes a field. */
import type { V1ManagedFieldsEntry } from "@kubernetes/client-node";

/** Sides between which workloads change hands. */
export const sides = ["argocd", "pulumi"] as const;

/** One of `sides`. */
export type Side = (typeof sides)[number];

/** Field managers by their beginning: the engine's provider adds a number to its own. */
const managers: Readonly<Record<Side, string>> = { argocd: "argocd-controller", pulumi: "pulumi-kubernetes" };

/** What is to be done about one object. */
export type Transfer =
  /** The new owner has not applied it yet, so the old one is all that holds its fields. */
  | { state: "not applied" }
  /** The old owner holds nothing. */
  | { state: "done" }
  /** The list of managers without the old owner. */
  | { state: "let go"; managedFields: V1ManagedFieldsEntry[] };

function of(side: Side, { manager = "", subresource }: V1ManagedFieldsEntry): boolean {
  return manager.startsWith(managers[side]) && (subresource ?? "") === "";
}

/** Decides what the old owner lets go of. `to` is the new owner. */
export function transfer(entries: readonly V1ManagedFieldsEntry[], to: Side): Transfer {
  const from: Side = to === "argocd" ? "pulumi" : "argocd";
  if (!entries.some((entry) => of(to, entry) && entry.operation === "Apply")) return { state: "not applied" };
  const left = entries.filter((entry) => !of(from, entry));
  return left.length === entries.length ? { state: "done" } : { state: "let go", managedFields: left };
}
