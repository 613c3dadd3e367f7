/** Objects that every rule of the family accepts, and ways to spoil one thing of them. */
import type { Manifest } from "../../core/rule.ts";

const metadata = { name: "sample", namespace: "sample" };

/** A Deployment whose pods serve port 8080, with changes to the pod's labels and spec. */
export function workload(labels: unknown = { app: "sample" }, spec: Manifest = {}, more: Manifest = {}): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: { template: { metadata: { labels }, spec: { containers: [container()], ...spec } } },
    ...more,
  };
}

/** A container with one named port, or with others. */
export function container(ports: unknown = [{ name: "http", containerPort: 8080 }]): Manifest {
  return { name: "app", image: "registry.example.com/app:1.0.0", ports };
}

/** A NetworkPolicy for all pods, with changes to its spec. */
export function policy(spec: unknown = {}, name: unknown = "policy", more: Manifest = {}): Manifest {
  const common = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { ...metadata, name },
    spec: typeof spec === "object" ? { ...common, ...spec } : spec,
    ...more,
  };
}

/** A policy that lets all pods out, to these peers and ports. */
export function egress(...rules: readonly unknown[]): Manifest {
  return policy({ policyTypes: ["Egress"], egress: rules }, "egress");
}

/** A policy that lets others in. */
export function ingressPolicy(...rules: readonly unknown[]): Manifest {
  return policy({ policyTypes: ["Ingress"], ingress: rules }, "ingress");
}

/** Selects a namespace by the label that the API server sets. */
export function inNamespace(name: unknown): Manifest {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } };
}

/** Both protocols of DNS. */
export const dnsPorts = [
  { protocol: "UDP", port: 53 },
  { protocol: "TCP", port: 53 },
];

/** The cluster's DNS as a peer. */
export const dnsPeer: Manifest = {
  ...inNamespace("kube-system"),
  podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
};

/** A namespace as it should be: default deny, a way to DNS and a workload, and other objects. */
export function guarded(...more: readonly Manifest[]): Manifest[] {
  return [workload(), policy({}, "default-deny"), egress({ to: [dnsPeer], ports: dnsPorts }), ...more];
}

/** A Service of the workload, with changes to its spec. */
export function service(spec: Manifest = {}, annotations: unknown = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...metadata, annotations },
    spec: { selector: { app: "sample" }, ports: [{ name: "http", port: 80, targetPort: "http" }], ...spec },
  };
}

/** The same Service with end points that somebody else writes: it needs no pods. */
export function plainService(spec: Manifest = {}, annotations: unknown = {}): Manifest {
  return service({ selector: undefined, ...spec }, annotations);
}

/** A path of an Ingress to the Service. */
export function path(changes: Manifest = {}): Manifest {
  return { path: "/", pathType: "Prefix", backend: { service: { name: "sample", port: { number: 80 } } }, ...changes };
}

/** A rule of an Ingress for one host. */
export function hostRule(host: unknown = "a.example.com", ...paths: readonly Manifest[]): Manifest {
  return { host, http: { paths: paths.length === 0 ? [path()] : paths } };
}

/** An Ingress with TLS, with changes to its spec and annotations. */
export function ingress(spec: Manifest = {}, annotations: unknown = {}, name: unknown = "sample"): Manifest {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { ...metadata, name, annotations },
    spec: {
      ingressClassName: "nginx",
      tls: [{ hosts: ["*.example.com"], secretName: "tls" }],
      rules: [hostRule()],
      ...spec,
    },
  };
}

/** An Ingress with one path that leads to this backend. */
export function ingressTo(backend: unknown): Manifest {
  return ingress({ rules: [hostRule("a.example.com", path({ backend }))] });
}

/** A Gateway with these listeners. */
export function gateway(...listeners: readonly unknown[]): Manifest {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata,
    spec: { gatewayClassName: "sample", listeners },
  };
}

/** A listener with a certificate. */
export const secureListener: Manifest = {
  name: "https",
  port: 443,
  protocol: "HTTPS",
  tls: { certificateRefs: [{ name: "tls" }] },
};

/** A route to the Service, with changes to its spec. */
export function route(spec: Manifest = {}, kind = "HTTPRoute", name: unknown = "sample"): Manifest {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind,
    metadata: { ...metadata, name },
    spec: {
      parentRefs: [{ name: "sample", sectionName: "https" }],
      hostnames: ["a.example.com"],
      rules: [{ backendRefs: [{ name: "sample", port: 80 }] }],
      ...spec,
    },
  };
}

/** A route to these backends. */
export function routeTo(...backendRefs: readonly unknown[]): Manifest {
  return route({ rules: [{ backendRefs }] });
}

/** A Helm release, which brings what nobody sees. */
export function release(namespace: unknown): Manifest {
  return { apiVersion: "helm.sh/v3", kind: "Release", name: "sample", namespace };
}

/** A resource of an operator, which may make pods and Services. */
export function operated(kind = "Database", apiVersion = "example.com/v1", spec: Manifest = {}): Manifest {
  return { apiVersion, kind, metadata, spec: { replicas: 3, ...spec } };
}

/** An Alertmanager, whose operator is known: its pods carry `app: x`. */
export function alertmanager(spec: Manifest = {}): Manifest {
  return operated("Alertmanager", "monitoring.coreos.com/v1", { podMetadata: { labels: { app: "x" } }, ...spec });
}
