/** A pod that every rule of the family accepts, and ways to change its images. */
import type { Manifest } from "../../core/rule.ts";

/** A container with that image. */
export function container(image: unknown, more: Manifest = {}): Manifest {
  return { name: "app", image, ...more };
}

/** A pod of one container with that image, with changes to its spec. */
export function pod(image: unknown = "registry.example.com/app:1.0.0", spec: Manifest = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "sample", namespace: "sample" },
    spec: { containers: [container(image)], ...spec },
  };
}

/** A digest that a registry could give. */
export const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

/** A pod with a volume that is an image. */
export function volumePod(image: Manifest): Manifest {
  return pod(undefined, { volumes: [{ name: "model", image }] });
}

/** The only container of `pod`. */
export const firstImage = "spec.containers[0].image";
