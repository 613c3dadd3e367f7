/** Prometheus and Alertmanager of a region as custom resources of the Prometheus operator. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { SeriesPlan } from "../capacity/series.ts";
import type { ContainerSize, WorkloadPlan } from "../capacity/workload-plan.ts";
import { priorityClasses } from "../cluster/classes.ts";
import type { MonitoringConfig } from "../config/monitoring.ts";
import { labels as commonLabels, madeElsewhere } from "../kube/labels.ts";
import { bytes } from "../kube/quantities.ts";
import {
  containerSecurityContext,
  exceptionAnnotations,
  podSecurityContext,
  type SecurityException,
} from "../kube/security.ts";
import { alertmanagerImage, alertmanagerVersion, prometheusImage, prometheusVersion } from "../kube/versions.ts";
import { clusterReader, serviceAccount } from "../workload/account.ts";
import { disruptionBudget } from "../workload/disruption.ts";
import { hostSpread, type OperatedPool, poolTolerations, resourcesOf, zoneSpread } from "../workload/placement.ts";
import { alertmanagerConfig, alertmanagerSecrets } from "./alertmanager-config.ts";
import { type RuleGroup, ruleFile } from "./alerts/alert.ts";
import {
  alertmanagerDisk,
  alertmanagerName,
  alertmanagerSize,
  monitoringPartOf,
  operatedName,
  prometheusDisk,
  prometheusName,
  prometheusSize,
  reloaderSize,
  scrapeIntervalSeconds,
} from "./prometheus-plan.ts";

/** Arguments of `Prometheus`. */
export interface PrometheusArgs {
  config: MonitoringConfig;
  regionName: string;
  namespace: string;
  /** Labels of everything here; Prometheus finds its monitors and rules by them. */
  labels: Record<string, string>;
  plans: { prometheus: WorkloadPlan; alertmanager: WorkloadPlan };
  series: SeriesPlan;
  rules: readonly RuleGroup[];
  /** Namespaces whose alerts wake nobody. */
  quietNamespaces: readonly string[];
  pool: OperatedPool;
  /** StorageClass of the volumes; empty for the cluster's default. */
  storageClass: string;
}

const discovery: SecurityException = {
  allow: "service-account-token",
  because: "Prometheus asks the API server which pods there are",
  until: "2027-12-31",
};

const reloader = "config-reloader";

/** Sizes and hardening of the containers that the operator adds; it lays them over its own by name. */
function operated(server: { name: string; size: ContainerSize }) {
  const container = (name: string, size: ContainerSize) => ({
    name,
    resources: resourcesOf(size),
    securityContext: containerSecurityContext(),
  });
  return {
    containers: [container(server.name, server.size), container(reloader, reloaderSize)],
    initContainers: [container(`init-${reloader}`, reloaderSize)],
  };
}

function claim(size: string, storageClass: string) {
  return {
    volumeClaimTemplate: {
      spec: {
        accessModes: ["ReadWriteOnce"],
        ...(storageClass === "" ? {} : { storageClassName: storageClass }),
        resources: { requests: { storage: size } },
      },
    },
  };
}

interface Placed {
  name: string;
  plan: WorkloadPlan;
  pool: OperatedPool;
  annotations: Record<string, string>;
}

