/** ConfigMaps and the Secret of the game: fixed names, mutable in place; pods roll by a checksum of plain values. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../config/schema.ts";
import { contentChecksum } from "../kube/checksum.ts";

/** Names that pods refer to. */
export const settingsNames = {
  /** Keys that are environment variables. */
  environment: "game-server-env",
  /** Keys that are files. Kept apart: from Kubernetes 1.34 on a file would land in the environment as a whole. */
  files: "game-server-files",
  regions: "region-config",
  secrets: "game-server-secrets",
} as const;

/** Where the files appear in a container. */
export const filesPath = "/app/config";

/** Where `regions.yaml` appears in a container. */
export const regionsPath = "/app/regions";

/** Plain data of the ConfigMaps. */
export interface Settings {
  environment: Record<string, string>;
  files: Record<string, string>;
  regions: Record<string, string>;
}

/** The data of one region's ConfigMaps. */
export function gameSettings(config: Config, region: string, latencyThresholdMs: number): Settings {
  const lines = Object.entries(config.regions).flatMap(([id, one]) => [
    `  ${id}:`,
    `    enabled: ${one.enabled}`,
    `    capacity: ${one.enabled ? one.capacityPlayers : 0}`,
    ...(one.enabled ? [`    latency_threshold_ms: ${one.latencyThresholdMs}`] : []),
    `    min_replicas: ${one.enabled ? one.gameServers.minReplicas : 0}`,
    `    max_replicas: ${one.enabled ? one.gameServers.maxReplicas : 0}`,
  ]);
  return {
    environment: {
      LOG_LEVEL: config.game.logLevel,
      REGION: region,
      LATENCY_THRESHOLD_MS: String(latencyThresholdMs),
    },
    files: { "server.yaml": `motd: ${JSON.stringify(config.game.motd)}\n` },
    regions: { "regions.yaml": `regions:\n${lines.join("\n")}\n` },
  };
}

/**
 * Checksum that rolls pods when a value changes that they read at their start. The list of regions is left out: servers
 * read it again when it changes (docs/contract.md), and a new autoscaler maximum in one region must not restart every
 * world in all.
 */
export function settingsChecksum({ environment, files }: Settings, ...generations: readonly number[]): string {
  return contentChecksum([environment, files], ...generations);
}

interface SettingsArgs {
  namespace: string;
  labels: Record<string, string>;
}

/** Creates the ConfigMaps, which pods cannot start without. */
export function createSettings(
  name: string,
  { namespace, labels, settings }: SettingsArgs & { settings: Settings },
  options: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  return (["environment", "files", "regions"] as const).map(
    (key) =>
      new k8s.core.v1.ConfigMap(
        `${name}-${key}`,
        { metadata: { name: settingsNames[key], namespace, labels }, data: settings[key] },
        options,
      ),
  );
}

/** Creates the Secret. `secrets`: values by key; they come from the state and go nowhere but there. */
export function createSecrets(
  name: string,
  { namespace, labels, secrets }: SettingsArgs & { secrets: Record<string, pulumi.Output<string>> },
  options: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const data = Object.fromEntries(
    Object.entries(secrets).map(([key, value]) => [
      key,
      pulumi.output(value).apply((text) => Buffer.from(text).toString("base64")),
    ]),
  );
  return new k8s.core.v1.Secret(
    `${name}-secrets`,
    { metadata: { name: settingsNames.secrets, namespace, labels }, type: "Opaque", data },
    options,
  );
}
