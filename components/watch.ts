/** What monitoring watches in a region, read off the plans of game, ads and stores. */
import { type AdPlan, adNodes } from "./ads/plan.ts";
import { adServices } from "./ads/workloads.ts";
import { podsAtPeak } from "./capacity/pods-at-peak.ts";
import type { Recovery } from "./capacity/recovery.ts";
import type { WorkloadPlan } from "./capacity/workload-plan.ts";
import type { NetworkNode } from "./cluster/network-policies.ts";
import { tracesCall } from "./cluster/traces.ts";
import { agentsNamespace } from "./config/cluster.ts";
import type { DataBackupsConfig } from "./config/data-backups.ts";
import type { RegionConfig } from "./config/regions.ts";
import { graceSeconds } from "./config/rules.ts";
import type { Config } from "./config/schema.ts";
import type { BackupPlan } from "./data/backup-plan.ts";
import { dataNodes, type GameDataPlan } from "./data/game-data-plan.ts";
import { type StorePromise, storePromises } from "./data/promises.ts";
import type { GamePlan } from "./game/plan.ts";
import { gameNamespace, gameServerRow, networkNodes, serviceRows, worldRow } from "./game/workloads.ts";
import { longestGapSeconds } from "./kube/cron.ts";
import type { ScrapeTarget, Watched, WatchedJob, WatchedService, WatchedStore } from "./monitoring/watched.ts";
import { servicePromise } from "./workload/service-plan.ts";

/** Plans of a region that are watched. */
export interface WatchedPlans {
  config: Config;
  regionName: string;
  region: RegionConfig;
  game: GamePlan;
  data: GameDataPlan;
  ads: readonly AdPlan[];
  /** Recovery of each workload of the game. */
  recovery: readonly { plan: WorkloadPlan; recoveries: readonly Recovery[] }[];
}

/** Room in seconds that a job has beyond the time between two runs: to start late, and to do its work (judgement). */
const jobRoomSeconds = 7200;

/** Room in seconds that a save has beyond the time between two. */
const saveRoomSeconds = 600;

function targetsOf(
  namespace: string,
  nodes: readonly NetworkNode[],
  plans: Readonly<Record<string, readonly WorkloadPlan[]>>,
): ScrapeTarget[] {
  return nodes
    .filter((node) => node.scrapes.length > 0)
    .map(({ name, selector, scrapes }) => {
      const known = plans[name];
      if (known === undefined) throw new Error(`${namespace}: nothing is planned for "${name}", which is scraped`);
      return {
        name,
        namespace,
        selector,
        scrapes,
        pods: known.reduce((whole, plan) => whole + podsAtPeak(plan).total, 0),
      };
    });
}

function gameTargets({ config, region, game, data }: WatchedPlans): ScrapeTarget[] {
  const nodes = [...networkNodes(tracesCall(config.cluster)), ...dataNodes(config.data, data, region)];
  return targetsOf(gameNamespace, nodes, {
    [worldRow.name]: game.worlds.map((group) => group.plan),
    [gameServerRow.name]: [game.gameServers],
    ...Object.fromEntries(serviceRows.map((row) => [row.name, [game.services[row.key]]])),
    "mysql-server": [data.mysql.servers],
    redis: [data.valkey],
  });
}

function adTargets({ config, region }: WatchedPlans, ads: AdPlan): ScrapeTarget[] {
  const { postgres, kafka, valkey, services } = ads;
  return targetsOf(ads.namespace, adNodes(ads, region, tracesCall(config.cluster)), {
    ...Object.fromEntries(adServices.map((row) => [row.name, [services[row.key]]])),
    "postgres-server": [postgres.servers],
    postgres: [postgres.poolers],
    redis: [valkey],
    kafka: [kafka.brokers],
    "kafka-controller": kafka.controllers === undefined ? [] : [kafka.controllers],
  });
}

function service(name: string, namespace: string, plan: WorkloadPlan): WatchedService {
  const { minReplicas, maxReplicas } = plan;
  return { name, namespace, deployment: plan.name, minReplicas, maxReplicas, ...servicePromise };
}

function jobsOf(namespace: string, backups: DataBackupsConfig, plans: readonly BackupPlan[]): WatchedJob[] {
  const drillSeconds = longestGapSeconds(backups.drillSchedule) + jobRoomSeconds;
  return plans.flatMap(({ backup, drill }): WatchedJob[] => [
    { namespace, cronJob: backup.name, purpose: "backup", maxAgeSeconds: backups.maxAgeHours * 3600 },
    { namespace, cronJob: drill.name, purpose: "drill", maxAgeSeconds: drillSeconds },
  ]);
}

/** The first promise of a store is that of its smallest failure: one server, its node or its zone. */
function promised(promises: readonly StorePromise[], owner: string, store: StorePromise["store"]) {
  const found = promises.find((one) => one.owner === owner && one.store === store);
  if (found?.lostSeconds === undefined || found.backSeconds === undefined) {
    throw new Error(`${owner}: nothing is promised for the loss of one server of ${store}`);
  }
  return { lostSeconds: found.lostSeconds, backSeconds: found.backSeconds };
}

