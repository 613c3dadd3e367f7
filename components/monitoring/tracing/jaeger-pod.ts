/** The container of Jaeger and its volumes. */
import type { types } from "@pulumi/kubernetes";
import type { MonitoringConfig } from "../../config/monitoring.ts";
import { bytes } from "../../kube/quantities.ts";
import { jaegerImage } from "../../kube/versions.ts";
import type { ContainerArgs } from "../../workload/pod.ts";
import { configurationKey } from "../collector.ts";
import { jaegerFolders, jaegerHealthPath, jaegerPorts, storageUserVariable } from "./jaeger-config.ts";
import { jaegerName, jaegerSize } from "./tracing-plan.ts";

type Storage = MonitoringConfig["tracing"]["storage"];

const configFolder = "/etc/jaeger";

/** Jaeger: it reads its store before it says that it is well. */
export function jaegerContainer(storage: Storage): ContainerArgs {
  const httpGet = { path: jaegerHealthPath, port: "health" };
  return {
    name: jaegerName,
    image: jaegerImage,
    size: jaegerSize,
    args: [`--config=${configFolder}/${configurationKey}`],
    environment: {
      GOMEMLIMIT: `${Math.floor((bytes(jaegerSize.limits.memory) * 0.8) / 2 ** 20)}MiB`,
      ...(storage.kind === "volume"
        ? {}
        : { [storageUserVariable]: { secretKeyRef: { name: storage.secretName, key: "username" } } }),
    },
    ports: {
      "otlp-grpc": jaegerPorts.grpc,
      "otlp-http": jaegerPorts.http,
      query: jaegerPorts.query,
      metrics: jaegerPorts.metrics,
      health: jaegerPorts.health,
    },
    mounts: [
      { name: "config", mountPath: configFolder, readOnly: true },
      storage.kind === "volume"
        ? { name: "data", mountPath: jaegerFolders.data }
        : { name: "login", mountPath: jaegerFolders.login, readOnly: true },
    ],
    probes: {
      startupProbe: { httpGet, periodSeconds: 5, failureThreshold: 60, timeoutSeconds: 3 },
      livenessProbe: { httpGet, periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5 },
      readinessProbe: { httpGet, periodSeconds: 5, failureThreshold: 2, timeoutSeconds: 3 },
    },
  };
}

/** The login of the user's own cluster as a file; the volume of badger is a claim of the StatefulSet. */
export function jaegerVolumes(storage: Storage): types.input.core.v1.Volume[] {
  if (storage.kind === "volume") return [];
  const items = [{ key: "password", path: "password" }];
  return [{ name: "login", secret: { secretName: storage.secretName, items } }];
}
