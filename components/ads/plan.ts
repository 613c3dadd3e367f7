/** One environment of the ad platform in one region as plans: the numbers that capacity adds up and objects are built from. */
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import type { Call, NetworkNode } from "../cluster/network-policies.ts";
import type { AdConfig, AdEnvironment } from "../config/ads.ts";
import type { RegionConfig } from "../config/regions.ts";
import { adPath } from "../config/sections.ts";
import { backupNodes } from "../data/backup-jobs.ts";
import {
  type BackupPlan,
  backupWorkloads,
  planBackup,
  planValkeyBackup,
  withTargetClaim,
} from "../data/backup-plan.ts";
import { targetedBackups } from "../data/backup-target.ts";
import { type KafkaPlan, kafkaNetworkNodes, kafkaWorkloads, planKafka } from "../data/kafka-plan.ts";
import {
  type PostgresPlan,
  planPostgres,
  postgresNetworkNodes,
  postgresPorts,
  postgresStore,
  postgresWorkloads,
} from "../data/postgres-plan.ts";
import { planValkey, valkeyNode, valkeyStore } from "../data/valkey-plan.ts";
import { bytes } from "../kube/quantities.ts";
import { planService } from "../workload/service-plan.ts";
import { type AdServiceKey, adCallersOf, adNamespaces, adNetworkNodes, adServices, adStores } from "./workloads.ts";

/** One environment in one region. */
export interface AdPlan {
  environment: AdEnvironment;
  namespace: string;
  config: AdConfig;
  services: Record<AdServiceKey, WorkloadPlan>;
  postgres: PostgresPlan;
  valkey: WorkloadPlan;
  kafka: KafkaPlan;
  /** Absent where stores are not backed up. */
  backups?: { postgres: BackupPlan; redis: BackupPlan };
}

function planBackups({ postgres, valkey, backups }: AdConfig): Pick<AdPlan, "backups"> {
  const target = targetedBackups(backups)?.target;
  if (target === undefined) return {};
  const dataBytes = bytes(postgres.diskSize);
  const dumps = planBackup({ name: postgresStore, kind: "postgres", pool: "data", dataBytes });
  return { backups: { postgres: withTargetClaim(dumps, target), redis: planValkeyBackup(valkeyStore, valkey) } };
}

/** The plan of an environment; it is the same in every region. */
export function planAds(environment: AdEnvironment, config: AdConfig): AdPlan {
  const path = adPath(environment);
  const services = Object.fromEntries(
    adServices.map(({ key, name }) => [key, planService(name, config.services[key], config.services[key].surgePods)]),
  ) as AdPlan["services"];
  const postgres = planPostgres(
    config.postgres,
    adServices.flatMap(({ key, name, access }) => {
      const service = config.services[key];
      if (access === undefined || !("postgresPoolSize" in service)) return [];
      const where = `${path}.services.${key}.postgresPoolSize`;
      return [{ user: name, access, connections: service.postgresPoolSize, path: where, plans: [services[key]] }];
    }),
  );
  const kafka = planKafka(
    config.kafka,
    Object.entries(config.topics).map(([name, topic]) => ({ name, ...topic, path: `${path}.topics.${name}` })),
    adServices
      .filter((row) => row.calls.includes("kafka"))
      .map(({ name, produces, consumes }) => ({ user: name, produces, consumes, selector: { app: name } })),
  );
  return {
    environment,
    namespace: adNamespaces[environment],
    config,
    services,
    postgres,
    valkey: planValkey(config.valkey, adCallersOf("redis")),
    kafka,
    ...planBackups(config),
  };
}

/** All plans of an environment, for the sums. */
export function adWorkloads({ services, postgres, valkey, kafka, backups }: AdPlan): WorkloadPlan[] {
  const [first, ...others] = Object.values(services);
  if (first === undefined) throw new Error("the ad platform has no service");
  return [
    // The ConfigMap that all share is counted with the first.
    { ...first, objects: { ...first.objects, configMaps: 1 } },
    ...others,
    ...postgresWorkloads(postgres),
    valkey,
    ...kafkaWorkloads(kafka),
    ...Object.values(backups ?? {}).flatMap(backupWorkloads),
  ];
}

/** Calls to the archive of changes, where there is one. */
function archiveCalls({ postgres }: AdConfig): Call[] {
  return postgres.archive.objectStore === "" ? [] : [{ to: "internet" }];
}

/** Everything of an environment as nodes of the network graph; `traces` is the call of services to their collector. */
export function adNodes({ config, kafka, backups }: AdPlan, region: RegionConfig, traces: Call): NetworkNode[] {
  const { apiServerCidrs } = region;
  const target = targetedBackups(config.backups)?.target;
  return [
    ...adNetworkNodes(traces),
    ...postgresNetworkNodes({ postgres: config.postgres, apiServerCidrs, archive: archiveCalls(config) }),
    valkeyNode("redis", adStores.redis),
    ...kafkaNetworkNodes({ kafka: config.kafka, apiServerCidrs, plan: kafka }),
    ...(backups === undefined || target === undefined
      ? []
      : [
          // Straight to the servers: a dump needs one connection for itself, which poolers do not give.
          ...backupNodes(backups.postgres, { stores: ["postgres-server"], port: postgresPorts.server, target }),
          ...backupNodes(backups.redis, { stores: ["redis"], port: adStores.redis.port, target }),
        ]),
  ];
}
