/** The real collector and the real Jaeger with the configurations that ship, at addresses of this machine. */
import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { join } from "node:path";
import {
  type CollectorConfiguration,
  collectorPorts,
  configurationFile,
} from "../../../components/monitoring/collector.ts";
import { freePorts } from "../../../lab/ports.ts";
import { optionalTools } from "../../../lab/tool-specs.ts";
import { resolveTool } from "../../../lab/toolchain.ts";

/** Path of a tool that is built on request; fails with the command where it is not there. */
export async function builtTool(name: "otelcol" | "jaeger"): Promise<string> {
  const spec = optionalTools.find((one) => one.name === name);
  if (spec === undefined) throw new Error(`${name} is no tool of the lab`);
  const folder = await resolveTool(spec, { onProgress: () => undefined, cachedOnly: true });
  if (folder === undefined) throw new Error(`it is not built; run \`npm run lab -- build ${name}\``);
  return join(folder, name);
}

/** What stands in place of an address: a whole value, or the beginning of a path. */
export type Addresses = ReadonlyMap<string | number, string | number>;

/** A copy in which addresses and folders, and nothing else, are others. */
export function elsewhere<T>(value: T, addresses: Addresses): T {
  const seen = new Set<string | number>();
  const copy = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(copy);
    if (typeof one === "object" && one !== null) {
      return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, copy(inner)]));
    }
    if (typeof one !== "string" && typeof one !== "number") return one;
    const from = [...addresses.keys()].find(
      (address) => address === one || (String(address).startsWith("/") && String(one).startsWith(`${address}/`)),
    );
    if (from === undefined) return one;
    seen.add(from);
    const to = addresses.get(from);
    return from === one ? to : `${to}${String(one).slice(String(from).length)}`;
  };
  const result = copy(value) as T;
  const unknown = [...addresses.keys()].filter((address) => !seen.has(address));
  if (unknown.length > 0) throw new Error(`the configuration has no ${unknown.map((one) => `"${one}"`).join(", ")}`);
  return result;
}

/** Loopback ports in place of those of a pod. */
export interface CollectorPorts {
  grpc: number;
  http: number;
  metrics: number;
  health: number;
}

/** Free ports for one collector. */
export async function collectorLoopback(): Promise<CollectorPorts> {
  const [grpc = 0, http = 0, metrics = 0, health = 0] = await freePorts(4);
  return { grpc, http, metrics, health };
}

/** The addresses that a collector listens on, by those that ship. */
export function listening(ports: CollectorPorts, which: readonly (keyof CollectorPorts)[]): [string, string][] {
  return which.map((key) => [`:${collectorPorts[key]}`, `127.0.0.1:${ports[key]}`]);
}

/** Its own metrics on loopback. */
export function ownMetrics(ports: CollectorPorts): [string | number, string | number][] {
  return [
    ["", "127.0.0.1"],
    [collectorPorts.metrics, ports.metrics],
  ];
}

/** Writes a configuration to a file of the folder and returns its path. */
export function writeConfiguration(folder: string, name: string, configuration: CollectorConfiguration): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, configurationFile(configuration));
  return file;
}

/** A request that a store got. */
export interface StoreRequest {
  path: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

/** A store on loopback that takes everything, or refuses it while `away` is true. */
export async function startStore(): Promise<{
  port: number;
  requests: StoreRequest[];
  away: boolean;
  stop(): Promise<void>;
}> {
  const [port = 0] = await freePorts(1);
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (!store.away)
        store.requests.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(store.away ? 503 : 200, { "content-type": "application/json" });
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const store = {
    port,
    requests: [] as StoreRequest[],
    away: false,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return store;
}

/** A collector that takes OTLP as Loki does, at `/otlp/v1/logs`, and hands it on as JSON that a test can read. */
export function translator(port: number, health: number, store: number): CollectorConfiguration {
  return {
    extensions: { health_check: { endpoint: `127.0.0.1:${health}` } },
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}`, logs_url_path: "/otlp/v1/logs" } } } },
    processors: {},
    exporters: { otlp_http: { endpoint: `http://127.0.0.1:${store}`, encoding: "json", compression: "none" } },
    service: {
      extensions: ["health_check"],
      telemetry: { metrics: { level: "none" } },
      pipelines: { logs: { receivers: ["otlp"], processors: [], exporters: ["otlp_http"] } },
    },
  };
}

type Attribute = { key: string; value: Record<string, unknown> };

/** One log line as a store gets it. */
export interface StoredLine {
  body: string;
  severity: string;
  traceId: string;
  attributes: Record<string, unknown>;
  resource: Record<string, unknown>;
}

function valuesOf(attributes: readonly Attribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

/** Every line of the requests, in the JSON form of OTLP. */
export function linesOf(requests: readonly StoreRequest[]): StoredLine[] {
  type Record_ = {
    body: { stringValue: string };
    severityText?: string;
    traceId?: string;
    attributes?: Attribute[];
  };
  type Payload = {
    resourceLogs: { resource: { attributes?: Attribute[] }; scopeLogs: { logRecords: Record_[] }[] }[];
  };
  return requests.flatMap(({ body }) =>
    (JSON.parse(body.toString()) as Payload).resourceLogs.flatMap(({ resource, scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) =>
        logRecords.map((one) => ({
          body: one.body.stringValue,
          severity: one.severityText ?? "",
          traceId: one.traceId ?? "",
          attributes: valuesOf(one.attributes),
          resource: valuesOf(resource.attributes),
        })),
      ),
    ),
  );
}

/** The value at a path of a configuration; undefined where there is none. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}
