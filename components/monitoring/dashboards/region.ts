/** One region from top to bottom: players, what serves them, stores, jobs, room. */
import { recordedMetrics } from "../../kube/metrics.ts";
import type { Watched } from "../watched.ts";
import { firingAlerts } from "./alert-panels.ts";
import { type Dashboard, drawDashboard } from "./dashboard.ts";
import type { PanelArgs } from "./panel.ts";
import { anyOf, maxBy, query, series, share, sumBy } from "./queries.ts";

function players({ game }: Watched): PanelArgs {
  const { namespace, maxPlayers } = game;
  const worlds = game.worlds.reduce((sum, one) => sum + one.replicas, 0);
  return {
    title: "Players",
    unit: "count",
    description: "Players by where they are. The line is what worlds and as many game servers as there may be take.",
    queries: query(
      sumBy(
        ["service"],
        series(recordedMetrics.players, { namespace, service: anyOf([game.servers.name, game.worldService]) }),
      ),
      "{{service}}",
    ),
    lines: [{ value: (worlds + game.servers.maxReplicas) * maxPlayers, color: "red" }],
    opens: "game-servers",
  };
}

function jobs({ jobs }: Watched): PanelArgs {
  const last = series("kube_cronjob_status_last_successful_time", { cronjob: anyOf(jobs.map((one) => one.cronJob)) });
  const limits = [...new Set(jobs.map((one) => one.maxAgeSeconds))].sort((one, other) => one - other);
  return {
    title: "Age of backups and drills",
    unit: "seconds",
    description: "Time since the last success of each job. The lines are the ages at which alerts fire.",
    queries: query(`time() - ${maxBy(["namespace", "cronjob"], last)}`, "{{namespace}} {{cronjob}}"),
    lines: limits.map((value) => ({ value, color: "orange" })),
  };
}

/** The dashboard of one region. */
export function region(watched: Watched): Dashboard {
  const namespaces = { namespace: anyOf(watched.namespaces) };
  const targets = anyOf(watched.targets.map((one) => one.name));
  const by = ["namespace", "service"];
  return drawDashboard({
    key: "region",
    description: "For whoever is on call: which part of the region does not do its work?",
    rows: [
      {
        title: "Who is served",
        panels: [
          players(watched),
          {
            title: "Requests",
            unit: "perSecond",
            description: "Requests and bids per second by service.",
            queries: query(sumBy(by, series(recordedMetrics.requests, namespaces)), "{{namespace}} {{service}}"),
            opens: "services",
          },
        ],
      },
      {
        title: "What is up",
        panels: [
          {
            title: "Pods that answer Prometheus",
            unit: "ratio",
            description: "Part of the pods of each workload and store that could be scraped.",
            queries: query(
              `avg by (${by.join(", ")}) (${series("up", { ...namespaces, service: targets })})`,
              "{{namespace}} {{service}}",
            ),
          },
          {
            title: "Pods that wait or failed",
            unit: "count",
            description: "Pods that no node takes, that are not started yet, or that ended badly.",
            queries: query(
              `${sumBy(["namespace", "phase"], series("kube_pod_status_phase", { ...namespaces, phase: "=~Pending|Failed|Unknown" }))} > 0`,
              "{{namespace}} {{phase}}",
            ),
            opens: "capacity",
          },
          jobs(watched),
          {
            title: "Quota in use",
            unit: "ratio",
            description: "The fullest resource of each namespace's quota.",
            queries: query(
              maxBy(
                ["namespace"],
                share(
                  sumBy(["namespace", "resource"], series("kube_resourcequota", { ...namespaces, type: "used" })),
                  sumBy(["namespace", "resource"], series("kube_resourcequota", { ...namespaces, type: "hard" })),
                ),
              ),
              "{{namespace}}",
            ),
            lines: [
              { value: watched.thresholds.quotaPercent / 100, color: "orange" },
              { value: 1, color: "red" },
            ],
            opens: "capacity",
          },
        ],
      },
      { title: "Alerts", panels: [firingAlerts((expression, by) => sumBy(by, expression), "objectives")] },
    ],
  });
}
