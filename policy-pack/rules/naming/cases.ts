/** Objects that every rule of the family accepts, and ways to spoil one thing of them. */
import type { Manifest } from "../../core/rule.ts";

/** Labels that the default settings demand. */
export const labels = { "app.kubernetes.io/name": "sample", "app.kubernetes.io/managed-by": "realmgrid" };

/** Metadata of an object in a namespace of its own. */
export function metadata(more: Manifest = {}): Manifest {
  return { name: "sample", namespace: "sample", labels, ...more };
}

/** An object of any kind. */
export function object(apiVersion: string, kind: string, more: Manifest = {}): Manifest {
  return { apiVersion, kind, metadata: metadata(), ...more };
}

/** A container. */
export function container(more: Manifest = {}): Manifest {
  return { name: "app", image: "app:1.0.0", ...more };
}

/** A pod of one container, with changes to its spec. */
export function pod(spec: Manifest = {}): Manifest {
  return object("v1", "Pod", { spec: { containers: [container()], ...spec } });
}

/** The template of a pod. */
export function template(spec: Manifest = {}, meta: Manifest = {}): Manifest {
  return { metadata: { labels, ...meta }, spec: { containers: [container()], ...spec } };
}

/** A Deployment, with changes to its spec. */
export function deployment(spec: Manifest = {}, meta: Manifest = {}): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata(meta),
    spec: { selector: { matchLabels: { "app.kubernetes.io/name": "sample" } }, template: template(), ...spec },
  };
}

/** A StatefulSet, with changes to its spec. */
export function statefulSet(spec: Manifest = {}, meta: Manifest = {}): Manifest {
  return { ...deployment(spec, meta), kind: "StatefulSet" };
}
