/** A region as monitoring sees it, with the numbers of us-west in Pulumi.prod.yaml. */
import type { ScrapeTarget, Watched, WatchedJob, WatchedService } from "../../../components/monitoring/watched.ts";

const game = "mmorpg-game";
const ads = "ad-platform";

function service(name: string, namespace: string, [minReplicas, maxReplicas]: readonly [number, number]) {
  return { name, namespace, deployment: name, minReplicas, maxReplicas, errorPercent: 5, restarts: 3 };
}

const gameServices: readonly WatchedService[] = [
  service("auth-service", game, [3, 10]),
  service("player-service", game, [3, 10]),
  service("guild-service", game, [2, 6]),
  service("world-service", game, [2, 6]),
  service("matchmaking-service", game, [2, 6]),
];

const adServices: readonly WatchedService[] = [
  service("campaign-service", ads, [5, 20]),
  service("bidding-service", ads, [5, 50]),
  service("analytics-service", ads, [2, 10]),
];

function target(namespace: string, name: string, [port, pods, intervalSeconds]: readonly [number, number, number?]) {
  const scrape = { port, ...(intervalSeconds === undefined ? {} : { intervalSeconds }) };
  return { name, namespace, selector: { app: name }, scrapes: [scrape], pods } satisfies ScrapeTarget;
}

function jobs(namespace: string, stores: readonly string[]): WatchedJob[] {
  return stores.flatMap((store): WatchedJob[] => [
    { namespace, cronJob: `${store}-backup`, purpose: "backup", maxAgeSeconds: 93_600 },
    { namespace, cronJob: `${store}-drill`, purpose: "drill", maxAgeSeconds: 8 * 86_400 },
  ]);
}

/** The region us-west with both platforms; `overrides` replace whole parts. */
export function sampleWatched(overrides: Partial<Watched> = {}): Watched {
  return {
    region: "us-west",
    targets: [
      target(game, "game-world-server", [9090, 5]),
      target(game, "game-server", [9090, 100]),
      ...gameServices.map(({ name, maxReplicas }) => target(game, name, [9090, maxReplicas + 1])),
      target(game, "mysql-server", [9104, 3]),
      target(game, "redis", [9121, 6]),
      target(ads, "campaign-service", [9090, 21, 10]),
      target(ads, "bidding-service", [9090, 52, 5]),
      target(ads, "analytics-service", [9090, 11]),
      target(ads, "postgres-server", [9187, 3]),
      target(ads, "postgres", [9127, 4]),
      target(ads, "redis", [9121, 6]),
      target(ads, "kafka", [9404, 3]),
    ],
    namespaces: [game, ads, "monitoring"],
    quietNamespaces: [],
    game: {
      namespace: game,
      maxPlayers: 2000,
      servers: {
        name: "game-server",
        namespace: game,
        deployment: "game-server-us-west",
        minReplicas: 5,
        maxReplicas: 50,
        errorPercent: 5,
        restarts: 3,
      },
      serverGraceSeconds: 600,
      worldGraceSeconds: 900,
      worldService: "game-world-server",
      worlds: [{ statefulSet: "game-world-servers", replicas: 5 }],
      // Stop 900 + schedule 5 + attach 30 + boot 60: a deleted pod, the longest that needs no person.
      worldRecoverySeconds: 995,
      worldSaveSeconds: 4200,
      services: gameServices,
      authService: "auth-service",
      matchmakingService: "matchmaking-service",
    },
    ads: [
      {
        environment: "production",
        namespace: ads,
        services: adServices,
        biddingService: "bidding-service",
        budgetSeconds: 0.1,
      },
    ],
    stores: [
      { kind: "mysql", namespace: game, service: "mysql-server", servers: 3, lostSeconds: 0, backSeconds: 22 },
      { kind: "valkey", namespace: game, service: "redis", servers: 6, lostSeconds: 1, backSeconds: 7.5 },
      { kind: "postgres", namespace: ads, service: "postgres-server", servers: 3, lostSeconds: 0, backSeconds: 30 },
      { kind: "valkey", namespace: ads, service: "redis", servers: 6, lostSeconds: 1, backSeconds: 7.5 },
      { kind: "kafka", namespace: ads, service: "kafka", servers: 3, lostSeconds: 0, backSeconds: 10 },
    ],
    jobs: [
      { namespace: game, cronJob: "world-backup", purpose: "backup", maxAgeSeconds: 3 * 3600 },
      { namespace: game, cronJob: "world-drill", purpose: "drill", maxAgeSeconds: 3 * 3600 },
      ...jobs(game, ["mysql", "redis"]),
      ...jobs(ads, ["postgres", "redis"]),
    ],
    probes: ["https://api.ads.example.com/"],
    thresholds: {
      playersPercent: 90,
      responseTimeMs: 200,
      databaseErrors: 10,
      memoryPercent: 90,
      quotaPercent: 85,
      volumePercent: 85,
      certificateDays: 14,
    },
    ...overrides,
  };
}
