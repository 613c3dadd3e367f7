/** `realmgrid:ads`: the ad platform, an environment for each namespace. */
import { z } from "zod";
import { Valkey } from "./data.ts";
import { Kafka, Postgres } from "./data-ads.ts";
import { DataBackups } from "./data-backups.ts";
import {
  binarySize,
  dnsName,
  type Effect,
  field,
  hostName,
  objectName,
  type ResourceDefaults,
  resources,
} from "./fields.ts";
import { type BehaviorDefaults, behavior, cpuPercentOf } from "./scaling.ts";

/** Environments, each with a namespace of its own; the names are those of the original design. */
export const adEnvironments = ["production", "staging"] as const;

/** Name of an environment. */
export type AdEnvironment = (typeof adEnvironments)[number];

const hpa = "ad design, HPA";

interface ServiceDefaults {
  what: string;
  replicas: [minimum: number, maximum: number];
  surgePods: number;
  size: ResourceDefaults;
  cpuPercent: number;
  behavior: Omit<BehaviorDefaults, "source">;
  source: string;
}

function service({ what, replicas, surgePods, size, source, ...more }: ServiceDefaults) {
  return {
    minReplicas: field(z.int().min(1).max(500).default(replicas[0]), {
      description: `Pods of ${what} that are always there`,
      effect: "in place",
      source,
    }),
    maxReplicas: field(z.int().min(1).max(500).default(replicas[1]), {
      description: `Pods of ${what} that the autoscaler may reach`,
      effect: "in place",
      source,
    }),
    surgePods: field(z.int().min(1).max(50).default(surgePods), {
      description: "Pods that a rollout starts beyond those running; none is taken away before its successor is ready",
      effect: "in place",
      source,
    }),
    resources: resources(size, source),
    cpuPercent: cpuPercentOf(more.cpuPercent, source),
    behavior: behavior({ ...more.behavior, source }),
  };
}

const requests = (metric: string, perPod: number, source: string, effect: Effect = "in place") =>
  field(z.int().min(1).max(100_000).default(perPod), {
    description: `Requests per second and pod that the autoscaler aims at (${metric})`,
    effect,
    unit: "1/s",
    source,
  });

const memoryPercent = (percent: number | undefined, source: string) => {
  const number = z.int().min(10).max(100);
  return field(percent === undefined ? number.optional() : number.default(percent), {
    description: "Memory in percent of the request at which pods are added",
    effect: "in place",
    unit: "%",
    source,
  });
};

const pool = (what: string, size: number) =>
  field(z.int().min(1).max(200).default(size), {
    description: `Connections that one pod of ${what} keeps open to PostgreSQL's poolers (POSTGRES_POOL_SIZE)`,
    effect: "rolling",
    source: "judgement; the sum over all pods is checked against postgres.pooler.maxClients",
  });

const small: ServiceDefaults["size"] = { requests: ["200m", "256Mi"], limits: ["500m", "512Mi"] };
const calm = {
  up: { stabilizationSeconds: 60, percent: 100, pods: 2, periodSeconds: 60, select: "Max" },
  down: { stabilizationSeconds: 300, percent: 10, periodSeconds: 60 },
} as const;

const Services = z
  .strictObject({
    campaign: z
      .strictObject({
        ...service({
          what: "campaign-service",
          replicas: [3, 20],
          surgePods: 1,
          size: small,
          cpuPercent: 70,
          behavior: calm,
          source: hpa,
        }),
        memoryPercent: memoryPercent(80, hpa),
        requestsPerSecond: requests("http_requests_total", 100, hpa),
        postgresPoolSize: pool("campaign-service", 5),
      })
      .prefault({}),
    bidding: z
      .strictObject({
        ...service({
          what: "bidding-service",
          replicas: [5, 50],
          surgePods: 2,
          size: { requests: ["500m", "512Mi"], limits: ["1000m", "1Gi"] },
          cpuPercent: 60,
          behavior: {
            // With the larger of the two, one pod never counts beside 200 %.
            up: { stabilizationSeconds: 30, percent: 200, pods: 1, periodSeconds: 30, select: "Max" },
            // The original said nothing, which allows all pods to go in 15 s.
            down: calm.down,
          },
          source: hpa,
        }),
        requestsPerSecond: requests(
          "bid_requests_total",
          500,
          `${hpa}; connections and limits of a pod derive from it`,
          "rolling",
        ),
        budgetMs: field(z.int().min(50).max(2000).default(100), {
          description: "Time from the exchange's request to our answer; every timeout of the way derives from it",
          effect: "rolling",
          unit: "ms",
          source: "ad design, BID_TIMEOUT_MS and the alert on latency",
          why: "an answer that comes later is not looked at",
        }),
      })
      .prefault({}),
    analytics: z
      .strictObject({
        ...service({
          what: "analytics-service",
          replicas: [2, 10],
          surgePods: 1,
          size: small,
          cpuPercent: 70,
          behavior: calm,
          source: "judgement: the original routes to it and does not describe it",
        }),
        requestsPerSecond: requests("http_requests_total", 100, "judgement, as campaign-service"),
        postgresPoolSize: pool("analytics-service", 5),
      })
      .prefault({}),
  })
  .prefault({});

