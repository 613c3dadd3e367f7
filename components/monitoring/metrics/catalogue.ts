/** Every series that exists, and who writes it: what alerts and dashboards may ask for. */
import { contractMetrics, type Metric, recordedMetrics } from "../../kube/metrics.ts";
import { isAlert, type RuleGroup } from "../alerts/alert.ts";
import type { Exporter } from "./exporter.ts";
import { kubernetesExporters } from "./kubernetes.ts";
import { observabilityExporters } from "./observability.ts";
import { storeExporters } from "./stores.ts";

/** Every foreign program whose metrics are read. */
export const exporters: readonly Exporter[] = [...kubernetesExporters, ...storeExporters, ...observabilityExporters];

/** Names of the series of a metric: a histogram has three. */
export function seriesNames({ name, type }: Metric): string[] {
  return type === "histogram" ? ["bucket", "sum", "count"].map((part) => `${name}_${part}`) : [name];
}

/**
 * Names of all series, each with where it comes from: the contract of the images, a foreign program, or a rule.
 * `groups` are the rules that make series beside `recordedMetrics`.
 */
export function seriesCatalogue(groups: readonly RuleGroup[] = []): ReadonlyMap<string, string> {
  const recorded = groups.flatMap(({ rules }) => rules.flatMap((rule) => (isAlert(rule) ? [] : [rule.record])));
  const ofMetrics = (metrics: readonly Metric[], from: string) =>
    metrics.flatMap((metric) => seriesNames(metric).map((name) => [name, from] as const));
  return new Map([
    ...ofMetrics(Object.values(contractMetrics), "contract of the images"),
    ...exporters.flatMap(({ program, metrics }) => ofMetrics(metrics, program)),
    ...[...Object.values(recordedMetrics), ...recorded].map((name) => [name, "recording rule"] as const),
  ]);
}
