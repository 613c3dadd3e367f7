/** Traces and logs of `realmgrid:monitoring`. */
import { z } from "zod";
import { binarySize, field, httpUrl, objectName } from "./fields.ts";

const judgement = "judgement";

/** How many traces are kept, how long, and where. */
export const Tracing = z
  .strictObject({
    headPercent: field(z.number().min(0).max(100).default(100), {
      description: "Requests that the images begin a trace for (parentbased_traceidratio)",
      effect: "rolling",
      unit: "%",
      source: "all: whether a request fails or is slow is known at its end only",
    }),
    keepPercent: field(z.number().min(0).max(100).default(10), {
      description: "Traces that are kept of those that neither failed nor were slow",
      effect: "rolling",
      unit: "%",
      source: "game design, tracing-config: probabilistic 0.1",
    }),
    slowMs: field(z.int().min(1).max(60_000).default(500), {
      description: "Traces that take longer are kept",
      effect: "rolling",
      unit: "ms",
      source: "judgement: twice the alert on response time and more",
    }),
    keepDays: field(z.int().min(1).max(30).default(3), {
      description: "Days that traces are kept on the volume",
      effect: "rolling",
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
              description: "Size of the volume; a claim that exists grows by the runbook volume-full",
              effect: "none",
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
                effect: "rolling",
                source: "your cluster",
              }),
              secretName: field(objectName.min(1), {
                description:
                  "Name of an existing Secret in the monitoring namespace with the keys `username` and `password`",
                effect: "rolling",
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
  .prefault({});

/** How long logs are kept, where, and what in them names a person. */
export const Logs = z
  .strictObject({
    keepDays: field(z.int().min(1).max(365).default(14), {
      description: "Days that logs are kept",
      effect: "rolling",
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
              description: "Size of Loki's volume; a claim that exists grows by the runbook volume-full",
              effect: "none",
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
              effect: "rolling",
              source: "your service",
            }),
            secretName: field(objectName.min(1).optional(), {
              description:
                "Name of an existing Secret in the agents' namespace with the key `authorization`, a header's value",
              effect: "rolling",
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
        description: "Fields of structured logs that name a person; their values are hashed before they leave the node",
        effect: "rolling",
        source: judgement,
      },
    ),
  })
  .prefault({});
