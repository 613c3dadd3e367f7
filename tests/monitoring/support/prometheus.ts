/** A real Prometheus with the shipped rules. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { type RuleGroup, ruleFile } from "../../../components/monitoring/alerts/alert.ts";
import { scrapeIntervalSeconds } from "../../../components/monitoring/prometheus-plan.ts";
import { freePorts } from "../../../lab/ports.ts";
import type { DebianServer } from "../../../lab/toolchain/debian-packages.ts";
import { faster, fasterAll } from "./faster.ts";
import type { Programs } from "./programs.ts";

/** One series of an answer; `values` instead of `value` where the query asks for a range. */
export interface Series {
  metric: Record<string, string>;
  value: [time: number, value: string];
  values: [time: number, value: string][];
}

/** What a Prometheus has to do. */
export interface PrometheusOptions {
  groups: readonly RuleGroup[];
  region: string;
  runbooks: string;
  /** Groups of targets with their labels, each a part of `static_configs`. */
  targets: readonly object[];
  /** Addresses of Alertmanagers, host and port. */
  alertmanagers: readonly string[];
  /** Addresses that every series is sent to. @default [] */
  remoteWrite?: readonly string[];
}

/** Runs Prometheus. Intervals, `for` and the time between two messages to Alertmanager are divided by one number. */
export async function startPrometheus(programs: Programs, server: DebianServer, options: PrometheusOptions) {
  const folder = join(programs.folder, "prometheus");
  mkdirSync(folder);
  const interval = `${scrapeIntervalSeconds}s`;
  const rules = fasterAll(ruleFile(options.groups, options.runbooks));
  writeFileSync(join(folder, "rules.yaml"), stringify(rules));
  const config = {
    global: {
      ...fasterAll({ scrape_interval: interval, evaluation_interval: interval }),
      scrape_timeout: faster(interval),
      external_labels: { region: options.region },
    },
    rule_files: ["rules.yaml"],
    alerting: { alertmanagers: [{ api_version: "v2", static_configs: [{ targets: options.alertmanagers }] }] },
    remote_write: (options.remoteWrite ?? []).map((url) => ({ url })),
    scrape_configs: [{ job_name: "pods", static_configs: options.targets }],
  };
  writeFileSync(join(folder, "prometheus.yml"), stringify(config));
  const [port] = await freePorts(1);
  const address = `http://127.0.0.1:${port}`;
  await programs.start({
    name: "prometheus",
    file: server.programs["server"] ?? "",
    args: [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--rules.alert.resend-delay=${faster("1m")}`,
    ],
    environment: server.environment,
    ready: `${address}/-/ready`,
  });
  const get = async (path: string, query: Record<string, string> = {}) => {
    const response = await fetch(`${address}${path}?${new URLSearchParams(query)}`);
    const answer = (await response.json()) as { status: string; error?: string; data: unknown };
    if (answer.status !== "success") throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  };
  return {
    address: `127.0.0.1:${port}`,
    /** Series that a query answers now. */
    query: async (query: string) => ((await get("/api/v1/query", { query })) as { result: Series[] }).result,
    /** Every rule, and what went wrong when it was last evaluated. */
    rules: async () =>
      (
        (await get("/api/v1/rules")) as {
          groups: { name: string; rules: { name: string; health: string; lastError?: string }[] }[];
        }
      ).groups.flatMap(({ rules }) => rules),
  };
}
