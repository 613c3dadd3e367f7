/** An API group that the cluster's API server passes on to a program on loopback, as it passes it on to a Service. */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { KubernetesObject } from "@kubernetes/client-node";

/** What is passed on. */
export interface AggregatedApi {
  group: string;
  version: string;
  /** Name of the Service that stands for the program. */
  service: string;
  port: number;
}

/** A running stand-in of such a program. */
export interface AggregatedServer {
  port: number;
  stop(): Promise<void>;
}

/** Answers a request with a status and a body. */
export type Answer = (url: URL) => { status: number; body: object } | Promise<{ status: number; body: object }>;

/** Name of the APIService of a group and version. */
export function apiServiceName({ group, version }: Pick<AggregatedApi, "group" | "version">): string {
  return `${version}.${group}`;
}

/**
 * What makes the API server pass the group on to that port. The Service has no pods, and its address is a name, since
 * endpoints may not be on loopback.
 */
export function aggregatedApiObjects(api: AggregatedApi): (KubernetesObject & { spec: object })[] {
  const { group, version, port } = api;
  const metadata = { name: api.service, namespace: "kube-system" };
  return [
    { apiVersion: "v1", kind: "Service", metadata, spec: { type: "ExternalName", externalName: "localhost" } },
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: apiServiceName(api) },
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

/**
 * Starts a stand-in on loopback with the certificate of the region in `folder`. It answers nobody but the region's API
 * server, which shows its certificate of an aggregator.
 */
export async function startAggregatedServer(folder: string, answer: Answer): Promise<AggregatedServer> {
  const file = (name: string) => readFileSync(join(folder, name));
  const certificates = { cert: file("server.crt"), key: file("server.key"), ca: file("ca.crt") };
  const server = createServer(
    { ...certificates, requestCert: true, rejectUnauthorized: true },
    async (request, response) => {
      const { status, body } = await answered(answer, new URL(request.url ?? "/", "https://localhost"));
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A `Status` that says that something failed. */
export function failure(code: number, reason: string, message?: string): { status: number; body: object } {
  const body = { kind: "Status", apiVersion: "v1", status: "Failure", reason, code, message };
  return { status: code, body };
}

async function answered(answer: Answer, url: URL): Promise<{ status: number; body: object }> {
  try {
    return await answer(url);
  } catch (error) {
    return failure(500, "InternalError", error instanceof Error ? error.message : String(error));
  }
}
