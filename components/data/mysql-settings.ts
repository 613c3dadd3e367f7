/** What MySQL is told at its start, and what it may need of memory: pure text and arithmetic. */
import type { Mistake } from "../config/mistakes.ts";
import { bytes, formatBytes, gibibyte } from "../kube/quantities.ts";

const mebibyte = 2 ** 20;
const kibibyte = 2 ** 10;

/** What settings and memory follow from. */
export interface MySqlSize {
  /** Memory request of the server's container, as Kubernetes writes it. The buffer pool follows from it. */
  memoryRequest: string;
  /** Its memory limit, above which the kernel kills the server. */
  memoryLimit: string;
  /** Connections that the server accepts. 1000 in the original design. */
  maxConnections: number;
}

/** Part of the memory request that the buffer pool takes: 1Gi of 2Gi is the original design's 1G (MySQL manifest). */
export const bufferPoolShare = 0.5;

/** Redo log in bytes: the original design's two files of 256M, under the name that replaced them in 8.0.30. */
export const redoLogBytes = 512 * mebibyte;

/** Age in seconds at which binary logs go. A member that was away for longer is cloned (judgement: a long week-end twice). */
export const binlogSeconds = 7 * 24 * 3600;

/** Largest packet in bytes: the server's own default, said since the client's is smaller. */
export const packetBytes = 64 * mebibyte;

/** Memory of temporary tables of all sessions; what is beyond it goes to disk. The server's default is 1Gi. */
export const temporaryTableBytes = 128 * mebibyte;

/**
 * Messages that group replication keeps for members that come back. Its default of 1Gi would take a quarter of the
 * limit; the least it accepts is 128Mi (8.4 manual, group_replication_message_cache_size).
 */
export const groupCacheBytes = 128 * mebibyte;

/** One setting: name and value as my.cnf has them, and why it is there. */
export interface MySqlSetting {
  name: string;
  value: string | number;
  why: string;
}

/** Steps in which the server sizes its buffer pool (innodb_buffer_pool_chunk_size); anything else is rounded up. */
const bufferPoolStep = 128 * mebibyte;

/** Buffer pool in bytes: half of the memory request in whole steps, at least one. */
export function bufferPoolBytes(size: Pick<MySqlSize, "memoryRequest">): number {
  const wanted = bytes(size.memoryRequest) * bufferPoolShare;
  return Math.max(bufferPoolStep, Math.floor(wanted / bufferPoolStep) * bufferPoolStep);
}

/**
 * Every setting. The operator itself writes server_id, report_host, data folder, sockets, log_bin and TLS. Not said:
 * binlog_format, since ROW is the default and the name is on its way out (8.0.34); the query cache, which 8.0.3 removed;
 * an authentication plugin, since caching_sha2_password is the default and the option is gone (8.4).
 */
export function mysqlSettingList(size: MySqlSize): MySqlSetting[] {
  return [
    { name: "max_connections", value: size.maxConnections, why: "original design: 1000" },
    {
      name: "innodb_buffer_pool_size",
      value: bufferPoolBytes(size),
      why: "original design: 1G, half of the memory request",
    },
    { name: "innodb_redo_log_capacity", value: redoLogBytes, why: "original design: innodb-log-file-size 256M, twice" },
    { name: "innodb_flush_log_at_trx_commit", value: 1, why: "a commit that was answered survives a crash" },
    { name: "sync_binlog", value: 1, why: "the same for what replicas read" },
    { name: "gtid_mode", value: "ON", why: "members find their place by transaction, not by file and position" },
    { name: "enforce_gtid_consistency", value: "ON", why: "gtid_mode asks for it" },
    { name: "binlog_expire_logs_seconds", value: binlogSeconds, why: "30 days by default would fill the volume" },
    { name: "character_set_server", value: "utf8mb4", why: "player names in every script" },
    { name: "collation_server", value: "utf8mb4_0900_ai_ci", why: "the default of that character set" },
    { name: "max_allowed_packet", value: packetBytes, why: "said once for server and dumps" },
    { name: "temptable_max_ram", value: temporaryTableBytes, why: "1Gi by default, not within the limit" },
    { name: "max_connect_errors", value: 1_000_000, why: "after 100 errors a router's address would be shut out" },
    { name: "local_infile", value: "OFF", why: "the operator turns it on for a loader that is not used here" },
    // Loose: a server without the plugin, such as that of a restore, starts all the same.
    { name: "loose_group_replication_message_cache_size", value: groupCacheBytes, why: "1Gi by default" },
    {
      name: "loose_group_replication_consistency",
      value: "BEFORE_ON_PRIMARY_FAILOVER",
      why: "a new writer answers only when it has applied all that the last one confirmed",
    },
  ];
}

/** The text for `spec.mycnf` of an InnoDBCluster, or for a my.cnf. Valid for 8.4 and 9.7. */
export function mysqlSettings(size: MySqlSize): string {
  return ["[mysqld]", ...mysqlSettingList(size).map(({ name, value }) => `${name} = ${value}`), ""].join("\n");
}

/** Buffers of one session at their defaults, all in use at once: the stack, sort, join, both reads, network, binlog. */
const sessionBuffers = { stack: 1024, sort: 256, join: 256, read: 128, readRandom: 256, network: 16, binlog: 32 };

/** Memory of one connection in bytes, at most. */
export const connectionBytes = Object.values(sessionBuffers).reduce((whole, one) => whole + one, 0) * kibibyte;

/**
 * The server without all of the above: code, performance schema, dictionary and table cache. Measured with 9.7.4 at rest
 * and 1000 connections allowed, rounded up.
 */
export const serverBytes = 512 * mebibyte;

/** One line of the memory table. */
export interface MySqlMemoryLine {
  what: string;
  bytes: number;
}

/** What the server may need of memory at most, part by part. */
export function mysqlMemory(size: MySqlSize): { lines: MySqlMemoryLine[]; need: number; limit: number } {
  const lines: MySqlMemoryLine[] = [
    // InnoDB takes about a tenth more than it is told, for its own bookkeeping (8.4 manual, "Configuring InnoDB Buffer
    // Pool Size").
    { what: "buffer pool and its tenth", bytes: Math.ceil(bufferPoolBytes(size) * 1.1) },
    { what: `${size.maxConnections} connections`, bytes: size.maxConnections * connectionBytes },
    { what: "temporary tables", bytes: temporaryTableBytes },
    { what: "messages of the group", bytes: groupCacheBytes },
    { what: "redo log buffer", bytes: 64 * mebibyte },
    { what: "server", bytes: serverBytes },
  ];
  return {
    lines,
    need: lines.reduce((whole, line) => whole + line.bytes, 0),
    limit: bytes(size.memoryLimit),
  };
}

function figure(size: number): string {
  return `${(size / gibibyte).toFixed(2)}Gi`;
}

/** A memory limit that cannot hold the server with all its connections; `path` is where the sizes stand. */
export function mysqlMemoryMistakes(path: string, size: MySqlSize): Mistake[] {
  const { lines, need, limit } = mysqlMemory(size);
  if (need <= limit) return [];
  const wanted = formatBytes(Math.ceil(need / (gibibyte / 4)) * (gibibyte / 4));
  return [
    {
      path: `${path}.resources.limits.memory`,
      got: size.memoryLimit,
      want: `at least ${figure(need)} = ${lines.map((line) => `${line.what} ${figure(line.bytes)}`).join(" + ")}`,
      why: "the kernel kills the server when its connections are all in use, which is when it is needed most",
      fix: `raise the limit to ${wanted}, or lower maxConnections (${figure(connectionBytes * 100)} for each hundred)`,
    },
  ];
}
