/** Platform: what regions share, then every region. */
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { AdEnvironment } from "./config/ads.ts";
import { deliveryOf } from "./deliver.ts";
import { secretKeys } from "./game/server-pod.ts";
import { gameNamespace } from "./game/workloads.ts";
import type { PlatformPlan } from "./plan.ts";
import { Region } from "./region.ts";

/** What people and scripts may read of a region: names and numbers, never a secret. */
export interface RegionOutput {
  context: string;
  namespace: string;
  gameServers: { deployment: string; minReplicas: number; maxReplicas: number };
  worlds: { statefulSets: string[]; firstWorldId: number; count: number };
  /** Environments of the ad platform that run there, each with its namespace and public hosts. */
  ads: Partial<Record<AdEnvironment, { namespace: string; hosts: { api: string; bidding: string } }>>;
}

/** The whole program. */
export class Platform extends pulumi.ComponentResource {
  /** Every region that runs, by name. */
  readonly regions: Record<string, RegionOutput>;

  constructor(name: string, plan: PlatformPlan, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:platform:Platform", name, {}, opts);
    // One key for all regions: a session that begins in one region must be valid in the next.
    const keepers = { generation: String(plan.config.game.secretsGeneration) };
    const secrets = Object.fromEntries(
      secretKeys.map((key) => {
        const resourceName = `${name}-${key.toLowerCase().replaceAll("_", "-")}`;
        const password = new random.RandomPassword(
          resourceName,
          { length: 64, special: false, keepers },
          { parent: this },
        );
        return [key, password.result];
      }),
    );
    for (const region of plan.regions) {
      const delivery = deliveryOf(plan, region.name);
      const args = { config: plan.config, plan: region, secrets, ...(delivery === undefined ? {} : { delivery }) };
      new Region(region.name, args, { parent: this });
    }
    this.regions = Object.fromEntries(
      plan.regions.map(({ name: regionName, region, game, ads }) => [
        regionName,
        {
          context: region.context,
          namespace: gameNamespace,
          gameServers: { deployment: game.gameServers.name, ...region.gameServers },
          worlds: { statefulSets: game.worlds.map((group) => group.plan.name), ...region.worlds },
          ads: Object.fromEntries(
            ads.map(({ environment, namespace, config: { hosts } }) => [environment, { namespace, hosts }]),
          ),
        },
      ]),
    );
    this.registerOutputs({ regions: this.regions });
  }
}
