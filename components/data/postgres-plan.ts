/** PostgreSQL of one region as plans, its users, and the names that its parts know each other by. */
import { podsAtPeak } from "../capacity/pods-at-peak.ts";
import { limitRange } from "../capacity/quota.ts";
import { type ContainerSize, podSize, type WorkloadPlan } from "../capacity/workload-plan.ts";
import type { Call, NetworkNode } from "../cluster/network-policies.ts";
import type { PostgresConfig } from "../config/data-ads.ts";
import type { Mistake } from "../config/mistakes.ts";
import { bytes } from "../kube/quantities.ts";
import type { Store } from "../kube/stores.ts";
import type { StoreUser } from "./credentials.ts";

/** First part of the names of its users' Secrets. */
export const postgresStore = "postgres";

/**
 * Name of the Cluster, which begins the names of all that the operator makes: pods, claims, Services (`-rw`, `-ro`, `-r`)
 * and Secrets such as `<name>-server`. Not `postgres`: those and the credentials of a user `server` would be one Secret.
 * Immutable.
 */
export const postgresClusterName = "postgres-cluster";

/** Name of the Pooler, of its Deployment and of the Service that the operator makes for it. */
export const postgresPoolerName = "postgres-pooler";

/** Service of the operator that leads straight to the server that writes: for migrations and dumps. */
export const postgresDirectService = `${postgresClusterName}-rw`;

/** Labels of the servers' pods, and of those that make a new server. */
export const postgresSelector = { app: "postgres" } as const;

/** Ports, fixed by the operator: servers and poolers listen on the same. */
export const postgresPorts = {
  server: 5432,
  /** Status, asked by operator and other servers. */ status: 8000,
} as const;

/** Port of the servers' exporter. */
export const postgresExporterPort = 9187;

/**
 * PostgreSQL as its users see it. The Service leads to poolers: one pooler connection serves many callers, and callers
 * keep theirs while another server takes over. A transaction has a connection for itself, a session has not: what lives
 * longer than a transaction (LISTEN, advisory locks of a session, SET) needs `postgresDirectService`.
 */
export const postgresService = {
  service: "postgres-service",
  hostVariable: "POSTGRES_HOST",
  port: 5432,
  podPorts: [5432],
  podLabels: { app: postgresPoolerName },
  exporterPort: 9127,
} as const satisfies Store;

/** Owner of the database and of every table: migrations log in with it, and nobody who serves. */
export const postgresOwner = "migrations";

/** Who dumps the database. */
export const postgresBackupUser = "backup";

/** Who restores by hand: makes databases, and acts as their owner. Nobody else uses it. */
export const postgresRestoreUser = "restore";

/** Connections of each user that does not go through poolers (judgement: a job at a time, and its successor). */
export const directConnections = 5;

/** Roles without a login, to which the rights belong; made with the database. */
export const postgresGroups = { read: "service_read", write: "service_write" } as const;

/** A caller of PostgreSQL with its own user. */
export interface PostgresCaller {
  /** Name of the user and of the workload. */
  user: string;
  /** `write` reads and changes every row; `read` only reads. No caller changes tables. */
  access: keyof typeof postgresGroups;
  /** Connections that one pod keeps to a pooler. */
  connections: number;
  /** Where that number stands in the configuration, for example `ads.postgres.connections.campaign`. */
  path: string;
  /** Every workload whose pods log in as this user. */
  plans: readonly WorkloadPlan[];
}

/** A login of the server. */
export interface PostgresRole {
  name: string;
  connectionLimit: number;
  inRoles: readonly string[];
  /** Whether it may make databases. */
  createsDatabases: boolean;
}

/** A pooler with the operator's program that starts it: the least that the limit range allows for a pod. */
export const poolerSize: ContainerSize = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "1000m", memory: "512Mi" },
};

/** Program of the Barman Cloud plugin beside each server (judgement; its ObjectStore has to say the same). */
export const archiverSize: ContainerSize = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "1000m", memory: "512Mi" },
};

/** Everything of PostgreSQL in one region. */
export interface PostgresPlan {
  servers: WorkloadPlan;
  poolers: WorkloadPlan;
  callers: readonly PostgresCaller[];
}

