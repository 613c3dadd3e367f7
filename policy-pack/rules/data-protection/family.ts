/** Data outlives the objects around it. */
import type { Family } from "../../core/rule.ts";
import { accessMode } from "./access-mode.ts";
import { backupExists } from "./backup-exists.ts";
import { claimRetention } from "./claim-retention.ts";
import { claimRollout } from "./claim-rollout.ts";
import { emptyDirData } from "./empty-dir-data.ts";
import { protectedStore } from "./protected-store.ts";
import { reclaimPolicy } from "./reclaim-policy.ts";
import { type DataProtectionSettings, dataProtectionSchema } from "./settings.ts";
import { storeQuorum } from "./store-quorum.ts";
import { volumeExpansion } from "./volume-expansion.ts";

/** Protection, claims, volumes, members and backups. */
export const dataProtection: Family<DataProtectionSettings> = {
  name: "data-protection",
  title: "Data outlives the objects around it",
  level: "mandatory",
  schema: dataProtectionSchema,
  rules: [
    protectedStore,
    claimRetention,
    reclaimPolicy,
    volumeExpansion,
    accessMode,
    claimRollout,
    emptyDirData,
    storeQuorum,
    backupExists,
  ],
};
