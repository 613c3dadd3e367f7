/** The three jobs of a store's backup as data: which script runs in which image, with what. */
import { readFileSync } from "node:fs";
import type { types } from "@pulumi/kubernetes";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import type { NetworkNode } from "../cluster/network-policies.ts";
import type { BackupTargetConfig } from "../config/data-backups.ts";
import { rcloneImage } from "../kube/versions.ts";
import type { ContainerArgs, EnvironmentValue } from "../workload/pod.ts";
import type { BackupPlan, BackupStoreKind } from "./backup-plan.ts";
import { secretVolume, type TargetedBackups, targetAccess, targetCalls } from "./backup-target.ts";

/** How a store is reached and where its backups go. */
export interface StoreAccess {
  plan: BackupPlan;
  /** Host name of the store: for MySQL and PostgreSQL of a server that writes, for Valkey of any server. */
  host: string;
  port: number;
  /** Databases to dump; empty for all of PostgreSQL's, not used for Valkey. */
  databases: readonly string[];
  /** Secret of the user that dumps, with the keys `username` and `password`. */
  secretName: string;
  /** Secret of a user that may make databases, with the same keys; only the restore by hand uses it. */
  restoreSecretName: string;
  /**
   * Secret with the authority of the store's certificates as `ca.crt`; absent: nobody is checked. That of Valkey also
   * has `tls.crt` and `tls.key`, without which no restore copies keys by TLS.
   */
  caSecretName?: string;
  backups: TargetedBackups;
  /** Folder of the region below the target's prefix. */
  folder: string;
  /** StorageClass of volumes that live as long as a job; empty for the cluster's default. */
  scratchClass: string;
  /** Image with client and server of the store. */
  image: string;
}

/** One CronJob: `first` runs to its end, then `main`. */
export interface BackupJob {
  plan: WorkloadPlan;
  schedule: string;
  /** Only a template that a person makes a Job from. */
  byHand: boolean;
  /** How often a failed container is started again, in the same pod and with the same scratch volume. */
  retries: number;
  first: ContainerArgs;
  main: ContainerArgs;
  volumes: types.input.core.v1.Volume[];
}

const scripts: Record<BackupStoreKind, readonly string[]> = {
  mysql: ["backup-mysql.sh", "backup-counts-mysql.sql", "backup-dump-mysql.sh", "backup-restore-mysql.sh"],
  postgres: [
    "backup-postgres.sh",
    "backup-counts-postgres.sql",
    "backup-dump-postgres.sh",
    "backup-restore-postgres.sh",
  ],
  valkey: ["backup-valkey.sh", "backup-dump-valkey.sh", "backup-restore-valkey.sh"],
};

/** The scripts of a store as they run in its pods, by file name. */
export function backupScripts(kind: BackupStoreKind): Record<string, string> {
  const common = ["backup-manifest.sh", "backup-remote.sh", "backup-upload.sh", "backup-fetch.sh"];
  return Object.fromEntries(
    [...common, ...scripts[kind]].map((file) => [file, readFileSync(new URL(file, import.meta.url), "utf8")]),
  );
}

/** Names of a store's ConfigMaps. */
export function backupConfigMaps({ backup }: BackupPlan): { scripts: string; checks: string } {
  return { scripts: `${backup.name}-scripts`, checks: `${backup.name}-checks` };
}

/**
 * The jobs as nodes of the network graph. A dump may ask every node of `stores`. The drill reaches the object storage
 * alone, so it can never touch the real store.
 */
export function backupNodes(
  plan: BackupPlan,
  args: { stores: readonly string[]; port: number; target: BackupTargetConfig },
): NetworkNode[] {
  const storage = targetCalls(args.target);
  const store = args.stores.map((to) => ({ to, ports: [args.port] }));
  return [
    { job: plan.backup, calls: [...store, ...storage] },
    { job: plan.drill, calls: storage },
    { job: plan.restore, calls: [...store, ...storage] },
  ].map(({ job, calls }) => ({
    name: job.name,
    selector: { app: job.name },
    calls,
    publicPorts: [],
    scrapes: [],
  }));
}

/** The thirty-first of February. */
const never = "0 0 31 2 *";
const scratch = "/scratch";
const backupFolder = `${scratch}/backup`;

type ScriptContainer = Pick<ContainerArgs, "image" | "size"> & {
  environment: Record<string, EnvironmentValue>;
  mounts?: NonNullable<ContainerArgs["mounts"]>;
};

function container(script: string, more: ScriptContainer): ContainerArgs {
  return {
    name: script,
    image: more.image,
    size: more.size,
    command: ["/bin/sh", `/scripts/backup-${script}.sh`],
    // The root file system is read-only, and some programs want a home.
    environment: { HOME: "/tmp", BACKUP_FOLDER: backupFolder, ...more.environment },
    mounts: [
      { name: "scripts", mountPath: "/scripts", readOnly: true },
      { name: "scratch", mountPath: scratch },
      ...(more.mounts ?? []),
    ],
  };
}

