/** What PostgreSQL is told at its start, and what it may need of memory and disk: pure text and arithmetic. */
import type { PostgresConfig } from "../config/data-ads.ts";
import type { Mistake } from "../config/mistakes.ts";
import { bytes, formatBytes, gibibyte } from "../kube/quantities.ts";

const mebibyte = 2 ** 20;

/** What settings and memory follow from. */
export interface PostgresSize {
  /** Memory request of the server's container, as Kubernetes writes it: what it surely has. Buffers follow from it. */
  memoryRequest: string;
  /** Its memory limit, above which the kernel kills the server. */
  memoryLimit: string;
  /** Size of the volume of the log of changes. */
  walDiskSize: string;
  /** Connections that the server accepts. */
  maxConnections: number;
}

/** The size of a configured server. */
export function postgresSize(postgres: PostgresConfig): PostgresSize {
  const { resources, walDiskSize, maxConnections } = postgres;
  return {
    memoryRequest: resources.requests.memory,
    memoryLimit: resources.limits.memory,
    walDiskSize,
    maxConnections,
  };
}

/** Part of the memory that is the server's own buffers (PostgreSQL 18 manual, shared_buffers: 25 %). */
export const sharedBuffersShare = 0.25;

/** Part that planner may count on as cached, in buffers and file system (the manual of effective_cache_size; judgement). */
export const cacheShare = 0.75;

/** Part of the log's volume at which a checkpoint is forced: as much again is being recycled or archived (judgement). */
export const walShare = 0.25;

/** Part that a follower that is away may hold back; then it is made anew. Without it a dead one would fill the volume. */
export const slotShare = 0.5;

/** Memory of one sort or hash in bytes: the server's default, said since the memory table is built on it. */
export const workBytes = 4 * mebibyte;

/** Memory of one clean-up or index build in bytes: the server's default; three workers and one person at a time. */
export const maintenanceBytes = 64 * mebibyte;

/** Smallest volume of the log in bytes: eight times what a checkpoint may take at least (judgement). */
export const smallestWalDisk = 2 * gibibyte;

/** One parameter: name and value as postgresql.conf has them, and why it is there. */
export interface PostgresSetting {
  name: string;
  value: string;
  why: string;
}

function megabytes(size: number): string {
  return `${Math.max(1, Math.floor(size / mebibyte))}MB`;
}

/** Shared buffers in bytes. */
export function sharedBufferBytes(size: Pick<PostgresSize, "memoryRequest">): number {
  return Math.floor((bytes(size.memoryRequest) * sharedBuffersShare) / mebibyte) * mebibyte;
}

/**
 * Every parameter. The operator itself writes addresses, TLS, logging to its collector, archiving, replication slots,
 * synchronous_standby_names and preloaded libraries, and refuses them here. Not said: password_encryption, since
 * scram-sha-256 is the default; log_statement, which would put the passwords of roles into the log.
 */
