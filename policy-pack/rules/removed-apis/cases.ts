/** Objects for cases. */
import type { Manifest } from "../../core/rule.ts";

/** An object of an API. */
export function api(apiVersion: unknown, kind: string, more: Manifest = {}): Manifest {
  return { apiVersion, kind, metadata: { name: "sample", namespace: "sample" }, ...more };
}

/** A pod of one container, with changes to its spec and metadata. */
export function pod(spec: Manifest = {}, metadata: Manifest = {}): Manifest {
  return {
    ...api("v1", "Pod"),
    metadata: { name: "sample", namespace: "sample", ...metadata },
    spec: { containers: [{ name: "app", image: "app:1.0.0" }], ...spec },
  };
}
