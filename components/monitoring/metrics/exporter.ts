/** What foreign programs export, as far as alerts and dashboards read it: nothing may ask for what nobody writes. */
import type { Metric } from "../../kube/metrics.ts";

/** A program, and the metrics of it that are read here. */
export interface Exporter {
  /** Program with the version whose documentation or source was read. */
  program: string;
  /** Values of the label `service` of its series; `*` in place of a name that depends on the configuration. */
  services: readonly string[];
  /** Where upstream lists its metrics. */
  source: string;
  metrics: readonly Metric[];
}
