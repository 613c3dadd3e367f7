/** A pod that every rule of the family accepts, and ways to spoil one thing of it. */
import { exceptionsAnnotation } from "../../core/exemptions.ts";
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

/** Annotations that excuse from something until a day; all cases are judged on 2026-06-30. */
export function excused(allow: string, until = "2026-12-31"): Manifest {
  return { [exceptionsAnnotation]: JSON.stringify([{ allow, because: "it cannot work otherwise", until }]) };
}

/** Those annotations are of a day that is over. */
export const ended = "2026-06-29";

/** That pod as the template of a DaemonSet, or of a workload of another kind. */
export function agent(template: Manifest, kind = "DaemonSet"): Manifest {
  const { metadata, spec } = template;
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name: "sample", namespace: "sample" },
    spec: { template: { metadata, spec } },
  };
}

/** Finding of `security-exception` about a template whose exception has ended. */
export const endedInTemplate = {
  path: `spec.template.metadata.annotations["${exceptionsAnnotation}"]`,
  rule: "security-exception",
};

/** Path of the security context of the pod's container. */
export const context = "spec.containers[0].securityContext";

/** A pod for Windows whose container has this security context alone. */
export function windowsPod(securityContext: Manifest): Manifest {
  return pod({ os: { name: "windows" }, containers: [{ name: "app", securityContext }] });
}
