/** The services of the ad platform, one StatelessService for each row. */
import * as pulumi from "@pulumi/pulumi";
import { priorityClasses } from "../cluster/classes.ts";
import { agentsNamespace, prometheusAddress } from "../config/cluster.ts";
import type { RegionConfig } from "../config/regions.ts";
import type { Config } from "../config/schema.ts";
import { checksumAnnotation, labels, madeElsewhere } from "../kube/labels.ts";
import { recordedQuery } from "../kube/metrics.ts";
import { probes } from "../kube/probes.ts";
import { valkeyTlsSecrets } from "../kube/stores.ts";
import { tracingEnvironment } from "../kube/tracing.ts";
import { cpuTrigger, memoryTrigger, prometheusTrigger, type ScalingArgs } from "../workload/autoscaling.ts";
import type { EnvironmentValue } from "../workload/pod.ts";
import { serviceGrace } from "../workload/service-plan.ts";
import { StatelessService } from "../workload/stateless-service.ts";
import { biddingEnvironment, latencyBudget } from "./latency-budget.ts";
import type { AdPlan } from "./plan.ts";
import {
  type AdRow,
  adMetricsPort,
  adPartOf,
  adServices,
  adSettingsName,
  adStoreEnvironment,
  httpPort,
} from "./workloads.ts";

/** Arguments of `AdServices`. */
export interface AdServicesArgs {
  config: Config;
  /** Name and configuration of the region. */
  regionName: string;
  region: RegionConfig;
  plan: AdPlan;
  /** Checksum of the settings, which rolls the pods. */
  checksum: string;
  /** ConfigMap and Secrets. */
  needs: pulumi.Resource[];
}

/** Largest size of the logs that a pod may keep before the log collector has them (judgement). */
const logsSize = "1Gi";

/** How a service scales: on requests first, on CPU and memory if that metric vanishes. */
export function adScaling(row: AdRow, { config, namespace, services }: AdPlan, prometheusUrl: string): ScalingArgs {
  const service = config.services[row.key];
  const plan = services[row.key];
  return {
    minReplicas: plan.minReplicas,
    maxReplicas: plan.maxReplicas,
    behavior: service.behavior,
    keepWhenBlind: true,
    triggers: [
      prometheusTrigger({
        name: "requests",
        serverAddress: prometheusUrl,
        query: recordedQuery("requests", namespace, row.name),
        threshold: service.requestsPerSecond,
        metricType: "AverageValue",
      }),
      cpuTrigger(service.resources, service.cpuPercent),
      ...("memoryPercent" in service && service.memoryPercent !== undefined
        ? [memoryTrigger(service.resources, service.memoryPercent)]
        : []),
    ],
  };
}

function environment(row: AdRow, { config }: AdPlan): Record<string, EnvironmentValue> {
  return {
    POD_NAME: { fieldRef: { fieldPath: "metadata.name" } },
    // As many threads as there is CPU: more of them would use up a period's share at once and wait for the next.
    CPU_LIMIT: { resourceFieldRef: { resource: "limits.cpu", divisor: "1" } },
    ...adStoreEnvironment(row, config),
    ...(row.key === "bidding" ? biddingEnvironment(latencyBudget({ ...config.services.bidding })) : {}),
  };
}

/** See `AdServicesArgs`. */
export class AdServices extends pulumi.ComponentResource {
  constructor(name: string, args: AdServicesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:ads:AdServices", name, {}, opts);
    const { config, region, plan } = args;
    const { configName } = plan.config;
    const { pullSecret } = config.images;
    for (const row of adServices) {
      const selector = { app: row.name };
      const service = plan.config.services[row.key];
      new StatelessService(
        `${name}-${row.key}`,
        {
          plan: plan.services[row.key],
          namespace: plan.namespace,
          selector,
          labels: labels(selector, { component: "service", partOf: adPartOf }),
          serviceName: row.name,
          ports: [
            { name: httpPort.name, port: httpPort.servicePort, appProtocol: "http" },
            { ...adMetricsPort, appProtocol: "http" },
          ],
          // A bid has no time for another zone; where its own has no pod, any will do.
          ...(row.key === "bidding" ? { trafficDistribution: "PreferSameZone" as const } : {}),
          scaling: adScaling(row, plan, prometheusAddress(config.cluster)),
          maxSurge: service.surgePods,
          maxUnavailable: 1,
          needs: args.needs,
          pod: {
            annotations: {
              [checksumAnnotation]: args.checksum,
              ...madeElsewhere({
                Secret: [
                  ...(pullSecret ? [pullSecret] : []),
                  ...(row.calls.includes("redis") ? valkeyTlsSecrets(plan.config.valkey) : []),
                ],
                ConfigMap: configName === "" ? [] : [configName],
              }),
            },
            priorityClass: priorityClasses.ads.name,
            pool: { name: "services", dedicated: region.pools.services.dedicated },
            ...(pullSecret ? { pullSecret } : {}),
            volumes: [
              ...(configName === "" ? [] : [{ name: "config", configMap: { name: configName } }]),
              { name: "logs", emptyDir: { sizeLimit: logsSize } },
            ],
            containers: [
              {
                name: row.name,
                image: config.images[row.image],
                size: service.resources,
                ports: { [httpPort.name]: httpPort.port, [adMetricsPort.name]: adMetricsPort.port },
                environmentFrom: [adSettingsName],
                environment: {
                  ...environment(row, plan),
                  ...tracingEnvironment({
                    agentsNamespace: agentsNamespace(config.cluster),
                    service: row.name,
                    region: args.regionName,
                    image: config.images[row.image],
                    headPercent: config.monitoring.tracing.headPercent,
                  }),
                },
                probes: probes(adMetricsPort.name, row.probeTimes),
                preStop: { sleep: { seconds: serviceGrace.preStopSeconds } },
                mounts: [
                  ...(configName === "" ? [] : [{ name: "config", mountPath: "/app/config", readOnly: true }]),
                  { name: "logs", mountPath: "/app/logs" },
                ],
              },
            ],
          },
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}
