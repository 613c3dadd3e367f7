/** StoreBackups: dumps a store to object storage, and proves each day that the newest dump can be restored. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { priorityClasses } from "../cluster/classes.ts";
import type { ClusterConfig } from "../config/cluster.ts";
import type { DataConfig } from "../config/data.ts";
import type { BackupTargetConfig } from "../config/data-backups.ts";
import { domain, labels, madeElsewhere } from "../kube/labels.ts";
import type { Store } from "../kube/stores.ts";
import { valkeyImage } from "../kube/versions.ts";
import { serviceAccount } from "../workload/account.ts";
import { podTemplate } from "../workload/pod.ts";
import { backupConfigMaps, backupJobs, backupScripts, type StoreAccess } from "./backup-jobs.ts";
import { backupClaimName, targetSecrets } from "./backup-target.ts";
import { valkeyName, valkeySecret } from "./valkey-plan.ts";

/** Arguments of `StoreBackups`. */
export interface StoreBackupsArgs extends StoreAccess {
  namespace: string;
  /** Files by name that a drill runs on what it has restored; a check passes when it prints nothing. */
  checks: Readonly<Record<string, string>>;
  /** Whether the nodes of the plan's pool are for its workloads only. */
  dedicated: boolean;
  /** The object whose data it is, as `kind/name`, for people and policies. */
  backupOf: string;
  /** Label `app.kubernetes.io/part-of`. */
  partOf: string;
  /** What the pods refer to by name and cannot start without, such as the Secrets. */
  needs: pulumi.Resource[];
}

/** Annotation of a job that backs an object up, with its kind and name. */
const backupOfAnnotation = `${domain}/backup-of`;

/** Longest run of a job in seconds: a dump of 100 GiB at 20 MB/s, read back once (judgement). */
export const backupDeadlineSeconds = 6 * 3600;

/**
 * Seconds that a finished Job stays. Its pod keeps the scratch volume for so long, and the quota counts it: with the
 * usual history of Jobs the volumes of several runs would be kept. Logs are the log collector's (judgement: an hour).
 */
export const finishedJobSeconds = 3600;

/** See `StoreBackupsArgs`. */
export class StoreBackups extends pulumi.ComponentResource {
  constructor(name: string, args: StoreBackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:data:StoreBackups", name, {}, opts);
    const { namespace, plan, partOf } = args;
    const child = { parent: this };
    const metadataOf = (object: string, app = object) => ({
      name: object,
      namespace,
      labels: labels({ app }, { component: "backup", partOf }),
    });
    const names = backupConfigMaps(plan);
    const configMaps = [
      {
        suffix: "scripts",
        metadata: metadataOf(names.scripts, plan.backup.name),
        data: backupScripts(plan.store.kind),
      },
      { suffix: "checks", metadata: metadataOf(names.checks, plan.backup.name), data: { ...args.checks } },
    ].map(({ suffix, metadata, data }) => new k8s.core.v1.ConfigMap(`${name}-${suffix}`, { metadata, data }, child));
    const secrets = [...targetSecrets(args.backups.target), ...(args.caSecretName ? [args.caSecretName] : [])];
    for (const job of backupJobs(args)) {
      const metadata = metadataOf(job.plan.name);
      const account = serviceAccount(`${name}-${job.plan.name}-account`, metadata, child);
      new k8s.batch.v1.CronJob(
        `${name}-${job.plan.name}`,
        {
          metadata: {
            ...metadata,
            annotations: {
              ...madeElsewhere({ Secret: secrets }),
              ...(job.plan === plan.backup ? { [backupOfAnnotation]: args.backupOf } : {}),
            },
          },
          spec: {
            schedule: job.schedule,
            timeZone: "Etc/UTC",
            suspend: job.byHand,
            concurrencyPolicy: "Forbid",
            startingDeadlineSeconds: 3600,
            successfulJobsHistoryLimit: 1,
            failedJobsHistoryLimit: 1,
            jobTemplate: {
              spec: {
                backoffLimit: job.retries,
                ttlSecondsAfterFinished: finishedJobSeconds,
                activeDeadlineSeconds: backupDeadlineSeconds,
                template: podTemplate({
                  labels: metadata.labels,
                  account: job.plan.name,
                  graceSeconds: job.plan.graceSeconds,
                  tolerationSeconds: job.plan.tolerationSeconds,
                  priorityClass: priorityClasses.batch.name,
                  pool: { name: job.plan.pool, dedicated: args.dedicated },
                  // A second pod would need a second volume.
                  restartPolicy: job.retries > 0 ? "OnFailure" : "Never",
                  volumes: job.volumes,
                  initContainers: [job.first],
                  containers: [job.main],
                }),
              },
            },
          },
        },
        { ...child, dependsOn: [account, ...configMaps, ...args.needs] },
      );
    }
    this.registerOutputs({});
  }
}

/** How a Valkey cluster is reached for its backups. */
export function valkeyAccess(
  valkey: DataConfig["valkey"],
  store: Store,
): Pick<
  StoreBackupsArgs,
  "backupOf" | "host" | "port" | "databases" | "secretName" | "restoreSecretName" | "caSecretName" | "image" | "checks"
> {
  return {
    backupOf: `StatefulSet/${valkeyName}`,
    host: store.service,
    port: store.port,
    databases: [],
    secretName: valkeySecret("backup"),
    restoreSecretName: valkeySecret("restore"),
    ...(valkey.tlsSecretName === "" ? {} : { caSecretName: valkey.tlsSecretName }),
    image: valkeyImage,
    // Sessions and counters have no rows that could be compared.
    checks: {},
  };
}

/** The claim of a target within the cluster; nothing for any other target. */
export function backupClaim(
  name: string,
  args: { namespace: string; partOf: string; cluster: ClusterConfig; target: BackupTargetConfig },
  options: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { target, namespace } = args;
  if (target.kind !== "volume") return [];
  const { protectData, storageClass } = args.cluster;
  return [
    new k8s.core.v1.PersistentVolumeClaim(
      `${name}-${backupClaimName}`,
      {
        metadata: {
          name: backupClaimName,
          namespace,
          labels: { "app.kubernetes.io/part-of": args.partOf, "app.kubernetes.io/managed-by": "realmgrid" },
          // The volume is made for its first pod, which is that of the first backup.
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: {
          accessModes: ["ReadWriteOnce"],
          ...(storageClass.name === "" ? {} : { storageClassName: storageClass.name }),
          resources: { requests: { storage: target.size } },
        },
      },
      { ...options, protect: protectData, retainOnDelete: protectData },
    ),
  ];
}
