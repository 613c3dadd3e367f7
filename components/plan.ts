/** The platform as plain data: every region's workloads, quota, pools and times. Nothing is created here. */

import { adMistakes, adPaths } from "./ads/checks.ts";
import { type AdPlan, adWorkloads, planAds } from "./ads/plan.ts";
import { adServices } from "./ads/workloads.ts";
import { type ScalingLine, scalingLine } from "./capacity/autoscaler.ts";
import {
  limitRangeMistakes,
  type NamespacePaths,
  podCountMistakes,
  poolMistakes,
  quotaMistakes,
  type SizePaths,
} from "./capacity/checks.ts";
import { podsAtPeak } from "./capacity/pods-at-peak.ts";
import { type PoolLine, poolLine } from "./capacity/pools.ts";
import { type QuotaLine, quotaLines } from "./capacity/quota.ts";
import { type Recovery, recoveries } from "./capacity/recovery.ts";
import { type RegionLoss, regionLosses } from "./capacity/region-loss.ts";
import { type Rollout, rollout } from "./capacity/rollout.ts";
import type { WorkloadPlan } from "./capacity/workload-plan.ts";
import { loadConfig } from "./config/load.ts";
import type { Mistake } from "./config/mistakes.ts";
import { poolNames, type RegionConfig } from "./config/regions.ts";
import { fieldMistakes } from "./config/rules.ts";
import type { Config } from "./config/schema.ts";
import { adSections, enabledRegions } from "./config/sections.ts";
import { type DatabaseCaller, dataPlans, type GameDataPlan, planGameData } from "./data/game-data-plan.ts";
import { mysqlConnectionMistakes } from "./data/mysql-connections.ts";
import { mysqlClusterName } from "./data/mysql-plan.ts";
import { mysqlMemoryMistakes } from "./data/mysql-settings.ts";
import { valkeyName } from "./data/valkey-plan.ts";
import {
  backupDeadlineSeconds,
  backupParallel,
  backupSeconds,
  type GamePlan,
  planGame,
  serviceBehavior,
  workloadPlans,
} from "./game/plan.ts";
import { callersOf, gameNamespace, gameRows, serviceRows } from "./game/workloads.ts";
import { gameProbeTimes, hungGraceSeconds } from "./kube/probes.ts";
import { monitoringMistakes, monitoringPods } from "./monitoring/checks.ts";
import { type MonitoringPlan, planMonitoring } from "./monitoring/plan.ts";
import { warningsOf } from "./warnings.ts";
import { watch } from "./watch.ts";

/** What runs in one namespace of a region. */
export interface NamespacePlan {
  namespace: string;
  /** All workloads, in the order of the tables. */
  workloads: WorkloadPlan[];
  quota: QuotaLine[];
  recovery: { plan: WorkloadPlan; recoveries: Recovery[] }[];
  rollouts: { plan: WorkloadPlan; rollout: Rollout }[];
  /** Of what an autoscaler owns. */
  scaling: ScalingLine[];
}

/** One region. */
export interface RegionPlan {
  name: string;
  region: RegionConfig;
  game: GamePlan;
  data: GameDataPlan;
  /** Environments of the ad platform that run here. */
  ads: AdPlan[];
  monitoring: MonitoringPlan;
  /** The game first, then the ad platform's environments, then monitoring. */
  namespaces: [NamespacePlan, ...NamespacePlan[]];
  /** Node pools, which all namespaces share. */
  pools: PoolLine[];
}

/** The whole platform. */
export interface PlatformPlan {
  config: Config;
  regions: RegionPlan[];
  losses: RegionLoss[];
  /** Things that work but that somebody should know; each one sentence. */
  warnings: string[];
}

