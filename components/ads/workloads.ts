/**
 * The ad platform as rows: who runs, who calls whom. Environment, network policies, capacity and
 * objects are all derived from here. A new service is one row and its sizes in config/ads.ts.
 */
import type { Call, NetworkNode } from "../cluster/network-policies.ts";
import type { AdConfig, AdEnvironment } from "../config/ads.ts";
import type { ImagesConfig } from "../config/images.ts";
import { kafkaService, kafkaStore } from "../data/kafka-plan.ts";
import type { PostgresCaller } from "../data/postgres-plan.ts";
import { postgresService, postgresStore } from "../data/postgres-plan.ts";
import { valkeyStore } from "../data/valkey-plan.ts";
import type { ProbeTimes } from "../kube/probes.ts";
import { credential, credentialKeys, type Store, valkeyTlsEnvironment } from "../kube/stores.ts";
import type { EnvironmentValue } from "../workload/pod.ts";

/** Namespaces by environment, as the original design names them. */
export const adNamespaces: Readonly<Record<AdEnvironment, string>> = {
  production: "ad-platform",
  staging: "ad-platform-staging",
};

/** Label `app.kubernetes.io/part-of` of everything here. */
export const adPartOf = "ad-platform";

/** Name of the ConfigMap whose keys are environment variables of every service, as in the original design. */
export const adSettingsName = "ad-platform-config";

/** Port of requests; the Service has it as 80. */
export const httpPort = { name: "http", port: 8080, servicePort: 80 } as const;

/** Port of metrics and health. The original's bidding had none, so nobody could have scraped it. */
export const adMetricsPort = { name: "metrics", port: 9090 } as const;

/** The stores of the ad platform as its services see them, with the names of the original's shared configuration. */
export const adStores = {
  postgres: postgresService,
  redis: {
    service: "redis-service",
    hostVariable: "REDIS_HOST",
    port: 6379,
    podPorts: [6379],
    podLabels: { app: "redis-cluster" },
    exporterPort: 9121,
  },
  kafka: kafkaService,
} as const satisfies Record<string, Store>;

/** Name of a store. */
export type AdStore = keyof typeof adStores;

/** Key of a service in the configuration. */
export type AdServiceKey = keyof AdConfig["services"];

/** Topics of Kafka by name. */
export type AdTopic = keyof AdConfig["topics"];

/** One service. */
export interface AdRow {
  key: AdServiceKey;
  /** Name of Deployment, Service, account and users. */
  name: string;
  image: Exclude<keyof ImagesConfig, "pullSecret">;
  calls: readonly AdStore[];
  /** What it may do in the database; with a call to `postgres` only. */
  access?: PostgresCaller["access"];
  produces: readonly AdTopic[];
  consumes: readonly AdTopic[];
  /** Counter of requests that it is scaled on. */
  requestsMetric: "http_requests_total" | "bid_requests_total";
  probeTimes: ProbeTimes;
  /** Seconds between two scrapes where the original design says so. */
  scrapeSeconds?: number;
}

/** Probes of the original's campaign-service; its 30 s of delay are six tries of the startup probe. */
const calmProbes: ProbeTimes = {
  startup: { periodSeconds: 5, failureThreshold: 12, timeoutSeconds: 3 },
  live: { periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 5 },
  ready: { periodSeconds: 5, failureThreshold: 3, timeoutSeconds: 3 },
};

/**
 * Bidding: the original restarted a pod after 15 s without a quick answer, which under a storm of bids restarts them all.
 * Overload is told by readiness, every 3 s; liveness is for what hangs.
 */
const biddingProbes: ProbeTimes = {
  startup: { periodSeconds: 5, failureThreshold: 12, timeoutSeconds: 3 },
  live: { periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5 },
  ready: { periodSeconds: 3, failureThreshold: 3, timeoutSeconds: 2 },
};

/** The services. */
export const adRows = [
  {
    key: "campaign",
    name: "campaign-service",
    image: "campaignService",
    calls: ["postgres", "redis", "kafka"],
    access: "write",
    produces: ["campaigns"],
    consumes: [],
    requestsMetric: "http_requests_total",
    probeTimes: calmProbes,
    scrapeSeconds: 10,
  },
  {
    key: "bidding",
    name: "bidding-service",
    image: "biddingService",
    // Not PostgreSQL: a bid waits for memory, never for a disk. It hears of campaigns by Kafka.
    calls: ["redis", "kafka"],
    produces: ["bids"],
    consumes: ["campaigns"],
    requestsMetric: "bid_requests_total",
    probeTimes: biddingProbes,
    scrapeSeconds: 5,
  },
  {
    key: "analytics",
    name: "analytics-service",
    image: "analyticsService",
    calls: ["postgres", "kafka"],
    access: "read",
    produces: [],
    consumes: ["bids", "campaigns"],
    requestsMetric: "http_requests_total",
    probeTimes: calmProbes,
  },
] as const satisfies readonly AdRow[];

/** The rows without their literal types. */
export const adServices: readonly AdRow[] = adRows;

function call(store: AdStore): Call {
  return { to: store, ports: adStores[store].podPorts };
}

/**
 * The services as nodes of the network graph, each with the call to `traces`. They do not call each other: they meet in
 * the stores.
 */
export function adNetworkNodes(traces: Call): NetworkNode[] {
  return adServices.map(({ name, calls, scrapeSeconds }) => ({
    name,
    selector: { app: name },
    calls: [...calls.map(call), traces],
    publicPorts: [httpPort.port],
    scrapes: [{ port: adMetricsPort.port, ...(scrapeSeconds === undefined ? {} : { intervalSeconds: scrapeSeconds }) }],
  }));
}

/** Names of the services that call a store, which are the names of its users too. */
export function adCallersOf(store: AdStore): string[] {
  return adServices.filter((row) => row.calls.includes(store)).map((row) => row.name);
}

function login(prefix: string, store: string, user: string): Record<string, EnvironmentValue> {
  return {
    [`${prefix}_USER`]: credential(store, user, credentialKeys.username),
    [`${prefix}_PASSWORD`]: credential(store, user, credentialKeys.password),
  };
}

/** How a service finds its stores and logs in. Names are short: they are those of its own namespace, never another's. */
export function adStoreEnvironment(row: AdRow, config: AdConfig): Record<string, EnvironmentValue> {
  const { postgres, redis, kafka } = adStores;
  const of = (store: AdStore, environment: Record<string, EnvironmentValue>) =>
    row.calls.includes(store) ? environment : {};
  const pool = { ...config.services[row.key] };
  return {
    ...of("postgres", {
      DATABASE_URL: credential(postgresStore, row.name, "url"),
      [postgres.hostVariable]: postgres.service,
      POSTGRES_PORT: String(postgres.port),
      POSTGRES_DATABASE: config.postgres.database,
      ...("postgresPoolSize" in pool ? { POSTGRES_POOL_SIZE: String(pool.postgresPoolSize) } : {}),
      ...login("POSTGRES", postgresStore, row.name),
    }),
    ...of("redis", {
      [redis.hostVariable]: redis.service,
      REDIS_PORT: String(redis.port),
      // Clients have to follow the cluster's redirections.
      REDIS_MODE: "cluster",
      ...login("REDIS", valkeyStore, row.name),
      ...valkeyTlsEnvironment(config.valkey),
    }),
    ...of("kafka", {
      [kafka.hostVariable]: `${kafka.service}:${kafka.port}`,
      KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
      KAFKA_SECURITY_PROTOCOL: "SASL_PLAINTEXT",
      ...login("KAFKA", kafkaStore, row.name),
    }),
  };
}
