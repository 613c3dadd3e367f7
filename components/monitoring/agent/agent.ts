/** The collector's agent on every node, with its Service, settings and salt. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { WorkloadPlan } from "../../capacity/workload-plan.ts";
import { priorityClasses } from "../../cluster/classes.ts";
import { checksumAnnotation, labels as commonLabels, madeElsewhere } from "../../kube/labels.ts";
import type { SecurityException } from "../../kube/security.ts";
import { traceAgent } from "../../kube/tracing.ts";
import { NodeAgent } from "../../workload/node-agent.ts";
import type { ContainerArgs } from "../../workload/pod.ts";
import {
  collectorContainer,
  configurationChecksum,
  configurationFile,
  configurationKey,
  configurationVolume,
} from "../collector.ts";
import { nodeVariable } from "../logs/reading.ts";
import { saltVariable } from "../logs/redaction.ts";
import { monitoringPartOf } from "../prometheus-plan.ts";
import {
  type AgentConfigurationArgs,
  agentConfiguration,
  agentStateFolder,
  authorizationVariable,
  podLogsFolder,
} from "./agent-config.ts";
import { agentSelector, agentSize } from "./agent-plan.ts";

/** Arguments of `TelemetryAgent`. */
export interface TelemetryAgentArgs extends AgentConfigurationArgs {
  /** A DaemonSet with the name of the agent's Service. */
  plan: WorkloadPlan;
}

const until = "2027-12-31";

const exceptions: SecurityException[] = [
  { allow: "run-as-root", because: "log files of pods belong to root and are closed to everybody else", until },
  {
    allow: "host-path",
    because: "it reads the log files of its node, read-only, and keeps beside them how far it has read",
    until,
  },
];

/** Folder of the node with the agent's state: it outlives the pod, or each new version would send everything again. */
const nodeStateFolder = "/var/lib/realmgrid-otel-agent";

/** Secret with the salt of the hashes. Each region has its own; a new one gives every player another hash. */
const saltSecret = { name: "otel-agent-salt", key: "salt" } as const;

function container({ logs }: TelemetryAgentArgs): ContainerArgs {
  const { store } = logs;
  return collectorContainer({
    name: traceAgent.name,
    size: agentSize,
    ports: { "otlp-grpc": traceAgent.ports.grpc, "otlp-http": traceAgent.ports.http },
    environment: {
      [nodeVariable]: { fieldRef: { fieldPath: "spec.nodeName" } },
      [saltVariable]: { secretKeyRef: { ...saltSecret } },
      ...(store.kind === "otlp" && store.secretName !== undefined
        ? { [authorizationVariable]: { secretKeyRef: { name: store.secretName, key: "authorization" } } }
        : {}),
    },
    mounts: [
      { name: "pod-logs", mountPath: podLogsFolder, readOnly: true },
      { name: "state", mountPath: agentStateFolder },
    ],
  });
}

/** See `TelemetryAgentArgs`. */
export class TelemetryAgent extends pulumi.ComponentResource {
  constructor(name: string, args: TelemetryAgentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:monitoring:TelemetryAgent", name, {}, opts);
    const { plan, agentsNamespace: namespace, logs } = args;
    const labels = commonLabels(agentSelector, { component: "telemetry", partOf: monitoringPartOf });
    const metadata = { name: traceAgent.name, namespace, labels };
    const child = { parent: this };
    const configuration = agentConfiguration(args);
    const settings = new k8s.core.v1.ConfigMap(
      `${name}-settings`,
      { metadata, data: { [configurationKey]: configurationFile(configuration) } },
      child,
    );
    const salt = new random.RandomPassword(`${name}-salt`, { length: 40, special: false }, child);
    const secret = new k8s.core.v1.Secret(
      `${name}-salt-secret`,
      {
        metadata: { ...metadata, name: saltSecret.name },
        type: "Opaque",
        data: { [saltSecret.key]: salt.result.apply((text) => Buffer.from(text).toString("base64")) },
      },
      child,
    );
    new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: {
          selector: { ...agentSelector },
          // A pod reaches the agent of its own node: spans do not cross zones, and no agent is busier than its node.
          internalTrafficPolicy: "Local",
          ports: [
            { name: "otlp-grpc", port: traceAgent.ports.grpc, targetPort: "otlp-grpc", appProtocol: "grpc" },
            { name: "otlp-http", port: traceAgent.ports.http, targetPort: "otlp-http", appProtocol: "http" },
          ],
        },
      },
      child,
    );
    const ownSecrets = logs.store.kind === "otlp" && logs.store.secretName ? [logs.store.secretName] : [];
    new NodeAgent(
      `${name}-agents`,
      {
        plan,
        namespace,
        labels,
        needs: [settings, secret],
        pod: {
          annotations: {
            [checksumAnnotation]: configurationChecksum(configuration),
            ...madeElsewhere({ Secret: ownSecrets }),
          },
          exceptions,
          priorityClass: priorityClasses.monitoring.name,
          containers: [container(args)],
          volumes: [
            configurationVolume(traceAgent.name),
            { name: "pod-logs", hostPath: { path: podLogsFolder, type: "Directory" } },
            { name: "state", hostPath: { path: nodeStateFolder, type: "DirectoryOrCreate" } },
          ],
        },
      },
      child,
    );
    this.registerOutputs({});
  }
}
