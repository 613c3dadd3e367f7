/** Connections to MySQL: pools of all callers at their peak against what the server accepts. */
import { podsAtPeak } from "../capacity/pods-at-peak.ts";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import type { Mistake } from "../config/mistakes.ts";

/**
 * Part of `max_connections` that may be planned. The rest is for operator, routers, exporter, backup and people, and for
 * connections of pods that died without a word.
 */
export const plannedConnections = 0.8;

/** A caller of MySQL with its own user. */
export interface MySqlCaller {
  /** Name of the user and of the workload. */
  user: string;
  /** Connections that one pod keeps. */
  poolSize: number;
  /** Where the pool stands in the configuration, for example `data.mysql.pools.auth`. */
  path: string;
  /** Every workload whose pods log in as this user. */
  plans: readonly WorkloadPlan[];
}

/** One line of the connections table. */
export interface ConnectionLine {
  user: string;
  poolSize: number;
  /**
   * Pods at the peak: running, surge and draining. A draining server still saves what its players did, so its pool counts
   * until it is gone; the autoscaler's maximum alone would be too few during a rollout.
   */
  pods: number;
  connections: number;
  /** MAX_USER_CONNECTIONS: so much above the plan that the limits of all users together are what the server accepts. */
  limit: number;
}

/** What the callers may hold open at one time, user by user. */
export function mysqlConnections(callers: readonly MySqlCaller[]): ConnectionLine[] {
  return callers.map(({ user, poolSize, plans }) => {
    const pods = plans.reduce((whole, plan) => whole + podsAtPeak(plan).total, 0);
    const connections = pods * poolSize;
    return { user, poolSize, pods, connections, limit: Math.ceil(connections / plannedConnections) };
  });
}

/** Sum of all lines. */
export function plannedTotal(lines: readonly ConnectionLine[]): number {
  return lines.reduce((whole, line) => whole + line.connections, 0);
}

/** Pools that together are more than the server accepts, as a mistake of the caller that takes the most. */
export function mysqlConnectionMistakes(
  region: string,
  callers: readonly MySqlCaller[],
  maxConnections: number,
): Mistake[] {
  const lines = mysqlConnections(callers);
  const total = plannedTotal(lines);
  const most = Math.floor(maxConnections * plannedConnections);
  if (total <= most) return [];
  const largest = lines.reduce((one, other) => (other.connections > one.connections ? other : one));
  const caller = callers.find((one) => one.user === largest.user);
  const sum = lines.map((line) => `${line.user} ${line.pods} pods x ${line.poolSize}`).join(" + ");
  return [
    {
      path: caller?.path ?? largest.user,
      got: largest.poolSize,
      want: `pools that fit ${region}: ${sum} = ${total} connections, at most ${most} = ${plannedConnections * 100} % of data.mysql.maxConnections ${maxConnections}`,
      why: 'beyond it the server answers "Too many connections" to whoever comes next, a login as well as a save',
      fix: `lower the pool, or raise data.mysql.maxConnections to ${Math.ceil(total / plannedConnections)} and the memory with it`,
    },
  ];
}