/** The plan of one region. */
export function planPostgres(postgres: PostgresConfig, callers: readonly PostgresCaller[]): PostgresPlan {
  const archiver = postgres.archive.objectStore === "" ? [] : [archiverSize];
  const common = { pool: "data", minReadySeconds: 0, tolerationSeconds: 60 } as const;
  return {
    callers,
    servers: {
      ...common,
      name: postgresClusterName,
      kind: "StatefulSet",
      minReplicas: postgres.instances,
      maxReplicas: postgres.instances,
      surgePods: 0,
      // stopDelay of the Cluster: ten seconds for sessions, the rest to write what is in memory.
      graceSeconds: 120,
      bootSeconds: 30,
      // The operator's own program is copied in first, by a container of the server's size.
      pod: podSize([postgres.resources, ...archiver], [postgres.resources]),
      claimBytes: bytes(postgres.diskSize),
      secondClaimBytes: bytes(postgres.walDiskSize),
      // The operator's: three Services, queries of the exporter, certificates of authority, servers and replication.
      objects: { services: 3, configMaps: 1, secrets: 3 + postgresUsers(callers, postgres.database).length },
    },
    poolers: {
      ...common,
      // Nothing of theirs stays behind on a node that is silent.
      tolerationSeconds: 30,
      name: postgresPoolerName,
      kind: "Deployment",
      minReplicas: postgres.pooler.instances,
      maxReplicas: postgres.pooler.instances,
      surgePods: 1,
      graceSeconds: 30,
      bootSeconds: 10,
      // The program is copied in first, by a container without a size of its own.
      pod: podSize(
        [poolerSize],
        [{ requests: limitRange.container.defaultRequest, limits: limitRange.container.default }],
      ),
      // The operator's Service and ours; certificate with which poolers ask for passwords.
      objects: { services: 2, configMaps: 0, secrets: 1 },
    },
  };
}

/** All plans, for the sums. */
export function postgresWorkloads({ servers, poolers }: PostgresPlan): WorkloadPlan[] {
  return [servers, poolers];
}

/** Address with login as one text, for the credentials of a user. */
export function postgresUrl(host: string, database: string): string {
  return `postgresql://{username}:{password}@${host}:${postgresPorts.server}/${database}?sslmode=require`;
}

/** Users that go straight to the server that writes. */
const directUsers = [postgresOwner, postgresBackupUser, postgresRestoreUser] as const;

/** The users as credentials, each with `url`. */
export function postgresUsers(callers: readonly PostgresCaller[], database: string): StoreUser[] {
  const user = (name: string, host: string): StoreUser => ({
    store: postgresStore,
    user: name,
    // The operator takes passwords from Secrets of this type, and looks at once when one with this label changes.
    type: "kubernetes.io/basic-auth",
    labels: { "cnpg.io/reload": "true" },
    texts: { url: postgresUrl(host, database) },
  });
  return [
    ...callers.map((caller) => user(caller.user, postgresService.service)),
    ...directUsers.map((name) => user(name, postgresDirectService)),
  ];
}

/** Connections to the server that all poolers hold for one user at most: running, starting and draining ones. */
export function pooledConnections(postgres: PostgresConfig, plan: PostgresPlan): number {
  return podsAtPeak(plan.poolers).total * postgres.pooler.poolSize;
}

/** Every login, none of which is a superuser or makes roles; only the one that restores makes databases. */
export function postgresRoles(postgres: PostgresConfig, plan: PostgresPlan): PostgresRole[] {
  const { read, write } = postgresGroups;
  return [
    ...plan.callers.map(({ user, access }) => ({
      name: user,
      connectionLimit: pooledConnections(postgres, plan),
      inRoles: [access === "write" ? write : read],
      createsDatabases: false,
    })),
    { name: postgresOwner, connectionLimit: directConnections, inRoles: [], createsDatabases: false },
    // The predefined role reads every table, row and sequence, and grants no way into the database.
    {
      name: postgresBackupUser,
      connectionLimit: directConnections,
      inRoles: [read, "pg_read_all_data"],
      createsDatabases: false,
    },
    { name: postgresRestoreUser, connectionLimit: directConnections, inRoles: [postgresOwner], createsDatabases: true },
  ];
}

