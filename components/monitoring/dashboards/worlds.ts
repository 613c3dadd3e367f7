/** Worlds: who is on them, whether they keep up and save, and what drains them. */
import { contractMetrics } from "../../kube/metrics.ts";
import type { Watched } from "../watched.ts";
import { type Dashboard, drawDashboard } from "./dashboard.ts";
import { anyOf, percentiles, query, series, sumBy } from "./queries.ts";
import {
  databaseErrors,
  drainedPlayers,
  drainStates,
  playersOfEach,
  responseTime,
  type ServersOf,
  slowest,
} from "./server-panels.ts";
import { memoryOfLimit, restarts, volumes } from "./workload-panels.ts";

/** The dashboard of the worlds of a region. */
export function worlds(watched: Watched): Dashboard {
  const { game, thresholds } = watched;
  const { namespace } = game;
  const of: ServersOf = { watched, service: game.worldService };
  const sets = anyOf(game.worlds.map((one) => one.statefulSet));
  const pods = { namespace, service: game.worldService, thresholds };
  const labels = { namespace, service: game.worldService };
  return drawDashboard({
    key: "worlds",
    description: "For whoever runs worlds: are all up, not too full, in time, and saved?",
    variables: [{ name: "pod", of: series(contractMetrics.activePlayers.name, labels) }],
    rows: [
      {
        title: "Players",
        panels: [
          playersOfEach(of),
          {
            title: "Worlds that serve",
            unit: "count",
            description: "Ready pods of each set of worlds beside those that should be there.",
            queries: [
              {
                expression: series("kube_statefulset_status_replicas_ready", { namespace, statefulset: sets }),
                legend: "{{statefulset}} ready",
              },
              {
                expression: series("kube_statefulset_replicas", { namespace, statefulset: sets }),
                legend: "{{statefulset}} wanted",
              },
            ],
          },
        ],
      },
      {
        title: "In time",
        panels: [
          responseTime(of),
          slowest(of),
          {
            title: "Step of the simulation",
            unit: "seconds",
            description: "How long one step takes. When it takes longer than the step is, the world falls behind.",
            queries: percentiles(contractMetrics.tick, { labels }),
          },
          databaseErrors(of),
        ],
      },
      {
        title: "State and drains",
        panels: [
          {
            title: "Age of the last save",
            unit: "seconds",
            description: "What a world would lose if its volume were all that is left of it now.",
            queries: query(
              sumBy(["pod"], series(contractMetrics.saveAge.name, { ...labels, pod: "=~$pod" })),
              "{{pod}}",
            ),
            lines: [{ value: game.worldSaveSeconds, color: "red" }],
          },
          volumes(pods),
          drainStates(of),
          drainedPlayers(of),
        ],
      },
      { title: "Pods", panels: [memoryOfLimit(pods), restarts(pods)] },
    ],
  });
}
