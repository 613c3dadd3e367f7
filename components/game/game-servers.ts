/** Game servers: one Deployment for a region, scaled on players. */
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import { prometheusAddress } from "../config/cluster.ts";
import type { RegionConfig } from "../config/regions.ts";
import type { Config } from "../config/schema.ts";
import { labels } from "../kube/labels.ts";
import { recordedQuery } from "../kube/metrics.ts";
import { cpuTrigger, memoryTrigger, prometheusTrigger, type ScalingArgs } from "../workload/autoscaling.ts";
import { StatelessService } from "../workload/stateless-service.ts";
import { drainHook, rowContainer, rowPod } from "./server-pod.ts";
import { gamePort, gameServerRow, metricsPort } from "./workloads.ts";

/** Arguments of `GameServers`. */
export interface GameServersArgs {
  config: Config;
  /** Name and configuration of the region. */
  regionName: string;
  region: RegionConfig;
  namespace: string;
  plan: WorkloadPlan;
  /** Checksum of the settings, which rolls the pods. */
  checksum: string;
  /** ConfigMaps and Secret of the game. */
  needs: pulumi.Resource[];
}

/** How the region's game servers scale: on players first, on CPU if the players metric vanishes. */
export function gameServerScaling(config: Config, namespace: string, plan: WorkloadPlan): ScalingArgs {
  const { gameServers } = config.game;
  const serverAddress = prometheusAddress(config.cluster);
  return {
    minReplicas: plan.minReplicas,
    maxReplicas: plan.maxReplicas,
    behavior: gameServers.behavior,
    keepWhenBlind: true,
    triggers: [
      prometheusTrigger({
        name: "players",
        serverAddress,
        query: recordedQuery("players", namespace, gameServerRow.name),
        threshold: gameServers.playersPerServer,
        metricType: "AverageValue",
      }),
      cpuTrigger(gameServers.resources, gameServers.cpuPercent),
      ...(gameServers.memoryPercent === undefined
        ? []
        : [memoryTrigger(gameServers.resources, gameServers.memoryPercent)]),
      ...(gameServers.responseTimeMs === undefined
        ? []
        : [
            prometheusTrigger({
              name: "response-time",
              serverAddress,
              query: recordedQuery("responseTimeMs", namespace, gameServerRow.name),
              threshold: gameServers.responseTimeMs,
              metricType: "Value",
            }),
          ]),
    ],
  };
}

/** See `GameServersArgs`. */
export class GameServers extends pulumi.ComponentResource {
  constructor(name: string, args: GameServersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:game:GameServers", name, {}, opts);
    const { config, regionName, region, namespace, plan } = args;
    const { gameServers } = config.game;
    const selector = { app: gameServerRow.name, region: regionName };
    new StatelessService(
      `${name}-deployment`,
      {
        plan,
        namespace,
        selector,
        labels: labels(selector, { component: gameServerRow.component, partOf: "mmorpg" }),
        serviceName: gameServerRow.service,
        ports: [
          { ...gamePort, appProtocol: "kubernetes.io/ws" },
          { ...metricsPort, appProtocol: "http" },
        ],
        scaling: gameServerScaling(config, namespace, plan),
        maxSurge: `${gameServers.surgePercent}%`,
        needs: args.needs,
        maxUnavailable: `${gameServers.maxUnavailablePercent}%`,
        pod: {
          ...rowPod({ config, region, pool: "sessions", checksum: args.checksum, logs: true }),
          containers: [
            rowContainer(gameServerRow, args, {
              size: gameServers.resources,
              environment: { MAX_PLAYERS: String(gameServers.maxPlayers) },
              mounts: [{ name: "logs", mountPath: "/app/logs" }],
              preStop: drainHook(gameServers.drainSeconds),
            }),
          ],
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