/** What both have in common: labels, where the pods run, how they are hardened. */
function placed({ name, plan, pool, annotations }: Placed) {
  const selector = { app: name };
  return {
    podMetadata: {
      labels: commonLabels(selector, { component: "monitoring", partOf: monitoringPartOf }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    replicas: plan.maxReplicas,
    serviceAccountName: name,
    priorityClassName: priorityClasses.monitoring.name,
    securityContext: podSecurityContext(),
    enableServiceLinks: false,
    affinity: hostSpread(selector, pool, "preferred"),
    tolerations: poolTolerations(pool, plan.tolerationSeconds),
    topologySpreadConstraints: [zoneSpread(selector)],
  };
}

/** `spec` of the Prometheus object. */
export function prometheusSpec(args: PrometheusArgs) {
  const { config, series, plans, namespace, storageClass, pool } = args;
  const { remoteWrite, retentionDays } = config.prometheus;
  const selected = { matchLabels: { "app.kubernetes.io/part-of": monitoringPartOf } };
  const disk = prometheusDisk(config.prometheus, series);
  const secrets = remoteWrite.flatMap(({ secretName }) => (secretName === undefined ? [] : [secretName]));
  const size = prometheusSize(series);
  return {
    ...placed({
      name: prometheusName,
      plan: plans.prometheus,
      pool,
      annotations: { ...exceptionAnnotations([discovery]), ...madeElsewhere({ Secret: secrets }) },
    }),
    ...operated({ name: "prometheus", size }),
    image: prometheusImage,
    version: prometheusVersion,
    resources: resourcesOf(size),
    automountServiceAccountToken: true,
    externalLabels: { region: args.regionName },
    scrapeInterval: `${scrapeIntervalSeconds}s`,
    evaluationInterval: `${scrapeIntervalSeconds}s`,
    retention: `${retentionDays}d`,
    // Blocks leave before the volume is full, whatever their age.
    retentionSize: `${Math.floor((bytes(disk) * 0.85) / 2 ** 20)}MiB`,
    walCompression: true,
    enableAdminAPI: false,
    // Only of this namespace: a monitor or rule elsewhere is somebody else's.
    podMonitorSelector: selected,
    serviceMonitorSelector: selected,
    probeSelector: selected,
    ruleSelector: selected,
    alerting: {
      alertmanagers: [{ namespace, name: "alertmanager-operated", port: "web", apiVersion: "v2" }],
    },
    ...(remoteWrite.length === 0
      ? {}
      : {
          remoteWrite: remoteWrite.map(({ url, secretName }) => ({
            url,
            ...(secretName === undefined
              ? {}
              : {
                  basicAuth: {
                    username: { name: secretName, key: "username" },
                    password: { name: secretName, key: "password" },
                  },
                }),
          })),
        }),
    storage: claim(disk, storageClass),
  };
}

/** `spec` of the Alertmanager object. Receivers' secrets are files of the user's own Secrets. */
export function alertmanagerSpec(args: PrometheusArgs) {
  const secrets = alertmanagerSecrets(args.config);
  return {
    ...placed({
      name: alertmanagerName,
      plan: args.plans.alertmanager,
      pool: args.pool,
      annotations: madeElsewhere({ Secret: secrets }),
    }),
    ...operated({ name: "alertmanager", size: alertmanagerSize }),
    image: alertmanagerImage,
    version: alertmanagerVersion,
    resources: resourcesOf(alertmanagerSize),
    automountServiceAccountToken: false,
    configSecret: alertmanagerSettingsName,
    ...(secrets.length === 0 ? {} : { secrets }),
    // Five days: longer than any silence that should be forgotten (upstream's default).
    retention: "120h",
    storage: claim(alertmanagerDisk, args.storageClass),
  };
}

/** Secret with Alertmanager's settings, which the operator wants in one. There is no secret in it. */
export const alertmanagerSettingsName = "alertmanager-settings";

/** What Prometheus may ask the API server: where pods are, and kubelets for their metrics. */
const discoveryRules: Parameters<typeof clusterReader>[2] = [
  { apiGroups: [""], resources: ["pods", "services", "endpoints"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
];

/** Prometheus, Alertmanager, their accounts, budgets and rules. */
export class Prometheus extends pulumi.ComponentResource {
  constructor(name: string, args: PrometheusArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:monitoring:Prometheus", name, {}, opts);
    const { namespace, labels, config, regionName: region, quietNamespaces } = args;
    const alertmanagerSettings = alertmanagerConfig(config, { region, quietNamespaces });
    const child = { parent: this };
    const metadata = (objectName: string) => ({ name: objectName, namespace, labels });
    const reader = clusterReader(name, metadata(prometheusName), discoveryRules, child);
    const alertmanagerAccount = serviceAccount(`${name}-alertmanager-account`, metadata(alertmanagerName), child);
    const settings = new k8s.core.v1.Secret(
      `${name}-alertmanager-settings`,
      {
        metadata: metadata(alertmanagerSettingsName),
        type: "Opaque",
        data: { "alertmanager.yaml": Buffer.from(stringify(alertmanagerSettings)).toString("base64") },
      },
      child,
    );
    const create = (kind: string, spec: object, needs: pulumi.Resource[]) =>
      new k8s.apiextensions.CustomResource(
        `${name}-${kind.toLowerCase()}`,
        { apiVersion: "monitoring.coreos.com/v1", kind, metadata: metadata(operatedName), spec },
        // A claim that exists grows by hand; for a change here the operator would delete every server at once and make no
        // claim larger (prometheus-operator/prometheus-operator#3875).
        { ...child, dependsOn: needs, ...("storage" in spec ? { ignoreChanges: ["spec.storage"] } : {}) },
      );
    create("Alertmanager", alertmanagerSpec(args), [alertmanagerAccount, settings]);
    create("Prometheus", prometheusSpec(args), reader);
    create("PrometheusRule", ruleFile(args.rules, config.runbookUrl), []);
    for (const app of [prometheusName, alertmanagerName]) {
      disruptionBudget(`${name}-${app}-budget`, metadata(app), { selector: { app }, maxUnavailable: 1 }, child);
    }
    this.registerOutputs({});
  }
}
