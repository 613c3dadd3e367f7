/** `realmgrid:data`: stores of the game, their credentials and backups. */
import { z } from "zod";
import { DataBackups } from "./data-backups.ts";
import { binarySize, dnsName, field, objectName, type ResourceDefaults, resources } from "./fields.ts";

const mysqlManifest = "game design, MySQL manifest";
const oddText = "an odd number: half of an even one cannot outvote the other half";

/** An odd number of members, so that a majority exists. */
const members = z
  .int()
  .min(1)
  .max(9)
  .refine((count) => count % 2 === 1, { error: oddText });

const connections = (what: string, size: number) =>
  field(z.int().min(1).max(200).default(size), {
    description: `Connections that one pod of ${what} keeps open to MySQL (MYSQL_POOL_SIZE)`,
    effect: "rolling",
    source: "judgement; the sum over all pods is checked against maxConnections",
  });

const MySql = z
  .strictObject({
    instances: field(members.default(3), {
      description: "MySQL servers of a region: one writes, the others follow and take over",
      effect: "rolling",
      source: "game design: primary and replicas; three is the smallest majority",
      why: "group replication needs a majority to elect a writer",
    }),
    routers: field(z.int().min(1).max(20).default(2), {
      description: "MySQL routers of a region",
      effect: "rolling",
      source: "judgement: one may be drained",
    }),
    version: field(
      z
        .string()
        .regex(/^(8\.4|9\.7)\.\d+$/, { error: "a release of 8.4 or 9.7, such as 8.4.10" })
        .default("8.4.10"),
      {
        description: "MySQL server, a release of a long-term series that the operator supports",
        effect: "rolling",
        source: `${mysqlManifest} says 8.0, which is past its end of life; 8.4 is supported to April 2032 (endoflife.date)`,
      },
    ),
    database: field(
      z
        .string()
        .regex(/^[a-z][a-z0-9_]{0,62}$/, { error: "lower-case letters, digits and _" })
        .default("mmorpg"),
      {
        description: "Database of the game",
        effect: "data at risk",
        source: "judgement",
      },
    ),
    resources: resources(
      { requests: ["1000m", "2Gi"], limits: ["2000m", "4Gi"] },
      "arithmetic: a buffer pool of 1Gi (the MySQL manifest) is half of the memory request; the operator gives a size to new clusters only, a running one is resized by the runbook resize-mysql",
      "none",
    ),
    diskSize: field(binarySize.default("50Gi"), {
      description: "Volume of one server; a claim that exists grows by the runbook grow-store-volume",
      effect: "in place",
      source: "judgement",
    }),
    maxConnections: field(z.int().min(50).max(10_000).default(1000), {
      description:
        "Connections that a server accepts; 80 % of them may be planned; routers roll, running servers follow by the runbook resize-mysql",
      effect: "rolling",
      source: mysqlManifest,
    }),
    pools: z
      .strictObject({
        worlds: connections("worlds", 10),
        gameServers: connections("game servers", 4),
        auth: connections("auth-service", 5),
        player: connections("player-service", 5),
        guild: connections("guild-service", 5),
      })
      .prefault({}),
  })
  .prefault({});

/** Schema of a Valkey cluster; sizes differ between the game's and the ad platform's. */
export function Valkey({ size, diskSize, source }: { size: ResourceDefaults; diskSize: string; source: string }) {
  return z
    .strictObject({
      primaries: field(members.default(3), {
        description: "Primaries among which the 16384 slots are divided",
        effect: "data at risk",
        source: `${source}: 6 = 3 + 3`,
        why: "a cluster needs a majority of its primaries to promote a replica",
      }),
      replicasPerPrimary: field(z.int().min(0).max(3).default(1), {
        description: "Replicas of each primary",
        effect: "data at risk",
        source: `${source}: 6 = 3 + 3`,
      }),
      resources: resources(size, source),
      diskSize: field(binarySize.default(diskSize), {
        description: "Volume of one server, for the append-only file and its rewrite",
        effect: "none",
        source,
      }),
      spreadHosts: field(z.enum(["required", "preferred"]).default("required"), {
        description: "Whether two servers may share a node when there are too few nodes",
        effect: "rolling",
        source: "judgement: a primary and its replica on one node are lost together",
      }),
      nodeTimeoutMs: field(z.int().min(1000).max(60_000).default(5000), {
        description: "Time without an answer after which a node counts as failed",
        effect: "rolling",
        unit: "ms",
        source,
      }),
      tlsSecretName: field(objectName.default(""), {
        description:
          "Your Secret in the namespace of the cluster with `tls.crt`, `tls.key` and `ca.crt`, as cert-manager makes it, valid for the Service's name and for `*.redis-cluster-peers.NAMESPACE.svc`: servers, clients and backups then speak TLS and nothing else; empty for plain TCP within the guarded namespace. Choose before the first `up`: a later change cuts off every client that speaks the other way, and servers of both ways form no cluster, so the roll-out stops at its first server until you delete all pods of `redis-cluster` at once. Servers read a renewed certificate when they restart: raise credentials.generation",
        effect: "data at risk",
        source: "judgement; the roll-out was tried with six servers",
      }),
    })
    .prefault({});
}

const Credentials = z
  .strictObject({
    source: field(z.enum(["generated", "external"]).default("generated"), {
      description:
        "Passwords are generated and kept encrypted in the state, or an ExternalSecret fetches each from your own store",
      effect: "rolling",
      source: "judgement",
    }),
    generation: field(z.int().min(1).max(1_000_000).default(1), {
      description: "Raise it by one to give every user of a store a new password; the last one stays valid meanwhile",
      effect: "rolling",
      source: "judgement",
    }),
    externalStore: z
      .strictObject({
        kind: field(z.enum(["SecretStore", "ClusterSecretStore"]).default("ClusterSecretStore"), {
          description: "Kind of the External Secrets store",
          effect: "in place",
          source: "External Secrets Operator",
        }),
        name: field(objectName.default(""), {
          description: "Name of the store; needed with source: external",
          effect: "in place",
          source: "your cluster",
        }),
        prefix: field(z.string().max(200).default("realmgrid/"), {
          description: "What stands before <region>/<store>/<user> in the keys of the store",
          effect: "in place",
          source: "judgement",
        }),
      })
      .prefault({}),
  })
  .prefault({});

/** Schema of `realmgrid:data`. */
export const Data = z.strictObject({
  mysql: MySql,
  valkey: Valkey({
    size: { requests: ["250m", "512Mi"], limits: ["500m", "1Gi"] },
    diskSize: "5Gi",
    source: "game design, Redis manifest",
  }),
  credentials: Credentials,
  backups: DataBackups,
  operatorNamespace: field(dnsName().default("mysql-operator"), {
    description: "Namespace of the MySQL operator, whose pods may reach the servers",
    effect: "in place",
    source: "MySQL Operator's chart",
  }),
});

/** Parsed `realmgrid:data`. */
export type DataConfig = z.output<typeof Data>;
