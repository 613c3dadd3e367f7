/**
 * PostgresCluster: PostgreSQL of the ad platform as a Cluster and a Pooler of CloudNativePG 1.30: one server that writes,
 * followers of which one confirms each commit, poolers in front. The operator makes pods, claims, certificates, the
 * budgets of writer and followers, and the Services `-rw`, `-ro` and `-r`.
 *
 * Secrets of the users must have the keys `username`, which is the role's name, and `password`; the label
 * `cnpg.io/reload: "true"` makes the operator look at once when a password changes. It holds one password for each role.
 */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { priorityClasses } from "../cluster/classes.ts";
import type { PostgresConfig } from "../config/data-ads.ts";
import { labels } from "../kube/labels.ts";
import {
  containerSecurityContext,
  exceptionAnnotations,
  podSecurityContext,
  type SecurityException,
} from "../kube/security.ts";
import { credentialsName } from "../kube/stores.ts";
import { disruptionBudget } from "../workload/disruption.ts";
import {
  hostSpread,
  type OperatedPool,
  poolLabel,
  poolTolerations,
  resourcesOf,
  zoneSpread,
} from "../workload/placement.ts";
import {
  type PostgresPlan,
  poolerSize,
  postgresClusterName,
  postgresGrants,
  postgresOwner,
  postgresPoolerName,
  postgresRoles,
  postgresSelector,
  postgresService,
  postgresStore,
} from "./postgres-plan.ts";
import { postgresParameters, postgresSize } from "./postgres-settings.ts";

/** Server image of a version, with the tools of the archive ("system"). */
export function postgresImage(version: string): string {
  return `ghcr.io/cloudnative-pg/postgresql:${version}-system-trixie`;
}

/** PgBouncer, the operator's default since 1.27.2 (CloudNativePG, release notes). */
export const poolerImage = "ghcr.io/cloudnative-pg/pgbouncer:1.25.1";

/** Name of the Barman Cloud plugin. Its ObjectStore is a kind of its own, made by whoever knows the bucket. */
export const archivePlugin = "barman-cloud.cloudnative-pg.io";

/** Arguments of `PostgresCluster`. */
export interface PostgresClusterArgs {
  postgres: PostgresConfig;
  plan: PostgresPlan;
  namespace: string;
  partOf: string;
  /** StorageClass of the volumes; empty for the cluster's default. */
  storageClass: string;
  pool: OperatedPool;
  /** Refuses to delete the cluster, and keeps it when the stack is destroyed. */
  protectData: boolean;
  /** Secrets of the users, and the operator where the stack installs it. */
  needs: pulumi.Resource[];
}

const apiServerTalk: SecurityException = {
  allow: "service-account-token",
  because: "the operator's program in the pod keeps its state and the election of a writer in the API server",
  until: "2027-12-31",
};

/** Pods of servers alone: the pods that make a new server must not count. */
const serverPods = { "cnpg.io/cluster": postgresClusterName, "cnpg.io/podRole": "instance" };

function volume(size: string, storageClass: string) {
  return { size, resizeInUseVolumes: true, ...(storageClass === "" ? {} : { storageClass }) };
}

/** `spec` of the Cluster. */
export function postgresClusterSpec(args: PostgresClusterArgs): Record<string, unknown> {
  const { postgres, plan, pool, storageClass } = args;
  const { objectStore } = postgres.archive;
  const grace = plan.servers.graceSeconds;
  return {
    description: "Database of the ad platform",
    imageName: postgresImage(postgres.version),
    imagePullPolicy: "IfNotPresent",
    instances: postgres.instances,
    inheritedMetadata: {
      labels: { ...postgresSelector, "app.kubernetes.io/part-of": args.partOf },
      annotations: exceptionAnnotations([apiServerTalk]),
    },
    enableSuperuserAccess: false,
    enablePDB: true,
    bootstrap: {
      initdb: {
        database: postgres.database,
        owner: postgresOwner,
        secret: { name: credentialsName(postgresStore, postgresOwner) },
        encoding: "UTF8",
        // Of the server itself: an order by the operating system changes with the image, and breaks indexes of text.
        localeProvider: "builtin",
        builtinLocale: "C.UTF-8",
        dataChecksums: true,
        postInitApplicationSQL: postgresGrants(postgres.database),
      },
    },
    managed: {
      roles: postgresRoles(postgres, plan).map(({ name, connectionLimit, inRoles, createsDatabases }) => ({
        name,
        ensure: "present",
        login: true,
        superuser: false,
        createdb: createsDatabases,
        createrole: false,
        connectionLimit,
        inRoles,
        passwordSecret: { name: credentialsName(postgresStore, name) },
      })),
    },
    postgresql: {
      parameters: postgresParameters(postgresSize(postgres)),
      ...(postgres.instances === 1
        ? {}
        : {
            // Any one follower has each commit before its caller hears of it; without followers nothing is written. A
            // follower takes over only when enough of them are there to know that one of them has everything.
            synchronous: { method: "any", number: 1, dataDurability: "required", failoverQuorum: true },
          }),
    },
    resources: resourcesOf(postgres.resources),
    storage: volume(postgres.diskSize, storageClass),
    walStorage: volume(postgres.walDiskSize, storageClass),
    affinity: {
      enablePodAntiAffinity: true,
      podAntiAffinityType: "required",
      topologyKey: "kubernetes.io/hostname",
      ...(pool.dedicated ? { nodeSelector: { [poolLabel]: pool.name } } : {}),
      tolerations: poolTolerations(pool, plan.servers.tolerationSeconds),
    },
    topologySpreadConstraints: [zoneSpread(serverPods)],
    priorityClassName: priorityClasses.data.name,
    seccompProfile: { type: "RuntimeDefault" },
    // A drained or updated writer hands over to a follower first.
    primaryUpdateMethod: "switchover",
    primaryUpdateStrategy: "unsupervised",
    // Poolers never leave by themselves, so waiting for sessions is kept short. The default of half an hour would hold a
    // node that long.
    smartShutdownTimeout: 10,
    stopDelay: grace,
    switchoverDelay: grace,
    ...(objectStore === ""
      ? {}
      : {
          plugins: [
            { name: archivePlugin, enabled: true, isWALArchiver: true, parameters: { barmanObjectName: objectStore } },
          ],
        }),
  };
}

