/** Game servers: load of each against its limit and the autoscaler's target, and what the autoscaler makes of it. */
import { contractMetrics, recordedMetrics } from "../../kube/metrics.ts";
import type { Watched } from "../watched.ts";
import { type Dashboard, drawDashboard } from "./dashboard.ts";
import { maxBy, query, series, sumBy } from "./queries.ts";
import {
  databaseErrors,
  drainedPlayers,
  drainStates,
  playersOfEach,
  responseTime,
  type ServersOf,
  slowest,
} from "./server-panels.ts";
import { autoscaler, cpu, memoryOfLimit, restarts } from "./workload-panels.ts";

/**
 * Name that KEDA gives to the first trigger, the players: number and kind of the scaler (kedacore/keda,
 * GenerateMetricNameWithIndex).
 */
const playersTrigger = "s0-prometheus";

/** The dashboard of the game servers of a region. */
export function gameServers(watched: Watched): Dashboard {
  const { game, thresholds } = watched;
  const { namespace } = game;
  const { name: service } = game.servers;
  const of: ServersOf = { watched, service };
  // Each region has a Deployment of its own name.
  const anyRegion = `=~${service}-.+`;
  const pods = { namespace, service, thresholds };
  const scaler = { namespace, horizontalpodautoscaler: anyRegion };
  return drawDashboard({
    key: "game-servers",
    description: "For whoever runs game servers: is there room for players, and does the autoscaler follow them?",
    variables: [{ name: "pod", of: series(contractMetrics.activePlayers.name, { namespace, service }) }],
    rows: [
      {
        title: "Load",
        panels: [
          {
            title: "Players",
            unit: "count",
            description: "Players on all game servers, and the places of those that are ready.",
            queries: [
              { expression: `sum(${series(recordedMetrics.players, { namespace, service })})`, legend: "players" },
              {
                expression: `${game.maxPlayers} * sum(${series("kube_deployment_status_replicas_available", { namespace, deployment: anyRegion })})`,
                legend: "places",
              },
            ],
          },
          playersOfEach(of),
          {
            title: "Load of a server against the autoscaler's target",
            unit: "count",
            description: "Mean players of a server. Above the target the autoscaler adds servers, below it takes some.",
            queries: [
              {
                expression: `avg(${series(contractMetrics.activePlayers.name, { namespace, service })})`,
                legend: "players of a server",
              },
              {
                expression: maxBy(
                  ["horizontalpodautoscaler"],
                  series("kube_horizontalpodautoscaler_spec_target_metric", {
                    ...scaler,
                    metric_name: playersTrigger,
                    metric_target_type: "average",
                  }),
                ),
                legend: "target",
              },
            ],
            lines: [{ value: game.maxPlayers, color: "red" }],
          },
          autoscaler(scaler),
        ],
      },
      {
        title: "In time",
        panels: [
          responseTime(of),
          slowest(of),
          {
            title: "Response time that the autoscaler sees",
            unit: "milliseconds",
            description: "Mean over two minutes, the recorded series that a trigger may ask for.",
            queries: query(
              sumBy(["service"], series(recordedMetrics.responseTimeMs, { namespace, service })),
              "{{service}}",
            ),
          },
          databaseErrors(of),
        ],
      },
      { title: "Drains", panels: [drainStates(of), drainedPlayers(of)] },
      { title: "Pods", panels: [memoryOfLimit(pods), cpu(pods), restarts(pods)] },
    ],
  });
}