function stores({ config, data, ads }: WatchedPlans): WatchedStore[] {
  const promises = storePromises(config);
  const one = (kind: WatchedStore["kind"], namespace: string, service: string, plan: WorkloadPlan) => ({
    kind,
    namespace,
    service,
    servers: plan.maxReplicas,
  });
  return [
    { ...one("mysql", gameNamespace, "mysql-server", data.mysql.servers), ...promised(promises, "game", "MySQL") },
    { ...one("valkey", gameNamespace, "redis", data.valkey), ...promised(promises, "game", "Valkey") },
    ...ads.flatMap(({ environment, namespace, postgres, valkey, kafka }): WatchedStore[] => {
      const owner = `ads ${environment}`;
      return [
        {
          ...one("postgres", namespace, "postgres-server", postgres.servers),
          ...promised(promises, owner, "PostgreSQL"),
        },
        { ...one("valkey", namespace, "redis", valkey), ...promised(promises, owner, "Valkey") },
        { ...one("kafka", namespace, "kafka", kafka.brokers), ...promised(promises, owner, "Kafka") },
      ];
    }),
  ];
}

function jobs({ config, data, ads, game }: WatchedPlans): WatchedJob[] {
  const { backup } = config.game.worlds;
  return [
    {
      namespace: gameNamespace,
      cronJob: game.backup.name,
      purpose: "backup",
      maxAgeSeconds: backup.maxAgeHours * 3600,
    },
    {
      namespace: gameNamespace,
      cronJob: game.worldDrill.drill.name,
      purpose: "drill",
      maxAgeSeconds: longestGapSeconds(backup.drillSchedule) + jobRoomSeconds,
    },
    ...jobsOf(gameNamespace, config.data.backups, Object.values(data.backups ?? {})),
    ...ads.flatMap((one) => jobsOf(one.namespace, one.config.backups, Object.values(one.backups ?? {}))),
  ];
}

/** Longest time until a world is back that fails by itself, or whose node goes. */
function worldRecoverySeconds({ game, recovery }: WatchedPlans): number {
  const worlds = new Set(game.worlds.map((group) => group.plan.name));
  const awaited = new Set(["process exits", "process hangs", "pod deleted", "node deleted"]);
  return recovery
    .filter(({ plan }) => worlds.has(plan.name))
    .flatMap(({ recoveries }) => recoveries.filter(({ failure }) => awaited.has(failure)))
    .reduce((longest, { seconds = 0 }) => Math.max(longest, seconds), 0);
}

/** What is watched in a region. */
export function watch(plans: WatchedPlans): Watched {
  const { config, game, ads } = plans;
  const { monitoring, cluster } = config;
  const hosts = monitoring.probePublicHosts
    ? ads.flatMap(({ config: { hosts } }) => Object.values(hosts).map((host) => `https://${host}/`))
    : [];
  return {
    region: plans.regionName,
    targets: [...gameTargets(plans), ...ads.flatMap((one) => adTargets(plans, one))],
    namespaces: [
      gameNamespace,
      ...ads.map((one) => one.namespace),
      cluster.monitoringNamespace,
      agentsNamespace(cluster),
    ],
    quietNamespaces: ads.filter((one) => one.environment === "staging").map((one) => one.namespace),
    game: {
      namespace: gameNamespace,
      maxPlayers: config.game.gameServers.maxPlayers,
      servers: service(gameServerRow.name, gameNamespace, game.gameServers),
      serverGraceSeconds: graceSeconds(config.game.gameServers),
      worldGraceSeconds: graceSeconds(config.game.worlds),
      worldService: worldRow.name,
      worlds: game.worlds.map(({ plan }) => ({ statefulSet: plan.name, replicas: plan.maxReplicas })),
      worldRecoverySeconds: worldRecoverySeconds(plans),
      worldSaveSeconds: longestGapSeconds(config.game.worlds.backup.schedule) + saveRoomSeconds,
      services: serviceRows.map((row) => service(row.name, gameNamespace, game.services[row.key])),
      authService: serviceNamed("auth"),
      matchmakingService: serviceNamed("matchmaking"),
    },
    ads: ads.map((one) => ({
      environment: one.environment,
      namespace: one.namespace,
      services: adServices.map((row) => service(row.name, one.namespace, one.services[row.key])),
      biddingService: one.services.bidding.name,
      budgetSeconds: one.config.services.bidding.budgetMs / 1000,
    })),
    stores: stores(plans),
    jobs: jobs(plans),
    probes: [...hosts, ...monitoring.probes],
    thresholds: monitoring.thresholds,
  };
}

function serviceNamed(key: (typeof serviceRows)[number]["key"]): string {
  const row = serviceRows.find((one) => one.key === key);
  if (row === undefined) throw new Error(`the game has no service ${key}`);
  return row.name;
}