/** Statements that run once, as superuser, in the new database. Logins come later and join these roles. */
export function postgresGrants(database: string): string[] {
  const { read, write } = postgresGroups;
  const future = `ALTER DEFAULT PRIVILEGES FOR ROLE "${postgresOwner}"`;
  return [
    `REVOKE ALL ON DATABASE "${database}" FROM PUBLIC`,
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    `CREATE ROLE "${read}" NOLOGIN`,
    `CREATE ROLE "${write}" NOLOGIN IN ROLE "${read}"`,
    `GRANT CONNECT ON DATABASE "${database}" TO "${read}"`,
    `GRANT TEMPORARY ON DATABASE "${database}" TO "${write}"`,
    `GRANT USAGE ON SCHEMA public TO "${read}"`,
    `${future} GRANT USAGE ON SCHEMAS TO "${read}"`,
    `${future} GRANT SELECT ON TABLES TO "${read}"`,
    `${future} GRANT SELECT ON SEQUENCES TO "${read}"`,
    `${future} GRANT INSERT, UPDATE, DELETE ON TABLES TO "${write}"`,
    `${future} GRANT USAGE ON SEQUENCES TO "${write}"`,
  ];
}

/** Part of `max_connections` that may be planned; the rest is for operator, exporter, poolers' own logins and people. */
export const plannedPostgresConnections = 0.8;

/** Pools that are more than the server or a pooler accepts; `path` is where the configuration stands. */
export function postgresConnectionMistakes(path: string, postgres: PostgresConfig, plan: PostgresPlan): Mistake[] {
  const mistakes: Mistake[] = [];
  const { pooler, maxConnections } = postgres;
  const { total: poolers } = podsAtPeak(plan.poolers);
  const pooled = plan.callers.length * pooledConnections(postgres, plan);
  const total = pooled + directUsers.length * directConnections;
  const most = Math.floor(maxConnections * plannedPostgresConnections);
  if (total > most) {
    mistakes.push({
      path: `${path}.pooler.poolSize`,
      got: pooler.poolSize,
      want: `pools that fit: ${plan.callers.length} users x ${poolers} poolers at their peak x ${pooler.poolSize} + ${directUsers.map((name) => `${name} ${directConnections}`).join(" + ")} = ${total} connections, at most ${most} = ${plannedPostgresConnections * 100} % of maxConnections ${maxConnections}`,
      why: 'beyond it the server answers "too many clients already" to whoever comes next',
      fix: `lower the pool, or raise maxConnections to ${Math.ceil(total / plannedPostgresConnections)} and the memory with it`,
    });
  }
  const lines = plan.callers.map((caller) => {
    const pods = caller.plans.reduce((whole, one) => whole + podsAtPeak(one).total, 0);
    return { caller, pods, clients: pods * caller.connections };
  });
  const clients = lines.reduce((whole, line) => whole + line.clients, 0);
  const largest = lines.toSorted((one, other) => other.clients - one.clients)[0];
  if (largest !== undefined && clients > pooler.maxClients) {
    const sum = lines.map(({ caller, pods }) => `${caller.user} ${pods} pods x ${caller.connections}`).join(" + ");
    mistakes.push({
      path: largest.caller.path,
      got: largest.caller.connections,
      want: `connections that one pooler carries: ${sum} = ${clients}, at most ${path}.pooler.maxClients ${pooler.maxClients}`,
      why: "while the other poolers are drained one has to carry them all",
      fix: `lower it, or raise ${path}.pooler.maxClients`,
    });
  }
  return mistakes;
}

/**
 * PostgreSQL as nodes of the network graph: `postgres` is what callers call, on `postgresService.podPorts`;
 * `postgres-server` is what migrations and dumps call, on `postgresPorts.server`. `archive`: calls to the archive.
 */
export function postgresNetworkNodes(args: {
  postgres: PostgresConfig;
  apiServerCidrs: readonly string[];
  archive: readonly Call[];
}): NetworkNode[] {
  const { server, status } = postgresPorts;
  // The operator's programs in the pods of servers and poolers keep their state in the API server.
  const apiServer: Call = { to: "addresses", cidrs: args.apiServerCidrs, ports: [443, 6443] };
  return [
    {
      name: "postgres-server",
      selector: postgresSelector,
      calls: [{ to: "postgres-server", ports: [server, status] }, apiServer, ...args.archive],
      publicPorts: [],
      scrapes: [{ port: postgresExporterPort }],
      foreignCallers: [{ namespace: args.postgres.operatorNamespace, ports: [server, status] }],
    },
    {
      name: "postgres",
      selector: postgresService.podLabels,
      calls: [{ to: "postgres-server", ports: [server] }, apiServer],
      publicPorts: [],
      scrapes: [{ port: postgresService.exporterPort }],
    },
  ];
}
