/** What worlds, game servers and services have in common in their pods. */
import { priorityClasses } from "../cluster/classes.ts";
import { agentsNamespace } from "../config/cluster.ts";
import type { PoolName, RegionConfig } from "../config/regions.ts";
import type { Config } from "../config/schema.ts";
import { checksumAnnotation, madeElsewhere } from "../kube/labels.ts";
import { probes } from "../kube/probes.ts";
import { valkeyTlsSecrets } from "../kube/stores.ts";
import { tracingEnvironment } from "../kube/tracing.ts";
import type { ContainerArgs, EnvironmentValue, PodArgs } from "../workload/pod.ts";
import { filesPath, regionsPath, settingsNames } from "./settings.ts";
import { callEnvironment, drainPath, type GameRow, gamePort, metricsPort } from "./workloads.ts";

/** Largest size of the logs that a pod may keep before the log collector has them (judgement). */
export const logsSize = "1Gi";

/** Keys of the game's Secret and the environment variables that carry them. */
export const secretKeys = ["SESSION_SIGNING_KEY", "WORLD_MESH_KEY"] as const;

function secretEnvironment(): Record<string, EnvironmentValue> {
  return Object.fromEntries(secretKeys.map((key) => [key, { secretKeyRef: { name: settingsNames.secrets, key } }]));
}

/** The container of a row: image, ports, environment, probes. */
export function rowContainer(
  row: GameRow,
  { config, regionName }: { config: Config; regionName: string },
  more: Pick<ContainerArgs, "size"> & Partial<ContainerArgs>,
): ContainerArgs {
  const image = config.images[row.image];
  return {
    name: row.name,
    image,
    ports: { [gamePort.name]: gamePort.port, [metricsPort.name]: metricsPort.port },
    environmentFrom: [settingsNames.environment],
    probes: probes(metricsPort.name),
    ...more,
    environment: {
      POD_NAME: { fieldRef: { fieldPath: "metadata.name" } },
      ...callEnvironment(row, config.data),
      ...secretEnvironment(),
      ...more.environment,
      ...tracingEnvironment({
        agentsNamespace: agentsNamespace(config.cluster),
        service: row.name,
        region: regionName,
        image,
        headPercent: config.monitoring.tracing.headPercent,
        // Kubelet fills in what stands before.
        world: more.environment !== undefined && "WORLD_ID" in more.environment,
      }),
    },
    mounts: [
      { name: "config", mountPath: filesPath, readOnly: true },
      { name: "regions", mountPath: regionsPath, readOnly: true },
      ...(more.mounts ?? []),
    ],
  };
}

/** Kubelet's call to the server's own drain endpoint; it answers when players have left, or at the deadline. */
export function drainHook(drainSeconds: number): ContainerArgs["preStop"] {
  // kubelet sets no timeout of its own on the request; the grace period ends it.
  return { httpGet: { path: `${drainPath}?deadline=${drainSeconds}`, port: metricsPort.name } };
}

/** What the pods of rows share whatever they run: class, nodes, settings; `logs` for servers that write files. */
export function rowPod(args: {
  config: Config;
  region: RegionConfig;
  pool: PoolName;
  /** Checksum that rolls the pods when settings or secrets change. */
  checksum: string;
  logs: boolean;
}): Pick<PodArgs, "annotations" | "priorityClass" | "pool" | "pullSecret" | "volumes"> {
  const { pullSecret } = args.config.images;
  const elsewhere = [...(pullSecret ? [pullSecret] : []), ...valkeyTlsSecrets(args.config.data.valkey)];
  return {
    annotations: { [checksumAnnotation]: args.checksum, ...madeElsewhere({ Secret: elsewhere }) },
    priorityClass: priorityClasses[args.pool].name,
    pool: { name: args.pool, dedicated: args.region.pools[args.pool].dedicated },
    ...(pullSecret ? { pullSecret } : {}),
    volumes: [
      { name: "config", configMap: { name: settingsNames.files } },
      { name: "regions", configMap: { name: settingsNames.regions } },
      ...(args.logs ? [{ name: "logs", emptyDir: { sizeLimit: logsSize } }] : []),
    ],
  };
}
