/** Game servers: one Deployment for a region, scaled on players. */
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import type { RegionConfig } from "../config/regions.ts";
import type { Config } from "../config/schema.ts";
import { labels } from "../kube/labels.ts";
import { cpuTrigger, memoryTrigger, prometheusTrigger, type ScalingArgs } from "../workload/autoscaling.ts";
import { StatelessService } from "../workload/stateless-service.ts";
import { drainHook, rowContainer, rowPod } from "./server-pod.ts";
import { gamePort, gameServerRow, metricsPort } from "./workloads.ts";

/** Gauge of a game server: players connected now (docs/contract.md, original design). */
export const playersMetric = "game_server_active_players";

/** Histogram sum and count of a game server's response time in seconds (docs/contract.md). */
export const responseTimeMetric = "game_server_response_time_seconds";

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
  const serverAddress = config.cluster.prometheusUrl;
  const pods = `namespace="${namespace}",pod=~"${plan.name}-.*"`;
  return {
    minReplicas: plan.minReplicas,
    maxReplicas: plan.maxReplicas,
    behavior: gameServers.behavior,
    keepWhenBlind: true,
    triggers: [
      prometheusTrigger({
        name: "players",
        serverAddress,
        query: `sum(${playersMetric}{${pods}})`,
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
              query: `1000 * sum(rate(${responseTimeMetric}_sum{${pods}}[2m])) / sum(rate(${responseTimeMetric}_count{${pods}}[2m]))`,
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
            rowContainer(gameServerRow, config, {
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
