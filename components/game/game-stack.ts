/** GameStack: the whole game in one region. */
import * as pulumi from "@pulumi/pulumi";
import { createNetworkPolicies, type NetworkNode } from "../cluster/network-policies.ts";
import { tracesCall } from "../cluster/traces.ts";
import type { RegionConfig } from "../config/regions.ts";
import type { Config } from "../config/schema.ts";
import { appliesWorkloads, deliveredOptions } from "../workload/delivered.ts";
import { backupNode, WorldBackups } from "./backups.ts";
import { GameServers } from "./game-servers.ts";
import type { GamePlan } from "./plan.ts";
import { GameServices } from "./services.ts";
import { createSecrets, createSettings, gameSettings, settingsChecksum } from "./settings.ts";
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

/**
 * Secret, network and backups, and unless Argo CD delivers them settings, worlds, game servers and services.
 */
export class GameStack extends pulumi.ComponentResource {
  constructor(name: string, args: GameStackArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:game:GameStack", name, {}, opts);
    const { config, region, namespace, plan } = args;
    const child = { parent: this };
    const labels = { "app.kubernetes.io/part-of": "mmorpg", "app.kubernetes.io/managed-by": "realmgrid" };
    const secret = createSecrets(name, { namespace, labels, secrets: args.secrets }, child);
    createNetworkPolicies(
      name,
      {
        namespace,
        labels,
        nodes: [
          ...networkNodes(tracesCall(config.cluster)),
          ...args.storeNodes,
          backupNode(plan.backup, region),
          ...worldDrillNodes(plan.worldDrill, region),
        ],
        gatewayNamespace: config.cluster.gatewayNamespace,
        monitoringNamespace: config.cluster.monitoringNamespace,
      },
      child,
    );
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
    if (appliesWorkloads(config.delivery)) this.createWorkloads(name, args, labels, secret);
    this.registerOutputs({});
  }

  private createWorkloads(
    name: string,
    args: GameStackArgs,
    labels: Record<string, string>,
    secret: pulumi.Resource,
  ): void {
    const { config, regionName, region, namespace, plan } = args;
    const child = { parent: this, ...deliveredOptions(config.delivery) };
    const settings = gameSettings(config, regionName, region.latencyThresholdMs);
    const checksum = settingsChecksum(settings, config.game.secretsGeneration, config.data.credentials.generation);
    const needs = [...createSettings(name, { namespace, labels, settings }, child), secret, ...args.needs];
    const common = { config, regionName, region, namespace, checksum, needs };
    new Worlds(`${name}-worlds`, { ...common, groups: plan.worlds }, child);
    new GameServers(`${name}-servers`, { ...common, plan: plan.gameServers }, child);
    new GameServices(`${name}-services`, { ...common, plans: plan.services }, child);
  }
}
