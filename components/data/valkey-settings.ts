/** Configuration of the servers of a Valkey Cluster, as text that Valkey 8 and Redis 7.0 both accept. */

/** What decides the configuration of every server of one cluster. */
export interface ValkeySize {
  /** Memory limit of the server's container. */
  memoryLimitBytes: number;
  /** Client port; the cluster's bus is on the port 10000 above. @default 6379 */
  port?: number;
  /** Folder of the data volume. @default "/data" */
  dataFolder?: string;
  /** Milliseconds until a node counts as failing. @default valkeyNodeTimeoutMs */
  nodeTimeoutMs?: number;
  /** File with the access lists, as valkey-access.sh writes it. */
  usersFile: string;
  /** File with user and password of replication. It stands apart because the server needs the password in clear. */
  replicationFile: string;
  /**
   * What happens when the memory is full. Sessions must not vanish unseen, so writes fail and an alert fires; a pure
   * cache takes `allkeys-lru`. @default "noeviction"
   */
  whenFull?: "noeviction" | "allkeys-lru" | "volatile-lru";
  /** TLS for clients, replication and the bus; absent for plain TCP inside of guarded namespaces. */
  tls?: ValkeyTls;
}

/** Files of TLS. */
export interface ValkeyTls {
  caFile: string;
  certFile: string;
  keyFile: string;
}

/**
 * Share of the container's memory that data may take. A rewrite of the append-only file forks the server, and each page
 * that is written meanwhile exists twice; buffers of clients and replicas come on top. 60 to 70 % is the usual advice,
 * and the lower end is for stores that write more than they read, as sessions do.
 */
export const valkeyDataShare = 0.6;

/** Milliseconds until a node counts as failing; the number of the original design. A failover takes about 1.5 times it. */
export const valkeyNodeTimeoutMs = 5000;

/** Seconds that a server waits at its end for replicas to catch up; the server's default, here for the grace period. */
export const valkeyShutdownSeconds = 10;

/** User as which a replica reads from its primary, and user of the agent beside each server. */
export const valkeyReplicationUser = "replication";
export const valkeyAgentUser = "agent";

/** Rules of the server's access lists by role. */
export const valkeyRoles = {
  /** Everything on all keys except what administers or endangers the server; INFO and the map are for clients. */
  service:
    "~* &* +@all -@admin -@dangerous +info +cluster|slots +cluster|shards +cluster|nodes +cluster|info +cluster|myid" +
    " +cluster|keyslot +cluster|countkeysinslot",
  /** What its documentation lists, without the reading of keys. */
  exporter:
    "-@all +@connection +info +config|get +latency +slowlog +client +cluster|info +cluster|slots +cluster|nodes",
  /** Takes a whole copy as a replica does, and counts. */
  backup: "-@all +ping +info +dbsize +psync +sync +replconf +cluster|nodes +cluster|myid",
  /** Writes copied keys, and empties a cluster that a person has named; the restore by hand alone is this user. */
  restore:
    "~* -@all +ping +info +dbsize +cluster|nodes +cluster|info +cluster|myid +select +restore +restore-asking +asking" +
    " +flushall",
  replication: "-@all +psync +replconf +ping",
  /** Heals the cluster, and lets its server read new passwords. */
  agent: "-@all +ping +info +dbsize +cluster +config|get +config|set +acl|load",
} as const;

const mebibyte = 2 ** 20;

/** The whole configuration, except passwords and what each pod announces. */
export function valkeySettings(size: ValkeySize): string {
  const { memoryLimitBytes, port = 6379, dataFolder = "/data", whenFull = "noeviction", tls } = size;
  const { nodeTimeoutMs = valkeyNodeTimeoutMs } = size;
  const data = wholeMebibytes(memoryLimitBytes * valkeyDataShare);
  if (data < 1) throw new RangeError(`a limit of ${memoryLimitBytes} bytes leaves no memory for data`);
  // A replica that reads too slowly must not take the memory that is kept for the fork: a quarter of it, half for long.
  const buffer = Math.max(1, wholeMebibytes((memoryLimitBytes * (1 - valkeyDataShare)) / 4));
  const lines = [
    // Network policies guard the ports; protected mode would refuse all other pods.
    "bind * -::*",
    "protected-mode no",
    ...(tls ? tlsLines(port, tls) : [`port ${port}`]),
    `dir ${dataFolder}`,
    'logfile ""',
    `aclfile ${size.usersFile}`,
    `include ${size.replicationFile}`,
    "",
    `maxmemory ${data}mb`,
    `maxmemory-policy ${whenFull}`,
    "maxmemory-clients 10%",
    `client-output-buffer-limit replica ${buffer}mb ${Math.max(1, Math.floor(buffer / 2))}mb 60`,
    // Writes of a short absence that a replica catches up on without a full copy; what Valkey 8 has by default.
    "repl-backlog-size 10mb",
    "",
    // At most one second of writes is lost with the machine. Snapshots beside it would only fork once more.
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    `shutdown-timeout ${valkeyShutdownSeconds}`,
    "",
    "cluster-enabled yes",
    `cluster-config-file ${dataFolder}/nodes.conf`,
    `cluster-node-timeout ${nodeTimeoutMs}`,
    // Clients are sent to names, which outlive the addresses of pods.
    "cluster-preferred-endpoint-type hostname",
    // While one primary and its replica are away, the slots of the others go on.
    "cluster-require-full-coverage no",
    "cluster-allow-reads-when-down no",
    // The server's default: a replica that lost its primary more than a minute ago, or that has only just started, does
    // not take over. After a restart of all pods none may overtake a primary that is still loading newer data.
    "cluster-replica-validity-factor 10",
    // The agent alone moves replicas, since it knows zones; two movers would undo each other's work.
    "cluster-allow-replica-migration no",
    // With one replica for each primary, 1 would stop writes at every restart of the replica. A primary that is cut off
    // stops by itself after the node timeout, so no more than that is lost.
    "min-replicas-to-write 0",
  ];
  return `${lines.join("\n")}\n`;
}

function tlsLines(port: number, { caFile, certFile, keyFile }: ValkeyTls): string[] {
  return [
    "port 0",
    `tls-port ${port}`,
    `tls-ca-cert-file ${caFile}`,
    `tls-cert-file ${certFile}`,
    `tls-key-file ${keyFile}`,
    "tls-replication yes",
    "tls-cluster yes",
    // Users and passwords say who a client is; the bus demands certificates in any case.
    "tls-auth-clients optional",
  ];
}

function wholeMebibytes(bytes: number): number {
  return Math.floor(bytes / mebibyte);
}
