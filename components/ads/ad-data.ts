/** AdData: the stores of one environment of the ad platform, and the credentials of everyone who uses them. */
import * as pulumi from "@pulumi/pulumi";
import type { RegionConfig } from "../config/regions.ts";
import type { Config } from "../config/schema.ts";
import { targetedBackups } from "../data/backup-target.ts";
import { backupClaim, StoreBackups, valkeyAccess } from "../data/backups.ts";
import { Credentials } from "../data/credentials.ts";
import { KafkaCluster } from "../data/kafka-cluster.ts";
import { kafkaUsers } from "../data/kafka-plan.ts";
import { PostgresCluster } from "../data/postgres-cluster.ts";
import {
  postgresBackupUser,
  postgresClusterName,
  postgresDirectService,
  postgresPorts,
  postgresRestoreUser,
  postgresStore,
  postgresUsers,
} from "../data/postgres-plan.ts";
import { ValkeyCluster } from "../data/valkey-cluster.ts";
import { valkeyUsersOf } from "../data/valkey-plan.ts";
import { credentialsName } from "../kube/stores.ts";
import { postgresToolsImage } from "../kube/versions.ts";
import type { AdPlan } from "./plan.ts";
import { adCallersOf, adPartOf, adStores } from "./workloads.ts";

/** Arguments of `AdData`. */
export interface AdDataArgs {
  config: Config;
  regionName: string;
  region: RegionConfig;
  plan: AdPlan;
}

/** See `AdDataArgs`. */
export class AdData extends pulumi.ComponentResource {
  /** Secrets that pods of the ad platform name and cannot start without. */
  readonly secrets: pulumi.Resource[];

  constructor(name: string, args: AdDataArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:ads:AdData", name, {}, opts);
    const { config, regionName, region, plan } = args;
    const { namespace, config: ads } = plan;
    const { cluster } = config;
    const { credentials } = config.data;
    const child = { parent: this };
    const labels = { "app.kubernetes.io/part-of": adPartOf, "app.kubernetes.io/managed-by": "realmgrid" };
    const { secrets } = new Credentials(
      `${name}-credentials`,
      {
        // Environments of one region must not share a key of an external store.
        region: `${regionName}/${namespace}`,
        namespace,
        labels,
        users: [
          ...postgresUsers(plan.postgres.callers, ads.postgres.database),
          ...valkeyUsersOf(adCallersOf("redis")),
          ...kafkaUsers(plan.kafka.callers),
        ],
        credentials,
      },
      child,
    );
    this.secrets = secrets;
    const common = {
      namespace,
      partOf: adPartOf,
      storageClass: cluster.storageClass.name,
      pool: { name: "data", dedicated: region.pools.data.dedicated },
      protectData: cluster.protectData,
      needs: secrets,
    } as const;
    new PostgresCluster(`${name}-postgres`, { ...common, postgres: ads.postgres, plan: plan.postgres }, child);
    new KafkaCluster(`${name}-kafka`, { ...common, kafka: ads.kafka, plan: plan.kafka }, child);
    new ValkeyCluster(
      `${name}-redis`,
      {
        ...common,
        valkey: ads.valkey,
        generation: credentials.generation,
        store: adStores.redis,
        callers: adCallersOf("redis"),
        plan: plan.valkey,
        region,
        spreadHosts: ads.valkey.spreadHosts,
      },
      child,
    );
    this.backUp(name, args);
    this.registerOutputs({});
  }

  private backUp(name: string, { config, regionName, region, plan }: AdDataArgs): void {
    const { namespace, config: ads } = plan;
    const { cluster } = config;
    const backups = targetedBackups(ads.backups);
    if (backups === undefined || plan.backups === undefined) return;
    const child = { parent: this };
    const common = {
      namespace,
      backups,
      // Environments may share a bucket.
      folder: `${regionName}/${namespace}`,
      scratchClass: cluster.storageClass.scratchName,
      dedicated: region.pools.data.dedicated,
      partOf: adPartOf,
      needs: [
        ...this.secrets,
        ...backupClaim(name, { namespace, partOf: adPartOf, cluster, target: backups.target }, child),
      ],
    };
    new StoreBackups(
      `${name}-postgres-backups`,
      {
        ...common,
        plan: plan.backups.postgres,
        backupOf: `Cluster/${postgresClusterName}`,
        host: postgresDirectService,
        port: postgresPorts.server,
        databases: [ads.postgres.database],
        secretName: credentialsName(postgresStore, postgresBackupUser),
        restoreSecretName: credentialsName(postgresStore, postgresRestoreUser),
        // The operator's own authority of the servers' certificates.
        caSecretName: `${postgresClusterName}-ca`,
        image: postgresToolsImage,
        checks: backups.checks,
      },
      child,
    );
    new StoreBackups(
      `${name}-redis-backups`,
      {
        ...common,
        plan: plan.backups.redis,
        ...valkeyAccess(ads.valkey, adStores.redis),
      },
      child,
    );
  }
}
