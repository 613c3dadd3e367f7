/** What the InnoDBCluster says: servers, routers, exporter, as hardened and spread as the operator lets them be. */
import type * as k8s from "@pulumi/kubernetes";
import type { ContainerSize } from "../capacity/workload-plan.ts";
import { priorityClasses } from "../cluster/classes.ts";
import type { PoolName } from "../config/regions.ts";
import { exceptionAnnotations, type SecurityException } from "../kube/security.ts";
import { gameStores } from "../kube/stores.ts";
import { mysqldExporterImage, mysqlRegistry } from "../kube/versions.ts";
import { hostSpread, poolTolerations, zoneSpread } from "../workload/placement.ts";
import type { MySqlClusterArgs } from "./mysql-cluster.ts";
import { mysqlExporterSize, mysqlRouterSelector, mysqlRouterSize, mysqlSidecarSize } from "./mysql-plan.ts";
import { mysqlSettings } from "./mysql-settings.ts";

type PodSpec = Partial<k8s.types.input.core.v1.PodSpec>;

/** Why the servers' pods have a token: the operator gives its own program no other way. */
const serverExceptions: readonly SecurityException[] = [
  {
    allow: "service-account-token",
    because: "the operator's program beside the server keeps its pod's readiness and labels through the API server",
    until: "2027-12-31",
  },
];

function sized(name: string, { requests, limits }: ContainerSize) {
  return { name, resources: { requests: { ...requests }, limits: { ...limits } } };
}

/**
 * Where the pods go, and the parts of the `restricted` profile that the operator leaves out. It writes user, groups,
 * dropped capabilities and the read-only root file system itself.
 */
function placed(
  selector: Readonly<Record<string, string>>,
  pool: { name: PoolName; dedicated: boolean },
  tolerationSeconds: number,
  hosts: "required" | "preferred",
): PodSpec {
  return {
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    affinity: hostSpread(selector, pool, hosts),
    tolerations: poolTolerations(pool, tolerationSeconds),
    topologySpreadConstraints: [zoneSpread(selector)],
  };
}

/** `spec` of the InnoDBCluster. Fields as in mysql.oracle.com/v2 of operator 26.7.0-2.3.0. */
export function mysqlClusterSpec(args: MySqlClusterArgs): Record<string, unknown> {
  const { mysql, plan, pool, tls } = args;
  const settings = mysqlSettings({
    memoryRequest: mysql.resources.requests.memory,
    memoryLimit: mysql.resources.limits.memory,
    maxConnections: mysql.maxConnections,
  });
  return {
    secretName: args.rootSecret,
    version: mysql.version,
    imageRepository: mysqlRegistry,
    imagePullPolicy: "IfNotPresent",
    instances: mysql.instances,
    // Numbers of servers differ between regions too, so that one may follow another.
    baseServerId: args.firstServerId,
    ...(tls
      ? { tlsUseSelfSigned: false, tlsCASecretName: tls.authority, tlsSecretName: tls.servers }
      : { tlsUseSelfSigned: true }),
    mycnf: settings,
    // The volume's group is set by kubelet. The operator's other way is an init container that runs as root.
    datadirPermissions: { setRightsUsingInitContainer: false, fsGroupChangePolicy: "OnRootMismatch" },
    datadirVolumeClaimTemplate: {
      accessModes: ["ReadWriteOnce"],
      ...(args.storageClass === "" ? {} : { storageClassName: args.storageClass }),
      resources: { requests: { storage: mysql.diskSize } },
    },
    podLabels: { ...gameStores.mysql.podLabels, "app.kubernetes.io/part-of": "mmorpg" },
    podAnnotations: exceptionAnnotations(serverExceptions),
    podSpec: {
      ...placed(gameStores.mysql.podLabels, pool, plan.servers.tolerationSeconds, "required"),
      priorityClassName: priorityClasses.data.name,
      terminationGracePeriodSeconds: plan.servers.graceSeconds,
      // By name, these are merged into the operator's own containers.
      initContainers: [sized("initconf", mysqlSidecarSize), sized("initmysql", mysql.resources)],
      containers: [
        sized("sidecar", mysqlSidecarSize),
        sized("mysql", mysql.resources),
        sized("metrics", mysqlExporterSize),
      ],
    },
    // The operator makes the exporter's user on each server and lets it in by socket, without a password.
    metrics: {
      enable: true,
      image: mysqldExporterImage,
      monitor: false,
      // What the group thinks of its members is not asked for by default (mysqld_exporter, "Collector Flags").
      options: ["group_members", "group_member_stats"].map((one) => `--collect.perf_schema.replication_${one}`),
    },
    router: {
      instances: mysql.routers,
      ...(args.routerVersion ? { version: args.routerVersion } : {}),
      ...(tls?.routers ? { tlsSecretName: tls.routers } : {}),
      podLabels: { ...mysqlRouterSelector, "app.kubernetes.io/part-of": "mmorpg" },
      // Each router can carry all connections: while one is drained the other has to. Its default is 512.
      bootstrapOptions: [`--conf-set-option=DEFAULT.max_total_connections=${mysql.maxConnections}`],
      podSpec: {
        ...placed(mysqlRouterSelector, pool, plan.routers.tolerationSeconds, "preferred"),
        automountServiceAccountToken: false,
        priorityClassName: priorityClasses.data.name,
        terminationGracePeriodSeconds: plan.routers.graceSeconds,
        containers: [sized("router", mysqlRouterSize)],
      },
    },
  };
}
