/** GameStack: the whole game in one region. */
import * as pulumi from "@pulumi/pulumi";
import { createNetworkPolicies, type NetworkNode } from "../cluster/network-policies.ts";
import type { RegionConfig } from "../config/regions.ts";
import type { Config } from "../config/schema.ts";
import { backupNode, WorldBackups } from "./backups.ts";
import { GameServers } from "./game-servers.ts";
import type { GamePlan } from "./plan.ts";
import { GameServices } from "./services.ts";
import { createSettings, gameSettings, settingsChecksum } from "./settings.ts";
import { networkNodes } from "./workloads.ts";
import { WorldDrill, worldDrillNodes } from "./world-drill.ts";
import { Worlds } from "./worlds.ts";

/** Arguments of `GameStack`. */
export interface GameStackArgs {
  config: Config;
  regionName: string;
  region: RegionConfig;
  namespace: string;
  plan: GamePlan;
  /** The stores as nodes of the network graph. */
  storeNodes: readonly NetworkNode[];
  /** Secrets of the stores' users. */
  needs: pulumi.Resource[];
  /** Keys of the game's Secret; the values are secret outputs. */
  secrets: Record<string, pulumi.Output<string>>;
}

/** Settings, worlds, game servers, services, backups and the network between them. */
export class GameStack extends pulumi.ComponentResource {
  constructor(name: string, args: GameStackArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:game:GameStack", name, {}, opts);
    const { config, regionName, region, namespace, plan } = args;
    const child = { parent: this };
    const labels = { "app.kubernetes.io/part-of": "mmorpg", "app.kubernetes.io/managed-by": "realmgrid" };
    const settings = gameSettings(config, regionName, region.latencyThresholdMs);
    const checksum = settingsChecksum(settings, config.game.secretsGeneration, config.data.credentials.generation);
    const needs = [
      ...createSettings(name, { namespace, labels, settings, secrets: args.secrets }, child),
      ...args.needs,
    ];
    createNetworkPolicies(
      name,
      {
        namespace,
        labels,
        nodes: [
          ...networkNodes(),
          ...args.storeNodes,
          backupNode(plan.backup, region),
          ...worldDrillNodes(plan.worldDrill, region),
        ],
        gatewayNamespace: config.cluster.gatewayNamespace,
        monitoringNamespace: config.cluster.monitoringNamespace,
      },
      child,
    );
    new Worlds(`${name}-worlds`, { config, region, namespace, groups: plan.worlds, checksum, needs }, child);
    new GameServers(
      `${name}-servers`,
      { config, regionName, region, namespace, plan: plan.gameServers, checksum, needs },
      child,
    );
    new GameServices(`${name}-services`, { config, region, namespace, plans: plan.services, checksum, needs }, child);
    new WorldBackups(`${name}-backups`, { config, region, namespace, plan: plan.backup }, child);
    const { backup, diskSize } = config.game.worlds;
    new WorldDrill(
      `${name}-world-drill`,
      {
        region,
        namespace,
        plan: plan.worldDrill,
        schedule: backup.drillSchedule,
        maxAgeHours: backup.maxAgeHours,
        scratchClass: config.cluster.storageClass.scratchName,
        diskSize,
      },
      child,
    );
    this.registerOutputs({});
  }
}
