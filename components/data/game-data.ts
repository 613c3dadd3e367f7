/** GameData: the stores of the game in one region, and the credentials of everyone who uses them. */
import * as pulumi from "@pulumi/pulumi";
import type { RegionConfig } from "../config/regions.ts";
import type { Config } from "../config/schema.ts";
import { credentialsName, gameStores } from "../kube/stores.ts";
import { mysqlToolsImage } from "../kube/versions.ts";
import { targetedBackups } from "./backup-target.ts";
import { backupClaim, StoreBackups, valkeyAccess } from "./backups.ts";
import { Credentials, type StoreUser } from "./credentials.ts";
import { backupUser, type GameDataPlan, mysqlGrants, mysqlJobGrants } from "./game-data-plan.ts";
import { MySqlCluster } from "./mysql-cluster.ts";
import { mysqlClusterName, mysqlRootTexts, mysqlRootUser } from "./mysql-plan.ts";
import { MySqlUsers, mysqlUsers } from "./mysql-users.ts";
import { ValkeyCluster } from "./valkey-cluster.ts";
import { valkeyUsersOf } from "./valkey-plan.ts";

/** Arguments of `GameData`. */
export interface GameDataArgs {
  config: Config;
  regionName: string;
  region: RegionConfig;
  namespace: string;
  plan: GameDataPlan;
}

/** Members of one region have numbers of their own: ten for each of the ids that its first world sets apart. */
function firstServerId({ worlds }: RegionConfig): number {
  return 1000 + worlds.firstWorldId * 10;
}

function usersOf({ callers }: GameDataPlan): StoreUser[] {
  return [
    ...mysqlGrants(callers).map(({ user }) => ({ store: "mysql", user })),
    { store: "mysql", user: mysqlRootUser, texts: mysqlRootTexts },
    ...valkeyUsersOf(callers.redis),
  ];
}

/** See `GameDataArgs`. */
export class GameData extends pulumi.ComponentResource {
  /** Secrets that pods of the game name and cannot start without. */
  readonly secrets: pulumi.Resource[];

  constructor(name: string, args: GameDataArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:data:GameData", name, {}, opts);
    const { config, regionName, region, namespace, plan } = args;
    const { data, cluster } = config;
    const child = { parent: this };
    const labels = { "app.kubernetes.io/part-of": "mmorpg", "app.kubernetes.io/managed-by": "realmgrid" };
    const { secrets } = new Credentials(
      `${name}-credentials`,
      { region: regionName, namespace, labels, users: usersOf(plan), credentials: data.credentials },
      child,
    );
    this.secrets = secrets;
    const pool = { name: "data", dedicated: region.pools.data.dedicated } as const;
    new MySqlCluster(
      `${name}-mysql`,
      {
        mysql: data.mysql,
        plan: plan.mysql,
        namespace,
        rootSecret: credentialsName("mysql", mysqlRootUser),
        route: "router",
        firstServerId: firstServerId(region),
        storageClass: cluster.storageClass.name,
        pool,
        protectData: cluster.protectData,
        needs: secrets,
      },
      child,
    );
    new MySqlUsers(
      `${name}-mysql-users`,
      {
        plan: plan.mysql.users,
        namespace,
        version: data.mysql.version,
        database: data.mysql.database,
        users: mysqlUsers(
          mysqlGrants(plan.callers),
          plan.connections,
          mysqlJobGrants.map((one) => one.user),
        ),
        pool: region.pools.services,
        needs: secrets,
      },
      child,
    );
    new ValkeyCluster(
      `${name}-redis`,
      {
        namespace,
        partOf: "mmorpg",
        valkey: data.valkey,
        generation: data.credentials.generation,
        store: gameStores.redis,
        callers: plan.callers.redis,
        plan: plan.valkey,
        region,
        storageClass: cluster.storageClass.name,
        spreadHosts: data.valkey.spreadHosts,
        protectData: cluster.protectData,
        needs: secrets,
      },
      child,
    );
    this.backUp(name, args, secrets);
    this.registerOutputs({});
  }

  private backUp(name: string, args: GameDataArgs, secrets: pulumi.Resource[]): void {
    const { config, regionName, region, namespace, plan } = args;
    const { data, cluster } = config;
    const backups = targetedBackups(data.backups);
    if (backups === undefined || plan.backups === undefined) return;
    const child = { parent: this };
    const common = {
      namespace,
      backups,
      folder: regionName,
      scratchClass: cluster.storageClass.scratchName,
      dedicated: region.pools.data.dedicated,
      partOf: "mmorpg",
      needs: [
        ...secrets,
        ...backupClaim(name, { namespace, partOf: "mmorpg", cluster, target: backups.target }, child),
      ],
    };
    new StoreBackups(
      `${name}-mysql-backups`,
      {
        ...common,
        plan: plan.backups.mysql,
        backupOf: `InnoDBCluster/${mysqlClusterName}`,
        host: gameStores.mysql.service,
        port: gameStores.mysql.port,
        databases: [data.mysql.database],
        secretName: credentialsName("mysql", backupUser),
        restoreSecretName: credentialsName("mysql", mysqlRootUser),
        image: mysqlToolsImage(data.mysql.version),
        checks: backups.checks,
      },
      child,
    );
    new StoreBackups(
      `${name}-redis-backups`,
      {
        ...common,
        plan: plan.backups.redis,
        ...valkeyAccess(data.valkey, gameStores.redis),
      },
      child,
    );
  }
}
