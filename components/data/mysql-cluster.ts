/**
 * MySqlCluster: the writer of a region and its followers, as an InnoDBCluster of the MySQL operator: group replication
 * with automatic failover, routers, exporters. The operator makes StatefulSet, budget of the servers, Deployment of the
 * routers, and its own accounts.
 *
 * What it does not do (26.7.0-2.3.0): a changed `mycnf`, `podSpec` or claim of a running cluster stays without effect;
 * only version, instances, labels, annotations, routers' options and TLS are carried over.
 */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DataConfig } from "../config/data.ts";
import type { PoolName } from "../config/regions.ts";
import { labels } from "../kube/labels.ts";
import { gameStores } from "../kube/stores.ts";
import { recommendations } from "../workload/autoscaling.ts";
import { disruptionBudget } from "../workload/disruption.ts";
import { mysqlClusterSpec } from "./mysql-cluster-spec.ts";
import {
  type MySqlPlan,
  type MySqlRoute,
  mysqlClusterName,
  mysqlRouterSelector,
  mysqlTargetPorts,
} from "./mysql-plan.ts";

/** Arguments of `MySqlCluster`. */
export interface MySqlClusterArgs {
  mysql: DataConfig["mysql"];
  plan: MySqlPlan;
  namespace: string;
  /** Secret of the administrator, with the keys rootUser, rootPassword and rootHost. */
  rootSecret: string;
  /** What the Services lead to. */
  route: MySqlRoute;
  /** server_id of the first server; the others count on. Regions must not overlap. */
  firstServerId: number;
  /** StorageClass of the volumes; empty for the cluster's default. */
  storageClass: string;
  pool: { name: PoolName; dedicated: boolean };
  /** Secrets with certificates: authority (`ca.pem`), servers and routers. Without them servers make their own. */
  tls?: { authority: string; servers: string; routers?: string };
  /** Version of the routers where it is not that of the servers. */
  routerVersion?: string;
  /** Refuses to delete the cluster, and keeps it when the stack is destroyed. */
  protectData: boolean;
  /** The administrator's Secret, and the operator where the stack installs it. */
  needs: pulumi.Resource[];
}

/** Label that the operator keeps on each server, and its value. */
function roleLabel(role: "PRIMARY" | "SECONDARY"): Record<string, string> {
  return { "mysql.oracle.com/cluster": mysqlClusterName, "mysql.oracle.com/cluster-role": role };
}

/** See `MySqlClusterArgs`. */
export class MySqlCluster extends pulumi.ComponentResource {
  constructor(name: string, args: MySqlClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:data:MySqlCluster", name, {}, opts);
    const { mysql, plan, namespace, route } = args;
    const store = gameStores.mysql;
    const child = { parent: this };
    const common = labels(store.podLabels, { component: "database", partOf: "mmorpg" });
    new k8s.apiextensions.CustomResource(
      name,
      {
        apiVersion: "mysql.oracle.com/v2",
        kind: "InnoDBCluster",
        metadata: { name: mysqlClusterName, namespace, labels: common },
        spec: mysqlClusterSpec(args),
      },
      {
        ...child,
        dependsOn: args.needs,
        protect: args.protectData,
        retainOnDelete: args.protectData,
        // A claim that exists grows by hand; a change here would seem to do it and does not.
        ignoreChanges: ["spec.datadirVolumeClaimTemplate"],
      },
    );
    const ports = mysqlTargetPorts(route);
    for (const [suffix, serviceName, targetPort, role] of [
      ["writer", store.service, ports.write, "PRIMARY"],
      ["readers", store.readService, ports.read, "SECONDARY"],
    ] as const) {
      new k8s.core.v1.Service(
        `${name}-${suffix}`,
        {
          metadata: {
            name: serviceName,
            namespace,
            labels: common,
            // The database takes minutes to form, and nothing of it is awaited.
            annotations: { "pulumi.com/skipAwait": "true" },
          },
          spec: {
            selector: route === "role" ? { ...store.podLabels, ...roleLabel(role) } : { ...mysqlRouterSelector },
            ports: [{ name: "mysql", port: store.port, targetPort, appProtocol: "mysql" }],
          },
        },
        child,
      );
    }
    // The operator makes the budget of the servers itself, and none for the routers. One selector, one budget.
    disruptionBudget(
      `${name}-router-budget`,
      {
        name: plan.routers.name,
        namespace,
        labels: labels(mysqlRouterSelector, { component: "router", partOf: "mmorpg" }),
      },
      { selector: mysqlRouterSelector, maxUnavailable: 1 },
      child,
    );
    recommendations(
      `${name}-recommendations`,
      { kind: "StatefulSet", name: plan.servers.name, namespace, labels: common },
      { name: "mysql", size: mysql.resources },
      child,
    );
    this.registerOutputs({});
  }
}
