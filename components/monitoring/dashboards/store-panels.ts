/** What the dashboards of stores share. */
import type { Watched, WatchedStore } from "../watched.ts";
import type { PanelArgs } from "./panel.ts";
import { anyOf, query, series, sumBy } from "./queries.ts";

/** Kind of a store. */
export type StoreKind = WatchedStore["kind"];

function stores(watched: Watched, kind: StoreKind): WatchedStore[] {
  return watched.stores.filter((one) => one.kind === kind);
}

/** Labels of the series of all stores of a kind, in the chosen namespaces. */
export function labelsOf(watched: Watched, kind: StoreKind) {
  return { namespace: "=~$namespace", service: anyOf(stores(watched, kind).map((one) => one.service)) };
}

/** Servers that answer; `metric` is 1 for each that does. */
export function serversUp(watched: Watched, { kind, metric }: { kind: StoreKind; metric: string }): PanelArgs {
  const all = stores(watched, kind);
  const wanted = all.map((one) => `${one.servers} in ${one.namespace}`).join(", ");
  return {
    title: "Servers that answer",
    kind: "bars",
    unit: "count",
    description: `Servers that answer their exporter. There should be ${wanted}.`,
    queries: query(sumBy(["namespace"], series(metric, labelsOf(watched, kind))), "{{namespace}}"),
    base: "red",
    lines: [{ value: Math.min(...all.map((one) => one.servers)), color: "green" }],
  };
}
