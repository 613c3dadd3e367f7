/** Stores of the ad platform: PostgreSQL and Kafka. */
import { z } from "zod";
import { binarySize, dnsName, field, objectName, resources } from "./fields.ts";

const postgresManifest = "ad design, PostgreSQL manifest";

/** Schema of PostgreSQL. */
export const Postgres = z
  .strictObject({
    instances: field(
      z
        .int()
        .min(1)
        .max(9)
        .refine((count) => count !== 2, { error: "1, or 3 and more" })
        .default(3),
      {
        description: "PostgreSQL servers: one writes, the others follow and take over",
        effect: "rolling",
        source: "ad design asks for a highly available database; three is the least that survives a loss",
        why: "each commit waits for a second server, so of two neither may fail",
      },
    ),
    version: field(
      z
        .string()
        .regex(/^18\.\d+$/, { error: "a release of 18, such as 18.6" })
        .default("18.6"),
      {
        description: "PostgreSQL server; another major version is a migration",
        effect: "rolling",
        source: `${postgresManifest} says 13, which is past its end of life; 18 is supported to November 2030 (postgresql.org)`,
      },
    ),
    database: field(
      z
        .string()
        .regex(/^[a-z][a-z0-9_]{0,62}$/, { error: "lower-case letters, digits and _" })
        .default("adplatform"),
      { description: "Database of the ad platform", effect: "data at risk", source: postgresManifest },
    ),
    resources: resources({ requests: ["500m", "1Gi"], limits: ["2000m", "4Gi"] }, postgresManifest),
    diskSize: field(binarySize.default("100Gi"), {
      description: "Volume of one server for tables and indexes; grows in place, never shrinks",
      effect: "in place",
      source: postgresManifest,
    }),
    walDiskSize: field(binarySize.default("10Gi"), {
      description: "Volume of one server for the log of changes; grows in place, never shrinks",
      effect: "in place",
      source: "judgement: a fast log that a full table cannot stop",
      why: "a running cluster keeps the volumes that it was made with",
    }),
    maxConnections: field(z.int().min(50).max(2000).default(200), {
      description: "Connections that a server accepts; 80 % of them may be planned",
      effect: "rolling",
      source: "judgement: poolers share them among callers",
    }),
    pooler: z
      .strictObject({
        instances: field(z.int().min(1).max(20).default(2), {
          description: "PgBouncer pods in front of the server that writes",
          effect: "rolling",
          source: "judgement: one may be drained",
        }),
        poolSize: field(z.int().min(1).max(200).default(10), {
          description: "Connections to the server that one pooler keeps for each user",
          effect: "in place",
          source: "judgement; the sum over users and poolers is checked against maxConnections",
        }),
        maxClients: field(z.int().min(10).max(20_000).default(1000), {
          description: "Connections of callers that one pooler accepts",
          effect: "in place",
          source: "judgement; while one pooler is drained another has to carry all",
        }),
      })
      .prefault({}),
    archive: z
      .strictObject({
        objectStore: field(objectName.default(""), {
          description:
            "Name of an existing ObjectStore of the Barman Cloud plugin beside the cluster; with it changes are archived at once, and a point in time can be restored; empty for dumps alone",
          effect: "rolling",
          source: "CloudNativePG, Barman Cloud plugin",
        }),
        schedule: field(
          z
            .string()
            .regex(/^\S+( \S+){5}$/, { error: "six cron fields, seconds first, for example 0 40 2 * * *" })
            .default("0 40 2 * * *"),
          {
            description: "When the whole server is copied to the archive (cron with seconds, UTC)",
            effect: "in place",
            source: "judgement: before the dumps of the night",
          },
        ),
      })
      .prefault({}),
    operatorNamespace: field(dnsName().default("cnpg-system"), {
      description: "Namespace of CloudNativePG, whose pods may reach the servers",
      effect: "in place",
      source: "CloudNativePG's manifest",
    }),
  })
  .prefault({});

/** Schema of Kafka. */
export const Kafka = z
  .strictObject({
    version: field(
      z
        .string()
        .regex(/^4\.\d+\.\d+$/, { error: "a release of 4, such as 4.3.1" })
        .default("4.3.1"),
      { description: "Kafka, a release that the operator knows", effect: "rolling", source: "Strimzi 1.2.0" },
    ),
    brokers: field(z.int().min(1).max(99).default(3), {
      description: "Brokers; they also decide by majority where there are no controllers",
      effect: "rolling",
      source: "judgement: three copies, one of which may be away",
    }),
    controllers: field(
      z
        .int()
        .min(0)
        .max(9)
        .refine((count) => count === 0 || count % 2 === 1, {
          error: "0, or an odd number: half of an even one cannot outvote the other half",
        })
        .default(0),
      {
        description: "Controllers of their own; 0 lets the brokers be controllers too",
        effect: "data at risk",
        source: "judgement: pods of their own pay from some ten brokers on",
        why: "the quorum of a running cluster is not moved by this number",
      },
    ),
    resources: resources({ requests: ["500m", "2Gi"], limits: ["2000m", "4Gi"] }, "judgement"),
    diskSize: field(binarySize.default("50Gi"), {
      description: "Volume of one broker; grows in place, never shrinks",
      effect: "in place",
      source: "judgement; topics are checked against it",
    }),
    rackAware: field(z.boolean().default(true), {
      description: "Whether copies of a partition go to different zones; nodes need the label of their zone",
      effect: "rolling",
      source: "judgement",
    }),
    operatorNamespace: field(dnsName().default("strimzi"), {
      description: "Namespace of Strimzi, whose pods may reach the brokers",
      effect: "in place",
      source: "Strimzi's chart",
    }),
  })
  .prefault({});

/** Parsed configuration of PostgreSQL. */
export type PostgresConfig = z.output<typeof Postgres>;

/** Parsed configuration of Kafka. */
export type KafkaConfig = z.output<typeof Kafka>;
