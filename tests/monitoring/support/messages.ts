/** Somebody who is told: an HTTP server on loopback that keeps what is posted to it. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A message of Alertmanager, the part of a webhook's body that tests read. */
export interface WebhookMessage {
  status: "firing" | "resolved";
  receiver: string;
  groupLabels: Record<string, string>;
  alerts: { status: string; labels: Record<string, string>; annotations: Record<string, string> }[];
}

/** Everything that was posted, by path. */
export class Messages {
  readonly #server: Server;
  readonly #posts: { path: string; body: unknown }[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens on a free port of loopback. */
  static async listen(): Promise<Messages> {
    const server = createServer((request, response) => {
      void read(request).then((text) => {
        messages.#posts.push({ path: request.url ?? "", body: JSON.parse(text) });
        // PagerDuty answers 202 with a body; the others look at the status alone.
        response.writeHead(request.url === "/pagerduty" ? 202 : 200, { "content-type": "application/json" }).end("{}");
      });
    });
    const messages = new Messages(server);
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
    return messages;
  }

  /** Address of a path. */
  address(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  /** Bodies of what was posted to a path. */
  to<T = WebhookMessage>(path: string): T[] {
    return this.#posts.filter((one) => one.path === path).map((one) => one.body as T);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function read(request: IncomingMessage): Promise<string> {
  return Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString("utf8");
}
