/** Worlds: shards with a volume of their own, in StatefulSets of at most 50. Never scaled by an autoscaler. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { RegionConfig } from "../config/regions.ts";
import type { Config } from "../config/schema.ts";
import { domain, labels, type SelectorLabels } from "../kube/labels.ts";
import { serviceAccount } from "../workload/account.ts";
import { StatefulWorkload } from "../workload/stateful-set.ts";
import type { WorldGroup } from "./plan.ts";
import { drainHook, rowContainer, rowPod } from "./server-pod.ts";
import { gamePort, metricsPort, worldRow } from "./workloads.ts";

/** Name of the Service with the addresses of all worlds, starting ones included: peers must find each other. */
export const worldPeersServiceName = "game-world-peers";

/** Name of each world's volume. Immutable. Original design. */
export const worldClaimName = "world-data";

/** Arguments of `Worlds`. */
export interface WorldsArgs {
  config: Config;
  /** Name and configuration of the region. */
  regionName: string;
  region: RegionConfig;
  namespace: string;
  groups: readonly WorldGroup[];
  /** Checksum of the settings, which rolls the pods. */
  checksum: string;
  /** ConfigMaps and Secret of the game. */
  needs: pulumi.Resource[];
}

/** Pods of all worlds. */
export const worldSelector: SelectorLabels = { app: worldRow.name };

/** Pods of one group. */
export function groupSelector(index: number): SelectorLabels {
  return { ...worldSelector, [`${domain}/world-group`]: String(index) };
}

/** WORLD_ID is the pod's ordinal, which Kubernetes puts in a label: both containers must agree on it. */
const worldId = { fieldRef: { fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']" } };

/** See `WorldsArgs`. */
export class Worlds extends pulumi.ComponentResource {
  constructor(name: string, args: WorldsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:game:Worlds", name, {}, opts);
    const { config, region, namespace, groups } = args;
    const { worlds } = config.game;
    const child = { parent: this };
    const about = { component: worldRow.component, partOf: "mmorpg" };
    const common = labels(worldSelector, about);
    const account = serviceAccount(`${name}-account`, { name: worldRow.name, namespace, labels: common }, child);
    for (const [suffix, serviceName, withStarting] of [
      ["service", worldRow.service, false],
      ["peers", worldPeersServiceName, true],
    ] as const) {
      new k8s.core.v1.Service(
        `${name}-${suffix}`,
        {
          metadata: {
            name: serviceName,
            namespace,
            labels: common,
            annotations: { "pulumi.com/skipAwait": "true" },
          },
          spec: {
            clusterIP: "None",
            publishNotReadyAddresses: withStarting,
            selector: { ...worldSelector },
            ports: [
              { ...gamePort, targetPort: gamePort.name, appProtocol: "kubernetes.io/ws" },
              { ...metricsPort, targetPort: metricsPort.name, appProtocol: "http" },
            ],
          },
        },
        child,
      );
    }
    for (const group of groups) {
      const selector = groupSelector(group.index);
      new StatefulWorkload(
        `${name}-group-${group.index}`,
        {
          plan: group.plan,
          namespace,
          selector,
          labels: labels(selector, about),
          serviceName: worldRow.service,
          firstOrdinal: group.firstWorldId,
          spreadHosts: worlds.spreadHosts,
          claim: { name: worldClaimName, size: worlds.diskSize, storageClass: config.cluster.storageClass.name },
          protectData: config.cluster.protectData,
          needs: [account, ...args.needs],
          pod: {
            ...rowPod({ config, region, pool: "worlds", checksum: args.checksum, logs: true }),
            account: worldRow.name,
            initContainers: [
              {
                name: "world-data-loader",
                image: config.images.worldDataLoader,
                size: worlds.loaderResources,
                command: ["/usr/local/bin/load-world-data"],
                // Kubernetes itself fills in $(WORLD_ID); no shell is needed in the image.
                args: ["--world-id=$(WORLD_ID)", "--data-path=/data/world"],
                environment: { WORLD_ID: worldId },
                mounts: [{ name: worldClaimName, mountPath: "/data/world" }],
              },
            ],
            containers: [
              rowContainer(worldRow, args, {
                size: worlds.resources,
                environment: {
                  WORLD_ID: worldId,
                  WORLD_PEERS: worldPeersServiceName,
                  MAX_PLAYERS_PER_WORLD: String(worlds.maxPlayers),
                },
                mounts: [
                  // Writable: a world that cannot write its own volume saves nothing.
                  { name: worldClaimName, mountPath: "/app/data/world" },
                  { name: "logs", mountPath: "/app/logs" },
                ],
                preStop: drainHook(worlds.drainSeconds),
              }),
            ],
          },
        },
        child,
      );
    }
    this.registerOutputs({});
  }
}
