/**
 * Serves `external.metrics.k8s.io` for a scenario: it says what load there is, and the cluster's own autoscaler controller
 * asks for it by way of the API server, as it would ask KEDA.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { KubernetesObject } from "@kubernetes/client-node";

const group = "external.metrics.k8s.io";
const version = "v1beta1";

/** Label by which an autoscaler of KEDA names the ScaledObject whose value it wants. */
export const scaledObjectLabel = "scaledobject.keda.sh/name";

/** Name of the APIService that `metricsApiObjects` makes. */
export const metricsApiName = `${version}.${group}`;

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

/**
 * Starts the server on loopback with the certificate of the region in `folder`. It answers nobody but the region's API
 * server, which shows its certificate of an aggregator.
 */
export async function startMetricsApi(folder: string): Promise<MetricsApi> {
  const file = (name: string) => readFileSync(join(folder, name));
  const values = new Map<string, { value: number; asked: number }>();
  const server = createServer(
    {
      cert: file("server.crt"),
      key: file("server.key"),
      ca: file("ca.crt"),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      const { status, body } = answer(values, new URL(request.url ?? "/", "https://localhost"));
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    set: (name, value) => {
      values.set(keyOf(name), { value, asked: values.get(keyOf(name))?.asked ?? 0 });
    },
    asked: (name) => values.get(keyOf(name))?.asked ?? 0,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * What makes the API server pass the group on to that port. The Service has no pods, and its address is a name, since
 * endpoints may not be on loopback.
 */
export function metricsApiObjects(port: number): (KubernetesObject & { spec: object })[] {
  const metadata = { name: "lab-metrics", namespace: "kube-system" };
  return [
    { apiVersion: "v1", kind: "Service", metadata, spec: { type: "ExternalName", externalName: "localhost" } },
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: metricsApiName },
      spec: {
        group,
        version,
        groupPriorityMinimum: 100,
        versionPriority: 100,
        service: { ...metadata, port },
        // The API server looks for the Service's name in the certificate, and the region's has loopback names only.
        insecureSkipTLSVerify: true,
      },
    },
  ];
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
  if (found === undefined) {
    const body = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404 };
    return { status: 404, body };
  }
  found.asked++;
  const item = { metricName: metric, metricLabels: {}, timestamp: new Date().toISOString() };
  const items = [{ ...item, value: String(found.value) }];
  const list = { kind: "ExternalMetricValueList", apiVersion: `${group}/${version}`, metadata: {} };
  return { status: 200, body: { ...list, items } };
}
