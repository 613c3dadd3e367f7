/** World backups: a job asks each world to save, then takes a snapshot of its volume. */
import { readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import { priorityClasses } from "../cluster/classes.ts";
import type { NetworkNode } from "../cluster/network-policies.ts";
import type { RegionConfig } from "../config/regions.ts";
import type { Config } from "../config/schema.ts";
import { labels } from "../kube/labels.ts";
import { kubectlImage } from "../kube/versions.ts";
import { serviceAccount } from "../workload/account.ts";
import { podTemplate } from "../workload/pod.ts";
import { backupDeadlineSeconds, backupParallel, backupSize } from "./plan.ts";
import { metricsPort, worldRow } from "./workloads.ts";
import { worldClaimName } from "./worlds.ts";

/** Arguments of `WorldBackups`. */
export interface WorldBackupsArgs {
  config: Config;
  region: RegionConfig;
  namespace: string;
  plan: WorkloadPlan;
}

/** The script as it runs in the pod. */
export const backupScript = readFileSync(new URL("backup.sh", import.meta.url), "utf8");

/** The backup job as a node of the network graph: it calls the worlds' save endpoint and the API server. */
export function backupNode(plan: WorkloadPlan, region: RegionConfig): NetworkNode {
  return {
    name: plan.name,
    selector: { app: plan.name },
    calls: [
      { to: worldRow.name, ports: [metricsPort.port] },
      { to: "addresses", cidrs: region.apiServerCidrs, ports: [443, 6443] },
    ],
    publicPorts: [],
    scrapes: [],
  };
}

/** See `WorldBackupsArgs`. */
export class WorldBackups extends pulumi.ComponentResource {
  constructor(name: string, args: WorldBackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:game:WorldBackups", name, {}, opts);
    const { config, region, namespace, plan } = args;
    const { backup, finalSaveSeconds } = config.game.worlds;
    const selector = { app: plan.name };
    const metadata = {
      name: plan.name,
      namespace,
      labels: labels(selector, { component: "backup", partOf: "mmorpg" }),
    };
    const child = { parent: this };
    const account = serviceAccount(`${name}-account`, metadata, child);
    new k8s.rbac.v1.Role(
      `${name}-role`,
      {
        metadata,
        rules: [
          { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] },
          {
            apiGroups: ["snapshot.storage.k8s.io"],
            resources: ["volumesnapshots"],
            verbs: ["get", "list", "create", "delete"],
          },
        ],
      },
      child,
    );
    new k8s.rbac.v1.RoleBinding(
      `${name}-binding`,
      {
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: plan.name },
        subjects: [{ kind: "ServiceAccount", name: plan.name, namespace }],
      },
      child,
    );
    const script = new k8s.core.v1.ConfigMap(
      `${name}-script`,
      { metadata, data: { "backup.sh": backupScript } },
      child,
    );
    new k8s.batch.v1.CronJob(
      name,
      {
        metadata,
        spec: {
          schedule: backup.schedule,
          timeZone: "Etc/UTC",
          concurrencyPolicy: "Forbid",
          startingDeadlineSeconds: 600,
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 3,
          jobTemplate: {
            spec: {
              backoffLimit: 0,
              activeDeadlineSeconds: backupDeadlineSeconds,
              template: podTemplate({
                labels: metadata.labels,
                account: plan.name,
                mountToken: true,
                exceptions: [
                  {
                    allow: "service-account-token",
                    because: "the job lists world pods and creates volume snapshots through the API server",
                    until: "2027-12-31",
                  },
                ],
                graceSeconds: plan.graceSeconds,
                tolerationSeconds: plan.tolerationSeconds,
                priorityClass: priorityClasses.batch.name,
                pool: { name: plan.pool, dedicated: region.pools[plan.pool].dedicated },
                restartPolicy: "Never",
                volumes: [{ name: "script", configMap: { name: plan.name } }],
                containers: [
                  {
                    name: plan.name,
                    image: kubectlImage,
                    size: backupSize,
                    command: ["/bin/sh", "/script/backup.sh"],
                    environment: {
                      // kubectl caches API discovery below HOME; the root file system is read-only.
                      HOME: "/tmp",
                      NAMESPACE: namespace,
                      SELECTOR: `app=${worldRow.name}`,
                      SERVICE: worldRow.service,
                      PORT: String(metricsPort.port),
                      CLAIM: worldClaimName,
                      KEEP: String(backup.keep),
                      SNAPSHOT_CLASS: backup.snapshotClass,
                      SAVE_SECONDS: String(finalSaveSeconds),
                      PARALLEL: String(backupParallel),
                    },
                    mounts: [{ name: "script", mountPath: "/script", readOnly: true }],
                  },
                ],
              }),
            },
          },
        },
      },
      { ...child, dependsOn: [account, script] },
    );
    this.registerOutputs({});
  }
}
