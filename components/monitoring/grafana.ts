/** Grafana: dashboards that the program writes, on the data sources of the region. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import { priorityClasses } from "../cluster/classes.ts";
import type { MonitoringConfig } from "../config/monitoring.ts";
import { contentChecksum } from "../kube/checksum.ts";
import { checksumAnnotation, type SelectorLabels } from "../kube/labels.ts";
import { grafanaImage } from "../kube/versions.ts";
import { serviceAccount } from "../workload/account.ts";
import type { OperatedPool } from "../workload/placement.ts";
import type { ContainerArgs, EnvironmentValue } from "../workload/pod.ts";
import { StatefulWorkload } from "../workload/stateful-set.ts";
import type { Dashboard } from "./dashboards/dashboard.ts";
import {
  type DataSourceAddresses,
  dataSourcesFile,
  grafanaFolders,
  grafanaIni,
  grafanaNames,
  grafanaPort,
  grafanaSecretKeys,
  grafanaSize,
  providersFile,
} from "./grafana-settings.ts";

/** Arguments of `Grafana`. */
export interface GrafanaArgs {
  namespace: string;
  /** Labels of everything here, the selector's among them. */
  labels: Record<string, string>;
  selector: SelectorLabels;
  plan: WorkloadPlan;
  config: MonitoringConfig["grafana"];
  pool: OperatedPool;
  /** StorageClass of the volume; empty for the cluster's default. */
  storageClass: string;
  dataSources: DataSourceAddresses;
  dashboards: readonly Dashboard[];
  /** Refuses to delete what people have drawn. */
  protectData: boolean;
}

/** Length of the password and the key: letters and digits, 238 bits. */
const secretLength = 40;

const administrator = "admin";

/** Files of the ConfigMap by key, and where they are below `grafanaFolders.settings`. */
const paths: Readonly<Record<string, string>> = {
  "grafana.ini": "grafana.ini",
  "datasources.yaml": "provisioning/datasources/datasources.yaml",
  "dashboards.yaml": "provisioning/dashboards/dashboards.yaml",
};

function dashboardName({ uid }: Dashboard): string {
  return `grafana-dashboard-${uid}`;
}

function fromSecret(key: string): EnvironmentValue {
  return { secretKeyRef: { name: grafanaNames.secret, key } };
}

const mounts = {
  data: { name: "grafana-data", mountPath: grafanaFolders.data },
  settings: { name: "settings", mountPath: grafanaFolders.settings, readOnly: true },
  dashboards: { name: "dashboards", mountPath: grafanaFolders.dashboards, readOnly: true },
} as const;

function container(): ContainerArgs {
  const httpGet = { path: "/api/health", port: "http" };
  return {
    name: "grafana",
    image: grafanaImage,
    size: grafanaSize,
    environment: {
      GF_SECURITY_ADMIN_USER: fromSecret(grafanaSecretKeys.user),
      GF_SECURITY_ADMIN_PASSWORD: fromSecret(grafanaSecretKeys.password),
      GF_SECURITY_SECRET_KEY: fromSecret(grafanaSecretKeys.encryption),
    },
    ports: { http: grafanaPort },
    mounts: Object.values(mounts),
    probes: {
      // A new version first brings its database up to date: five minutes.
      startupProbe: { httpGet, periodSeconds: 5, failureThreshold: 60, timeoutSeconds: 3 },
      livenessProbe: { httpGet, periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5 },
      readinessProbe: { httpGet, periodSeconds: 5, failureThreshold: 3, timeoutSeconds: 3 },
    },
  };
}

/** See `GrafanaArgs`. */
export class Grafana extends pulumi.ComponentResource {
  constructor(name: string, args: GrafanaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:monitoring:Grafana", name, {}, opts);
    const { namespace, labels, plan, selector } = args;
    const child = { parent: this };
    const metadata = (objectName: string) => ({ name: objectName, namespace, labels });
    const account = serviceAccount(`${name}-account`, metadata(plan.name), child);
    const data = {
      "grafana.ini": grafanaIni(),
      "datasources.yaml": dataSourcesFile(args.dataSources),
      "dashboards.yaml": providersFile(),
    };
    const settings = new k8s.core.v1.ConfigMap(
      `${name}-settings`,
      { metadata: metadata(grafanaNames.settings), data },
      child,
    );
    const dashboards = args.dashboards.map(
      (one) =>
        new k8s.core.v1.ConfigMap(
          `${name}-dashboard-${one.uid}`,
          { metadata: metadata(dashboardName(one)), data: { [`${one.uid}.json`]: JSON.stringify(one) } },
          child,
        ),
    );
    const secret = this.secret(name, args);
    new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { ...metadata(plan.name), annotations: { "pulumi.com/skipAwait": "true" } },
        spec: {
          selector: { ...selector },
          ports: [{ name: "http", port: grafanaPort, targetPort: "http", appProtocol: "http" }],
        },
      },
      child,
    );
    new StatefulWorkload(
      `${name}-server`,
      {
        plan,
        namespace,
        selector,
        labels,
        serviceName: plan.name,
        firstOrdinal: 0,
        spreadHosts: "preferred",
        claim: { name: mounts.data.name, size: args.config.diskSize, storageClass: args.storageClass },
        protectData: args.protectData,
        needs: [account, settings, ...dashboards, secret],
        pod: {
          // Dashboards are read anew while it runs.
          annotations: { [checksumAnnotation]: contentChecksum(data, args.config.passwordGeneration) },
          account: plan.name,
          priorityClass: priorityClasses.monitoring.name,
          pool: args.pool,
          containers: [container()],
          volumes: [
            {
              name: mounts.settings.name,
              configMap: {
                name: grafanaNames.settings,
                items: Object.entries(paths).map(([key, path]) => ({ key, path })),
              },
            },
            {
              name: mounts.dashboards.name,
              projected: { sources: args.dashboards.map((one) => ({ configMap: { name: dashboardName(one) } })) },
            },
          ],
        },
      },
      child,
    );
    this.registerOutputs({});
  }

  /** The Secret with the administrator's password, which Grafana takes when it makes its database and never after. */
  private secret(name: string, { namespace, labels, config }: GrafanaArgs): pulumi.Resource {
    const child = { parent: this };
    const generated = (what: string, keepers?: Record<string, string>) =>
      new random.RandomPassword(
        `${name}-${what}`,
        { length: secretLength, special: false, keepers },
        child,
      ).result.apply(base64);
    return new k8s.core.v1.Secret(
      `${name}-secret`,
      {
        metadata: { name: grafanaNames.secret, namespace, labels },
        type: "Opaque",
        data: {
          [grafanaSecretKeys.user]: base64(administrator),
          [grafanaSecretKeys.password]: generated("password", { generation: String(config.passwordGeneration) }),
          [grafanaSecretKeys.encryption]: generated("key"),
        },
      },
      child,
    );
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
