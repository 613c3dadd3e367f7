/**
 * Serves `external.metrics.k8s.io` for a scenario: it says what load there is, and the cluster's own autoscaler controller
 * asks for it by way of the API server, as it would ask KEDA.
 */
import type { KubernetesObject } from "@kubernetes/client-node";
import { aggregatedApiObjects, apiServiceName, failure, startAggregatedServer } from "./aggregated-api.ts";

const group = "external.metrics.k8s.io";
const version = "v1beta1";

/** Label by which an autoscaler of KEDA names the ScaledObject whose value it wants. */
export const scaledObjectLabel = "scaledobject.keda.sh/name";

/** Name of the APIService that `metricsApiObjects` makes. */
export const metricsApiName = apiServiceName({ group, version });

/** Whose value it is. */
export interface MetricName {
  namespace: string;
  /** Of the ScaledObject. */
  scaledObject: string;
  /** As KEDA names it: the trigger's place and type. */
  metric: string;
}

/** The running server. */
export interface MetricsApi {
  port: number;
  /** Changes what is answered from now on. */
  set(name: MetricName, value: number): void;
  /** How often the value was asked for. */
  asked(name: MetricName): number;
  stop(): Promise<void>;
}

/** Starts the server on loopback with the certificate of the region in `folder`. */
export async function startMetricsApi(folder: string): Promise<MetricsApi> {
  const values = new Map<string, { value: number; asked: number }>();
  const server = await startAggregatedServer(folder, (url) => answer(values, url));
  return {
    ...server,
    set: (name, value) => {
      values.set(keyOf(name), { value, asked: values.get(keyOf(name))?.asked ?? 0 });
    },
    asked: (name) => values.get(keyOf(name))?.asked ?? 0,
  };
}

/** What makes the API server pass the group on to that port. */
export function metricsApiObjects(port: number): (KubernetesObject & { spec: object })[] {
  return aggregatedApiObjects({ group, version, service: "lab-metrics", port });
}

function keyOf({ namespace, scaledObject, metric }: MetricName): string {
  return `${namespace}/${scaledObject}/${metric}`;
}

type Values = ReadonlyMap<string, { value: number; asked: number }>;

function answer(values: Values, { pathname, searchParams }: URL): { status: number; body: object } {
  const root = `/apis/${group}/${version}`;
  if (pathname === root) {
    const one = { name: "externalmetrics", singularName: "", namespaced: true, kind: "ExternalMetricValueList" };
    const list = { kind: "APIResourceList", apiVersion: "v1", groupVersion: `${group}/${version}` };
    return { status: 200, body: { ...list, resources: [{ ...one, verbs: ["get"] }] } };
  }
  const [label, scaledObject = ""] = (searchParams.get("labelSelector") ?? "").split("=");
  const path = pathname.startsWith(root) && label === scaledObjectLabel ? pathname.slice(root.length) : "";
  const [, namespace = "", metric = ""] = /^\/namespaces\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  const found = values.get(keyOf({ namespace, scaledObject, metric }));
  if (found === undefined) return failure(404, "NotFound");
  found.asked++;
  const item = { metricName: metric, metricLabels: {}, timestamp: new Date().toISOString() };
  const items = [{ ...item, value: String(found.value) }];
  const list = { kind: "ExternalMetricValueList", apiVersion: `${group}/${version}`, metadata: {} };
  return { status: 200, body: { ...list, items } };
}