const topic = (what: string, defaults: { partitions: number; retentionHours: number; partitionSize: string }) =>
  z
    .strictObject({
      partitions: field(z.int().min(1).max(1000).default(defaults.partitions), {
        description: `Partitions of ${what}: so many consumers of one group share the work; may grow, never shrinks`,
        effect: "in place",
        source: "judgement",
      }),
      retentionHours: field(z.int().min(1).max(8760).default(defaults.retentionHours), {
        description: "Time that a message is kept",
        effect: "in place",
        unit: "h",
        source: "judgement",
      }),
      partitionSize: field(binarySize.default(defaults.partitionSize), {
        description: "Most that one copy of a partition keeps, whatever its age; checked against kafka.diskSize",
        effect: "in place",
        source: "judgement",
      }),
    })
    .prefault({});

const host = (sample: string) =>
  field(hostName.default(sample), {
    description: "Public host name",
    effect: "in place",
    source: "ad design, Ingress: a sample name, replace it",
  });

const AdEnvironmentConfig = z.strictObject({
  regions: field(z.array(dnsName(30)).min(1), {
    description: "Regions that run it, by name",
    effect: "data at risk",
    source: "your clusters",
  }),
  hosts: z.strictObject({ api: host("api.adplatform.com"), bidding: host("bidding.adplatform.com") }).prefault({}),
  logLevel: field(z.enum(["DEBUG", "INFO", "WARN", "ERROR"]).default("INFO"), {
    description: "LOG_LEVEL of every service",
    effect: "rolling",
    source: "ad design, ConfigMap ad-platform-config",
  }),
  services: Services,
  topics: z
    .strictObject({
      bids: topic("bids and their outcomes", { partitions: 12, retentionHours: 24, partitionSize: "1Gi" }),
      campaigns: topic("changes of campaigns", { partitions: 3, retentionHours: 168, partitionSize: "256Mi" }),
    })
    .prefault({}),
  postgres: Postgres,
  valkey: Valkey({
    size: { requests: ["100m", "256Mi"], limits: ["500m", "1Gi"] },
    diskSize: "10Gi",
    source: "ad design, Redis manifest",
  }),
  kafka: Kafka,
  backups: DataBackups,
  quota: z
    .strictObject({
      growToFit: field(z.boolean().default(true), {
        description: "Computes the quota upward where the maxima need more than the base; false refuses them",
        effect: "in place",
        source: "arithmetic, as game.quota.growToFit",
      }),
    })
    .prefault({}),
  configName: field(objectName.default(""), {
    description: "Name of an existing ConfigMap whose keys are files in /app/config of every service; empty for none",
    effect: "rolling",
    source: "ad design: a ConfigMap that it mounts and never defines",
  }),
});

/** Schema of `realmgrid:ads`. */
export const Ads = z.strictObject({
  production: AdEnvironmentConfig.optional().meta({
    description: "The environment that serves; absent: it runs nowhere",
  }),
  staging: AdEnvironmentConfig.optional().meta({
    description: "A second one with sizes of its own, in a namespace that never reaches production",
  }),
});

/** Parsed configuration of an environment. */
export type AdConfig = z.output<typeof AdEnvironmentConfig>;
