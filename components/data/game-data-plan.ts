/** The stores of the game in one region as plans, and who may do what in them. */
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import type { NetworkNode } from "../cluster/network-policies.ts";
import type { DataConfig } from "../config/data.ts";
import type { RegionConfig } from "../config/regions.ts";
import { bytes } from "../kube/quantities.ts";
import { gameStores } from "../kube/stores.ts";
import { backupNodes } from "./backup-jobs.ts";
import { type BackupPlan, backupWorkloads, planBackup, planValkeyBackup, withTargetClaim } from "./backup-plan.ts";
import { type TargetedBackups, targetedBackups } from "./backup-target.ts";
import { type ConnectionLine, type MySqlCaller, mysqlConnections } from "./mysql-connections.ts";
import {
  type MySqlPlan,
  mysqlNetworkNodes,
  mysqlPorts,
  mysqlTargetPorts,
  mysqlWorkloads,
  planMySql,
} from "./mysql-plan.ts";
import type { MySqlGrant } from "./mysql-users.ts";
import { planValkey, valkeyNode, valkeyStore } from "./valkey-plan.ts";

/** A workload of the game that uses the database. */
export interface DatabaseCaller extends MySqlCaller {
  /** What it may do with every table of the game's database. */
  privileges: readonly string[];
}

/** Who uses the stores of the game, by the name that is also their user's. */
export interface GameDataCallers {
  mysql: readonly DatabaseCaller[];
  redis: readonly string[];
}

/** The stores of the game in one region. */
export interface GameDataPlan {
  callers: GameDataCallers;
  mysql: MySqlPlan;
  valkey: WorkloadPlan;
  /** Connections that all callers may hold open at their peak. */
  connections: ConnectionLine[];
  /** Absent where stores are not backed up. */
  backups?: GameBackupsPlan;
}

/** The backups of the game's stores. */
export interface GameBackupsPlan {
  mysql: BackupPlan;
  redis: BackupPlan;
}

function planGameBackups({ mysql, valkey }: DataConfig, { target }: TargetedBackups): GameBackupsPlan {
  const dumps = planBackup({ name: "mysql", kind: "mysql", pool: "data", dataBytes: bytes(mysql.diskSize) });
  return { mysql: withTargetClaim(dumps, target), redis: planValkeyBackup(valkeyStore, valkey) };
}

/** Who changes tables: a job of yours that migrates the schema, and nobody who serves players. */
export const migrationsUser = "migrations";

/** Who dumps the database. */
export const backupUser = "backup";

/** Users of MySQL that are no workloads of the game, with what they may do. */
export const mysqlJobGrants: readonly MySqlGrant[] = [
  {
    user: migrationsUser,
    privileges: [
      ...["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"],
      ...["CREATE VIEW", "SHOW VIEW", "TRIGGER", "EVENT", "CREATE ROUTINE", "ALTER ROUTINE", "EXECUTE"],
    ],
  },
  {
    user: backupUser,
    privileges: ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT"],
    // A moment that all tables share, and routines of other users (mysqldump, "Required privileges").
    global: ["RELOAD", "SHOW_ROUTINE"],
  },
];

/** Grants of every user. */
export function mysqlGrants(callers: GameDataCallers): MySqlGrant[] {
  return [...callers.mysql.map(({ user, privileges }) => ({ user, privileges })), ...mysqlJobGrants];
}

/** The plan of one region. */
export function planGameData(data: DataConfig, callers: GameDataCallers): GameDataPlan {
  const backups = targetedBackups(data.backups);
  return {
    callers,
    ...(backups === undefined ? {} : { backups: planGameBackups(data, backups) }),
    mysql: planMySql(data.mysql),
    valkey: planValkey(data.valkey, callers.redis),
    connections: mysqlConnections(callers.mysql),
  };
}

/** Secrets of the users of MySQL: callers, jobs, and the administrator. */
function mysqlSecrets(callers: GameDataCallers): number {
  return mysqlGrants(callers).length + 1;
}

/** All plans of the stores, for the sums. */
export function dataPlans(plan: GameDataPlan): WorkloadPlan[] {
  const { users } = plan.mysql;
  const secrets = users.objects.secrets + mysqlSecrets(plan.callers);
  return [
    ...mysqlWorkloads({ ...plan.mysql, users: { ...users, objects: { ...users.objects, secrets } } }),
    plan.valkey,
    ...Object.values(plan.backups ?? {}).flatMap(backupWorkloads),
  ];
}

function backupJobNodes(data: DataConfig, { backups }: GameDataPlan): NetworkNode[] {
  const target = targetedBackups(data.backups)?.target;
  if (backups === undefined || target === undefined) return [];
  // Dumped from whoever writes: a member that follows could be behind, or away.
  const { write } = mysqlTargetPorts("router");
  return [
    ...backupNodes(backups.mysql, { stores: ["mysql"], port: write, target }),
    ...backupNodes(backups.redis, { stores: ["redis"], port: gameStores.redis.port, target }),
  ];
}

/** The stores and the jobs that back them up, as nodes of the network graph. */
export function dataNodes(data: DataConfig, plan: GameDataPlan, region: RegionConfig): NetworkNode[] {
  const operator = { namespace: data.operatorNamespace, ports: [mysqlPorts.server, mysqlPorts.x] };
  const mysql = mysqlNetworkNodes({ route: "router", apiServerCidrs: region.apiServerCidrs, plan: plan.mysql });
  return [
    ...mysql.map((node) =>
      node.selector.app === gameStores.mysql.podLabels.app ? { ...node, foreignCallers: [operator] } : node,
    ),
    valkeyNode("redis", gameStores.redis),
    ...backupJobNodes(data, plan),
  ];
}
