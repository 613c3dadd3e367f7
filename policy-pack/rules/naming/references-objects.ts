/** Objects for the cases of the rule `references`. */
import type { Manifest } from "../../core/rule.ts";
import { container, metadata, object, pod } from "./cases.ts";

/** A Secret with the key KEY. */
export function secret(name: string, data: unknown = { KEY: "YQ==" }, more: Manifest = {}): Manifest {
  return object("v1", "Secret", { metadata: metadata({ name, ...more }), data });
}

/** A ConfigMap with the key KEY. */
export function configMap(name: string): Manifest {
  return object("v1", "ConfigMap", { metadata: metadata({ name }), data: { KEY: "a" } });
}

/** An object of a custom kind. */
export function custom(apiVersion: string, kind: string, name: string, spec: Manifest = {}): Manifest {
  return object(apiVersion, kind, { metadata: metadata({ name }), spec });
}

function clusterWide(apiVersion: string, kind: string, name: string): Manifest {
  return { apiVersion, kind, metadata: { name } };
}

/** A Helm release in a namespace. */
export function release(namespace: unknown): Manifest {
  return { apiVersion: "helm.sh/v3", kind: "Release", name: "chart", namespace };
}

/** An Ingress with annotations. */
export function ingress(spec: Manifest, annotations: Manifest = {}): Manifest {
  return object("networking.k8s.io/v1", "Ingress", { metadata: metadata({ annotations }), spec });
}

/** An environment variable that comes from the key KEY. */
export function keyRef(kind: "secret" | "configMap", name: unknown, more: Manifest = {}): Manifest {
  return { name: "A", valueFrom: { [`${kind}KeyRef`]: { name, key: "KEY", ...more } } };
}

/** A pod whose container has these environment variables. */
export function podWith(env: unknown, more: Manifest = {}): Manifest {
  return pod({ containers: [container({ env })], ...more });
}

/** Name and key of the first environment variable of `podWith`. */
export const refName = "spec.containers[0].env[0].valueFrom.secretKeyRef.name";
export const refKey = "spec.containers[0].env[0].valueFrom.secretKeyRef.key";

/** Spec of a pod that names an object of every kind. */
export const everything: Manifest = {
  serviceAccountName: "account",
  imagePullSecrets: [{ name: "pull" }],
  priorityClassName: "high",
  runtimeClassName: "sandbox",
  initContainers: [container({ name: "init", env: [keyRef("configMap", "settings")] })],
  containers: [
    container({
      env: [keyRef("secret", "db")],
      envFrom: [{ secretRef: { name: "db" } }, { configMapRef: { name: "settings" } }],
    }),
  ],
  volumes: [
    { name: "a", secret: { secretName: "db", items: [{ key: "KEY", path: "key" }] } },
    { name: "b", configMap: { name: "settings", items: [{ key: "KEY", path: "key" }] } },
    { name: "c", persistentVolumeClaim: { claimName: "data" } },
    { name: "d", projected: { sources: [{ secret: { name: "db" } }, { configMap: { name: "settings" } }] } },
    { name: "e", csi: { driver: "d", nodePublishSecretRef: { name: "db" } } },
    { name: "f", ephemeral: { volumeClaimTemplate: { spec: { storageClassName: "fast" } } } },
  ],
};

/** The objects that `everything` names. */
export const everyObject: Manifest[] = [
  object("v1", "ServiceAccount", { metadata: metadata({ name: "account" }) }),
  secret("pull"),
  secret("db"),
  configMap("settings"),
  object("v1", "PersistentVolumeClaim", { metadata: metadata({ name: "data" }), spec: { storageClassName: "fast" } }),
  clusterWide("scheduling.k8s.io/v1", "PriorityClass", "high"),
  clusterWide("node.k8s.io/v1", "RuntimeClass", "sandbox"),
  clusterWide("storage.k8s.io/v1", "StorageClass", "fast"),
  clusterWide("networking.k8s.io/v1", "IngressClass", "public"),
];

/** `everyObject` without those of a kind. */
export function without(kind: string): Manifest[] {
  return everyObject.filter((one) => one["kind"] !== kind);
}
