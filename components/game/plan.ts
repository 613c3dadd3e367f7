/** The game of one region as plans: the numbers that capacity adds up and objects are built from. */
import { podSize, type WorkloadPlan } from "../capacity/workload-plan.ts";
import type { GameConfig } from "../config/game.ts";
import type { RegionConfig } from "../config/regions.ts";
import { graceSeconds } from "../config/rules.ts";
import { Behavior } from "../config/scaling.ts";
import { gameServerName, maximumStatefulSetNameLength, name } from "../kube/names.ts";
import { bytes } from "../kube/quantities.ts";
import { planJob, planService, tolerationSeconds } from "../workload/service-plan.ts";
import { serviceRows } from "./workloads.ts";

/** Services double at most every minute: a login storm is short. The larger step counts, unlike for game servers. */
export const serviceBehavior = Behavior.parse({ scaleUp: { percent: 100, stabilizationSeconds: 0, select: "Max" } });

/** Size of the job that saves worlds: kubectl and curl. Within the limit range of the namespace. */
export const backupSize = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "500m", memory: "512Mi" },
} as const;

/** Longest run of the backup job in seconds; then it is stopped and counts as failed. */
export const backupDeadlineSeconds = 3000;

/** Worlds that the job saves at a time: what its memory holds of kubectl (judgement, 512Mi). */
export const backupParallel = 5;

/** Longest run of the backup job for a number of worlds: waves of saves, and 10 s for the snapshots of a wave. */
export function backupSeconds(worlds: number, finalSaveSeconds: number): number {
  return Math.ceil(worlds / backupParallel) * (finalSaveSeconds + 10);
}

/** Worlds of one StatefulSet. */
export interface WorldGroup {
  plan: WorkloadPlan;
  /** Number of the group from 0, the value of the selector label that tells groups apart. */
  index: number;
  /** WORLD_ID of the first world of the group. */
  firstWorldId: number;
}

/** The two jobs: one that makes volume and pod, and the pod that reads the volume. */
export interface WorldDrillPlan {
  drill: WorkloadPlan;
  check: WorkloadPlan;
}

/** Size of both pods: kubectl, or cat and sha256sum (judgement). */
export const worldDrillSize = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "500m", memory: "512Mi" },
} as const;

/** Longest time in seconds until a volume is made from its snapshot and read: 10 GiB at 10 MB/s, and as much again. */
export const worldDrillWaitSeconds = 2400;

/** Plans the drill of worlds with volumes of `diskSize`. */
export function planWorldDrill(diskSize: string): WorldDrillPlan {
  const common = { pool: "services", pod: podSize([worldDrillSize]) } as const;
  return {
    drill: planJob(["world-drill"], { ...common, objects: { services: 0, configMaps: 2, secrets: 0 } }),
    check: planJob(["world-drill-check"], {
      ...common,
      claimBytes: bytes(diskSize),
      objects: { services: 0, configMaps: 0, secrets: 0 },
    }),
  };
}

/** Everything of the game in one region. */
export interface GamePlan {
  worlds: WorldGroup[];
  gameServers: WorkloadPlan;
  services: Record<keyof GameConfig["services"], WorkloadPlan>;
  backup: WorkloadPlan;
  worldDrill: WorldDrillPlan;
}

/** Name of a group: the first has the original design's name. */
export function worldGroupName(index: number): string {
  return name(index === 0 ? ["game-world-servers"] : ["game-world-servers", `g${index}`], maximumStatefulSetNameLength);
}

function planWorlds(game: GameConfig, region: RegionConfig): WorldGroup[] {
  const { worlds } = game;
  const groups = Math.ceil(region.worlds.count / worlds.groupSize);
  return Array.from({ length: groups }, (_, index) => {
    const count = Math.min(worlds.groupSize, region.worlds.count - index * worlds.groupSize);
    return {
      index,
      firstWorldId: region.worlds.firstWorldId + index * worlds.groupSize,
      plan: {
        name: worldGroupName(index),
        kind: "StatefulSet",
        pool: "worlds",
        minReplicas: count,
        maxReplicas: count,
        surgePods: 0,
        graceSeconds: graceSeconds(worlds),
        minReadySeconds: worlds.minReadySeconds,
        bootSeconds: worlds.bootSeconds,
        tolerationSeconds: tolerationSeconds.withVolume,
        pod: podSize([worlds.resources], [worlds.loaderResources]),
        claimBytes: bytes(worlds.diskSize),
        // Two headless Services serve all groups; the first group counts them.
        objects: { services: index === 0 ? 2 : 0, configMaps: 0, secrets: 0 },
      },
    };
  });
}

function planGameServers(game: GameConfig, regionName: string, region: RegionConfig): WorkloadPlan {
  const { gameServers } = game;
  const { minReplicas, maxReplicas } = region.gameServers;
  return {
    name: gameServerName(regionName),
    kind: "Deployment",
    pool: "sessions",
    minReplicas,
    maxReplicas,
    surgePods: Math.ceil((maxReplicas * gameServers.surgePercent) / 100),
    graceSeconds: graceSeconds(gameServers),
    minReadySeconds: gameServers.minReadySeconds,
    bootSeconds: gameServers.bootSeconds,
    tolerationSeconds: tolerationSeconds.stateless,
    pod: podSize([gameServers.resources]),
    objects: { services: 1, configMaps: 0, secrets: 0 },
  };
}

function planBackup(): WorkloadPlan {
  return planJob(["world-backup"], {
    pool: "services",
    pod: podSize([backupSize]),
    // Four ConfigMaps and the Secret of the game are counted with the job, which has the script among them, and the one
    // that says who delivers.
    objects: { services: 0, configMaps: 5, secrets: 1 },
  });
}

/** The plan of one region. */
export function planGame(game: GameConfig, regionName: string, region: RegionConfig): GamePlan {
  const services = Object.fromEntries(
    serviceRows.map((row) => [row.key, planService(row.name, game.services[row.key], 1)]),
  ) as GamePlan["services"];
  return {
    worlds: planWorlds(game, region),
    gameServers: planGameServers(game, regionName, region),
    services,
    backup: planBackup(),
    worldDrill: planWorldDrill(game.worlds.diskSize),
  };
}

/** All plans of a region, for the sums. */
export function workloadPlans(plan: GamePlan): WorkloadPlan[] {
  return [
    ...plan.worlds.map((group) => group.plan),
    plan.gameServers,
    ...Object.values(plan.services),
    plan.backup,
    ...Object.values(plan.worldDrill),
  ];
}
