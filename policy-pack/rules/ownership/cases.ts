/** Objects that every rule of the family accepts, and ways to spoil one thing of them. */
import type { Manifest } from "../../core/rule.ts";

/** A ConfigMap with changes to its metadata and beside it. */
export function configMap(metadata: Manifest = {}, more: Manifest = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "sample", namespace: "sample", ...metadata },
    data: { colour: "blue" },
    ...more,
  };
}

/** A Deployment with changes to its metadata and beside it. */
export function deployment(metadata: Manifest = {}, more: Manifest = {}): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "sample", namespace: "sample", ...metadata },
    spec: {
      selector: { matchLabels: { app: "sample" } },
      template: {
        metadata: { labels: { app: "sample" } },
        spec: { containers: [{ name: "app", image: "app:1.0.0" }] },
      },
    },
    ...more,
  };
}

/** The same Deployment as the engine sees it, with options. */
export function engineDeployment(ignoreChanges: readonly string[], type = "Deployment"): Manifest {
  return { type: `kubernetes:apps/v1:${type}`, props: deployment(), options: { protect: false, ignoreChanges } };
}

/** A pinned Helm release with changes to its arguments. */
export function release(changes: Manifest = {}): Manifest {
  return {
    apiVersion: "helm.sh/v3",
    kind: "Release",
    name: "keda",
    namespace: "keda",
    chart: "keda",
    version: "2.20.2",
    repositoryOpts: { repo: "https://kedacore.github.io/charts" },
    atomic: true,
    ...changes,
  };
}
