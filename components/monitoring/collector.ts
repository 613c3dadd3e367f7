/** What agent and gateway have in common: both are OpenTelemetry collectors. */
import { stringify } from "yaml";
import type { ContainerSize } from "../capacity/workload-plan.ts";
import { contentChecksum } from "../kube/checksum.ts";
import { bytes } from "../kube/quantities.ts";
import { traceAgent } from "../kube/tracing.ts";
import { collectorImage } from "../kube/versions.ts";
import type { ContainerArgs, EnvironmentValue } from "../workload/pod.ts";

/** Configuration of a collector as its file has it: components by their id, and the pipelines that join them. */
export interface CollectorConfiguration {
  extensions: Readonly<Record<string, unknown>>;
  receivers: Readonly<Record<string, unknown>>;
  processors: Readonly<Record<string, unknown>>;
  exporters: Readonly<Record<string, unknown>>;
  service: {
    extensions: readonly string[];
    telemetry: Readonly<Record<string, unknown>>;
    pipelines: Readonly<Record<string, Readonly<Record<"receivers" | "processors" | "exporters", readonly string[]>>>>;
  };
}

/** Ports that a collector listens on. */
export const collectorPorts = { ...traceAgent.ports, metrics: 8888, health: 13133 } as const;

/** A port on every address of the pod, IPv4 and IPv6: an empty host binds what the pod has. */
export function listen(port: number): { endpoint: string } {
  return { endpoint: `:${port}` };
}

/**
 * Metrics of the collector itself on port 8888, and its logs as JSON, since they are collected too. What names end in is
 * said, since the default changed: collector 0.165 leaves `_total` out, and 0.140, which Jaeger 2.13 is, writes it.
 */
export const collectorTelemetry = {
  logs: { level: "info", encoding: "json" },
  metrics: {
    readers: [
      {
        pull: {
          exporter: {
            prometheus: {
              host: "",
              port: collectorPorts.metrics,
              without_type_suffix: false,
              without_units: false,
              without_scope_info: true,
            },
          },
        },
      },
    ],
  },
} as const;

/** Says 200 on port 13133 while the pipelines run. */
export const healthCheck = { health_check: listen(collectorPorts.health) } as const;

/**
 * Refuses data above 80 % of the container's memory, so that senders wait and nothing is killed. 20 % are kept for what
 * arrives between two looks (memorylimiterprocessor, "Best Practices").
 */
export const memoryLimiter = {
  memory_limiter: { check_interval: "1s", limit_percentage: 80, spike_limit_percentage: 20 },
} as const;

/** Text in which `$` stands for itself: a collector takes `${env:NAME}` for a variable and `$$` for `$`. */
export function literal(text: string): string {
  return text.replaceAll("$", "$$$$");
}

/** A text of a statement of the transform processor (OTTL). */
export function statementText(value: string): string {
  return literal(JSON.stringify(value));
}

/** The file of a configuration. */
export function configurationFile(configuration: object): string {
  return stringify(configuration, { lineWidth: 0 });
}

/** Name of the key of a ConfigMap with a configuration, and where pods have it. */
export const configurationKey = "config.yaml";
const configurationFolder = "/etc/otelcol";

/** The volume with the configuration, which is a ConfigMap of this name. */
export function configurationVolume(configMap: string) {
  return { name: "config", configMap: { name: configMap } };
}

/** Rolls the pods with their configuration, which a collector reads at its start only. */
export function configurationChecksum(configuration: object): string {
  return contentChecksum(configuration);
}

/** The container of a collector. */
export function collectorContainer(args: {
  name: string;
  size: ContainerSize;
  ports: Readonly<Record<string, number>>;
  environment?: Readonly<Record<string, EnvironmentValue>>;
  mounts?: ContainerArgs["mounts"];
}): ContainerArgs {
  const httpGet = { path: "/", port: "health" };
  return {
    name: args.name,
    image: collectorImage,
    size: args.size,
    args: [`--config=${configurationFolder}/${configurationKey}`],
    // Go collects its garbage more often before the limiter has to refuse anything.
    environment: {
      GOMEMLIMIT: `${Math.floor((bytes(args.size.limits.memory) * 0.8) / 2 ** 20)}MiB`,
      ...args.environment,
    },
    ports: { ...args.ports, metrics: collectorPorts.metrics, health: collectorPorts.health },
    mounts: [{ name: "config", mountPath: configurationFolder, readOnly: true }, ...(args.mounts ?? [])],
    probes: {
      startupProbe: { httpGet, periodSeconds: 2, failureThreshold: 30, timeoutSeconds: 1 },
      livenessProbe: { httpGet, periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 5 },
      readinessProbe: { httpGet, periodSeconds: 5, failureThreshold: 2, timeoutSeconds: 3 },
    },
  };
}
