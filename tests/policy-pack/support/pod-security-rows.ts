/**
 * How the tests write down the Pod Security Standards: a row for a field, with its values. Each value becomes a pod that
 * is valid but for it, at every level and version for which its row speaks.
 */
import type { Manifest } from "../../../policy-pack/core/rule.ts";

/** Level of the standard. */
export type Level = "baseline" | "restricted";

/** Minor version of the newest standard. */
export const newest = 37;

/** Where a field stands: in the pod's spec, in its annotations, or in each of its lists of containers. */
type Owner = "spec" | "annotations" | "container";

/** What the standard says about one field. */
export interface Row {
  /** Id of the rule that must speak, and nothing else of the family but `also`. */
  control: string;
  owner: Owner;
  /** Path of the field below its owner. */
  path: readonly string[];
  /** Levels for which the row speaks; both when absent. */
  levels?: readonly Level[];
  /** First and last minor version for which the row speaks; all when absent. */
  since?: number;
  until?: number;
  allowed?: readonly unknown[];
  forbidden?: readonly unknown[];
  /** Forbidden because something is missing: a Patch, which is a part of an object, may have them. */
  missing?: readonly unknown[];
  /** Changes of the pod's spec around the field. */
  spec?: Manifest;
  /** Changes of the pod's security context around the field. */
  context?: Manifest;
  /** Rules that the restricted level breaks as well. */
  also?: readonly string[];
}

/** What a row says beside where its field stands. */
export type Field = Omit<Row, "owner" | "path">;

/** Rows for the lower level alone. */
export const baseline: readonly Level[] = ["baseline"];
/** Rows for the higher level alone. */
export const restricted: readonly Level[] = ["restricted"];
/** Values of a field that only says no. */
export const flag = { allowed: [undefined, null, false], forbidden: [true] };
/** Systems and users of a pod. */
export const windows = { os: { name: "windows" } };
export const linux = { os: { name: "linux" } };
export const ownUsers = { hostUsers: false };
export const nodeUsers = { hostUsers: true };

/** Rows for the same field of the pod's and of the containers' security context. */
export function contexts(path: readonly string[], row: Field): Row[] {
  return (["spec", "container"] as const).map((owner) => ({ ...row, owner, path: ["securityContext", ...path] }));
}

/** A row for a field of each list of containers. */
export function container(path: readonly string[], row: Field): Row {
  return { ...row, owner: "container", path };
}

/** A row for a field of the pod's spec. */
export function spec(path: readonly string[], row: Field): Row {
  return { ...row, owner: "spec", path };
}

/** A container that every rule of the family accepts, with changes to its security context. */
export function hardened(name: string, securityContext: Manifest = {}): Manifest {
  return {
    name,
    image: "registry.example.com/game:1.2.3",
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
      ...securityContext,
    },
  };
}
