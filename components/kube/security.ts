/** One hardened security context for every pod, and typed exceptions from it. */
import type * as k8s from "@pulumi/kubernetes";
import { exceptionsAnnotation } from "./labels.ts";

/** A part of the hardening that a workload may be excused from. */
export type Allowance =
  | "service-account-token"
  | "writable-root-filesystem"
  /** User 0, still without a single capability: it reads what belongs to root, such as the logs of a node. */
  | "run-as-root"
  /** Volumes of the type hostPath. */
  | "host-path"
  /** Network and processes of the node in place of ones of its own. */
  | "host-namespaces"
  /** Of a namespace: agents of nodes run in it, which no profile but `privileged` lets through. */
  | "node-agents";

/** Why a workload is not fully hardened. It becomes an annotation of the pod, which the policies read. */
export interface SecurityException {
  allow: Allowance;
  /** A sentence for the person who reviews it. */
  because: string;
  /** Last day on which the exception holds, as YYYY-MM-DD. */
  until: string;
}

/** User and group of workloads that bring no user of their own. */
export const unprivilegedUser = 1000;

/** True when one of the exceptions allows it. */
export function allows(exceptions: readonly SecurityException[], allowance: Allowance): boolean {
  return exceptions.some((one) => one.allow === allowance);
}

/**
 * Pod level of the `restricted` Pod Security profile; `fsGroup` lets the user write to its volumes. Root keeps the group
 * of everybody else: the files that it is needed for belong to the user 0.
 */
export function podSecurityContext(
  user = unprivilegedUser,
  exceptions: readonly SecurityException[] = [],
): k8s.types.input.core.v1.PodSecurityContext {
  const root = allows(exceptions, "run-as-root");
  return {
    runAsNonRoot: !root,
    runAsUser: root ? 0 : user,
    runAsGroup: user,
    fsGroup: user,
    // Without it kubelet changes the owner of every file of a world at each start.
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/** Container level of the `restricted` profile, plus a read-only root file system. */
export function containerSecurityContext(
  exceptions: readonly SecurityException[] = [],
): k8s.types.input.core.v1.SecurityContext {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    readOnlyRootFilesystem: !allows(exceptions, "writable-root-filesystem"),
  };
}

/** Annotation that carries the exceptions, or nothing when there are none. */
export function exceptionAnnotations(exceptions: readonly SecurityException[] = []): Record<string, string> {
  return exceptions.length === 0 ? {} : { [exceptionsAnnotation]: JSON.stringify(exceptions) };
}
