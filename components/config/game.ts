/** `realmgrid:game`: worlds, game servers and services of every region. */
import { z } from "zod";
import { binarySize, cron, field, objectName, type ResourceDefaults, resources } from "./fields.ts";
import { Behavior, cpuPercent } from "./scaling.ts";

const seed = "game design, world manifest";
const serverSize = { requests: ["1000m", "2Gi"], limits: ["2000m", "4Gi"] } satisfies ResourceDefaults;

const drain = (drainSeconds: number, finalSaveSeconds: number, why: string) => ({
  drainSeconds: field(z.int().min(15).max(3420).default(drainSeconds), {
    description: "Time that players have to leave before the server is stopped (deadline of the drain call)",
    effect: "rolling",
    unit: "s",
    source: why,
  }),
  finalSaveSeconds: field(z.int().min(5).max(600).default(finalSaveSeconds), {
    description: "Time for the last save after the drain; grace = drain + final save + 30 s margin",
    effect: "rolling",
    unit: "s",
    source: why,
  }),
});

const readiness = (bootSeconds: number, minReadySeconds: number) => ({
  bootSeconds: field(z.int().min(1).max(110).default(bootSeconds), {
    description:
      "Expected time from start to ready; used in the recovery and rollout tables, and by the alert on worlds",
    effect: "in place",
    unit: "s",
    source: "judgement; measure yours",
    why: "the startup probe gives up after 110 s (game design)",
  }),
  minReadySeconds: field(z.int().min(0).max(600).default(minReadySeconds), {
    description: "Time a new pod must stay ready before the rollout goes on",
    effect: "in place",
    unit: "s",
    source: "judgement: long enough for a crash after the first players",
  }),
});

const Worlds = z
  .strictObject({
    maxPlayers: field(z.int().min(1).max(100_000).default(2000), {
      description: "Players that one world holds (MAX_PLAYERS_PER_WORLD)",
      effect: "rolling",
      unit: "players",
      source: seed,
    }),
    groupSize: field(z.int().min(1).max(50).default(50), {
      description: "Worlds in one StatefulSet; groups roll side by side, worlds of one group one after the other",
      effect: "data at risk",
      source: "arithmetic: 50 worlds x 16 min is a night",
    }),
    diskSize: field(binarySize.default("10Gi"), {
      description: "Volume of one world; counts for groups created from now on, a claim never changes by itself",
      effect: "in place",
      source: seed,
    }),
    spreadHosts: field(z.enum(["required", "preferred"]).default("preferred"), {
      description: "Whether two worlds of a group may share a node when there are too few nodes",
      effect: "rolling",
      source: `${seed}: required anti-affinity`,
    }),
    resources: resources(serverSize, seed),
    loaderResources: resources({ requests: ["500m", "1Gi"], limits: ["1000m", "2Gi"] }, "judgement: loading a world"),
    ...drain(780, 90, "managed node pools end a drain after 1 h; 13 min is a session's end"),
    ...readiness(60, 60),
    rolloutWindowHours: field(z.int().min(1).max(168).default(24), {
      description: "Longest time that an update of all worlds may take; the rollout table is checked against it",
      effect: "none",
      unit: "h",
      source: "judgement",
    }),
    backup: z
      .strictObject({
        schedule: field(cron.default("15 * * * *"), {
          description: "When every world is saved and its volume snapshotted (cron, UTC)",
          effect: "in place",
          source: "judgement: an hour of play lost at most",
        }),
        drillSchedule: field(cron.default("45 * * * *"), {
          description: "When the newest snapshot of the world whose turn it is is restored and read (cron, UTC)",
          effect: "in place",
          source: "judgement: after the snapshots; 50 worlds have had their turn in two days",
        }),
        maxAgeHours: field(z.int().min(1).max(720).default(3), {
          description: "Age of a world's newest snapshot at which its drill fails",
          effect: "in place",
          unit: "h",
          source: "arithmetic: an hour between two, one that failed, and an hour for the turn",
        }),
        keep: field(z.int().min(1).max(500).default(48), {
          description: "Snapshots kept for each world",
          effect: "in place",
          source: "judgement: two days of hourly snapshots",
        }),
        snapshotClass: field(objectName.default(""), {
          description: "VolumeSnapshotClass; empty for the cluster's default",
          effect: "in place",
          source: "your cluster",
        }),
      })
      .prefault({}),
  })
  .prefault({});

