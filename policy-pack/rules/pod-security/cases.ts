/** A pod that every rule of the family accepts, and ways to spoil one thing of it. */
import type { Manifest } from "../../core/rule.ts";

/** A container that the restricted level accepts, with changes to its security context and to itself. */
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

/** A pod that the restricted level accepts, with changes to its spec and to its security context. */
export function pod(spec: Manifest = {}, securityContext: Manifest = {}, annotations: Manifest = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "sample", namespace: "sample", annotations },
    spec: {
      serviceAccountName: "sample",
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" }, ...securityContext },
      containers: [container()],
      ...spec,
    },
  };
}

/** That pod with changes to the security context of its container, and to the container. */
export function podWith(securityContext: Manifest, more: Manifest = {}): Manifest {
  return pod({ containers: [container(securityContext, more)] });
}

/** That pod with annotations. */
export function annotated(annotations: Manifest): Manifest {
  return pod({}, {}, annotations);
}

/** Path of the security context of the pod's container. */
export const context = "spec.containers[0].securityContext";

/** A pod for Windows whose container has this security context alone. */
export function windowsPod(securityContext: Manifest): Manifest {
  return pod({ os: { name: "windows" }, containers: [{ name: "app", securityContext }] });
}
