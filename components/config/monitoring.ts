/** `realmgrid:monitoring`: metrics, alerts, dashboards, traces and logs of every region. */
import { z } from "zod";
import { binarySize, field, httpUrl, objectName } from "./fields.ts";
import { receiver } from "./monitoring-receivers.ts";
import { Logs, Tracing } from "./telemetry.ts";

const judgement = "judgement";

const percent = (value: number, description: string, source: string) =>
  field(z.int().min(1).max(100).default(value), { description, effect: "in place", unit: "%", source });

/** Schema of `realmgrid:monitoring`. */
export const Monitoring = z.strictObject({
  prometheus: z
    .strictObject({
      replicas: field(z.int().min(1).max(2).default(2), {
        description: "Servers that scrape the same; the second one goes on when a node dies",
        effect: "rolling",
        source: judgement,
      }),
      retentionDays: field(z.int().min(1).max(90).default(15), {
        description: "Days that metrics are kept in the region",
        effect: "rolling",
        unit: "days",
        source: "Prometheus: its own default",
      }),
      diskSize: field(binarySize.optional(), {
        description:
          "Size of each server's volume; computed from series, interval and retention when absent. A claim that exists is grown first, by the runbook volume-full",
        effect: "rolling",
        source: "arithmetic: components/capacity/series.ts",
      }),
      remoteWrite: field(
        z
          .array(
            z.strictObject({
              url: field(httpUrl, {
                description: "Address that takes Prometheus remote write, the same for every region: the global view",
                effect: "in place",
                source: "your service",
              }),
              secretName: field(objectName.min(1).optional(), {
                description:
                  "Name of an existing Secret in the monitoring namespace with the keys `username` and `password`",
                effect: "rolling",
                source: "your service",
              }),
            }),
          )
          .default([]),
        {
          description: "Where every series is sent as well; without it each region knows itself only",
          effect: "rolling",
          source: "your service",
        },
      ),
    })
    .prefault({}),
  receivers: z
    .strictObject({
      page: receiver("Who is woken: alerts of severity critical"),
      chat: receiver("Who reads in the morning: alerts of severity warning, and what has ended"),
      heartbeat: receiver(
        "A service that expects a call every few minutes and tells people when none comes: the dead man's switch",
      ),
    })
    .prefault({}),
  runbookUrl: field(httpUrl.default("https://github.com/your-org/realmgrid/blob/main/docs/runbooks"), {
    description: "Where people find docs/runbooks; a sample, replace it",
    effect: "in place",
    source: "your repository",
  }),
  probePublicHosts: field(z.boolean().default(true), {
    description: "Whether the public hosts of the ad platform are asked from inside each region that runs it",
    effect: "in place",
    source: judgement,
  }),
  probes: field(z.array(httpUrl).default([]), {
    description: "More addresses to ask, from every region",
    effect: "in place",
    source: "your hosts",
  }),
  thresholds: z
    .strictObject({
      playersPercent: percent(
        90,
        "Players in percent of maxPlayers that are nearly too many",
        "game design: 1800 of 2000",
      ),
      responseTimeMs: field(z.int().min(1).max(10_000).default(200), {
        description: "99th percentile of the response time of worlds and game servers",
        effect: "in place",
        unit: "ms",
        source: "game design, HighResponseTime",
      }),
      databaseErrors: field(z.int().min(1).max(10_000).default(10), {
        description: "Broken connections to MySQL of one pod in five minutes",
        effect: "in place",
        source: "game design, DatabaseConnectionFailure",
      }),
      memoryPercent: percent(90, "Memory in percent of a container's limit", "game design, HighMemoryUsage"),
      quotaPercent: percent(85, "Use of a namespace's quota", "judgement: room for one rollout"),
      volumePercent: percent(85, "Use of a volume", "judgement: days, not hours, to grow it"),
      certificateDays: field(z.int().min(1).max(90).default(14), {
        description: "Days before a certificate of a public host ends",
        effect: "in place",
        unit: "days",
        source: "cert-manager renews after two thirds of 90 days; 14 are left when it failed for two weeks",
      }),
    })
    .prefault({}),
  grafana: z
    .strictObject({
      diskSize: field(binarySize.default("2Gi"), {
        description:
          "Size of Grafana's volume: users, preferences, what they draw themselves; a claim that exists grows by the runbook volume-full",
        effect: "none",
        source: judgement,
      }),
      passwordGeneration: field(z.int().min(1).default(1), {
        description: "A higher number makes a new password of `admin` (docs/runbooks/grafana-password.md)",
        effect: "rolling",
        source: judgement,
      }),
    })
    .prefault({}),
  tracing: Tracing,
  logs: Logs,
});

/** Parsed `realmgrid:monitoring`. */
export type MonitoringConfig = z.output<typeof Monitoring>;
