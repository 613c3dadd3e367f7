/** `realmgrid:data.backups`: backups of the stores and the drills that prove them. */
import { z } from "zod";
import { binarySize, cron, field, objectName } from "./fields.ts";
import type { Mistake } from "./mistakes.ts";

const kind = <T extends string>(value: T) =>
  field(z.literal(value), {
    description: "Where backups are kept: s3 (or what speaks like it), gcs, azure, or volume: a claim, for tries only",
    effect: "data at risk",
    source: "your cloud",
  });

const prefix = field(
  z
    .string()
    .regex(/^([A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*)?$/, {
      error: "folders such as realmgrid/prod",
    })
    .default("realmgrid"),
  {
    description: "Folder of all backups; region and store are folders below it",
    effect: "data at risk",
    source: "judgement",
    why: "backups that are there already are not moved, and no drill finds them",
  },
);

const secretName = (keys: string) =>
  field(objectName.min(1), {
    description: `Name of an existing Secret beside the store with ${keys}`,
    effect: "in place",
    source: "your cloud",
  });

const outside = {
  prefix,
  bucket: field(z.string().regex(/^[a-z0-9][a-z0-9._-]{2,62}$/, { error: "the name of a bucket" }), {
    description: "Bucket, or container of Azure; it must exist",
    effect: "data at risk",
    source: "your cloud",
  }),
  encryption: field(z.enum(["secret", "none"]).default("secret"), {
    description: "Whether backups are encrypted before they leave the cluster; none must be written out",
    effect: "data at risk",
    source: "judgement: a bucket is read by more people than a database",
    why: "backups that were encrypted are not found any more when it is turned off, and the other way round",
  }),
  encryptionSecretName: field(objectName.default(""), {
    description:
      "Name of an existing Secret beside the store with the key `password`; keep a copy outside of the cluster",
    effect: "data at risk",
    source: "judgement",
    why: "without the password no backup can be read",
  }),
  addresses: field(z.array(z.cidrv4()).default([]), {
    description: "Addresses of the object storage where it is private; empty for public ones by HTTPS",
    effect: "in place",
    source: "your network",
  }),
  port: field(z.int().min(1).max(65_535).default(443), {
    description: "Port of the object storage at these addresses",
    effect: "in place",
    source: "HTTPS",
  }),
};

const fileName = z.string().regex(/^[a-z0-9][a-z0-9_.-]*\.sql$/, { error: "a file name such as orphans.sql" });

/** Where backups are kept. */
export const BackupTarget = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: kind("s3"),
    ...outside,
    endpoint: field(
      z
        .string()
        .regex(/^$|^https?:\/\/\S+$/, { error: "an address such as https://storage.example.com" })
        .default(""),
      {
        description: "Address of the service; empty for Amazon's",
        effect: "in place",
        source: "your cloud",
      },
    ),
    region: field(z.string().max(63).default(""), {
      description: "Region of the bucket",
      effect: "in place",
      source: "your cloud",
    }),
    secretName: secretName("the keys `access-key-id` and `secret-access-key`"),
  }),
  z.strictObject({ kind: kind("gcs"), ...outside, secretName: secretName("the key `service-account.json`") }),
  z.strictObject({ kind: kind("azure"), ...outside, secretName: secretName("the keys `account` and `key`") }),
  z.strictObject({
    kind: kind("volume"),
    prefix,
    size: field(binarySize.default("20Gi"), {
      description: "Size of the claim `store-backups`; it goes with the cluster, so it saves from mistakes only",
      effect: "data at risk",
      source: "judgement",
    }),
  }),
]);

/** Schema of the backups of all stores. */
export const DataBackups = z
  .strictObject({
    enabled: field(z.boolean().default(true), {
      description: "Whether stores are backed up",
      effect: "data at risk",
      source: "judgement",
    }),
    schedule: field(cron.default("10 3,9,15,21 * * *"), {
      description: "When stores are dumped (cron, UTC)",
      effect: "in place",
      source: "judgement: what players did in six hours is lost at most with a whole region",
    }),
    keepCount: field(z.int().min(1).max(1000).default(28), {
      description: "Newest complete backups that are always kept, however old",
      effect: "in place",
      source: "arithmetic: a week of four each day",
    }),
    keepDays: field(z.int().min(1).max(3650).default(30), {
      description: "Days that every backup is kept",
      effect: "in place",
      source: "judgement",
      unit: "days",
    }),
    drillSchedule: field(cron.default("40 5 * * *"), {
      description: "When the newest backup is restored into a server of its own to prove it (cron, UTC)",
      effect: "in place",
      source: "judgement: after the backup, each day, so that a bad one is known before the next",
    }),
    maxAgeHours: field(z.int().min(1).max(720).default(8), {
      description: "Age of the newest backup at which its drill fails",
      effect: "in place",
      unit: "h",
      source: "arithmetic: six hours between two, and two for a slow one",
    }),
    checks: field(z.record(fileName, z.string().min(1)).default({}), {
      description:
        "SQL by file name that the drill runs on the restored database; one that prints a row fails it (PostgreSQL: the name begins with that of the database, as in `adplatform.orphans.sql`)",
      effect: "in place",
      source: "your tables: rows are compared in any case, what they mean is yours to say",
    }),
    target: field(BackupTarget.optional(), {
      description: "Where backups are kept; needed unless they are turned off",
      effect: "data at risk",
      source: "your cloud",
    }),
  })
  .prefault({});

/** Where backups are kept. */
export type BackupTargetConfig = z.output<typeof BackupTarget>;

/** Parsed backups. */
export type DataBackupsConfig = z.output<typeof DataBackups>;

/** What the schema cannot say. `path` is that of the backups, as in `data.backups`. */
export function backupTargetMistakes(path: string, backups: DataBackupsConfig): Mistake[] {
  const { enabled, target } = backups;
  if (!enabled) return [];
  if (target === undefined) {
    return [
      {
        path: `${path}.target`,
        got: undefined,
        want: "where backups are kept: kind s3, gcs, azure or volume",
        why: "a store that is lost with its volumes could not be brought back",
        fix: `name a bucket, or say ${path}.enabled: false`,
      },
    ];
  }
  if (target.kind === "volume" || target.encryption === "none" || target.encryptionSecretName !== "") return [];
  return [
    {
      path: `${path}.target.encryptionSecretName`,
      got: target.encryptionSecretName,
      want: "the name of a Secret with the key `password`",
      why: "backups leave the cluster with every player's data in them",
      fix: `make the Secret, or say ${path}.target.encryption: none`,
    },
  ];
}
