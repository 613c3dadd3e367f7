/** Jobs of the backup of one store as plans: sizes, scratch volumes, names. */
import { type ContainerSize, podSize, type WorkloadPlan } from "../capacity/workload-plan.ts";
import type { DataConfig } from "../config/data.ts";
import type { BackupTargetConfig } from "../config/data-backups.ts";
import type { PoolName } from "../config/regions.ts";
import { bytes, formatBytes, gibibyte } from "../kube/quantities.ts";
import { planJob } from "../workload/service-plan.ts";

/** Stores that can be backed up. */
export type BackupStoreKind = "mysql" | "postgres" | "valkey";

/** What decides the sizes of one store's jobs. */
export interface BackupStore {
  /** Name of the store, with which the names of its jobs begin and which is the folder of its backups. */
  name: string;
  kind: BackupStoreKind;
  pool: PoolName;
  /** MySQL, PostgreSQL: size of one server's volume. Valkey: memory limit of one server times primaries. Bytes. */
  dataBytes: number;
  /** Valkey: memory limit of one server in bytes; a snapshot of it is loaded whole. Others have a fixed size. */
  serverMemoryBytes?: number;
}

/** The jobs. All three count for quota: on the day of need there must be room for a restore. */
export interface BackupPlan {
  store: BackupStore;
  /** Dumps and uploads. */
  backup: WorkloadPlan;
  /** Fetches and restores into a server of its own. */
  drill: WorkloadPlan;
  /** Suspended; a person makes a Job of it that restores into the real store. */
  restore: WorkloadPlan;
  sizes: { dump: ContainerSize; copy: ContainerSize; restore: ContainerSize };
  /** Sizes of the scratch volumes. */
  scratch: { backup: string; restore: string };
}

/**
 * A dump is a stream of rows through gzip, whatever the size of the store; PostgreSQL compresses by itself, and a
 * snapshot of Valkey is only read (judgement).
 */
export const dumpSize: ContainerSize = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "1", memory: "1Gi" },
};

/** rclone: four files of four parts of 5 MiB each at a time, and as much again for what is read back (rclone, s3). */
export const copySize: ContainerSize = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "500m", memory: "512Mi" },
};

/** The server of the drill with its smallest buffers: 128 MiB and what it needs besides (judgement). */
const serverSize: ContainerSize = {
  requests: { cpu: "500m", memory: "1Gi" },
  limits: { cpu: "2", memory: "2Gi" },
};

/** Part of a volume that a compressed dump takes at most; the rest is indexes, logs and free room (judgement). */
const dumpShare = 0.5;

function sizeOfRestore({ kind, serverMemoryBytes = 0 }: BackupStore): ContainerSize {
  if (kind !== "valkey") return serverSize;
  const memory = formatBytes(serverMemoryBytes);
  return { requests: { cpu: "250m", memory }, limits: { cpu: "1", memory } };
}

function wholeGibibytes(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / gibibyte)) * gibibyte;
}

/** Plans the jobs of one store. */
export function planBackup(store: BackupStore): BackupPlan {
  const restoreSize = sizeOfRestore(store);
  // A snapshot of Valkey is as large as its memory, and is loaded into memory, not onto the volume.
  const inMemory = store.kind === "valkey";
  const dumpBytes = wholeGibibytes(inMemory ? store.dataBytes : store.dataBytes * dumpShare);
  const restoreBytes = wholeGibibytes(inMemory ? store.dataBytes : dumpBytes + store.dataBytes);
  const job = (suffix: string, container: ContainerSize, before: ContainerSize, claimBytes: number): WorkloadPlan =>
    planJob([store.name, suffix], {
      pool: store.pool,
      pod: podSize([container], [before]),
      claimBytes,
      objects: { services: 0, configMaps: 0, secrets: 0 },
    });
  const backup = job("backup", copySize, dumpSize, dumpBytes);
  return {
    store,
    // The ConfigMaps of scripts and checks are counted with it.
    backup: { ...backup, objects: { services: 0, configMaps: 2, secrets: 0 } },
    drill: job("drill", restoreSize, copySize, restoreBytes),
    restore: job("restore", restoreSize, copySize, restoreBytes),
    sizes: { dump: dumpSize, copy: copySize, restore: restoreSize },
    scratch: { backup: formatBytes(dumpBytes), restore: formatBytes(restoreBytes) },
  };
}

/** Plans the jobs of a Valkey cluster. */
export function planValkeyBackup(name: string, valkey: DataConfig["valkey"]): BackupPlan {
  const serverMemoryBytes = bytes(valkey.resources.limits.memory);
  const dataBytes = serverMemoryBytes * valkey.primaries;
  return planBackup({ name, kind: "valkey", pool: "data", dataBytes, serverMemoryBytes });
}

/** The same plan with the claim of a target within the cluster, which is counted with the first job. */
export function withTargetClaim(plan: BackupPlan, target: BackupTargetConfig): BackupPlan {
  if (target.kind !== "volume") return plan;
  const { backup } = plan;
  return { ...plan, backup: { ...backup, objects: { ...backup.objects, claims: [bytes(target.size)] } } };
}

/** All jobs of a plan, for the sums. */
export function backupWorkloads({ backup, drill, restore }: BackupPlan): WorkloadPlan[] {
  return [backup, drill, restore];
}
