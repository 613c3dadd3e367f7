/**
 * What monitoring watches in one region, as plain facts that the plans of game, ads and stores hand over. Alerts and
 * dashboards get their numbers from here only, so that they change with the configuration.
 */
import type { Scrape } from "../cluster/network-policies.ts";
import type { AdEnvironment } from "../config/ads.ts";
import type { SelectorLabels } from "../kube/labels.ts";

/** Pods that are scraped. Every series of theirs has the labels namespace, pod, container, and `service` = `name`. */
export interface ScrapeTarget {
  /** Name of the node of the network graph, for example `game-server`, `redis`, `postgres-server`. */
  name: string;
  namespace: string;
  selector: SelectorLabels;
  scrapes: readonly Scrape[];
  /** Most pods that there may be at one time. */
  pods: number;
}

/** A Deployment that an autoscaler owns, and what it promises. */
export interface WatchedService {
  /** Value of the label `service`, for example `auth-service`. */
  name: string;
  namespace: string;
  /** Name of Deployment and autoscaler; `game-server-us-west` for game servers, else the same as `name`. */
  deployment: string;
  minReplicas: number;
  maxReplicas: number;
  /** Failed requests in percent over five minutes that are too many. */
  errorPercent: number;
  /** Restarts of a container in 15 minutes that are no accident any more. */
  restarts: number;
}

/** A store. */
export interface WatchedStore {
  kind: "mysql" | "valkey" | "postgres" | "kafka";
  namespace: string;
  /** Value of the label `service` of its servers' metrics: `mysql-server`, `redis`, `postgres-server`, `kafka`. */
  service: string;
  /** Servers that should be there. */
  servers: number;
  /** Seconds of confirmed changes that may be lost with one server; also the most that a follower may lag. */
  lostSeconds: number;
  /** Seconds until it should serve again after the loss of one server. */
  backSeconds: number;
}

/** A scheduled job whose last success must not be older than `maxAgeSeconds`. */
export interface WatchedJob {
  namespace: string;
  cronJob: string;
  purpose: "backup" | "drill";
  maxAgeSeconds: number;
}

/** A StatefulSet of worlds. */
export interface WatchedWorlds {
  statefulSet: string;
  replicas: number;
}

/** One region. */
export interface Watched {
  /** Label `region` of every series. */
  region: string;
  targets: readonly ScrapeTarget[];
  /** Namespaces with a ResourceQuota, the monitoring's own among them. */
  namespaces: readonly string[];
  /** Namespaces where nobody plays or pays: their alerts wake nobody. */
  quietNamespaces: readonly string[];
  game: {
    namespace: string;
    /** Players that one game server, and one world, takes at most. */
    maxPlayers: number;
    servers: WatchedService;
    /** Seconds that a game server, and a world, may drain: grace period of their pods. */
    serverGraceSeconds: number;
    worldGraceSeconds: number;
    /** Value of the label `service` of worlds. */
    worldService: string;
    worlds: readonly WatchedWorlds[];
    /** Longest computed time in seconds until a killed world serves again. */
    worldRecoverySeconds: number;
    /** Seconds after which a world must have saved again. */
    worldSaveSeconds: number;
    services: readonly WatchedService[];
    /** Value of the label `service` of the one that logs players in, and of the one that matches them. */
    authService: string;
    matchmakingService: string;
  };
  ads: readonly {
    environment: AdEnvironment;
    namespace: string;
    services: readonly WatchedService[];
    /** Value of the label `service` of the one that bids, and its budget in seconds. */
    biddingService: string;
    budgetSeconds: number;
  }[];
  stores: readonly WatchedStore[];
  jobs: readonly WatchedJob[];
  /** Public addresses that are asked from inside, each an `https://` URL. */
  probes: readonly string[];
  /** Thresholds that the configuration sets; see `monitoring.thresholds`. */
  thresholds: Thresholds;
}

/** Thresholds that people may set. */
export interface Thresholds {
  /** Players in percent of `maxPlayers` at which a server counts as nearly full. */
  playersPercent: number;
  /** 99th percentile of the response time in milliseconds. */
  responseTimeMs: number;
  /** Broken database connections in five minutes. */
  databaseErrors: number;
  /** Memory in percent of the limit. */
  memoryPercent: number;
  /** Quota in percent. */
  quotaPercent: number;
  /** Volume in percent. */
  volumePercent: number;
  /** Days before a certificate ends. */
  certificateDays: number;
}
