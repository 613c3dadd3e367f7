/** The fleet: every region that the data source holds, on one page. */
import { contractMetrics, recordedMetrics } from "../../kube/metrics.ts";
import type { Watched } from "../watched.ts";
import { firingAlerts } from "./alert-panels.ts";
import { type Dashboard, drawDashboard } from "./dashboard.ts";
import type { PanelArgs } from "./panel.ts";
import { anyOf, query, rate, series, sumBy } from "./queries.ts";

/** The dashboard of all regions. Beside a region's own Prometheus it shows that region only. */
export function fleet(watched: Watched): Dashboard {
  const { game } = watched;
  const servers = [game.servers.name, game.worldService];
  const inGame = { namespace: game.namespace };
  /** Sums by region; series of the region's own Prometheus have no such label and are given it. */
  const byRegion = (expression: string, by: readonly string[] = []) =>
    `label_replace(${sumBy(["region", ...by], expression)}, "region", "${watched.region}", "region", "")`;
  const number = (args: Pick<PanelArgs, "title" | "description" | "lines">, expression: string): PanelArgs => ({
    ...args,
    kind: "number",
    unit: "count",
    queries: query(byRegion(expression), "{{region}}"),
    opens: "region",
  });
  const players = series(recordedMetrics.players, { ...inGame, service: anyOf(servers) });
  const firing = (severity: string) => series("ALERTS", { alertstate: "firing", severity });
  return drawDashboard({
    key: "fleet",
    description: "For everybody: is any region in trouble, and where are the players?",
    rows: [
      {
        title: "Now",
        panels: [
          number({ title: "Players", description: "Players on worlds and game servers." }, players),
          number(
            { title: "Game servers", description: "Game servers that serve." },
            series("kube_deployment_status_replicas_available", {
              ...inGame,
              deployment: `=~${game.servers.name}-.+`,
            }),
          ),
          number(
            { title: "Worlds", description: "Worlds that serve." },
            series("kube_statefulset_status_replicas_ready", {
              ...inGame,
              statefulset: anyOf(game.worlds.map((one) => one.statefulSet)),
            }),
          ),
          number(
            {
              title: "Alerts that wake somebody",
              description: "Alerts of severity critical that fire.",
              lines: [{ value: 1, color: "red" }],
            },
            `${firing("critical")} or 0 * ${series("up")}`,
          ),
        ],
      },
      {
        title: "By region",
        panels: [
          {
            title: "Players by region",
            unit: "count",
            description: "Players on worlds and game servers. A region that others took over from falls to 0.",
            queries: query(byRegion(players), "{{region}}"),
            opens: "region",
          },
          {
            title: "Requests by region",
            unit: "perSecond",
            description: "Requests and bids per second of all services.",
            queries: query(byRegion(series(recordedMetrics.requests)), "{{region}}"),
            opens: "services",
          },
          {
            title: "Logins by region",
            unit: "perSecond",
            description: "Players who logged in.",
            queries: query(byRegion(rate(contractMetrics.logins.name, { result: "success" })), "{{region}}"),
          },
          {
            title: "Response time by region",
            unit: "seconds",
            description: "99th percentile of worlds and game servers. The line is the alert's.",
            queries: query(
              `histogram_quantile(0.99, ${byRegion(rate(`${contractMetrics.responseTime.name}_bucket`, inGame), ["le"])})`,
              "{{region}}",
            ),
            lines: [{ value: watched.thresholds.responseTimeMs / 1000, color: "red" }],
          },
        ],
      },
      { title: "Alerts", panels: [firingAlerts(byRegion)] },
    ],
  });
}
