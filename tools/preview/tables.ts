/** The tables of a preview as rows of text, for every form in which a preview is shown. */
import type { AdPlan } from "../../components/ads/plan.ts";
import type { ScalingStep } from "../../components/capacity/autoscaler.ts";
import { quotaFigure } from "../../components/capacity/checks.ts";
import { podsAtPeak } from "../../components/capacity/pods-at-peak.ts";
import type { QuotaLine } from "../../components/capacity/quota.ts";
import { failures } from "../../components/capacity/recovery.ts";
import { plannedTotal } from "../../components/data/mysql-connections.ts";
import { postgresRoles } from "../../components/data/postgres-plan.ts";
import { storePromises } from "../../components/data/promises.ts";
import { formatBytes, formatCpu } from "../../components/kube/quantities.ts";
import type { NamespacePlan, PlatformPlan, RegionPlan } from "../../components/plan.ts";
import { duration } from "../table.ts";

/** A table as text, before anybody decides how it looks. */
export interface Rows {
  header: readonly string[];
  rows: readonly (readonly string[])[];
}

/** Says "by hand" where a person has to act. */
export const byHandText = "by hand";

/** Share of what is granted, for example "91 %"; "-" where nothing is granted. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? "-" : `${Math.round((part / whole) * 100)} %`;
}

/** "6..60", or "5" where nothing scales. */
export function replicaRange({ minReplicas, maxReplicas }: { minReplicas: number; maxReplicas: number }): string {
  return minReplicas === maxReplicas ? String(maxReplicas) : `${minReplicas}..${maxReplicas}`;
}

/** Every workload of a namespace with its pods at the peak. */
export function workloadRows({ workloads }: NamespacePlan): Rows {
  const rows = workloads.map((plan) => {
    const peak = podsAtPeak(plan);
    return [
      plan.name,
      plan.kind,
      plan.pool,
      replicaRange(plan),
      String(peak.running),
      String(peak.surge),
      String(peak.draining),
      String(peak.total),
      `${formatCpu(plan.pod.requests.cpuMillis)} / ${formatBytes(plan.pod.requests.memoryBytes)}`,
    ];
  });
  const header = ["workload", "kind", "pool", "pods", "maximum", "surge", "draining", "peak", "requests of a pod"];
  return { header, rows };
}

function quotaRow({ resource, base, need, granted }: QuotaLine): string[] {
  return [
    resource,
    quotaFigure(resource, base),
    quotaFigure(resource, need),
    quotaFigure(resource, granted),
    percent(need, granted),
    granted > base ? "computed upward" : "",
  ];
}

/** The quota of a namespace. */
export function quotaRows({ quota }: NamespacePlan): Rows {
  return { header: ["quota", "base", "needed", "granted", "used at peak", ""], rows: quota.map(quotaRow) };
}

/** What one Prometheus of a region is sized for. */
export function seriesRows({ config }: PlatformPlan, { monitoring }: RegionPlan): Rows {
  const { series, samplesPerSecond, memoryBytes, diskBytes } = monitoring.series;
  const { retentionDays } = config.monitoring.prometheus;
  const row = [series, samplesPerSecond].map((number) => number.toLocaleString("en-US"));
  return {
    header: ["Prometheus", "series", "samples a second", "memory", "disk", "kept"],
    rows: [["each server", ...row, formatBytes(memoryBytes), formatBytes(diskBytes), `${retentionDays} days`]],
  };
}

/** The node pools of a region. */
export function poolRows({ pools, region }: RegionPlan): Rows {
  const rows = pools.map((line) => {
    const { cpu, memory, minNodes } = region.pools[line.pool];
    const numbers = [line.pods, line.nodesNeeded, minNodes, line.maxNodes].map(String);
    return [line.pool, `${cpu} / ${memory}`, ...numbers];
  });
  return { header: ["pool", "node", "pods at peak", "nodes needed", "minimum", "maximum"], rows };
}

/** How long each workload of a namespace takes to come back. */
export function recoveryRows({ recovery }: NamespacePlan): Rows {
  const rows = recovery.map(({ plan, recoveries }) => [
    plan.name,
    ...recoveries.map((one) => (one.seconds === undefined ? byHandText : duration(one.seconds))),
  ]);
  return { header: ["back after", ...failures], rows };
}

