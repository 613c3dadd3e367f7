/** A small API server for tests: discovery, and objects in memory with create, apply, read and delete. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isObject, type JsonObject, textAt } from "../../lab/provider/values.ts";

/** A refusal that a test wants instead of the normal answer. */
export interface Refusal {
  status: number;
  reason: string;
  message: string;
  details?: JsonObject;
}

/** One request as the server saw it. */
export interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  body: JsonObject;
}

const kinds = {
  "/api": [
    { group: "", version: "v1", kind: "Namespace", plural: "namespaces", scope: "Cluster" },
    { group: "", version: "v1", kind: "Service", plural: "services", scope: "Namespaced" },
    { group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", scope: "Namespaced" },
    { group: "", version: "v1", kind: "Secret", plural: "secrets", scope: "Namespaced" },
  ],
  "/apis": [{ group: "batch", version: "v1", kind: "Job", plural: "jobs", scope: "Namespaced" }],
} as const;

/** The server. */
export class FakeApiServer {
  /** Objects by path. */
  readonly objects = new Map<string, JsonObject>();
  readonly seen: Seen[] = [];
  /** Answers by method and path, such as "PATCH /api/v1/...". */
  readonly refusals = new Map<string, Refusal>();
  readonly #server: Server;
  #uids = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The requests of one method. */
  requests(method: string): Seen[] {
    return this.seen.filter((one) => one.method === method);
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: JsonObject }> {
    const url = new URL(request.url ?? "/", "http://localhost");
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const body = text === "" ? {} : (JSON.parse(text) as JsonObject);
    const { method = "GET" } = request;
    if (url.pathname === "/version") return { status: 200, body: { gitVersion: "v1.36.3" } };
    if (url.pathname === "/api" || url.pathname === "/apis") return { status: 200, body: discovery(url.pathname) };
    this.seen.push({ method, path: url.pathname, query: url.searchParams, body });
    // What a message about an object looks at: there is never anything.
    if (method === "GET" && /\/(pods|events|endpointslices)$/.test(url.pathname))
      return { status: 200, body: { items: [] } };
    const refusal = this.refusals.get(`${method} ${url.pathname}`);
    if (refusal !== undefined) return refuse(refusal);
    return this.#serve(method, url.pathname, body, url.searchParams.has("dryRun"));
  }

  #serve(method: string, path: string, body: JsonObject, isDryRun: boolean): { status: number; body: JsonObject } {
    const plural = path.split("/").at(method === "POST" ? -1 : -2) ?? "";
    const name = method === "POST" ? textAt(body, "metadata", "name") : (path.split("/").at(-1) ?? "");
    const key = method === "POST" ? `${path}/${name}` : path;
    const live = this.objects.get(key);
    if (method === "POST" && live !== undefined) {
      return refuse({ status: 409, reason: "AlreadyExists", message: `${plural} "${name}" already exists` });
    }
    if (method !== "POST" && live === undefined) {
      return refuse({ status: 404, reason: "NotFound", message: `${plural} "${name}" not found` });
    }
    if (method === "DELETE") this.objects.delete(key);
    if (method === "GET" || method === "DELETE") return { status: 200, body: live ?? {} };
    const written = this.#written(method, body, live);
    if (!isDryRun) this.objects.set(key, written);
    return { status: 200, body: written };
  }

  #written(method: string, body: JsonObject, live: JsonObject | undefined): JsonObject {
    // Only the managed fields are ever changed by a list of operations.
    if (Array.isArray(body)) return live ?? {};
    const metadata = isObject(body.metadata) ? body.metadata : {};
    const old = isObject(live?.metadata) ? live.metadata : {};
    this.#uids += method === "POST" ? 1 : 0;
    const managedFields = old.managedFields ?? [{ manager: "pulumi-kubernetes", operation: "Update", fieldsV1: {} }];
    const { stringData, ...rest } = body;
    const data = isObject(stringData)
      ? Object.fromEntries(Object.entries(stringData).map(([key, value]) => [key, btoa(String(value))]))
      : undefined;
    return {
      ...rest,
      ...(data === undefined ? {} : { data }),
      metadata: { ...metadata, uid: old.uid ?? `uid-${this.#uids}`, managedFields },
      status: textAt(body, "kind") === "Namespace" ? { phase: "Active" } : (live?.status ?? {}),
    };
  }
}

function refuse({ status, reason, message, details }: Refusal): { status: number; body: JsonObject } {
  return { status, body: { kind: "Status", status: "Failure", reason, message, code: status, details } };
}

function discovery(path: "/api" | "/apis"): JsonObject {
  return {
    items: kinds[path].map(({ group, version, kind, plural, scope }) => ({
      metadata: { name: group },
      versions: [{ version, resources: [{ resource: plural, scope, responseKind: { kind } }] }],
    })),
  };
}
