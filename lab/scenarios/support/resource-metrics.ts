/**
 * Plays metrics-server, since pods of a lab have no processes: each pod uses next to nothing. Without any answer the
 * autoscaler would take no pod away (kubernetes.io, "Horizontal Pod Autoscaling", scaling on multiple metrics).
 */
import type { CoreV1Api, KubernetesObject, V1Pod } from "@kubernetes/client-node";
import {
  type AggregatedServer,
  aggregatedApiObjects,
  apiServiceName,
  failure,
  startAggregatedServer,
} from "./aggregated-api.ts";

const api = { group: "metrics.k8s.io", version: "v1beta1" };

/** Name of the APIService that `resourceMetricsObjects` makes. */
export const resourceMetricsName = apiServiceName(api);

/** What every container uses, below every threshold. */
const usage = { cpu: "1m", memory: "1Mi" };

/** Time over which usage is measured: metrics-server's own resolution. */
const window = "15s";

/** Starts the server on loopback with the certificate of the region in `folder`; `core` reads that region. */
export function startResourceMetrics(folder: string, core: CoreV1Api): Promise<AggregatedServer> {
  return startAggregatedServer(folder, async ({ pathname, searchParams }) => {
    const root = `/apis/${api.group}/${api.version}`;
    if (pathname === root) return { status: 200, body: resources() };
    const [, namespace] = pathname.startsWith(root)
      ? (/^\/namespaces\/([^/]+)\/pods$/.exec(pathname.slice(root.length)) ?? [])
      : [];
    if (namespace === undefined) return failure(404, "NotFound");
    const labelSelector = searchParams.get("labelSelector") ?? undefined;
    const { items } = await core.listNamespacedPod({ namespace, labelSelector });
    return { status: 200, body: podMetrics(items, new Date()) };
  });
}

/** What makes the API server pass the group on to that port. */
export function resourceMetricsObjects(port: number): (KubernetesObject & { spec: object })[] {
  return aggregatedApiObjects({ ...api, service: "lab-resource-metrics", port });
}

/** The list that is answered for pods: those that run. */
export function podMetrics(pods: readonly V1Pod[], now: Date): object {
  const apiVersion = `${api.group}/${api.version}`;
  const items = pods
    .filter(({ status }) => status?.phase === "Running")
    .map(({ metadata, spec }) => ({
      metadata: { name: metadata?.name, namespace: metadata?.namespace },
      timestamp: now.toISOString(),
      window,
      containers: (spec?.containers ?? []).map(({ name }) => ({ name, usage })),
    }));
  return { kind: "PodMetricsList", apiVersion, metadata: {}, items };
}

function resources(): object {
  const pods = { name: "pods", singularName: "", namespaced: true, kind: "PodMetrics", verbs: ["get", "list"] };
  const groupVersion = `${api.group}/${api.version}`;
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources: [pods] };
}
