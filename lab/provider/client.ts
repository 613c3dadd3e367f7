// Talks to one API server over connections that stay open, so that hundreds of objects are quick.
import http from "node:http";
import https from "node:https";
import type { Connection } from "./kubeconfig.ts";
import { isObject, type Json, type JsonObject, textAt } from "./values.ts";

/** One request to the API server. */
export interface ApiRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string>;
  body?: Json;
  contentType?: string;
  accept?: string;
}

/** The API server's refusal, with the words it used. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly body: JsonObject;
  constructor(status: number, body: JsonObject) {
    super(textAt(body, "message") || `the API server answered ${status}`);
    this.status = status;
    this.reason = textAt(body, "reason");
    this.body = body;
  }
}

/** The API server could not be asked at all. */
export class UnreachableError extends Error {}

/** A client of one API server. */
export class ApiClient {
  readonly #connection: Connection;
  readonly #agent: http.Agent;
  readonly #onWarning: (message: string) => void;

  constructor(connection: Connection, onWarning: (message: string) => void = () => undefined) {
    this.#connection = connection;
    this.#onWarning = onWarning;
    const keepAlive = { keepAlive: true, maxSockets: 32 };
    this.#agent = connection.server.startsWith("http:")
      ? new http.Agent(keepAlive)
      : new https.Agent({
          ...keepAlive,
          ca: connection.ca,
          cert: connection.certificate,
          key: connection.key,
          rejectUnauthorized: connection.checkCertificate,
        });
  }

  /** Sends a request and returns the object in the answer; a refusal is an `ApiError`. */
  async send(request: ApiRequest): Promise<JsonObject> {
    const { status, text, warnings } = await this.#exchange(request);
    for (const warning of warnings) this.#onWarning(warning);
    const body = parseBody(text, status);
    if (status >= 400) throw new ApiError(status, body);
    return body;
  }

  /** Closes the open connections. */
  close(): void {
    this.#agent.destroy();
  }

  #exchange(request: ApiRequest): Promise<{ status: number; text: string; warnings: string[] }> {
    const url = new URL(this.#connection.server + request.path);
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
    const payload = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const headers: http.OutgoingHttpHeaders = { accept: request.accept ?? "application/json" };
    if (this.#connection.authorization !== undefined) headers.authorization = this.#connection.authorization;
    if (payload !== undefined) {
      headers["content-type"] = request.contentType ?? "application/json";
      headers["content-length"] = payload.length;
    }
    const transport = url.protocol === "http:" ? http : https;
    return new Promise((resolve, reject) => {
      const call = transport.request(url, { method: request.method, headers, agent: this.#agent }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", (cause) => reject(new UnreachableError(cause.message, { cause })));
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            text: Buffer.concat(chunks).toString("utf8"),
            warnings: warningsIn(answer.headers.warning),
          }),
        );
      });
      call.on("error", (cause) => reject(new UnreachableError(cause.message, { cause })));
      call.end(payload);
    });
  }
}

function parseBody(text: string, status: number): JsonObject {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Proxies and overloaded servers answer in plain words, which are then the message.
    return { message: text.trim() === "" ? `the API server answered ${status}` : text.trim() };
  }
  return isObject(body) ? body : {};
}

// A header holds one or more of: 299 - "text".
function warningsIn(header: string | string[] | undefined): string[] {
  const text = Array.isArray(header) ? header.join(", ") : (header ?? "");
  return [...text.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, message]) =>
    (message ?? "").replace(/\\(.)/g, "$1"),
  );
}
