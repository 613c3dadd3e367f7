/** Cluster add-ons from pinned Helm charts, where the configuration says so. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig } from "../config/cluster.ts";
import { charts } from "../kube/versions.ts";

/** The Helm releases of a cluster; workloads that use their kinds depend on them. */
export function createAddons(
  name: string,
  addons: ClusterConfig["addons"],
  options: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  return (Object.keys(charts) as (keyof typeof charts)[])
    .filter((key) => addons[key].install === "helm")
    .map((key) => {
      const chart = charts[key];
      return new k8s.helm.v3.Release(
        `${name}-addon-${chart.name}`,
        {
          name: chart.name,
          chart: chart.name,
          version: chart.version,
          repositoryOpts: { repo: chart.repository },
          namespace: chart.namespace,
          ...("values" in chart ? { values: { ...chart.values } } : {}),
          // A failed upgrade is rolled back, not left half done.
          atomic: true,
          createNamespace: chart.namespace !== "kube-system",
        },
        options,
      );
    });
}
