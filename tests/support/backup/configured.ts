/** Configurations of backups for tests. */
import assert from "node:assert/strict";
import { DataBackups, type DataBackupsConfig } from "../../../components/config/data-backups.ts";
import { planBackup } from "../../../components/data/backup-plan.ts";
import { gibibyte } from "../../../components/kube/quantities.ts";

/** A target outside of the cluster. */
export const bucket = {
  kind: "s3",
  bucket: "game-backups",
  region: "eu-west-1",
  secretName: "backup-storage",
  encryptionSecretName: "backup-key",
};

/** Backups with a target. */
export type Configured = DataBackupsConfig & { target: NonNullable<DataBackupsConfig["target"]> };

/** The defaults with a target. */
export function configured(target: unknown = bucket, more: object = {}): Configured {
  const parsed = DataBackups.parse({ target, ...more });
  assert.ok(parsed.target);
  return { ...parsed, target: parsed.target };
}

/** The plan of a MySQL server with a volume of the default size. */
export const mysqlPlan = planBackup({ name: "mysql", kind: "mysql", pool: "data", dataBytes: 50 * gibibyte });
