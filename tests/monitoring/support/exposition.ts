/** Pages of metrics as exporters write them, held against the catalogue. */
import type { Metric } from "../../../components/kube/metrics.ts";
import { exporters, seriesNames } from "../../../components/monitoring/metrics/catalogue.ts";

/** What pages have: names of series with the labels that any of them has, and types by the name of the metric. */
export interface Exposed {
  series: Map<string, Set<string>>;
  types: Map<string, string>;
}

/** Reads pages in the text format of Prometheus as one. */
export function readPages(...pages: readonly string[]): Exposed {
  const exposed: Exposed = { series: new Map(), types: new Map() };
  for (const line of pages.join("\n").split("\n")) {
    const [, metric, type] = /^# TYPE (\S+) (\w+)/.exec(line) ?? [];
    if (metric !== undefined && type !== undefined) exposed.types.set(metric, type);
    const [, name, labels = ""] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? /.exec(line) ?? [];
    if (name === undefined) continue;
    const known = exposed.series.get(name) ?? new Set();
    for (const [, label = ""] of labels.matchAll(/([a-zA-Z_]\w*)="(?:[^"\\]|\\.)*"/g)) known.add(label);
    exposed.series.set(name, known);
  }
  return exposed;
}

/** The page of an address. */
export async function page(address: string): Promise<string> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} answers ${response.status}`);
  return response.text();
}

/** The metrics of a program in the catalogue, by a value of the label `service`. */
export function catalogued(service: string): readonly Metric[] {
  const metrics = exporters.filter((one) => one.services.includes(service)).flatMap((one) => one.metrics);
  if (metrics.length === 0) throw new Error(`the catalogue has nothing of ${service}`);
  return metrics;
}

/**
 * What the catalogue says and the pages do not have: names, types, labels. `set` are labels that Prometheus adds. A name
 * of `excused` may be absent.
 */
export function differences(
  metrics: readonly Metric[],
  { series, types }: Exposed,
  { set = [], excused = {} }: { set?: readonly string[]; excused?: Readonly<Record<string, string>> } = {},
): string[] {
  return metrics.flatMap((metric) => {
    const names = seriesNames(metric);
    const missing = names.filter((name) => !series.has(name));
    if (missing.length > 0) return metric.name in excused ? [] : missing.map((name) => `${name} is not exported`);
    const type = types.get(metric.name);
    // Quantiles that a program computes itself are read like a gauge, and what is exported without a type as it is.
    const same = type === metric.type || type === "untyped" || (type === "summary" && "quantile" in metric.labels);
    const labels = Object.keys(metric.labels).filter(
      (label) => !set.includes(label) && !series.get(names[0] ?? "")?.has(label),
    );
    return [
      ...(same ? [] : [`${metric.name} is a ${type}, not a ${metric.type}`]),
      ...labels.map((label) => `${metric.name} has no label ${label}`),
    ];
  });
}
