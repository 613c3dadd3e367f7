/** GameData: the stores of the game in one region, and the credentials of everyone who uses them. */
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import type { NetworkNode } from "../cluster/network-policies.ts";
import type { RegionConfig } from "../config/regions.ts";
import type { Config } from "../config/schema.ts";
import { gameStores } from "../kube/stores.ts";
import { Credentials } from "./credentials.ts";
import { ValkeyCluster } from "./valkey-cluster.ts";
import { planValkey, valkeyNode, valkeyUsersOf } from "./valkey-plan.ts";

/** Who uses the stores of the game, by the name that is also their user's. */
export interface GameDataCallers {
  mysql: readonly string[];
  redis: readonly string[];
}

/** The stores of the game in one region as plans. */
export interface GameDataPlan {
  callers: GameDataCallers;
  valkey: WorkloadPlan;
}

/** The plan of one region. */
export function planGameData(config: Config, callers: GameDataCallers): GameDataPlan {
  return { callers, valkey: planValkey(config.data.valkey, callers.redis) };
}

/** All plans of the stores, for the sums. */
export function dataPlans(plan: GameDataPlan): WorkloadPlan[] {
  return [plan.valkey];
}

/** The stores as nodes of the network graph. */
export function dataNodes(): NetworkNode[] {
  const { mysql, redis } = gameStores;
  return [
    { name: "mysql", selector: mysql.podLabels, calls: [], publicPorts: [], scrapePorts: [mysql.exporterPort] },
    valkeyNode("redis", redis),
  ];
}

/** Arguments of `GameData`. */
export interface GameDataArgs {
  config: Config;
  regionName: string;
  region: RegionConfig;
  namespace: string;
  plan: GameDataPlan;
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
    const credentials = new Credentials(
      `${name}-credentials`,
      {
        region: regionName,
        namespace,
        labels,
        users: [...plan.callers.mysql.map((user) => ({ store: "mysql", user })), ...valkeyUsersOf(plan.callers.redis)],
        credentials: data.credentials,
      },
      child,
    );
    this.secrets = credentials.secrets;
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
        needs: credentials.secrets,
      },
      child,
    );
    this.registerOutputs({});
  }
}
