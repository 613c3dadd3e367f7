/** `realmgrid:monitoring`: metrics, alerts, dashboards, traces and logs of every region. */
import { z } from "zod";
import { binarySize, field, objectName } from "./fields.ts";

const judgement = "judgement";
const httpUrl = z.string().regex(/^https?:\/\/[^\s"']+$/, { error: "an address such as https://example.com/path" });

/** A value that is read from a Secret of yours in the monitoring namespace. */
const secretKey = (what: string) => ({
  secretName: field(objectName.min(1), {
    description: `Name of an existing Secret in the monitoring namespace with ${what}`,
    effect: "in place",
    source: "your accounts",
  }),
  key: field(
    z
      .string()
      .regex(/^[-._a-zA-Z0-9]+$/, { error: "a key of a Secret" })
      .default("value"),
    {
      description: "Key of that Secret",
      effect: "in place",
      source: judgement,
    },
  ),
});

const receiverKind = <T extends string>(value: T) =>
  field(z.literal(value), {
    description: "Who is told: webhook, slack or pagerduty",
    effect: "in place",
    source: "your accounts",
  });

const Receiver = z.discriminatedUnion("kind", [
  z.strictObject({ kind: receiverKind("webhook"), ...secretKey("the address that is called") }),
  z.strictObject({
    kind: receiverKind("slack"),
    ...secretKey("the address of the incoming webhook"),
    channel: field(z.string().regex(/^#[^\s]+$/, { error: "a channel such as #game-alerts" }), {
      description: "Channel",
      effect: "in place",
      source: "your accounts",
    }),
  }),
  z.strictObject({ kind: receiverKind("pagerduty"), ...secretKey("the integration key (Events API v2)") }),
]);

const receiver = (what: string) =>
  field(Receiver.optional(), { description: what, effect: "in place", source: "your accounts" });

const percent = (value: number, description: string, source: string) =>
  field(z.int().min(1).max(100).default(value), { description, effect: "in place", unit: "%", source });

const size = (description: string, source: string) =>
  field(binarySize.optional(), { description, effect: "data at risk", source });

/** Schema of `realmgrid:monitoring`. */
export const Monitoring = z.strictObject({
  prometheus: z
    .strictObject({
      replicas: field(z.int().min(1).max(2).default(2), {
        description: "Servers that scrape the same; the second one goes on when a node dies",
        effect: "in place",
        source: judgement,
      }),
      retentionDays: field(z.int().min(1).max(90).default(15), {
        description: "Days that metrics are kept in the region",
        effect: "in place",
        unit: "days",
        source: "Prometheus: its own default",
      }),
      diskSize: size(
        "Size of each server's volume; computed from series, interval and retention when absent",
        "arithmetic: components/capacity/series.ts",
      ),
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
                effect: "in place",
                source: "your service",
              }),
            }),
          )
          .default([]),
        {
          description: "Where every series is sent as well; without it each region knows itself only",
          effect: "in place",
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
        description: "Size of Grafana's volume: users, preferences, what they draw themselves",
        effect: "data at risk",
        source: judgement,
      }),
      passwordGeneration: field(z.int().min(1).default(1), {
        description: "A higher number makes a new password of `admin` (docs/runbooks/grafana-password.md)",
        effect: "rolling",
        source: judgement,
      }),
    })
    .prefault({}),
  tracing: z
    .strictObject({
      headPercent: field(z.number().min(0).max(100).default(100), {
        description: "Requests that the images begin a trace for (parentbased_traceidratio)",
        effect: "rolling",
        unit: "%",
        source: "all: whether a request fails or is slow is known at its end only",
      }),
      keepPercent: field(z.number().min(0).max(100).default(10), {
        description: "Traces that are kept of those that neither failed nor were slow",
        effect: "in place",
        unit: "%",
        source: "game design, tracing-config: probabilistic 0.1",
      }),
      slowMs: field(z.int().min(1).max(60_000).default(500), {
        description: "Traces that take longer are kept",
        effect: "in place",
        unit: "ms",
        source: "judgement: twice the alert on response time and more",
      }),
      keepDays: field(z.int().min(1).max(30).default(3), {
        description: "Days that traces are kept on the volume",
        effect: "in place",
        unit: "days",
        source: judgement,
      }),
      storage: field(
        z
          .discriminatedUnion("kind", [
            z.strictObject({
              kind: field(z.literal("volume"), {
                description: "volume: badger on a volume of Jaeger's; elasticsearch, opensearch: your cluster",
                effect: "data at risk",
                source: "Jaeger v2 storage backends",
              }),
              diskSize: field(binarySize.default("10Gi"), {
                description: "Size of the volume",
                effect: "data at risk",
                source: judgement,
              }),
            }),
            ...(["elasticsearch", "opensearch"] as const).map((kind) =>
              z.strictObject({
                kind: field(z.literal(kind), {
                  description: "volume: badger on a volume of Jaeger's; elasticsearch, opensearch: your cluster",
                  effect: "data at risk",
                  source: "Jaeger v2 storage backends",
                }),
                url: field(httpUrl, {
                  description: "Address of the cluster",
                  effect: "in place",
                  source: "your cluster",
                }),
                secretName: field(objectName.min(1), {
                  description:
                    "Name of an existing Secret in the monitoring namespace with the keys `username` and `password`",
                  effect: "in place",
                  source: "your cluster",
                }),
              }),
            ),
          ])
          .prefault({ kind: "volume" }),
        {
          description: "Where traces are kept",
          effect: "data at risk",
          source: "game design: Elasticsearch, which it never runs",
        },
      ),
    })
    .prefault({}),
  logs: z
    .strictObject({
      keepDays: field(z.int().min(1).max(365).default(14), {
        description: "Days that logs are kept",
        effect: "in place",
        unit: "days",
        source: "game design review: 14 days at hand",
      }),
      store: field(
        z
          .discriminatedUnion("kind", [
            z.strictObject({
              kind: field(z.literal("loki"), {
                description: "loki: one Loki with a volume in each region; otlp: a service of yours",
                effect: "data at risk",
                source: judgement,
              }),
              diskSize: field(binarySize.default("50Gi"), {
                description: "Size of Loki's volume",
                effect: "data at risk",
                source: "judgement: 14 days of 3 GiB a day, compressed",
              }),
            }),
            z.strictObject({
              kind: field(z.literal("otlp"), {
                description: "loki: one Loki with a volume in each region; otlp: a service of yours",
                effect: "data at risk",
                source: judgement,
              }),
              endpoint: field(httpUrl, {
                description: "Address that takes OTLP over HTTP",
                effect: "in place",
                source: "your service",
              }),
              secretName: field(objectName.min(1).optional(), {
                description:
                  "Name of an existing Secret in the agents' namespace with the key `authorization`, a header's value",
                effect: "in place",
                source: "your service",
              }),
            }),
          ])
          .prefault({ kind: "loki" }),
        { description: "Where logs are kept", effect: "data at risk", source: judgement },
      ),
      playerFields: field(
        z
          .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_.]*$/, { error: "the name of a field" }))
          .default(["player_id", "account_id", "email", "ip", "client_ip", "user_agent"]),
        {
          description:
            "Fields of structured logs that name a person; their values are hashed before they leave the node",
          effect: "in place",
          source: judgement,
        },
      ),
    })
    .prefault({}),
});

/** Parsed `realmgrid:monitoring`. */
export type MonitoringConfig = z.output<typeof Monitoring>;

/** Who is told of alerts. */
export type ReceiverConfig = z.output<typeof Receiver>;
