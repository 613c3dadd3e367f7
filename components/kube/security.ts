/** One hardened security context for every pod, and typed exceptions from it. */
import type * as k8s from "@pulumi/kubernetes";
import { exceptionsAnnotation } from "./labels.ts";

/** A part of the hardening that a workload may be excused from. */
export type Allowance = "service-account-token" | "writable-root-filesystem";

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

/** Pod level of the `restricted` Pod Security profile; `fsGroup` lets the user write to its volumes. */
export function podSecurityContext(user = unprivilegedUser): k8s.types.input.core.v1.PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: user,
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
    readOnlyRootFilesystem: !exceptions.some((one) => one.allow === "writable-root-filesystem"),
  };
}

/** Annotation that carries the exceptions, or nothing when there are none. */
export function exceptionAnnotations(exceptions: readonly SecurityException[] = []): Record<string, string> {
  return exceptions.length === 0 ? {} : { [exceptionsAnnotation]: JSON.stringify(exceptions) };
}
