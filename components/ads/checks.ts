/** What the arithmetic refuses of the ad platform before anything is applied. */
import { limitRangeMistakes, type NamespacePaths, type SizePaths } from "../capacity/checks.ts";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import type { Mistake } from "../config/mistakes.ts";
import { adPath } from "../config/sections.ts";
import { kafkaClusterName, kafkaMistakes } from "../data/kafka-plan.ts";
import { postgresClusterName, postgresConnectionMistakes } from "../data/postgres-plan.ts";
import { postgresSize, postgresSizeMistakes } from "../data/postgres-settings.ts";
import { valkeyName } from "../data/valkey-plan.ts";
import { type AdPlan, adWorkloads } from "./plan.ts";
import { adServices } from "./workloads.ts";

/** Where the sizes of an environment stand. */
export function adPaths({ environment, services, postgres }: AdPlan): NamespacePaths {
  const path = adPath(environment);
  return {
    pods: { path: `${path}.services.bidding.maxReplicas`, decides: ({ name }) => name === services.bidding.name },
    volumes: { path: `${path}.postgres.instances`, decides: ({ name }) => name === postgres.servers.name },
    growToFit: `${path}.quota.growToFit`,
  };
}

function sizePaths({ environment }: AdPlan): (plan: WorkloadPlan) => SizePaths {
  const path = adPath(environment);
  const store = (name: string, containers: number): SizePaths => ({
    containers: Array.from({ length: containers }, () => `${path}.${name}.resources`),
    claim: `${path}.${name}.diskSize`,
  });
  return ({ name }) => {
    const row = adServices.find((one) => one.name === name);
    if (row !== undefined) return { containers: [`${path}.services.${row.key}.resources`] };
    if (name === postgresClusterName) return { ...store("postgres", 2), secondClaim: `${path}.postgres.walDiskSize` };
    if (name === valkeyName) return store("valkey", 1);
    return name === `${kafkaClusterName}-brokers` ? store("kafka", 2) : { containers: [] };
  };
}

/** Sizes that the namespace refuses, connections that do not fit, topics that no disk holds. */
export function adMistakes(plan: AdPlan): Mistake[] {
  const { config, postgres, kafka } = plan;
  const path = adPath(plan.environment);
  return [
    ...limitRangeMistakes(adWorkloads(plan), sizePaths(plan)),
    ...postgresSizeMistakes(`${path}.postgres`, postgresSize(config.postgres)),
    ...postgresConnectionMistakes(`${path}.postgres`, config.postgres, postgres),
    ...kafkaMistakes(`${path}.kafka`, config.kafka, kafka),
  ];
}
