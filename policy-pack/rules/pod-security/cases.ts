/** A pod that every rule of the family accepts, and ways to spoil one thing of it. */
import type { Manifest } from "../../core/rule.ts";

/** A container that the restricted level accepts, with changes to its security context. */
export function container(securityContext: Manifest = {}, more: Manifest = {}): Manifest {
  return {
    name: "app",
    image: "registry.example.com/app:1.0.0",
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
      ...securityContext,
    },
    ...more,
  };
}

/** A pod that the restricted level accepts, with changes to its spec. */
export function pod(spec: Manifest = {}, securityContext: Manifest = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "sample", namespace: "sample" },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" }, ...securityContext },
      containers: [container()],
      ...spec,
    },
  };
}
