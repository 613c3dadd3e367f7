/** The offline preview as text: tree, capacity, recovery, rollouts, warnings. */

import type { AdPlan } from "../../components/ads/plan.ts";
import type { ScalingStep } from "../../components/capacity/autoscaler.ts";
import { quotaFigure } from "../../components/capacity/checks.ts";
import { podsAtPeak } from "../../components/capacity/pods-at-peak.ts";
import { failures } from "../../components/capacity/recovery.ts";
import { plannedTotal } from "../../components/data/mysql-connections.ts";
import { postgresRoles } from "../../components/data/postgres-plan.ts";
import { storePromises } from "../../components/data/promises.ts";
import { formatBytes, formatCpu } from "../../components/kube/quantities.ts";
import type { NamespacePlan, PlatformPlan, RegionPlan } from "../../components/plan.ts";
import { count, duration, paint, table } from "../table.ts";
import type { OfflineResource, OfflineRun } from "./host.ts";
import { shortName } from "./inventory.ts";

function kindOf(resource: OfflineResource): string {
  const kind = resource.inputs["kind"];
  return typeof kind === "string" ? kind : (resource.type.split(":").at(-1) ?? resource.type);
}

/** The component tree; each component with the number of its own objects by kind. */
export function tree(run: OfflineRun): string {
  const children = new Map<string, OfflineResource[]>();
  for (const resource of run.resources) {
    const siblings = children.get(resource.parent ?? "") ?? [];
    siblings.push(resource);
    children.set(resource.parent ?? "", siblings);
  }
  const lines: string[] = [];
  const walk = (component: OfflineResource, parent: string | undefined, prefix: string, branch: string) => {
    const below = children.get(component.urn) ?? [];
    const kinds = new Map<string, number>();
    for (const one of below.filter((child) => child.custom)) kinds.set(kindOf(one), (kinds.get(kindOf(one)) ?? 0) + 1);
    const counts = [...kinds].sort().map(([kind, number]) => (number === 1 ? kind : `${number} ${kind}`));
    const label = `${shortName(component.name, parent)} ${paint("dim", `(${component.type.split(":").at(-1)})`)}`;
    lines.push(`${prefix}${branch}${label}${counts.length > 0 ? `  ${counts.join(", ")}` : ""}`);
    const inner = branch === "" ? prefix : `${prefix}${branch.startsWith("└") ? "   " : "│  "}`;
    const components = below.filter((child) => !child.custom).sort((a, b) => (a.name < b.name ? -1 : 1));
    components.forEach((child, index) => {
      walk(child, component.name, inner, index === components.length - 1 ? "└─ " : "├─ ");
    });
  };
  for (const root of (children.get("") ?? []).filter((one) => !one.custom)) {
    for (const platform of (children.get(root.urn) ?? []).filter((one) => !one.custom))
      walk(platform, undefined, "", "");
  }
  return lines.join("\n");
}

function workloadTable(namespace: NamespacePlan): string {
  const rows = namespace.workloads.map((plan) => {
    const peak = podsAtPeak(plan);
    return [
      plan.name,
      plan.kind,
      plan.pool,
      plan.minReplicas === plan.maxReplicas ? String(plan.maxReplicas) : `${plan.minReplicas}..${plan.maxReplicas}`,
      String(peak.running),
      String(peak.surge),
      String(peak.draining),
      String(peak.total),
      `${formatCpu(plan.pod.requests.cpuMillis)} / ${formatBytes(plan.pod.requests.memoryBytes)}`,
    ];
  });
  const header = ["workload", "kind", "pool", "pods", "maximum", "surge", "draining", "peak", "requests of a pod"];
  return table(header, rows);
}

function quotaTable(namespace: NamespacePlan): string {
  const rows = namespace.quota.map(({ resource, base, need, granted }) => [
    resource,
    quotaFigure(resource, base),
    quotaFigure(resource, need),
    quotaFigure(resource, granted),
    granted === 0 ? "-" : `${Math.round((need / granted) * 100)} %`,
    granted > base ? "computed upward" : "",
  ]);
  return table(["quota", "base", "needed", "granted", "used at peak", ""], rows);
}

function poolTable(region: RegionPlan): string {
  const rows = region.pools.map((line) => {
    const { cpu, memory, minNodes } = region.region.pools[line.pool];
    return [
      line.pool,
      `${cpu} / ${memory}`,
      String(line.pods),
      String(line.nodesNeeded),
      String(minNodes),
      String(line.maxNodes),
    ];
  });
  return table(["pool", "node", "pods at peak", "nodes needed", "minimum", "maximum"], rows);
}

function recoveryTable(namespace: NamespacePlan): string {
  const rows = namespace.recovery.map(({ plan, recoveries }) => [
    plan.name,
    ...recoveries.map((one) => (one.seconds === undefined ? "by hand" : duration(one.seconds))),
  ]);
  return table(["back after", ...failures], rows);
}

