/** kube-state-metrics and the blackbox exporter, one Deployment each. node-exporter is in node-exporter.ts. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { ContainerSize, WorkloadPlan } from "../capacity/workload-plan.ts";
import { priorityClasses } from "../cluster/classes.ts";
import { contentChecksum } from "../kube/checksum.ts";
import { checksumAnnotation, labels as commonLabels } from "../kube/labels.ts";
import type { SecurityException } from "../kube/security.ts";
import { blackboxExporterImage, kubeStateMetricsImage } from "../kube/versions.ts";
import { clusterReader, serviceAccount } from "../workload/account.ts";
import { FixedDeployment, type FixedDeploymentArgs } from "../workload/fixed-deployment.ts";
import type { OperatedPool } from "../workload/placement.ts";
import type { ContainerArgs } from "../workload/pod.ts";
import {
  blackboxName,
  kubeStateMetricsName,
  kubeStateMetricsSize,
  monitoringPartOf,
  monitoringPorts as ports,
  smallExporterSize,
} from "./prometheus-plan.ts";

/** Arguments of `Exporters`. */
export interface ExportersArgs {
  namespace: string;
  labels: Record<string, string>;
  plans: { kubeStateMetrics: WorkloadPlan; blackbox: WorkloadPlan };
  pool: OperatedPool;
}

const asksApiServer: SecurityException = {
  allow: "service-account-token",
  because: "kube-state-metrics watches the API server's objects",
  until: "2027-12-31",
};

/** Kinds that kube-state-metrics watches, by API group: those that alerts and dashboards speak of. Never Secrets. */
export const watchedKinds: Readonly<Record<string, readonly string[]>> = {
  "": ["namespaces", "nodes", "persistentvolumeclaims", "pods", "resourcequotas"],
  apps: ["daemonsets", "deployments", "statefulsets"],
  autoscaling: ["horizontalpodautoscalers"],
  batch: ["cronjobs", "jobs"],
  policy: ["poddisruptionbudgets"],
};

/** Settings of the blackbox exporter: an address that answers at all, with a certificate that holds. */
export const blackboxSettings = {
  modules: {
    https_answers: {
      prober: "http",
      timeout: "10s",
      http: {
        // A host is up when its gateway answers, even that there is nothing at this path or that one must log in.
        valid_status_codes: [200, 204, 301, 302, 307, 308, 401, 403, 404],
        fail_if_not_ssl: true,
        follow_redirects: false,
        preferred_ip_protocol: "ip4",
      },
    },
  },
};

const settingsName = "blackbox-settings";

function probesOf(port: string, path: string): ContainerArgs["probes"] {
  const httpGet = { path, port };
  return {
    livenessProbe: { httpGet, periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 5 },
    readinessProbe: { httpGet, periodSeconds: 5, failureThreshold: 3, timeoutSeconds: 3 },
  };
}

function kubeStateMetrics(size: ContainerSize): ContainerArgs {
  return {
    name: kubeStateMetricsName,
    image: kubeStateMetricsImage,
    size,
    args: [
      `--port=${ports.kubeStateMetrics}`,
      `--telemetry-port=${ports.kubeStateMetricsOwn}`,
      `--resources=${Object.values(watchedKinds).flat().sort().join(",")}`,
    ],
    ports: { metrics: ports.kubeStateMetrics, telemetry: ports.kubeStateMetricsOwn },
    probes: probesOf("metrics", "/livez"),
  };
}

function blackbox(): ContainerArgs {
  return {
    name: blackboxName,
    image: blackboxExporterImage,
    size: smallExporterSize,
    args: ["--config.file=/etc/blackbox/blackbox.yml", `--web.listen-address=:${ports.blackbox}`],
    ports: { metrics: ports.blackbox },
    mounts: [{ name: "settings", mountPath: "/etc/blackbox", readOnly: true }],
    probes: probesOf("metrics", "/-/healthy"),
  };
}

/** See `ExportersArgs`. */
export class Exporters extends pulumi.ComponentResource {
  constructor(name: string, args: ExportersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:monitoring:Exporters", name, {}, opts);
    const { namespace, labels, plans } = args;
    const child = { parent: this };
    const metadata = (objectName: string) => ({ name: objectName, namespace, labels });
    const data = { "blackbox.yml": stringify(blackboxSettings) };
    const settings = new k8s.core.v1.ConfigMap(`${name}-settings`, { metadata: metadata(settingsName), data }, child);
    const watching = { name: kubeStateMetricsName, namespace, labels };
    this.deploy(name, args, plans.kubeStateMetrics, {
      containers: [kubeStateMetrics(kubeStateMetricsSize)],
      mountToken: true,
      exceptions: [asksApiServer],
      runsOnce: "two of them would count every object twice",
      needs: clusterReader(
        `${name}-${kubeStateMetricsName}`,
        watching,
        Object.entries(watchedKinds).map(([group, resources]) => ({
          apiGroups: [group],
          resources: [...resources],
          verbs: ["list", "watch"],
        })),
        child,
      ),
    });
    this.deploy(name, args, plans.blackbox, {
      containers: [blackbox()],
      annotations: { [checksumAnnotation]: contentChecksum([data]) },
      volumes: [{ name: "settings", configMap: { name: settingsName } }],
      needs: [settings, serviceAccount(`${name}-${blackboxName}-account`, metadata(blackboxName), child)],
    });
    new k8s.core.v1.Service(
      `${name}-blackbox-service`,
      {
        metadata: { ...metadata(blackboxName), annotations: { "pulumi.com/skipAwait": "true" } },
        spec: {
          selector: { app: blackboxName },
          ports: [{ name: "metrics", port: ports.blackbox, targetPort: "metrics", appProtocol: "http" }],
        },
      },
      child,
    );
    this.registerOutputs({});
  }

  private deploy(
    name: string,
    { namespace, pool }: ExportersArgs,
    plan: WorkloadPlan,
    {
      needs,
      runsOnce,
      ...pod
    }: Pick<FixedDeploymentArgs, "needs" | "runsOnce"> &
      Omit<FixedDeploymentArgs["pod"], "account" | "priorityClass" | "pool">,
  ): void {
    const selector = { app: plan.name };
    new FixedDeployment(
      `${name}-${plan.name}`,
      {
        plan,
        namespace,
        selector,
        labels: commonLabels(selector, { component: "exporter", partOf: monitoringPartOf }),
        pod: { ...pod, account: plan.name, priorityClass: priorityClasses.monitoring.name, pool },
        ...(runsOnce === undefined ? {} : { runsOnce }),
        needs,
      },
      { parent: this },
    );
  }
}
