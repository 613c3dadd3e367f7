/** The Valkey cluster of a region as plain data: sizes, users, who reaches which port. */
import { type ContainerSize, podSize, type WorkloadPlan } from "../capacity/workload-plan.ts";
import type { Call, NetworkNode } from "../cluster/network-policies.ts";
import type { DataConfig } from "../config/data.ts";
import { bytes } from "../kube/quantities.ts";
import { credentialsName, type Store } from "../kube/stores.ts";
import type { StoreUser } from "./credentials.ts";
import { valkeyAgentUser, valkeyReplicationUser, valkeyRoles } from "./valkey-settings.ts";

/** First part of the names of its users' Secrets: the protocol, which is what users know. */
export const valkeyStore = "redis";

/** Name of the StatefulSet. Immutable. Original design. */
export const valkeyName = "redis-cluster";

/** Headless Service with the addresses of all servers, starting ones too: they must find each other to become ready. */
export const valkeyPeersService = "redis-cluster-peers";

/** Port on which the servers speak to each other: always 10000 above the client port. */
export const valkeyBusPort = 16379;

/** Grace in seconds: 20 to hand slots over, 10 to let replicas catch up, and as much again (game design: 60). */
export const valkeyGraceSeconds = 60;

/** Size of the agent: a shell that asks six servers every five seconds (judgement; the namespace's smallest). */
export const agentSize: ContainerSize = {
  requests: { cpu: "50m", memory: "128Mi" },
  limits: { cpu: "200m", memory: "128Mi" },
};

/** Size of an exporter (judgement; the namespace's smallest). */
export const exporterSize: ContainerSize = {
  requests: { cpu: "50m", memory: "128Mi" },
  limits: { cpu: "200m", memory: "128Mi" },
};

/** A workload that uses the store, by the name that is also its user's. */
export type ValkeyCaller = string;

/** A user of the cluster, and the role that decides what it may do. */
export interface ValkeyAccount {
  user: string;
  role: keyof typeof valkeyRoles;
}

/** Every user: one for each caller, and those of the cluster itself. */
export function valkeyAccounts(callers: readonly ValkeyCaller[]): ValkeyAccount[] {
  return [
    ...callers.map((user): ValkeyAccount => ({ user, role: "service" })),
    { user: "exporter", role: "exporter" },
    { user: "backup", role: "backup" },
    { user: "restore", role: "restore" },
    { user: valkeyReplicationUser, role: "replication" },
    { user: valkeyAgentUser, role: "agent" },
  ];
}

/** The users as credentials. */
export function valkeyUsersOf(callers: readonly ValkeyCaller[]): StoreUser[] {
  return valkeyAccounts(callers).map(({ user }) => ({ store: valkeyStore, user }));
}

/** Name of a user's Secret. */
export function valkeySecret(user: string): string {
  return credentialsName(valkeyStore, user);
}

/** Rules by user, as `valkey-access.sh` reads them. */
export function valkeyRules(callers: readonly ValkeyCaller[]): string {
  return valkeyAccounts(callers)
    .map(({ user, role }) => `${user} ${valkeyRoles[role]}\n`)
    .join("");
}

/** Servers of a region. */
export function valkeyReplicas({ primaries, replicasPerPrimary }: DataConfig["valkey"]): number {
  return primaries * (1 + replicasPerPrimary);
}

/** The plan of the cluster; `secrets` of its users are counted with it. */
export function planValkey(valkey: DataConfig["valkey"], callers: readonly ValkeyCaller[]): WorkloadPlan {
  const replicas = valkeyReplicas(valkey);
  return {
    name: valkeyName,
    kind: "StatefulSet",
    pool: "data",
    minReplicas: replicas,
    maxReplicas: replicas,
    surgePods: 0,
    graceSeconds: valkeyGraceSeconds,
    minReadySeconds: 10,
    // Loading a data set of half a gigabyte from the append-only file (judgement; measure yours).
    bootSeconds: 15,
    tolerationSeconds: 60,
    pod: podSize([valkey.resources, agentSize, exporterSize], [agentSize]),
    claimBytes: bytes(valkey.diskSize),
    objects: { services: 2, configMaps: 1, secrets: valkeyAccounts(callers).length },
  };
}

/** The cluster as a node of the network graph: its servers call each other on both ports. */
export function valkeyNode(name: string, store: Store): NetworkNode {
  const peers: Call = { to: name, ports: [store.port, valkeyBusPort] };
  return { name, selector: store.podLabels, calls: [peers], publicPorts: [], scrapes: [{ port: store.exporterPort }] };
}