const GameServers = z
  .strictObject({
    maxPlayers: field(z.int().min(1).max(100_000).default(2000), {
      description: "Players that one game server holds",
      effect: "rolling",
      unit: "players",
      source: `${seed}, MAX_PLAYERS_PER_WORLD`,
    }),
    playersPerServer: field(z.int().min(1).max(100_000).default(1500), {
      description: "Players per server that the autoscaler aims at",
      effect: "in place",
      unit: "players",
      source: "game design, HPA active_players_per_pod: 75 % of 2000",
    }),
    cpuPercent,
    memoryPercent: field(z.int().min(10).max(100).optional(), {
      description: "Memory in percent of the request at which servers are added; absent is off",
      effect: "in place",
      unit: "%",
      source: "game design, HPA: 80; off, since memory rarely falls when players leave",
    }),
    responseTimeMs: field(z.int().min(1).max(10_000).optional(), {
      description: "Mean response time at which servers are added; absent is off",
      effect: "in place",
      unit: "ms",
      source: "game design, HPA: 100; off, since a slow database would scale servers to their maximum",
    }),
    behavior: Behavior,
    surgePercent: field(z.int().min(1).max(100).default(10), {
      description: "Servers started beyond the count during a rollout",
      effect: "in place",
      unit: "%",
      source: "judgement: a small surge keeps quota and pool small (kubernetes/kubernetes#72775)",
    }),
    maxUnavailablePercent: field(z.int().min(1).max(50).default(5), {
      description: "Servers that a node drain may take at a time (disruption budget)",
      effect: "in place",
      unit: "%",
      source: "judgement",
    }),
    resources: resources(serverSize, seed),
    ...drain(540, 30, "cluster autoscaler ends a drain after 600 s (--max-graceful-termination-sec)"),
    ...readiness(60, 30),
  })
  .prefault({});

const service = (what: string, minReplicas: number, maxReplicas: number) =>
  z
    .strictObject({
      minReplicas: field(z.int().min(1).max(500).default(minReplicas), {
        description: `Pods of ${what} that are always there in a region`,
        effect: "in place",
        source: "judgement",
      }),
      maxReplicas: field(z.int().min(1).max(500).default(maxReplicas), {
        description: `Pods of ${what} that the autoscaler may reach`,
        effect: "in place",
        source: "judgement",
      }),
      cpuPercent,
      resources: resources({ requests: ["250m", "512Mi"], limits: ["1000m", "1Gi"] }, "judgement"),
    })
    .prefault({});

/** Schema of `realmgrid:game`. */
export const Game = z.strictObject({
  logLevel: field(z.enum(["DEBUG", "INFO", "WARN", "ERROR"]).default("INFO"), {
    description: "LOG_LEVEL of every workload",
    effect: "rolling",
    source: seed,
  }),
  motd: field(z.string().max(500).default("Welcome."), {
    description: "Message of the day, in the game servers' server.yaml",
    effect: "rolling",
    source: "judgement: the usual example of content in a ConfigMap",
  }),
  secretsGeneration: field(z.int().min(1).max(1_000_000).default(1), {
    description: "Raise it by one to make new session and mesh keys and roll all pods that use them",
    effect: "rolling",
    source: "judgement",
  }),
  worlds: Worlds,
  gameServers: GameServers,
  services: z
    .strictObject({
      auth: service("auth-service", 3, 10),
      player: service("player-service", 3, 10),
      guild: service("guild-service", 2, 6),
      world: service("world-service", 2, 6),
      matchmaking: service("matchmaking-service", 2, 6),
    })
    .prefault({}),
  quota: z
    .strictObject({
      growToFit: field(z.boolean().default(true), {
        description: "Computes the quota upward where a region's maxima need more than the base; false refuses them",
        effect: "in place",
        source: "arithmetic: the base holds 45 game servers, eu-west needs 60",
      }),
    })
    .prefault({}),
});

/** Parsed `realmgrid:game`. */
export type GameConfig = z.output<typeof Game>;
