/** Parts of PromQL that the dashboards share. */
import type { ContractMetric } from "../../kube/metrics.ts";
import type { Query } from "./panel.ts";

/** Values of labels; one that begins with `=~`, `!=` or `!~` brings its operator. */
export type Labels = Readonly<Record<string, string>>;

/** Span of a rate: Grafana makes it four scrapes at least, and longer the longer the time that is shown. */
export const span = "$__rate_interval";

function matcher(label: string, value: string): string {
  const [, operator = "=", operand = value] = /^(=~|!~|!=)(.*)$/.exec(value) ?? [];
  return `${label}${operator}"${operand}"`;
}

/** Series of a metric with these labels, of the chosen regions. */
export function series(metric: string, labels: Labels = {}): string {
  const matchers = Object.entries({ region: "=~$region", ...labels }).map(([label, value]) => matcher(label, value));
  return `${metric}{${matchers.join(",")}}`;
}

/** Increase per second. */
export function rate(metric: string, labels: Labels = {}): string {
  return `rate(${series(metric, labels)}[${span}])`;
}

/** Sum for each combination of `by`. */
export function sumBy(by: readonly string[], expression: string): string {
  return `sum by (${by.join(", ")}) (${expression})`;
}

/** Largest for each combination of `by`. */
export function maxBy(by: readonly string[], expression: string): string {
  return `max by (${by.join(", ")}) (${expression})`;
}

/** The expression as its own only query. */
export function query(expression: string, legend: string): Query[] {
  return [{ expression, legend }];
}

/** 50th, 95th and 99th percentile of a histogram, each for every combination of `by`; legends begin with `name`. */
export function percentiles(
  metric: ContractMetric,
  { labels, by = [], name = "" }: { labels?: Labels; by?: readonly string[]; name?: string },
): Query[] {
  return [0.5, 0.95, 0.99].map((quantile) => ({
    expression: `histogram_quantile(${quantile}, ${sumBy(["le", ...by], rate(`${metric.name}_bucket`, labels))})`,
    legend: `${name} p${quantile * 100}`.trim(),
  }));
}

/** Part of a whole, for each combination of `by`; nothing where the whole is 0. */
export function share(part: string, whole: string): string {
  return `${part} / (${whole} > 0)`;
}

/** One of several texts, for a matcher. */
export function anyOf(values: Iterable<string>): string {
  return `=~${[...new Set(values)].join("|")}`;
}