export function postgresSettingList(size: PostgresSize): PostgresSetting[] {
  const memory = bytes(size.memoryRequest);
  const wal = bytes(size.walDiskSize);
  return [
    { name: "max_connections", value: String(size.maxConnections), why: "pools are checked against it" },
    { name: "shared_buffers", value: megabytes(sharedBufferBytes(size)), why: "a quarter of the memory request" },
    { name: "effective_cache_size", value: megabytes(memory * cacheShare), why: "three quarters of the request" },
    { name: "work_mem", value: megabytes(workBytes), why: "the default, on which the memory table counts" },
    { name: "maintenance_work_mem", value: megabytes(maintenanceBytes), why: "the default, as above" },
    { name: "max_wal_size", value: megabytes(wal * walShare), why: "fewer checkpoints, and never a full volume" },
    { name: "min_wal_size", value: megabytes((wal * walShare) / 4), why: "files are recycled between peaks" },
    {
      name: "max_slot_wal_keep_size",
      value: megabytes(wal * slotShare),
      why: "a follower that is gone for good must not fill the volume of the writer",
    },
    { name: "wal_compression", value: "lz4", why: "whole pages after a checkpoint are most of the log" },
    { name: "wal_level", value: "replica", why: "nobody decodes the log; the operator's default writes more" },
    { name: "synchronous_commit", value: "on", why: "a commit that was answered is on two disks" },
    { name: "random_page_cost", value: "1.1", why: "volumes are solid state, where 4 is for discs that turn" },
    { name: "effective_io_concurrency", value: "64", why: "as above: volumes answer many reads at a time" },
    {
      name: "idle_in_transaction_session_timeout",
      value: "60s",
      why: "a caller that forgot its transaction holds a connection of the pool and locks",
    },
    { name: "log_min_duration_statement", value: "1s", why: "slow statements, each once" },
    { name: "log_lock_waits", value: "on", why: "who waited longer than a second for whom" },
    { name: "log_temp_files", value: "10MB", why: "sorts that did not fit into work_mem" },
    { name: "log_autovacuum_min_duration", value: "10s", why: "clean-ups that take long" },
    {
      name: "pg_stat_statements.track",
      value: "top",
      why: "the operator loads the extension when it sees its setting",
    },
  ];
}

/** `spec.postgresql.parameters` of the Cluster. */
export function postgresParameters(size: PostgresSize): Record<string, string> {
  return Object.fromEntries(postgresSettingList(size).map(({ name, value }) => [name, value]));
}

/** Private memory of one server process with warm caches in bytes (judgement; measure yours). */
export const processBytes = 5 * mebibyte;

/** The server without buffers and callers: supervisor, writers, exporter, the operator's program (judgement). */
export const serverBytes = 512 * mebibyte;

/** One line of the memory table. */
export interface PostgresMemoryLine {
  what: string;
  bytes: number;
}

/** What the server may need of memory at most, part by part. */
export function postgresMemory(size: PostgresSize): { lines: PostgresMemoryLine[]; need: number; limit: number } {
  const lines: PostgresMemoryLine[] = [
    { what: "shared buffers", bytes: sharedBufferBytes(size) },
    {
      // One operation each that hashes, which may take twice work_mem (hash_mem_multiplier).
      what: `${size.maxConnections} connections`,
      bytes: size.maxConnections * (processBytes + 2 * workBytes),
    },
    { what: "four clean-ups or index builds", bytes: 4 * maintenanceBytes },
    { what: "server", bytes: serverBytes },
  ];
  return { lines, need: lines.reduce((whole, line) => whole + line.bytes, 0), limit: bytes(size.memoryLimit) };
}

function figure(size: number): string {
  return `${(size / gibibyte).toFixed(2)}Gi`;
}

/** Sizes that cannot hold the server; `path` is where its configuration stands, as in `ads.postgres`. */
export function postgresSizeMistakes(path: string, size: PostgresSize): Mistake[] {
  const mistakes: Mistake[] = [];
  const { lines, need, limit } = postgresMemory(size);
  if (need > limit) {
    mistakes.push({
      path: `${path}.resources.limits.memory`,
      got: size.memoryLimit,
      want: `at least ${figure(need)} = ${lines.map((line) => `${line.what} ${figure(line.bytes)}`).join(" + ")}`,
      why: "the kernel kills the server when its connections are all in use, which is when it is needed most",
      fix: `raise the limit to ${formatBytes(Math.ceil(need / (gibibyte / 4)) * (gibibyte / 4))}, or lower maxConnections`,
    });
  }
  if (bytes(size.walDiskSize) < smallestWalDisk) {
    mistakes.push({
      path: `${path}.walDiskSize`,
      got: size.walDiskSize,
      want: `at least ${formatBytes(smallestWalDisk)}`,
      why: "the server stops when the volume of its log is full",
    });
  }
  return mistakes;
}
