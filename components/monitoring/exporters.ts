/** kube-state-metrics and the blackbox exporter, one Deployment each. node-exporter is in node-exporter.ts. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { ContainerSize, WorkloadPlan } from "../capacity/workload-plan.ts";
import { priorityClasses } from "../cluster/classes.ts";
import { contentChecksum } from "../kube/checksum.ts";
import { checksumAnnotation, labels as commonLabels, runsOnceAnnotation } from "../kube/labels.ts";
import type { SecurityException } from "../kube/security.ts";
import { blackboxExporterImage, kubeStateMetricsImage } from "../kube/versions.ts";
import { serviceAccount } from "../workload/account.ts";
import { disruptionBudget } from "../workload/disruption.ts";
import type { OperatedPool } from "../workload/placement.ts";
import { type ContainerArgs, type PodArgs, podTemplate } from "../workload/pod.ts";
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

const twice = "two of them would count every object twice";

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
    const clusterName = `${namespace}-${kubeStateMetricsName}`;
    const role = new k8s.rbac.v1.ClusterRole(
      `${name}-role`,
      {
        metadata: { name: clusterName, labels },
        rules: Object.entries(watchedKinds).map(([group, resources]) => ({
          apiGroups: [group],
          resources: [...resources],
          verbs: ["list", "watch"],
        })),
      },
      child,
    );
    const binding = new k8s.rbac.v1.ClusterRoleBinding(
      `${name}-binding`,
      {
        metadata: { name: clusterName, labels },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: clusterName },
        subjects: [{ kind: "ServiceAccount", name: kubeStateMetricsName, namespace }],
      },
      { ...child, dependsOn: [role] },
    );
    const data = { "blackbox.yml": stringify(blackboxSettings) };
    const settings = new k8s.core.v1.ConfigMap(`${name}-settings`, { metadata: metadata(settingsName), data }, child);
    this.deploy(name, args, plans.kubeStateMetrics, {
      containers: [kubeStateMetrics(kubeStateMetricsSize)],
      mountToken: true,
      exceptions: [asksApiServer],
      needs: [binding],
    });
    this.deploy(name, args, plans.blackbox, {
      containers: [blackbox()],
      annotations: { [checksumAnnotation]: contentChecksum([data]) },
      volumes: [{ name: "settings", configMap: { name: settingsName } }],
      needs: [settings],
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
    args: ExportersArgs,
    plan: WorkloadPlan,
    {
      needs,
      ...pod
    }: Pick<PodArgs, "containers" | "mountToken" | "exceptions" | "annotations" | "volumes"> & {
      needs: pulumi.Resource[];
    },
  ): void {
    const child = { parent: this };
    const selector = { app: plan.name };
    const labels = commonLabels(selector, { component: "exporter", partOf: monitoringPartOf });
    const metadata = { name: plan.name, namespace: args.namespace, labels };
    const alone = plan.maxReplicas === 1;
    const account = serviceAccount(`${name}-${plan.name}-account`, metadata, child);
    new k8s.apps.v1.Deployment(
      `${name}-${plan.name}`,
      {
        metadata: alone ? { ...metadata, annotations: { [runsOnceAnnotation]: twice } } : metadata,
        spec: {
          replicas: plan.maxReplicas,
          selector: { matchLabels: selector },
          strategy: alone
            ? { type: "Recreate" }
            : { type: "RollingUpdate", rollingUpdate: { maxSurge: plan.surgePods, maxUnavailable: 0 } },
          minReadySeconds: plan.minReadySeconds,
          revisionHistoryLimit: 5,
          template: podTemplate({
            ...pod,
            labels,
            account: plan.name,
            graceSeconds: plan.graceSeconds,
            tolerationSeconds: plan.tolerationSeconds,
            priorityClass: priorityClasses.monitoring.name,
            pool: args.pool,
            ...(alone ? {} : { spread: { selector, hosts: "preferred", perRevision: true } }),
          }),
        },
      },
      { ...child, dependsOn: [account, ...needs] },
    );
    if (!alone) disruptionBudget(`${name}-${plan.name}-budget`, metadata, { selector, maxUnavailable: 1 }, child);
  }
}
