/** Panels that worlds and game servers share: both are pods with players on them. */
import { contractMetrics } from "../../kube/metrics.ts";
import type { Watched } from "../watched.ts";
import type { PanelArgs } from "./panel.ts";
import { percentiles, query, rate, series, sumBy } from "./queries.ts";

/** What a row of worlds or game servers is drawn from. */
export interface ServersOf {
  watched: Watched;
  /** Value of the label `service`. */
  service: string;
}

function labelsOf({ watched, service }: ServersOf) {
  return { namespace: watched.game.namespace, service };
}

/** Players of each pod, with the limit and the share of it that is nearly too many. */
export function playersOfEach(servers: ServersOf): PanelArgs {
  const { maxPlayers } = servers.watched.game;
  return {
    title: "Players of each",
    unit: "count",
    description: `Players connected to each pod. It takes ${maxPlayers} at most.`,
    queries: query(
      sumBy(["pod"], series(contractMetrics.activePlayers.name, { ...labelsOf(servers), pod: "=~$pod" })),
      "{{pod}}",
    ),
    lines: [
      { value: (maxPlayers * servers.watched.thresholds.playersPercent) / 100, color: "orange" },
      { value: maxPlayers, color: "red" },
    ],
  };
}

/** Response time as players feel it, with the threshold of the alert. */
export function responseTime(servers: ServersOf): PanelArgs {
  return {
    title: "Response time",
    unit: "seconds",
    description: "From a player's message to the answer, of all pods together. The line is for the 99th percentile.",
    queries: percentiles(contractMetrics.responseTime, { labels: labelsOf(servers) }),
    lines: [{ value: servers.watched.thresholds.responseTimeMs / 1000, color: "red" }],
  };
}

/** Slowest pods. */
export function slowest(servers: ServersOf): PanelArgs {
  const buckets = sumBy(["le", "pod"], rate(`${contractMetrics.responseTime.name}_bucket`, labelsOf(servers)));
  return {
    title: "Slowest five",
    unit: "seconds",
    description:
      "99th percentile of the response time of the five slowest pods. One that stands out is sick by itself.",
    queries: query(`topk(5, histogram_quantile(0.99, ${buckets}))`, "{{pod}}"),
    lines: [{ value: servers.watched.thresholds.responseTimeMs / 1000, color: "red" }],
  };
}

/** Pods by their state of drain. */
export function drainStates(servers: ServersOf): PanelArgs {
  const states = ["serving", "draining", "drained"];
  return {
    title: "Drain states",
    unit: "count",
    description: "Pods that serve, that let players finish and take no new ones, and that are empty.",
    queries: states.map((legend, state) => ({
      expression: `sum(${series(contractMetrics.drainState.name, labelsOf(servers))} == bool ${state})`,
      legend,
    })),
  };
}

/** What became of players whose pod drained. */
export function drainedPlayers(servers: ServersOf): PanelArgs {
  const increase = `increase(${series(contractMetrics.drainedPlayers.name, labelsOf(servers))}[1h])`;
  return {
    title: "Players of drains in an hour",
    unit: "count",
    description: "Moved to another pod in time, or cut off at the end of the grace period.",
    queries: query(sumBy(["outcome"], increase), "{{outcome}}"),
  };
}

/** Broken connections to the database, with the threshold of the alert. */
export function databaseErrors(servers: ServersOf): PanelArgs {
  const increase = `increase(${series(contractMetrics.databaseErrors.name, labelsOf(servers))}[5m])`;
  return {
    title: "Broken database connections in five minutes",
    unit: "count",
    description: "Connections to MySQL that failed or broke, of each pod that has any.",
    queries: query(`${sumBy(["pod"], increase)} > 0`, "{{pod}}"),
    lines: [{ value: servers.watched.thresholds.databaseErrors, color: "red" }],
  };
}
