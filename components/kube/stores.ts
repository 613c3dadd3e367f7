/**
 * Where workloads find the stores of their region. The names are a contract: workloads, network policies and the data
 * tier all read them here, so they cannot drift apart.
 */
import type * as k8s from "@pulumi/kubernetes";
import type { SelectorLabels } from "./labels.ts";

/** One store as its users see it. */
export interface Store {
  /** Name of the Service, in the namespace of its users. */
  service: string;
  /** Service of members that answer reads and lag behind; absent where any member answers. */
  readService?: string;
  /** Environment variable that carries the Service name into its users. */
  hostVariable: string;
  port: number;
  /** Ports of the pods behind the Services, which network policies name. */
  podPorts: readonly number[];
  /** Labels of the pods behind the Service, which network policies select. */
  podLabels: SelectorLabels;
  /** Port of the exporter beside the store, which monitoring scrapes. */
  exporterPort: number;
}

/** The two stores of the game, with the names and ports of the original design. */
export const gameStores = {
  mysql: {
    service: "mysql-primary-service",
    readService: "mysql-replica-service",
    hostVariable: "MYSQL_HOST",
    port: 3306,
    // Routers: one port for what is written, one for what is only read.
    podPorts: [6446, 6447],
    podLabels: { app: "mysql" },
    exporterPort: 9104,
  },
  redis: {
    service: "redis-cluster-service",
    hostVariable: "REDIS_HOST",
    port: 6379,
    podPorts: [6379],
    podLabels: { app: "redis-cluster" },
    exporterPort: 9121,
  },
} as const satisfies Record<string, Store>;

/** Name of a store of the game. */
export type GameStore = keyof typeof gameStores;

/** Keys of the Secret of a store's user. */
export const credentialKeys = {
  username: "username",
  /** The password of this generation. */
  password: "password",
  /** That of the generation before, which still opens the store. */
  previous: "previous-password",
} as const;

/** Secrets of the user's own that callers of a Valkey cluster name; none where it does not speak TLS. */
export function valkeyTlsSecrets({ tlsSecretName }: { tlsSecretName: string }): string[] {
  return tlsSecretName === "" ? [] : [tlsSecretName];
}

/** That Valkey speaks TLS, and whose certificates to trust: as text, so that no pod mounts the key beside it. */
export function valkeyTlsEnvironment({
  tlsSecretName,
}: {
  tlsSecretName: string;
}): Record<string, string | k8s.types.input.core.v1.EnvVarSource> {
  if (tlsSecretName === "") return {};
  return { REDIS_TLS: "true", REDIS_TLS_CA: { secretKeyRef: { name: tlsSecretName, key: "ca.crt" } } };
}

/** Name of the Secret of a store's user, for example `mysql-auth-service`. Users are named after their workload. */
export function credentialsName(store: string, user: string): string {
  return `${store}-${user}`;
}

/** Reference to a key of a user's Secret, for the environment of a pod. */
export function credential(store: string, user: string, key: string): k8s.types.input.core.v1.EnvVarSource {
  return { secretKeyRef: { name: credentialsName(store, user), key } };
}
