/**
 * A network between pods that can be cut. In front of both ports of each server stands a relay on the pod's address.
 * Servers call from their own addresses, so a relay knows who calls, and across a cut it swallows everything: no
 * refusal, no end of the connection, as on a network that loses packets.
 */
import { writeFileSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { ValkeyPod, ValkeyPods } from "./pods.ts";

const busOffset = 10_000;

/** Arguments with which a server listens behind its relays and announces them. */
export function behindRelays(port: number): string[] {
  const bus = port + busOffset;
  const args = {
    port: port + 1,
    "cluster-port": bus + 1,
    "cluster-announce-port": port,
    "cluster-announce-bus-port": bus,
  };
  return Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** Relays of all pods. */
export class CuttableNetwork {
  private readonly pods: ValkeyPods;
  private readonly servers: Server[] = [];
  private readonly links = new Set<{ from: string; to: string; sockets: Socket[] }>();
  private halves: [Set<string>, Set<string>] | undefined;

  constructor(pods: ValkeyPods) {
    this.pods = pods;
  }

  async open(): Promise<void> {
    for (const pod of this.pods.pods)
      for (const port of [this.pods.port, this.pods.port + busOffset]) await this.relay(pod.address, port);
  }

  /** Cuts servers and agents of one half from those of the other. */
  cut(one: readonly ValkeyPod[], other: readonly ValkeyPod[]): void {
    this.halves = [new Set(one.map((pod) => pod.address)), new Set(other.map((pod) => pod.address))];
    const calls = [one, other].flatMap((half, index) =>
      half.flatMap((pod) =>
        ([other, one][index] ?? []).flatMap((far) => [far.address, far.host].map((to) => `${pod.name} ${to}`)),
      ),
    );
    writeFileSync(join(this.pods.folder, "cut"), `${calls.join("\n")}\n`);
  }

  /** Ends the cut. Connections that lost something end too, as they would on a real network sooner or later. */
  heal(): void {
    for (const link of this.links)
      if (this.isCut(link.from, link.to)) for (const socket of link.sockets) socket.destroy();
    this.halves = undefined;
    writeFileSync(join(this.pods.folder, "cut"), "");
  }

  async close(): Promise<void> {
    for (const { sockets } of this.links) for (const socket of sockets) socket.destroy();
    await Promise.all(this.servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  private isCut(from: string, to: string): boolean {
    const [one, other] = this.halves ?? [new Set<string>(), new Set<string>()];
    return (one.has(from) && other.has(to)) || (other.has(from) && one.has(to));
  }

  private relay(address: string, port: number): Promise<void> {
    const server = createServer((caller) => {
      const from = caller.remoteAddress ?? "";
      const server = createConnection({ host: address, port: port + 1, localAddress: from });
      const link = { from, to: address, sockets: [caller, server] };
      this.links.add(link);
      for (const [source, target] of [
        [caller, server],
        [server, caller],
      ] as const) {
        source.on("data", (chunk) => {
          if (!this.isCut(from, address)) target.write(chunk);
        });
        source.on("error", () => undefined);
        source.on("close", () => {
          if (this.isCut(from, address)) return;
          target.destroy();
          this.links.delete(link);
        });
      }
    });
    this.servers.push(server);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, address, resolve);
    });
  }
}
