/** AdPlatform: one environment of the ad platform in one region, beside the game and as guarded. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { createNetworkPolicies } from "../cluster/network-policies.ts";
import { tracesCall } from "../cluster/traces.ts";
import type { RegionConfig } from "../config/regions.ts";
import type { Config } from "../config/schema.ts";
import { contentChecksum } from "../kube/checksum.ts";
import { appliesWorkloads, deliveredOptions } from "../workload/delivered.ts";
import { AdData } from "./ad-data.ts";
import { AdServices } from "./ad-services.ts";
import { type AdPlan, adNodes } from "./plan.ts";
import { adPartOf, adSettingsName } from "./workloads.ts";

/** Arguments of `AdPlatform`. */
export interface AdPlatformArgs {
  config: Config;
  regionName: string;
  region: RegionConfig;
  plan: AdPlan;
}

/** What every service is told. The original's keys with dots could not be variables, and nobody read them. */
export function adSettings({ environment, config }: AdPlan, region: string): Record<string, string> {
  return { ENVIRONMENT: environment, REGION: region, LOG_LEVEL: config.logLevel };
}

/** Settings, stores, services and the network between them. */
export class AdPlatform extends pulumi.ComponentResource {
  constructor(name: string, args: AdPlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:ads:AdPlatform", name, {}, opts);
    const { config, regionName, region, plan } = args;
    const { namespace } = plan;
    const child = { parent: this };
    const labels = { "app.kubernetes.io/part-of": adPartOf, "app.kubernetes.io/managed-by": "realmgrid" };
    createNetworkPolicies(
      name,
      {
        namespace,
        labels,
        nodes: adNodes(plan, region, tracesCall(config.cluster)),
        gatewayNamespace: config.cluster.gatewayNamespace,
        monitoringNamespace: config.cluster.monitoringNamespace,
      },
      child,
    );
    const data = new AdData(`${name}-data`, { config, regionName, region, plan }, child);
    if (appliesWorkloads(config.delivery)) this.createWorkloads(name, args, labels, data.secrets);
    this.registerOutputs({});
  }

  private createWorkloads(
    name: string,
    { config, regionName, region, plan }: AdPlatformArgs,
    labels: Record<string, string>,
    secrets: readonly pulumi.Resource[],
  ): void {
    const child = { parent: this, ...deliveredOptions(config.delivery) };
    const settings = adSettings(plan, regionName);
    const configMap = new k8s.core.v1.ConfigMap(
      `${name}-settings`,
      { metadata: { name: adSettingsName, namespace: plan.namespace, labels }, data: settings },
      child,
    );
    const checksum = contentChecksum(settings, config.data.credentials.generation);
    new AdServices(
      `${name}-services`,
      { config, regionName, region, plan, checksum, needs: [configMap, ...secrets] },
      child,
    );
  }
}
