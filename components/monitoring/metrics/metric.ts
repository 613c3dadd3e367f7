/** Short ways to write a metric of a foreign program down. */
import type { Metric } from "../../kube/metrics.ts";

/** Labels that the program sets: names alone, or names with the values that matter. */
export type MetricLabels = readonly string[] | Readonly<Record<string, readonly string[]>>;

function metric(type: Metric["type"]) {
  return (name: string, about: string, labels: MetricLabels = []): Metric => {
    const pairs = Array.isArray(labels) ? labels.map((label) => [label, []]) : Object.entries(labels);
    return { name, type, labels: Object.fromEntries(pairs), about };
  };
}

/** A value that goes up and down. */
export const gauge = metric("gauge");

/** A value that only grows, and begins anew with the program. */
export const counter = metric("counter");

/** Counts by upper bounds; series end in `_bucket`, `_sum` and `_count`. */
export const histogram = metric("histogram");
