/** A real Prometheus on loopback with the rules and the intervals that the program has given its own one. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DebianServer } from "../../toolchain/debian-packages.ts";
import type { LocalPrograms } from "./local-programs.ts";

/** What a Prometheus has to do. */
export interface LocalPrometheusOptions {
  server: DebianServer;
  port: number;
  /** `spec` of the objects that the program made. */
  prometheus: { scrapeInterval: string; evaluationInterval: string };
  rules: object;
  region: string;
  targetsFile: string;
}

/** Prometheus that can be stopped and started again with its data. */
export class LocalPrometheus {
  readonly address: string;
  readonly #programs: LocalPrograms;
  readonly #program: Parameters<LocalPrograms["start"]>[0];

  private constructor(programs: LocalPrograms, program: Parameters<LocalPrograms["start"]>[0], address: string) {
    this.#programs = programs;
    this.#program = program;
    this.address = address;
  }

  /** Writes its files and starts it. */
  static async start(programs: LocalPrograms, options: LocalPrometheusOptions): Promise<LocalPrometheus> {
    const { programs: files, environment } = options.server;
    const folder = join(programs.folder, "prometheus");
    mkdirSync(folder, { recursive: true });
    const { scrapeInterval, evaluationInterval } = options.prometheus;
    const config = {
      global: {
        scrape_interval: scrapeInterval,
        evaluation_interval: evaluationInterval,
        external_labels: { region: options.region },
      },
      rule_files: ["rules.json"],
      scrape_configs: [{ job_name: "pods", file_sd_configs: [{ files: [options.targetsFile] }] }],
    };
    // Prometheus reads YAML, and JSON is YAML.
    writeFileSync(join(folder, "rules.json"), JSON.stringify(options.rules));
    writeFileSync(join(folder, "prometheus.yml"), JSON.stringify(config));
    const listen = `127.0.0.1:${options.port}`;
    const program = {
      name: "prometheus",
      file: files["server"] ?? "",
      args: [
        `--config.file=${join(folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=${listen}`,
      ],
      environment,
      ready: `http://${listen}/-/ready`,
    };
    const started = new LocalPrometheus(programs, program, `http://${listen}`);
    await started.resume();
    return started;
  }

  /** Starts it again. */
  async resume(): Promise<void> {
    await this.#programs.start(this.#program);
  }

  async stop(): Promise<void> {
    await this.#programs.stop(this.#program.name);
  }

  /** The one value that a query answers now; undefined without any. */
  async value(query: string): Promise<number | undefined> {
    const response = await fetch(`${this.address}/api/v1/query?${new URLSearchParams({ query })}`);
    const answer = (await response.json()) as { error?: string; data?: { result: { value: [number, string] }[] } };
    if (answer.data === undefined) throw new Error(`${query}: ${answer.error}`);
    const [first] = answer.data.result;
    return first === undefined ? undefined : Number(first.value[1]);
  }
}