/** The rows that use the database, with the workloads that log in as each. */
function databaseCallers(config: Config, game: GamePlan): DatabaseCaller[] {
  const plansOf: Record<string, readonly WorkloadPlan[]> = {
    worlds: game.worlds.map((group) => group.plan),
    gameServers: [game.gameServers],
    ...Object.fromEntries(Object.entries(game.services).map(([key, plan]) => [key, [plan]])),
  };
  return gameRows.flatMap(({ name, database }) => {
    if (database === undefined) return [];
    const { pool, privileges } = database;
    const path = `data.mysql.pools.${pool}`;
    return [{ user: name, privileges, path, poolSize: config.data.mysql.pools[pool], plans: plansOf[pool] ?? [] }];
  });
}

function planNamespace(
  config: Config,
  region: RegionConfig,
  namespace: string,
  workloads: WorkloadPlan[],
  more: { growToFit: boolean; scaling: ScalingLine[] },
): NamespacePlan {
  const { live } = gameProbeTimes;
  return {
    namespace,
    workloads,
    quota: quotaLines(workloads, more.growToFit),
    scaling: more.scaling,
    recovery: workloads
      .filter((plan) => plan.kind !== "CronJob")
      .map((plan) => ({
        plan,
        recoveries: recoveries(plan, {
          nodesPerZone: Math.ceil(region.pools[plan.pool].maxNodes / region.zones.length),
          zones: region.zones.length,
          zonalVolumes: config.cluster.storageClass.zonal,
          hungDetectionSeconds: live.periodSeconds * live.failureThreshold + live.timeoutSeconds,
          hungGraceSeconds,
        }),
      })),
    rollouts: workloads.map((plan) => ({ plan, rollout: rollout(plan) })),
  };
}

function planRegion(config: Config, name: string, region: RegionConfig): RegionPlan {
  const game = planGame(config.game, name, region);
  const data = planGameData(config.data, { mysql: databaseCallers(config, game), redis: callersOf("redis") });
  const ads = adSections(config)
    .filter((section) => section.ads.regions.includes(name))
    .map((section) => planAds(section.environment, section.ads));
  const watched: RegionPlan["namespaces"] = [
    planNamespace(config, region, gameNamespace, [...workloadPlans(game), ...dataPlans(data)], {
      growToFit: config.game.quota.growToFit,
      scaling: [
        scalingLine(game.gameServers, config.game.gameServers.behavior),
        ...Object.values(game.services).map((plan) => scalingLine(plan, serviceBehavior)),
      ],
    }),
    ...ads.map((one) =>
      planNamespace(config, region, one.namespace, adWorkloads(one), {
        growToFit: one.config.quota.growToFit,
        scaling: adServices.map(({ key }) => scalingLine(one.services[key], one.config.services[key].behavior)),
      }),
    ),
  ];
  const [{ recovery }] = watched;
  const monitoring = planMonitoring({
    config: config.monitoring,
    cluster: config.cluster,
    region,
    watched: watch({ config, regionName: name, region, game, data, ads, recovery }),
    pods: watched.flatMap((one) => one.workloads).reduce((whole, plan) => whole + podsAtPeak(plan).total, 0),
  });
  const namespaces: RegionPlan["namespaces"] = [
    ...watched,
    ...(
      [
        [monitoring.namespace, monitoring.workloads],
        [monitoring.agentsNamespace, monitoring.agents],
      ] as const
    ).map(([namespace, own]) =>
      planNamespace(config, region, namespace, Object.values(own), { growToFit: true, scaling: [] }),
    ),
  ];
  const workloads = namespaces.flatMap((one) => one.workloads);
  return {
    name,
    region,
    game,
    data,
    ads,
    monitoring,
    namespaces,
    pools: poolNames.map((pool) => poolLine(pool, region.pools[pool], workloads, config.cluster.nodeReserved)),
  };
}

/** Plans a configuration that the schema accepts. */
export function planPlatform(config: Config): PlatformPlan {
  const regions = enabledRegions(config).map(([name, region]) => planRegion(config, name, region));
  const losses = regionLosses(
    regions.map(({ name, region }) => ({
      region: name,
      capacityPlayers: region.capacityPlayers,
      maximumPlayers: region.gameServers.maxReplicas * config.game.gameServers.maxPlayers,
    })),
  );
  return { config, regions, losses, warnings: warningsOf(config, regions, losses) };
}