function scalingText(list: readonly ScalingStep[], from: number): string {
  const last = list.at(-1);
  if (last === undefined) return "stays";
  const counts = [from, ...list.map((one) => one.replicas)];
  const shown = counts.length > 7 ? [...counts.slice(0, 4), "..", ...counts.slice(-2)] : counts;
  return `${shown.join(" ")} in ${duration(last.seconds)}`;
}

/** What autoscalers of a namespace do when load comes and goes. */
export function scalingRows({ scaling }: NamespacePlan): Rows {
  const rows = scaling.map(({ plan, up, down }) => [
    plan.name,
    scalingText(up, plan.minReplicas),
    scalingText(down, plan.maxReplicas),
  ]);
  return { header: ["scales", "when everybody comes", "when everybody has left"], rows };
}

/** Connections to PostgreSQL of an environment of the ad platform. */
export function postgresRows({ config, postgres }: AdPlan): Rows {
  const { maxConnections, pooler } = config.postgres;
  const roles = postgresRoles(config.postgres, postgres);
  const planned = roles.reduce((whole, { connectionLimit }) => whole + connectionLimit, 0);
  const rows = roles.map(({ name, connectionLimit }) => {
    const caller = postgres.callers.find(({ user }) => user === name);
    const pods = (caller?.plans ?? []).reduce((whole, one) => whole + podsAtPeak(one).total, 0);
    const clients = caller === undefined ? "-" : `${pods} x ${caller.connections} = ${pods * caller.connections}`;
    return [name, clients, String(connectionLimit)];
  });
  const share = `${planned}, ${percent(planned, maxConnections)} of ${maxConnections}`;
  return {
    header: ["PostgreSQL user", `connections to poolers (${pooler.maxClients} each)`, "to the server at most"],
    rows: [...rows, ["all", "", share]],
  };
}

/** Connections to MySQL of a region. */
export function connectionRows({ config }: PlatformPlan, { data }: RegionPlan): Rows {
  const { maxConnections } = config.data.mysql;
  const planned = plannedTotal(data.connections);
  const rows = data.connections.map(({ user, poolSize, pods, connections, limit }) =>
    [user, poolSize, pods, connections, limit].map(String),
  );
  const share = `${percent(planned, maxConnections)} of ${maxConnections}`;
  return {
    header: ["MySQL user", "pool of a pod", "pods at peak", "connections", "limit"],
    rows: [...rows, ["all", "", "", String(planned), share]],
  };
}

/** What each store loses at most, and when it is back. */
export function promiseRows(plan: PlatformPlan): Rows {
  const lost = (seconds: number | undefined) =>
    seconds === undefined ? "all" : seconds === 0 ? "nothing" : duration(seconds);
  const rows = storePromises(plan.config).map(({ owner, store, failure, lostSeconds, backSeconds, source }) => [
    owner,
    store,
    failure,
    lost(lostSeconds),
    backSeconds === undefined ? byHandText : duration(backSeconds),
    source,
  ]);
  return { header: ["of", "store", "failure", "changes lost at most", "back after", "why"], rows };
}

/** How long an update of each workload of a namespace takes. */
export function rolloutRows({ rollouts }: NamespacePlan): Rows {
  const rows = rollouts
    .filter(({ plan }) => plan.kind !== "CronJob")
    .map(({ plan, rollout }) => [plan.name, duration(rollout.seconds), rollout.terms]);
  return { header: ["rollout at the maximum", "takes", "how"], rows };
}

/** Whether the other regions carry the players of a lost one; no rows with a single region. */
export function lossRows({ losses }: PlatformPlan): Rows {
  const rows = losses.map(({ lost, players, room, fits }) => [
    lost,
    String(players),
    String(room),
    fits ? "yes" : "no",
  ]);
  return { header: ["lost", "planned players", "room elsewhere", "fits"], rows };
}

/** Why a person has to act after some failures; the same words for every region, so they are said once. */
export function byHandNotes(plan: PlatformPlan): string[] {
  const notes = plan.regions.flatMap((region) =>
    region.namespaces.flatMap(({ namespace, recovery }) =>
      recovery.flatMap(({ plan: workload, recoveries }) =>
        recoveries
          .filter((one) => one.seconds === undefined)
          .map((one) => `${namespace}/${workload.name}, ${one.failure}: ${one.terms}`),
      ),
    ),
  );
  return [...new Set(notes)];
}
