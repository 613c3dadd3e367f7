/** Pods of game servers that speak: an HTTP server on loopback with a page for each, and the list of targets for Prometheus. */
import { renameSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { V1Pod } from "@kubernetes/client-node";
import { contractMetrics } from "../../../components/kube/metrics.ts";
import { allPlayers, reseatPlayers, type Seats, seatPlayers } from "./players.ts";

const { activePlayers } = contractMetrics;

/** One group of a file with targets (prometheus.io, `file_sd_config`). */
export interface TargetGroup {
  targets: string[];
  labels: Record<string, string>;
}

/** A group for each pod, with the labels that the operator's discovery and a PodMonitor for `service` set. */
export function targetGroups(pods: readonly V1Pod[], { port, service }: { port: number; service: string }) {
  return pods.map(({ metadata, spec }): TargetGroup => {
    const { name: pod = "", namespace = "" } = metadata ?? {};
    const container = spec?.containers[0]?.name ?? "";
    return {
      targets: [`127.0.0.1:${port}`],
      labels: { __metrics_path__: `/${pod}/metrics`, namespace, pod, container, service },
    };
  });
}

/** The page of a server: the one series of the contract that autoscalers read. */
export function serverPage(players: number): string {
  const { name, type, about } = activePlayers;
  return `# HELP ${name} ${about}\n# TYPE ${name} ${type}\n${name} ${players}\n`;
}

/** Serves the pages of the pods that run. */
export class ServerExporter {
  /** When true, no page is served, as if a network policy stood between. */
  isSilent = false;
  /** Where Prometheus reads its targets. */
  readonly targetsFile: string;
  readonly #service: string;
  readonly #server: Server;
  #seats: Seats = new Map();

  private constructor(targetsFile: string, service: string) {
    this.targetsFile = targetsFile;
    this.#service = service;
    this.#server = createServer((request, response) => {
      const players = this.#seats.get(/^\/([^/]+)\/metrics$/.exec(request.url ?? "")?.[1] ?? "");
      if (this.isSilent || players === undefined) response.writeHead(503).end();
      else response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(serverPage(players));
    });
  }

  /** Begins to serve; `service` is the value of that label. */
  static async listen(targetsFile: string, service: string): Promise<ServerExporter> {
    const exporter = new ServerExporter(targetsFile, service);
    await new Promise<void>((resolve, reject) =>
      exporter.#server.once("error", reject).listen(0, "127.0.0.1", resolve),
    );
    exporter.#write([]);
    return exporter;
  }

  /** Players on all servers. */
  get players(): number {
    return allPlayers(this.#seats);
  }

  /** Lets that many play, evenly on the servers that run now. */
  play(players: number): void {
    this.#seats = seatPlayers(players, [...this.#seats.keys()]);
  }

  /** Takes the pods that run now; players of the others move. */
  follow(pods: readonly V1Pod[]): void {
    const names = pods.map(({ metadata }) => metadata?.name ?? "").sort();
    if (names.length === 0 || names.join() === [...this.#seats.keys()].join()) return;
    this.#seats = reseatPlayers(this.#seats, names);
    this.#write(pods);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #write(pods: readonly V1Pod[]): void {
    const { port } = this.#server.address() as AddressInfo;
    // Renamed, so that Prometheus never reads half a file.
    writeFileSync(`${this.targetsFile}.new`, JSON.stringify(targetGroups(pods, { port, service: this.#service })));
    renameSync(`${this.targetsFile}.new`, this.targetsFile);
  }
}
