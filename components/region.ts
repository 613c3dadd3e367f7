/** Region: all that one cluster runs, in the order in which it is needed. */
import * as pulumi from "@pulumi/pulumi";
import { AdPlatform } from "./ads/ad-platform.ts";
import { largestClaim } from "./capacity/quota.ts";
import { ClusterGround } from "./cluster/cluster-ground.ts";
import { GuardedNamespace, type GuardedNamespaceArgs } from "./cluster/guarded-namespace.ts";
import { regionProvider } from "./cluster/provider.ts";
import type { Config } from "./config/schema.ts";
import { GameData } from "./data/game-data.ts";
import { dataNodes } from "./data/game-data-plan.ts";
import type { RegionDelivery } from "./deliver.ts";
import { ArgoCd } from "./delivery/argocd.ts";
import { createModeMarker } from "./delivery/mode-marker.ts";
import { GameStack } from "./game/game-stack.ts";
import { gameNamespace } from "./game/workloads.ts";
import { Monitoring } from "./monitoring/monitoring.ts";
import type { RegionPlan } from "./plan.ts";

/** Arguments of `Region`. */
export interface RegionArgs {
  config: Config;
  plan: RegionPlan;
  /** Keys that all regions share, such as the key that signs sessions. */
  secrets: Record<string, pulumi.Output<string>>;
  /** Argo CD of the region; absent where none of this program's runs. */
  delivery?: RegionDelivery;
}

/** Quota and limit range of a namespace. */
function guards({ namespaces }: RegionPlan, namespace: string) {
  const found = namespaces.find((one) => one.namespace === namespace);
  if (found === undefined) throw new Error(`nothing is planned for namespace ${namespace}`);
  return { quota: found.quota, largestClaim: largestClaim(found.workloads) };
}

/** See `RegionArgs`. */
export class Region extends pulumi.ComponentResource {
  constructor(name: string, args: RegionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:region:Region", name, {}, opts);
    const { config, plan } = args;
    const { cluster } = config;
    const { handOver } = config.delivery;
    const provider = regionProvider(name, { context: plan.region.context, adopt: handOver }, { parent: this });
    const child = { parent: this, providers: [provider] };
    const ground = new ClusterGround(`${name}-cluster`, { cluster }, child);
    const guarded = (
      space: string,
      more: Partial<Pick<GuardedNamespaceArgs, "environment" | "podSecurity">> = {},
    ): GuardedNamespace => {
      const { kubernetesVersion, protectData } = cluster;
      const common = { namespace: space, podSecurity: "restricted", kubernetesVersion, protectData } as const;
      return new GuardedNamespace(`${name}-namespace-${space}`, { ...common, ...guards(plan, space), ...more }, child);
    };
    const namespace = guarded(gameNamespace);
    // Names are plain, so the order has to be said: kinds of the add-ons, classes, quota before pods.
    const onGround = { ...child, dependsOn: [ground, namespace] };
    const data = new GameData(
      `${name}-data`,
      { config, regionName: name, region: plan.region, namespace: gameNamespace, plan: plan.data },
      onGround,
    );
    new GameStack(
      `${name}-game`,
      {
        config,
        regionName: name,
        region: plan.region,
        namespace: gameNamespace,
        plan: plan.game,
        storeNodes: dataNodes(config.data, plan.data, plan.region),
        needs: data.secrets,
        secrets: args.secrets,
      },
      onGround,
    );
    for (const ads of plan.ads) {
      const adNamespace = guarded(ads.namespace, { environment: ads.environment });
      new AdPlatform(
        `${name}-${ads.namespace}`,
        { config, regionName: name, region: plan.region, plan: ads },
        { ...child, dependsOn: [ground, adNamespace] },
      );
    }
    const monitoring = [
      guarded(plan.monitoring.namespace),
      guarded(plan.monitoring.agentsNamespace, { podSecurity: "privileged" }),
    ];
    new Monitoring(
      `${name}-monitoring`,
      { config, regionName: name, region: plan.region, plan: plan.monitoring },
      { ...child, dependsOn: [ground, ...monitoring] },
    );
    const { delivery } = config;
    const marker = createModeMarker(
      name,
      { delivery, namespace: gameNamespace, protectData: cluster.protectData },
      { parent: namespace, provider, dependsOn: [namespace] },
    );
    if (args.delivery !== undefined) {
      new ArgoCd(
        `${name}-argocd`,
        { ...args.delivery, argocd: delivery.argocd, region: name },
        // Namespaces with their guards first, and what workloads log in to. Nothing of it where the mode must not change.
        { ...child, dependsOn: [ground, namespace, data, marker] },
      );
    }
    this.registerOutputs({});
  }
}
