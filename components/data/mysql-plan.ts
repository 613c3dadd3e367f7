/** MySQL of one region as plans, and the names that its parts know each other by. */
import { type ContainerSize, podSize, type WorkloadPlan } from "../capacity/workload-plan.ts";
import type { NetworkNode } from "../cluster/network-policies.ts";
import type { DataConfig } from "../config/data.ts";
import { bytes } from "../kube/quantities.ts";
import { gameStores } from "../kube/stores.ts";
import { planJob } from "../workload/service-plan.ts";

/**
 * Name of the InnoDBCluster, which begins the names of all that the operator makes: StatefulSet, router Deployment,
 * Services, and Secrets such as `<name>-backup`. Not `mysql`: the operator's `mysql-backup` and the credentials of the
 * user `backup` would be one Secret. Immutable: pods and claims are named after it.
 */
export const mysqlClusterName = "mysql-cluster";

/** User of whom the operator makes the server's administrator, and the folder and Secret of its credentials. */
export const mysqlRootUser = "operator-root";

/** Keys that the operator wants in the administrator's Secret, for `texts` of its credentials. */
export const mysqlRootTexts = { rootUser: "{username}", rootPassword: "{password}", rootHost: "%" } as const;

/** Pods of routers. Servers have the label of the store (kube/stores.ts). */
export const mysqlRouterSelector = { app: "mysql-router" } as const;

/** Ports of servers and routers, fixed by the operator. */
export const mysqlPorts = {
  server: 3306,
  /** X protocol, which the operator and routers watch the group through. */
  x: 33060,
  /** Between members of a group. */
  group: 33061,
  routerWrite: 6446,
  routerRead: 6447,
  exporter: gameStores.mysql.exporterPort,
} as const;

/**
 * What the Services lead to. `router` (the project's own way to connect): routers ask the group itself who writes, within
 * seconds and without the operator. `role`: straight to the pod that the operator last labelled PRIMARY, one endpoint. A
 * writer whose process died keeps that label until the operator has looked at it again, and is writable and outside of
 * the group when it is back: what is written to it then is lost.
 */
export type MySqlRoute = "router" | "role";

/** Port of pods behind the two Services, which network policies name. */
export function mysqlTargetPorts(route: MySqlRoute): { write: number; read: number } {
  if (route === "role") return { write: mysqlPorts.server, read: mysqlPorts.server };
  return { write: mysqlPorts.routerWrite, read: mysqlPorts.routerRead };
}

/** Operator's program beside each server, and its init container: a Python shell (judgement; others run it so). */
export const mysqlSidecarSize: ContainerSize = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "500m", memory: "512Mi" },
};

/** The exporter; the least that the limit range allows. */
export const mysqlExporterSize: ContainerSize = {
  requests: { cpu: "50m", memory: "128Mi" },
  limits: { cpu: "200m", memory: "256Mi" },
};

/** A router: some 50 KiB for each connection (judgement; measure yours). */
export const mysqlRouterSize: ContainerSize = {
  requests: { cpu: "250m", memory: "256Mi" },
  limits: { cpu: "1000m", memory: "512Mi" },
};

/** The job that sets users: a shell and a client. */
export const mysqlUsersSize: ContainerSize = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "500m", memory: "512Mi" },
};

/** Everything of MySQL in one region. */
export interface MySqlPlan {
  servers: WorkloadPlan;
  routers: WorkloadPlan;
  users: WorkloadPlan;
}

/** The plan of one region. */
export function planMySql(mysql: DataConfig["mysql"]): MySqlPlan {
  const common = { pool: "data", surgePods: 0, minReadySeconds: 0 } as const;
  return {
    servers: {
      ...common,
      name: mysqlClusterName,
      kind: "StatefulSet",
      minReplicas: mysql.instances,
      maxReplicas: mysql.instances,
      // The operator's own: 60 s for other members to follow, then the shutdown.
      graceSeconds: 120,
      bootSeconds: 60,
      tolerationSeconds: 60,
      pod: podSize(
        [mysql.resources, mysqlSidecarSize, mysqlExporterSize],
        // initconf and initmysql; the third, which runs as root, is turned off.
        [mysqlSidecarSize, mysql.resources],
      ),
      claimBytes: bytes(mysql.diskSize),
      // Ours: two Services. The operator's: two Services, settings and exporter settings, three Secrets.
      objects: { services: 4, configMaps: 2, secrets: 3 },
    },
    routers: {
      ...common,
      name: `${mysqlClusterName}-router`,
      kind: "Deployment",
      minReplicas: mysql.routers,
      maxReplicas: mysql.routers,
      // The operator leaves the strategy at its default: a quarter more, rounded up.
      surgePods: Math.ceil(mysql.routers / 4),
      graceSeconds: 30,
      bootSeconds: 20,
      tolerationSeconds: 30,
      pod: podSize([mysqlRouterSize]),
      objects: { services: 0, configMaps: 0, secrets: 0 },
    },
    users: planJob(["mysql-users"], {
      pool: "services",
      pod: podSize([mysqlUsersSize]),
      objects: { services: 0, configMaps: 1, secrets: 0 },
    }),
  };
}

/** All plans, for the sums. */
export function mysqlWorkloads(plan: MySqlPlan): WorkloadPlan[] {
  return [plan.servers, plan.routers, plan.users];
}

/**
 * MySQL as nodes of the network graph. `mysql` is what callers call, on `mysqlTargetPorts`. The operator's pods must also
 * reach the servers on `mysqlPorts.server` and `mysqlPorts.x`, from its own namespace.
 */
export function mysqlNetworkNodes(args: {
  route: MySqlRoute;
  apiServerCidrs: readonly string[];
  plan: MySqlPlan;
}): NetworkNode[] {
  const { route, plan } = args;
  const { server, x, group, exporter } = mysqlPorts;
  const servers = route === "role" ? "mysql" : "mysql-server";
  const routers = route === "role" ? "mysql-router" : "mysql";
  return [
    {
      name: servers,
      selector: gameStores.mysql.podLabels,
      calls: [
        { to: servers, ports: [server, x, group] },
        // The program beside the server keeps its pod's labels and readiness through the API server.
        { to: "addresses", cidrs: args.apiServerCidrs, ports: [443, 6443] },
      ],
      publicPorts: [],
      scrapes: [{ port: exporter }],
    },
    {
      name: routers,
      selector: mysqlRouterSelector,
      calls: [{ to: servers, ports: [server, x] }],
      publicPorts: [],
      scrapes: [],
    },
    {
      name: plan.users.name,
      selector: { app: plan.users.name },
      calls: [{ to: "mysql", ports: [mysqlTargetPorts(route).write] }],
      publicPorts: [],
      scrapes: [],
    },
  ];
}
