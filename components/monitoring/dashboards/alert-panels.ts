/** What fires now, for the dashboards that people open first. */
import type { PanelArgs } from "./panel.ts";
import { query, series } from "./queries.ts";

/** A table of alerts that fire. `sum` adds up a series by labels, in the way of its dashboard. */
export function firingAlerts(
  sum: (expression: string, by: readonly string[]) => string,
  opens?: PanelArgs["opens"],
): PanelArgs {
  const firing = series("ALERTS", { alertstate: "firing", severity: "!=none" });
  return {
    title: "Alerts that fire",
    kind: "table",
    unit: "count",
    description: "Each with the number of things that it fires for.",
    queries: query(sum(firing, ["alertname", "severity", "namespace"]), "{{alertname}}"),
    ...(opens === undefined ? {} : { opens }),
  };
}