function sizePaths(plan: WorkloadPlan): SizePaths {
  if (plan.pool === "worlds") {
    return { containers: ["game.worlds.resources", "game.worlds.loaderResources"], claim: "game.worlds.diskSize" };
  }
  if (plan.name === mysqlClusterName) {
    // The server, two helpers and an init container with their own sizes, and one with the server's.
    const size = "data.mysql.resources";
    return { containers: [size, plan.name, plan.name, plan.name, size], claim: "data.mysql.diskSize" };
  }
  if (plan.name === valkeyName) {
    return { containers: ["data.valkey.resources"], claim: "data.valkey.diskSize" };
  }
  if (plan.pool === "sessions") return { containers: ["game.gameServers.resources"] };
  const row = serviceRows.find((one) => one.name === plan.name);
  return { containers: row ? [`game.services.${row.key}.resources`] : [] };
}

function gamePaths(region: string): NamespacePaths {
  return {
    pods: { path: `regions.${region}.gameServers.maxReplicas`, decides: ({ pool }) => pool === "sessions" },
    volumes: { path: `regions.${region}.worlds.count`, decides: ({ pool }) => pool === "worlds" },
    growToFit: "game.quota.growToFit",
  };
}

function backupMistakes(config: Config, { name, region }: RegionPlan): Mistake[] {
  const { finalSaveSeconds } = config.game.worlds;
  const seconds = backupSeconds(region.worlds.count, finalSaveSeconds);
  if (seconds <= backupDeadlineSeconds) return [];
  return [
    {
      path: `regions.${name}.worlds.count`,
      got: region.worlds.count,
      want: `worlds that one backup job can save: ${seconds} s = ${Math.ceil(region.worlds.count / backupParallel)} waves x (${finalSaveSeconds} s save + 10 s snapshot) <= ${backupDeadlineSeconds} s`,
      why: "the job is stopped then, and the last worlds would never be saved",
      fix: "lower game.worlds.finalSaveSeconds, or split the region into two",
    },
  ];
}

/** Every mistake between fields and every sum that does not fit. */
export function planMistakes(config: Config): Mistake[] {
  const mistakes = fieldMistakes(config);
  const { regions } = planPlatform(config);
  return [
    ...mistakes,
    // Regions have the same sizes: the first one's mistakes are everyone's.
    ...regions.slice(0, 1).flatMap(({ namespaces: [{ workloads }] }) => limitRangeMistakes(workloads, sizePaths)),
    ...adSections(config).flatMap(({ environment, ads }) => adMistakes(planAds(environment, ads))),
    ...monitoringMistakes(config, regions),
    ...regions.flatMap((region) => backupMistakes(config, region)),
    ...mysqlMemoryMistakes("data.mysql", {
      memoryRequest: config.data.mysql.resources.requests.memory,
      memoryLimit: config.data.mysql.resources.limits.memory,
      maxConnections: config.data.mysql.maxConnections,
    }),
    ...regions.flatMap(({ name, data }) =>
      mysqlConnectionMistakes(name, data.callers.mysql, config.data.mysql.maxConnections),
    ),
    ...regions.flatMap(({ name, namespaces, pools, ads, monitoring }) => [
      ...namespaces.flatMap(({ namespace, quota, workloads }) => {
        // Its quota grows with what it needs.
        if (namespace === monitoring.namespace || namespace === monitoring.agentsNamespace)
          return podCountMistakes({ pods: monitoringPods(name) }, workloads);
        const environment = ads.find((one) => one.namespace === namespace);
        const paths = environment === undefined ? gamePaths(name) : adPaths(environment);
        return [...podCountMistakes(paths, workloads), ...quotaMistakes(paths, quota, workloads)];
      }),
      ...poolMistakes(
        name,
        pools,
        namespaces.flatMap((one) => one.workloads),
      ),
    ]),
  ];
}

/** Reads the running stack's configuration and plans it. Throws a `ConfigError` with every mistake. */
export function loadPlan(): PlatformPlan {
  return planPlatform(loadConfig(planMistakes));
}
