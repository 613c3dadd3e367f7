/** Where backups are kept, as rclone reads it from its environment, and as the network sees it. */
import type { types } from "@pulumi/kubernetes";
import type { Call } from "../cluster/network-policies.ts";
import type { BackupTargetConfig, DataBackupsConfig } from "../config/data-backups.ts";
import type { ContainerArgs, EnvironmentValue } from "../workload/pod.ts";

/** Backups that have a place to go to. */
export type TargetedBackups = DataBackupsConfig & { target: BackupTargetConfig };

/** Backups with their target; undefined where they are turned off. */
export function targetedBackups(backups: DataBackupsConfig): TargetedBackups | undefined {
  const { enabled, target } = backups;
  return enabled && target !== undefined ? { ...backups, target } : undefined;
}

/** Folders of the Secrets and of the claim in containers that run rclone. */
const paths = { credentials: "/credentials", encryption: "/encryption", volume: "/target" } as const;

/** Name of the claim where backups are kept with `kind: volume`. */
export const backupClaimName = "store-backups";

/** Mode of files of Secrets: for the group of the pod, so that its user can read them. Octal 0440. */
export const secretMode = 0o440;

/** What a container with rclone needs. */
export interface TargetAccess {
  environment: Record<string, EnvironmentValue>;
  mounts: NonNullable<ContainerArgs["mounts"]>;
  volumes: types.input.core.v1.Volume[];
}

/** Volume with keys of a Secret. */
export function secretVolume(name: string, secretName: string, keys: readonly string[]): types.input.core.v1.Volume {
  return { name, secret: { secretName, defaultMode: secretMode, items: keys.map((key) => ({ key, path: key })) } };
}

function key(secretName: string, name: string): EnvironmentValue {
  return { secretKeyRef: { name: secretName, key: name } };
}

function remote(target: BackupTargetConfig): Record<string, EnvironmentValue> {
  const variable = (name: string) => `RCLONE_CONFIG_BACKUP_${name}`;
  switch (target.kind) {
    case "s3":
      return {
        [variable("TYPE")]: "s3",
        [variable("PROVIDER")]: target.endpoint === "" ? "AWS" : "Other",
        ...(target.endpoint === "" ? {} : { [variable("ENDPOINT")]: target.endpoint }),
        ...(target.region === "" ? {} : { [variable("REGION")]: target.region }),
        [variable("ACCESS_KEY_ID")]: key(target.secretName, "access-key-id"),
        [variable("SECRET_ACCESS_KEY")]: key(target.secretName, "secret-access-key"),
        // The credentials need not be able to make buckets.
        [variable("NO_CHECK_BUCKET")]: "true",
      };
    case "gcs":
      return {
        [variable("TYPE")]: "google cloud storage",
        [variable("SERVICE_ACCOUNT_FILE")]: `${paths.credentials}/service-account.json`,
        [variable("BUCKET_POLICY_ONLY")]: "true",
        [variable("NO_CHECK_BUCKET")]: "true",
      };
    case "azure":
      return {
        [variable("TYPE")]: "azureblob",
        [variable("ACCOUNT")]: key(target.secretName, "account"),
        [variable("KEY")]: key(target.secretName, "key"),
        [variable("NO_CHECK_CONTAINER")]: "true",
      };
    case "volume":
      return { [variable("TYPE")]: "local" };
  }
}

/**
 * Environment, mounts and volumes for a target. `folder` is the part of the path below the prefix that is this
 * platform's region, so that regions never see each other's backups.
 */
export function targetAccess(target: BackupTargetConfig, folder: string, store: string): TargetAccess {
  const top = target.kind === "volume" ? paths.volume : target.bucket;
  const encrypted = target.kind !== "volume" && target.encryption === "secret";
  const volumes: types.input.core.v1.Volume[] = [
    ...(target.kind === "gcs" ? [secretVolume("credentials", target.secretName, ["service-account.json"])] : []),
    ...(encrypted ? [secretVolume("encryption", target.encryptionSecretName, ["password"])] : []),
    ...(target.kind === "volume" ? [{ name: "target", persistentVolumeClaim: { claimName: backupClaimName } }] : []),
  ];
  return {
    environment: {
      ...remote(target),
      REMOTE_PATH: [top, target.prefix, folder].filter((part) => part !== "").join("/"),
      STORE: store,
      ...(encrypted ? { ENCRYPTION_FILE: `${paths.encryption}/password` } : {}),
    },
    mounts: [
      ...(target.kind === "gcs" ? [{ name: "credentials", mountPath: paths.credentials, readOnly: true }] : []),
      ...(encrypted ? [{ name: "encryption", mountPath: paths.encryption, readOnly: true }] : []),
      ...(target.kind === "volume" ? [{ name: "target", mountPath: paths.volume }] : []),
    ],
    volumes,
  };
}

/** Secrets of the target, which are the user's own. */
export function targetSecrets(target: BackupTargetConfig): string[] {
  if (target.kind === "volume") return [];
  return [target.secretName, ...(target.encryption === "secret" ? [target.encryptionSecretName] : [])];
}

/** Calls to the target. */
export function targetCalls(target: BackupTargetConfig): Call[] {
  if (target.kind === "volume") return [];
  if (target.addresses.length === 0) return [{ to: "internet" }];
  return [{ to: "addresses", cidrs: target.addresses, ports: [target.port] }];
}
