/** Logs: Loki with its volume. Where logs go to a service of the user's own, there is none. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadPlan } from "../../capacity/workload-plan.ts";
import { priorityClasses } from "../../cluster/classes.ts";
import { checksumAnnotation, labels as commonLabels } from "../../kube/labels.ts";
import { lokiImage } from "../../kube/versions.ts";
import { serviceAccount } from "../../workload/account.ts";
import type { OperatedPool } from "../../workload/placement.ts";
import type { ContainerArgs } from "../../workload/pod.ts";
import { StatefulWorkload } from "../../workload/stateful-set.ts";
import { configurationChecksum, configurationFile, configurationKey, configurationVolume } from "../collector.ts";
import { monitoringPartOf } from "../prometheus-plan.ts";
import { type LokiStore, lokiName, lokiSelector, lokiSize } from "./logs-plan.ts";
import { lokiConfiguration, lokiFolder, lokiPorts } from "./loki-config.ts";

/** Arguments of `Logs`. */
export interface LogsArgs {
  namespace: string;
  store: LokiStore;
  keepDays: number;
  plan: WorkloadPlan;
  pool: OperatedPool;
  storageClass: string;
  protectData: boolean;
}

const configFolder = "/etc/loki";

function loki(): ContainerArgs {
  const ready = { path: "/ready", port: "http" };
  return {
    name: lokiName,
    image: lokiImage,
    size: lokiSize,
    args: [`-config.file=${configFolder}/${configurationKey}`],
    ports: { http: lokiPorts.http },
    mounts: [
      { name: "config", mountPath: configFolder, readOnly: true },
      { name: "data", mountPath: lokiFolder },
    ],
    probes: {
      // Ten minutes to read its log.
      startupProbe: { httpGet: ready, periodSeconds: 5, failureThreshold: 120, timeoutSeconds: 3 },
      // Whether it answers at all: one that is not ready is busy, and a restart would begin anew.
      livenessProbe: {
        httpGet: { path: "/loki/api/v1/status/buildinfo", port: "http" },
        periodSeconds: 10,
        failureThreshold: 6,
        timeoutSeconds: 5,
      },
      readinessProbe: { httpGet: ready, periodSeconds: 5, failureThreshold: 3, timeoutSeconds: 3 },
    },
  };
}

/** See `LogsArgs`. */
export class Logs extends pulumi.ComponentResource {
  constructor(name: string, args: LogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:monitoring:Logs", name, {}, opts);
    const { namespace, plan } = args;
    const labels = commonLabels(lokiSelector, { component: "logs", partOf: monitoringPartOf });
    const metadata = { name: lokiName, namespace, labels };
    const child = { parent: this };
    const configuration = lokiConfiguration(args.keepDays);
    const account = serviceAccount(`${name}-account`, metadata, child);
    const settings = new k8s.core.v1.ConfigMap(
      `${name}-settings`,
      { metadata, data: { [configurationKey]: configurationFile(configuration) } },
      child,
    );
    new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: {
          selector: { ...lokiSelector },
          ports: [{ name: "http", port: lokiPorts.http, targetPort: "http", appProtocol: "http" }],
        },
      },
      child,
    );
    new StatefulWorkload(
      `${name}-server`,
      {
        plan,
        namespace,
        selector: lokiSelector,
        labels,
        serviceName: lokiName,
        firstOrdinal: 0,
        spreadHosts: "preferred",
        claim: { name: "data", size: args.store.diskSize, storageClass: args.storageClass },
        protectData: args.protectData,
        needs: [account, settings],
        pod: {
          annotations: { [checksumAnnotation]: configurationChecksum(configuration) },
          account: lokiName,
          priorityClass: priorityClasses.monitoring.name,
          pool: args.pool,
          containers: [loki()],
          volumes: [configurationVolume(lokiName)],
        },
      },
      child,
    );
    this.registerOutputs({});
  }
}