function scratchVolume(size: string, storageClass: string): types.input.core.v1.Volume {
  return {
    name: "scratch",
    ephemeral: {
      volumeClaimTemplate: {
        spec: {
          accessModes: ["ReadWriteOnce"],
          ...(storageClass === "" ? {} : { storageClassName: storageClass }),
          resources: { requests: { storage: size } },
        },
      },
    },
  };
}

/** What a container gets of Secrets that are mounted as files. */
interface SecretFiles {
  environment: Record<string, string>;
  mounts: NonNullable<ContainerArgs["mounts"]>;
  volumes: types.input.core.v1.Volume[];
}

/** Login at the store: its Secret and authority as files, since arguments could be seen by others. */
function login(secretName: string, caSecretName: string | undefined): SecretFiles {
  const checked = caSecretName !== undefined;
  return {
    environment: {
      SECRET_FOLDER: "/secret",
      ...(checked ? { CA_FILE: "/authority/ca.crt" } : {}),
    },
    mounts: [
      { name: "secret", mountPath: "/secret", readOnly: true },
      ...(checked ? [{ name: "authority", mountPath: "/authority", readOnly: true }] : []),
    ],
    volumes: [
      secretVolume("secret", secretName, ["username", "password"]),
      ...(checked ? [secretVolume("authority", caSecretName, ["ca.crt"])] : []),
    ],
  };
}

/** A certificate for the server of Valkey that sends keys to the cluster in a restore by hand. */
function ownCertificate(caSecretName: string | undefined): SecretFiles {
  if (caSecretName === undefined) return { environment: {}, mounts: [], volumes: [] };
  return {
    environment: { TLS_CERT_FILE: "/certificate/tls.crt", TLS_KEY_FILE: "/certificate/tls.key" },
    mounts: [{ name: "certificate", mountPath: "/certificate", readOnly: true }],
    volumes: [secretVolume("certificate", caSecretName, ["tls.crt", "tls.key"])],
  };
}

/** Backup, drill and restore by hand of one store. */
export function backupJobs(args: StoreAccess): [BackupJob, BackupJob, BackupJob] {
  const { plan, backups, host, image } = args;
  const { kind } = plan.store;
  const { copy, dump, restore } = plan.sizes;
  const names = backupConfigMaps(plan);
  const target = targetAccess(backups.target, args.folder, plan.store.name);
  const dumper = login(args.secretName, args.caSecretName);
  const restorer = login(args.restoreSecretName, args.caSecretName);
  const certificate = ownCertificate(kind === "valkey" ? args.caSecretName : undefined);
  const scriptsVolume = { name: "scripts", configMap: { name: names.scripts } };
  const common = (size: string) => [scriptsVolume, scratchVolume(size, args.scratchClass), ...target.volumes];
  const checks = { name: "checks", configMap: { name: names.checks } };

  const fetch = (environment: Record<string, string>) =>
    container("fetch", {
      image: rcloneImage,
      size: copy,
      environment: { ...environment, ...target.environment },
      mounts: target.mounts,
    });
  const restoring = (environment: Record<string, EnvironmentValue>, mounts: NonNullable<ContainerArgs["mounts"]>) =>
    container(`restore-${kind}`, {
      image,
      size: restore,
      environment: { WORK_FOLDER: `${scratch}/work`, CHECKS_FOLDER: "/checks", ...environment },
      mounts: [{ name: "checks", mountPath: "/checks", readOnly: true }, ...mounts],
    });

  return [
    {
      plan: plan.backup,
      schedule: backups.schedule,
      byHand: false,
      // A server may just be failing over.
      retries: 2,
      volumes: [...common(plan.scratch.backup), ...dumper.volumes],
      first: container(`dump-${kind}`, {
        image,
        size: dump,
        environment: {
          STORE_HOST: host,
          STORE_PORT: String(args.port),
          ...(kind === "valkey" ? {} : { DATABASES: args.databases.join(" ") }),
          ...dumper.environment,
        },
        mounts: dumper.mounts,
      }),
      main: container("upload", {
        image: rcloneImage,
        size: copy,
        environment: {
          KEEP_COUNT: String(backups.keepCount),
          KEEP_DAYS: String(backups.keepDays),
          ...target.environment,
        },
        mounts: target.mounts,
      }),
    },
    {
      plan: plan.drill,
      schedule: backups.drillSchedule,
      byHand: false,
      // A backup that cannot be restored at once must be looked at.
      retries: 0,
      volumes: [...common(plan.scratch.restore), checks],
      first: fetch({ MAX_AGE_HOURS: String(backups.maxAgeHours) }),
      main: restoring({}, []),
    },
    {
      plan: plan.restore,
      schedule: never,
      byHand: true,
      retries: 0,
      volumes: [...common(plan.scratch.restore), checks, ...restorer.volumes, ...certificate.volumes],
      // Whoever restores takes the newest that there is, or names one.
      first: fetch({ STAMP: "", MAX_AGE_HOURS: String(365 * 24) }),
      main: restoring(
        {
          TARGET_HOST: host,
          TARGET_PORT: String(args.port),
          CONFIRM: "",
          ...restorer.environment,
          ...certificate.environment,
        },
        [...restorer.mounts, ...certificate.mounts],
      ),
    },
  ];
}