/** `spec` of the Pooler. */
export function poolerSpec(args: PostgresClusterArgs): Record<string, unknown> {
  const { postgres, plan, pool } = args;
  const selector = { ...postgresService.podLabels };
  return {
    cluster: { name: postgresClusterName },
    type: "rw",
    instances: postgres.pooler.instances,
    deploymentStrategy: {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: plan.poolers.surgePods, maxUnavailable: 0 },
    },
    pgbouncer: {
      poolMode: "transaction",
      parameters: {
        default_pool_size: String(postgres.pooler.poolSize),
        max_client_conn: String(postgres.pooler.maxClients),
        // Drivers prepare statements by name; PgBouncer repeats them where they are missing.
        max_prepared_statements: "200",
        // A caller that waits longer has long given up. The default of 120 s would only make the queue longer.
        query_wait_timeout: "15",
        // A connection to a server that was the writer is gone after this at the latest.
        server_lifetime: "600",
      },
    },
    template: {
      metadata: {
        labels: { ...selector, "app.kubernetes.io/part-of": args.partOf },
        annotations: exceptionAnnotations([apiServerTalk]),
      },
      spec: {
        enableServiceLinks: false,
        priorityClassName: priorityClasses.data.name,
        terminationGracePeriodSeconds: plan.poolers.graceSeconds,
        securityContext: podSecurityContext(poolerUser),
        // By name, it is merged into the operator's own; its init container gets what the limit range gives.
        containers: [
          {
            name: "pgbouncer",
            image: poolerImage,
            resources: resourcesOf(poolerSize),
            securityContext: containerSecurityContext(),
          },
        ],
        affinity: hostSpread(selector, pool, "preferred"),
        tolerations: poolTolerations(pool, plan.poolers.tolerationSeconds),
        topologySpreadConstraints: [zoneSpread(selector)],
      },
    },
  };
}

/** User of PgBouncer's image (cloudnative-pg/pgbouncer-containers). */
const poolerUser = 998;

/** See `PostgresClusterArgs`. */
export class PostgresCluster extends pulumi.ComponentResource {
  constructor(name: string, args: PostgresClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:data:PostgresCluster", name, {}, opts);
    const { postgres, namespace, partOf } = args;
    const child = { parent: this };
    const common = labels(postgresSelector, { component: "database", partOf });
    const poolerLabels = labels(postgresService.podLabels, { component: "pooler", partOf });
    const custom = (
      suffix: string,
      kind: string,
      metadata: { name: string; labels: Record<string, string> },
      spec: Record<string, unknown>,
      options: pulumi.CustomResourceOptions,
    ) =>
      new k8s.apiextensions.CustomResource(
        `${name}${suffix}`,
        { apiVersion: "postgresql.cnpg.io/v1", kind, metadata: { ...metadata, namespace }, spec },
        { ...child, ...options },
      );
    const cluster = custom("", "Cluster", { name: postgresClusterName, labels: common }, postgresClusterSpec(args), {
      dependsOn: args.needs,
      protect: args.protectData,
      retainOnDelete: args.protectData,
    });
    custom("-pooler", "Pooler", { name: postgresPoolerName, labels: poolerLabels }, poolerSpec(args), {
      dependsOn: [cluster],
    });
    new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: {
          name: postgresService.service,
          namespace,
          labels: poolerLabels,
          // The database takes minutes to form, and nothing of it is awaited.
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: {
          selector: { ...postgresService.podLabels },
          ports: [
            {
              name: "postgres",
              port: postgresService.port,
              targetPort: postgresService.podPorts[0],
              appProtocol: "tcp",
            },
          ],
        },
      },
      child,
    );
    // The operator makes the budgets of the servers itself, and none for poolers.
    disruptionBudget(
      `${name}-pooler-budget`,
      { name: postgresPoolerName, namespace, labels: poolerLabels },
      { selector: postgresService.podLabels, maxUnavailable: 1 },
      child,
    );
    if (postgres.archive.objectStore !== "") {
      custom(
        "-archive",
        "ScheduledBackup",
        { name: postgresClusterName, labels: common },
        {
          schedule: postgres.archive.schedule,
          cluster: { name: postgresClusterName },
          method: "plugin",
          pluginConfiguration: { name: archivePlugin },
          target: "prefer-standby",
          immediate: true,
        },
        { dependsOn: [cluster] },
      );
    }
    this.registerOutputs({});
  }
}
