/** WorldDrill: proves world by world, in turns, that the newest snapshot of its volume can be restored and read. */
import { readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import { priorityClasses } from "../cluster/classes.ts";
import type { NetworkNode } from "../cluster/network-policies.ts";
import type { RegionConfig } from "../config/regions.ts";
import { domain, labels, madeElsewhere } from "../kube/labels.ts";
import { kubectlImage } from "../kube/versions.ts";
import { serviceAccount } from "../workload/account.ts";
import { podTemplate } from "../workload/pod.ts";
import { type WorldDrillPlan, worldDrillSize, worldDrillWaitSeconds } from "./plan.ts";
import { worldRow } from "./workloads.ts";

/** The jobs as nodes of the network graph: the drill calls the API server, the pod that reads a volume nobody. */
export function worldDrillNodes({ drill, check }: WorldDrillPlan, region: RegionConfig): NetworkNode[] {
  const node = (plan: WorkloadPlan, calls: NetworkNode["calls"]): NetworkNode => ({
    name: plan.name,
    selector: { app: plan.name },
    calls,
    publicPorts: [],
    scrapes: [],
  });
  return [node(drill, [{ to: "addresses", cidrs: region.apiServerCidrs, ports: [443, 6443] }]), node(check, [])];
}

/** Arguments of `WorldDrill`. */
export interface WorldDrillArgs {
  region: RegionConfig;
  namespace: string;
  plan: WorldDrillPlan;
  /** Cron, UTC. One world at a time has its turn. */
  schedule: string;
  /** Age in hours that the newest snapshot of a world may have; two runs of the backup and an hour. */
  maxAgeHours: number;
  /** StorageClass of the volume, with reclaimPolicy Delete; empty for the cluster's default. */
  scratchClass: string;
  /** Size of a world's volume, where a snapshot does not say one. */
  diskSize: string;
}

/** The scripts as they run in the pods, by file name. */
export const worldDrillScripts: Readonly<Record<string, string>> = Object.fromEntries(
  ["world-drill.sh", "world-drill-check.sh"].map((file) => [
    file,
    readFileSync(new URL(file, import.meta.url), "utf8"),
  ]),
);

/** Label of what a drill makes, so that the next one can remove what a killed one has left. */
const drillLabel = `${domain}/drill`;

/** See `WorldDrillArgs`. */
export class WorldDrill extends pulumi.ComponentResource {
  constructor(name: string, args: WorldDrillArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:game:WorldDrill", name, {}, opts);
    const { namespace, plan, region } = args;
    const child = { parent: this };
    const metadataOf = (job: string, object = job) => ({
      name: object,
      namespace,
      labels: labels({ app: job }, { component: "backup", partOf: "mmorpg" }),
    });
    const metadata = metadataOf(plan.drill.name);
    const stateName = `${plan.drill.name}-turns`;
    const account = serviceAccount(`${name}-account`, metadata, child);
    const checkAccount = serviceAccount(`${name}-check-account`, metadataOf(plan.check.name), child);
    new k8s.rbac.v1.Role(
      `${name}-role`,
      {
        metadata,
        rules: [
          { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] },
          { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
          {
            apiGroups: [""],
            resources: ["persistentvolumeclaims"],
            verbs: ["get", "list", "create", "delete"],
          },
          { apiGroups: [""], resources: ["configmaps"], resourceNames: [stateName], verbs: ["get", "patch"] },
          { apiGroups: ["batch"], resources: ["cronjobs"], resourceNames: [plan.check.name], verbs: ["get"] },
          { apiGroups: ["batch"], resources: ["jobs"], verbs: ["get", "list", "create", "delete"] },
          { apiGroups: ["snapshot.storage.k8s.io"], resources: ["volumesnapshots"], verbs: ["get", "list"] },
        ],
      },
      child,
    );
    new k8s.rbac.v1.RoleBinding(
      `${name}-binding`,
      {
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: plan.drill.name },
        subjects: [{ kind: "ServiceAccount", name: plan.drill.name, namespace }],
      },
      child,
    );
    const script = new k8s.core.v1.ConfigMap(`${name}-script`, { metadata, data: { ...worldDrillScripts } }, child);
    const state = new k8s.core.v1.ConfigMap(
      `${name}-turns`,
      // Without data: each run writes the turn of its world, and what others own is not looked at.
      { metadata: metadataOf(plan.drill.name, stateName) },
      child,
    );
    const scriptVolume = { name: "script", configMap: { name: plan.drill.name } };
    const scriptMount = { name: "script", mountPath: "/script", readOnly: true };
    const pod = (job: WorkloadPlan) => ({
      account: job.name,
      graceSeconds: job.graceSeconds,
      tolerationSeconds: job.tolerationSeconds,
      priorityClass: priorityClasses.batch.name,
      pool: { name: job.pool, dedicated: region.pools[job.pool].dedicated },
      restartPolicy: "Never" as const,
    });
    const check = new k8s.batch.v1.CronJob(
      `${name}-check`,
      {
        metadata: {
          ...metadataOf(plan.check.name),
          annotations: madeElsewhere({ PersistentVolumeClaim: [plan.check.name] }),
        },
        spec: {
          // Only what the drill makes its Jobs from; the thirty-first of February.
          schedule: "0 0 31 2 *",
          timeZone: "Etc/UTC",
          suspend: true,
          concurrencyPolicy: "Forbid",
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 1,
          jobTemplate: {
            metadata: { labels: { ...metadataOf(plan.check.name).labels, [drillLabel]: plan.check.name } },
            spec: {
              backoffLimit: 0,
              activeDeadlineSeconds: worldDrillWaitSeconds,
              template: podTemplate({
                ...pod(plan.check),
                labels: metadataOf(plan.check.name).labels,
                // The drill puts the name of its run in the place of this claim's.
                volumes: [scriptVolume, { name: "world", persistentVolumeClaim: { claimName: plan.check.name } }],
                containers: [
                  {
                    name: plan.check.name,
                    image: kubectlImage,
                    size: worldDrillSize,
                    command: ["/bin/sh", "/script/world-drill-check.sh"],
                    environment: { WORLD_FOLDER: "/world" },
                    mounts: [scriptMount, { name: "world", mountPath: "/world", readOnly: true }],
                  },
                ],
              }),
            },
          },
        },
      },
      { ...child, dependsOn: [checkAccount, script] },
    );
    new k8s.batch.v1.CronJob(
      name,
      {
        metadata,
        spec: {
          schedule: args.schedule,
          timeZone: "Etc/UTC",
          concurrencyPolicy: "Forbid",
          startingDeadlineSeconds: 600,
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 3,
          jobTemplate: {
            spec: {
              backoffLimit: 0,
              // Longer than the wait, so that the script itself removes what it has made.
              activeDeadlineSeconds: worldDrillWaitSeconds + 600,
              template: podTemplate({
                ...pod(plan.drill),
                labels: metadata.labels,
                mountToken: true,
                exceptions: [
                  {
                    allow: "service-account-token",
                    because: "the job makes a volume from a snapshot, and a Job that reads it, through the API server",
                    until: "2027-12-31",
                  },
                ],
                volumes: [scriptVolume],
                containers: [
                  {
                    name: plan.drill.name,
                    image: kubectlImage,
                    size: worldDrillSize,
                    command: ["/bin/sh", "/script/world-drill.sh"],
                    environment: {
                      // kubectl caches API discovery below HOME; the root file system is read-only.
                      HOME: "/tmp",
                      NAMESPACE: namespace,
                      SELECTOR: `app=${worldRow.name}`,
                      CHECK: plan.check.name,
                      STATE: stateName,
                      CLASS: args.scratchClass,
                      SIZE: args.diskSize,
                      MAX_AGE_HOURS: String(args.maxAgeHours),
                      WAIT_SECONDS: String(worldDrillWaitSeconds),
                    },
                    mounts: [scriptMount],
                  },
                ],
              }),
            },
          },
        },
      },
      { ...child, dependsOn: [account, script, state, check] },
    );
    this.registerOutputs({});
  }
}