function scalingTable(namespace: NamespacePlan): string {
  const steps = (list: readonly ScalingStep[], from: number) => {
    const last = list.at(-1);
    if (last === undefined) return "stays";
    const counts = [from, ...list.map((one) => one.replicas)];
    const shown = counts.length > 7 ? [...counts.slice(0, 4), "..", ...counts.slice(-2)] : counts;
    return `${shown.join(" ")} in ${duration(last.seconds)}`;
  };
  const rows = namespace.scaling.map(({ plan, up, down }) => [
    plan.name,
    steps(up, plan.minReplicas),
    steps(down, plan.maxReplicas),
  ]);
  return table(["scales", "when everybody comes", "when everybody has left"], rows);
}

function postgresTable({ config, postgres }: AdPlan): string {
  const { maxConnections, pooler } = config.postgres;
  const roles = postgresRoles(config.postgres, postgres);
  const planned = roles.reduce((whole, { connectionLimit }) => whole + connectionLimit, 0);
  const rows = roles.map(({ name, connectionLimit }) => {
    const caller = postgres.callers.find(({ user }) => user === name);
    const pods = (caller?.plans ?? []).reduce((whole, one) => whole + podsAtPeak(one).total, 0);
    const clients = caller === undefined ? "-" : `${pods} x ${caller.connections} = ${pods * caller.connections}`;
    return [name, clients, String(connectionLimit)];
  });
  const share = `${planned}, ${Math.round((planned / maxConnections) * 100)} % of ${maxConnections}`;
  return table(
    ["PostgreSQL user", `connections to poolers (${pooler.maxClients} each)`, "to the server at most"],
    [...rows, ["all", "", share]],
  );
}

function connectionTable({ config }: PlatformPlan, { data }: RegionPlan): string {
  const { maxConnections } = config.data.mysql;
  const planned = plannedTotal(data.connections);
  const rows = data.connections.map(({ user, poolSize, pods, connections, limit }) =>
    [user, poolSize, pods, connections, limit].map(String),
  );
  const share = `${Math.round((planned / maxConnections) * 100)} % of ${maxConnections}`;
  return table(
    ["MySQL user", "pool of a pod", "pods at peak", "connections", "limit"],
    [...rows, ["all", "", "", String(planned), share]],
  );
}

function promiseTable(plan: PlatformPlan): string {
  const lost = (seconds: number | undefined) =>
    seconds === undefined ? "all" : seconds === 0 ? "nothing" : duration(seconds);
  const rows = storePromises(plan.config).map(({ owner, store, failure, lostSeconds, backSeconds, source }) => [
    owner,
    store,
    failure,
    lost(lostSeconds),
    backSeconds === undefined ? "by hand" : duration(backSeconds),
    source,
  ]);
  return table(["of", "store", "failure", "changes lost at most", "back after", "why"], rows);
}

function rolloutTable(namespace: NamespacePlan): string {
  const rows = namespace.rollouts
    .filter(({ plan }) => plan.kind !== "CronJob")
    .map(({ plan, rollout }) => [plan.name, duration(rollout.seconds), rollout.terms]);
  return table(["rollout at the maximum", "takes", "how"], rows);
}

/** Why a person has to act after some failures; the same words for every region, so they are said once. */
function byHand(plan: PlatformPlan): string[] {
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

/** The whole preview. */
export function report(plan: PlatformPlan, run: OfflineRun): string {
  const title = (text: string) => paint("bold", text);
  const sections = [
    title(
      `realmgrid ${run.stack}: ${count(plan.regions.length, "region")}, ${count(run.resources.length, "resource")}`,
    ),
    tree(run),
    ...plan.regions.flatMap((region) => [
      title(`${region.name} (context ${region.region.context})`),
      poolTable(region),
      ...region.namespaces.flatMap((namespace, index) => [
        title(`${region.name}, namespace ${namespace.namespace}`),
        workloadTable(namespace),
        quotaTable(namespace),
        ...(index === 0 ? [connectionTable(plan, region)] : []),
        ...region.ads.filter((ads) => ads.namespace === namespace.namespace).map(postgresTable),
        scalingTable(namespace),
        recoveryTable(namespace),
        rolloutTable(namespace),
      ]),
    ]),
  ];
  const hand = byHand(plan);
  if (hand.length > 0) sections.push(title("by hand"), hand.map((note) => `  ${note}`).join("\n"));
  sections.push(title("promises of the stores"), promiseTable(plan));
  if (plan.losses.length > 0) {
    const rows = plan.losses.map((loss) => [
      loss.lost,
      String(loss.players),
      String(loss.room),
      loss.fits ? "yes" : "no",
    ]);
    sections.push(title("one region lost"), table(["lost", "planned players", "room elsewhere", "fits"], rows));
  }
  if (plan.warnings.length > 0) {
    sections.push(title("warnings"), plan.warnings.map((text) => `  ${paint("yellow", "!")} ${text}`).join("\n"));
  }
  return `${sections.join("\n\n")}\n`;
}
