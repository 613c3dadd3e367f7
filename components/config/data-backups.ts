/** `realmgrid:data.backups`: backups of the stores and the drills that prove them. */
import { z } from "zod";
import { field, objectName } from "./fields.ts";
import type { Mistake } from "./mistakes.ts";

const cron = (schedule: string) =>
  z
    .string()
    .regex(/^\S+ \S+ \S+ \S+ \S+$/, { error: "five cron fields, for example 10 3 * * *" })
    .default(schedule);

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

/** Where backups are kept. */
export const BackupTarget = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: kind("s3"),
    ...outside,
    endpoint: field(z.union([z.literal(""), z.url()]).default(""), {
      description: "Address of the service; empty for Amazon's",
      effect: "in place",
      source: "your cloud",
    }),
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
    claimName: field(objectName.min(1), {
      description:
        "Name of an existing claim beside the store; it goes with the cluster, so it saves from mistakes only",
      effect: "data at risk",
      source: "your cluster",
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
    schedule: field(cron("10 3 * * *"), {
      description: "When stores are dumped (cron, UTC)",
      effect: "in place",
      source: "judgement: a day of changes lost at most, in the night of Europe and America's evening",
    }),
    keepCount: field(z.int().min(1).max(1000).default(7), {
      description: "Newest complete backups that are always kept, however old",
      effect: "in place",
      source: "judgement: a week",
    }),
    keepDays: field(z.int().min(1).max(3650).default(30), {
      description: "Days that every backup is kept",
      effect: "in place",
      source: "judgement",
      unit: "days",
    }),
    drillSchedule: field(cron("40 5 * * *"), {
      description: "When the newest backup is restored into a server of its own to prove it (cron, UTC)",
      effect: "in place",
      source: "judgement: after the backup, each day, so that a bad one is known before the next",
    }),
    maxAgeHours: field(z.int().min(1).max(720).default(26), {
      description: "Age of the newest backup at which its drill fails",
      effect: "in place",
      unit: "h",
      source: "arithmetic: a day and two hours for a slow one",
    }),
    scratchClass: field(objectName.default(""), {
      description:
        "StorageClass of volumes that live as long as a job; its reclaimPolicy must be Delete; empty for the default",
      effect: "in place",
      source: "your cluster",
      why: "with Retain every run of a job would leave a disk behind",
    }),
    target: BackupTarget.optional(),
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
