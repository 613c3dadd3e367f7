/** Capacity as bars: quota and node pools, what is needed against what is granted. */
import { quotaFigure } from "../../components/capacity/checks.ts";
import type { QuotaLine } from "../../components/capacity/quota.ts";
import type { NamespacePlan, PlatformPlan, RegionPlan } from "../../components/plan.ts";
import { barSvg, escaped, folded, htmlSection, htmlTable } from "./html.ts";
import { connectionRows, percent, postgresRows } from "./tables.ts";

/** A table whose first two columns are HTML: a name and a bar. */
function barTable(caption: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map(([name = "", bar = "", ...rest]) => [name, bar, ...rest.map(escaped)]);
  return htmlTable({ header, rows: cells }, { caption, cell: (html) => html });
}

function quotaLine({ resource, base, need, granted }: QuotaLine): string[] {
  const [needed, whole, first] = [need, granted, base].map((number) => quotaFigure(resource, number));
  const label = `${resource}: ${needed} of ${whole} granted, ${percent(need, granted)}; base ${first}`;
  const bar = barSvg({ needed: need, whole: granted, mark: base, label });
  return [escaped(resource), bar, needed ?? "", whole ?? "", first ?? "", percent(need, granted)];
}

function quotaTable({ namespace, quota }: NamespacePlan): string {
  const header = ["quota", "share", "needed", "granted", "base", "used"];
  // What nothing uses would only be ten empty bars.
  const used = quota.filter(({ need }) => need > 0);
  return `<div><h4>${escaped(namespace)}</h4>${barTable("Quota of the namespace", header, used.map(quotaLine))}</div>`;
}

function poolTable({ pools, region }: RegionPlan): string {
  const rows = pools.map(({ pool, pods, nodesNeeded, maxNodes }) => {
    const { cpu, memory, minNodes } = region.pools[pool];
    const label = `${pool}: ${nodesNeeded} of ${maxNodes} nodes, ${percent(nodesNeeded, maxNodes)}; at least ${minNodes}`;
    const bar = barSvg({ needed: nodesNeeded, whole: maxNodes, mark: minNodes, label });
    const name = `${escaped(pool)}<small>${escaped(`${cpu} / ${memory}`)}</small>`;
    const numbers = [pods, nodesNeeded, maxNodes, minNodes].map(String);
    return [name, bar, ...numbers, percent(nodesNeeded, maxNodes)];
  });
  const header = ["pool", "share", "pods", "nodes", "maximum", "minimum", "used"];
  return `<div><h4>node pools</h4>${barTable("Nodes for the pods at the peak, with their CPU and memory", header, rows)}</div>`;
}

function connections(plan: PlatformPlan, region: RegionPlan): string {
  const tables = [
    htmlTable(connectionRows(plan, region), { caption: "MySQL" }),
    ...region.ads.map((ads) => htmlTable(postgresRows(ads), { caption: `PostgreSQL of ${ads.namespace}` })),
  ];
  return folded(`Connections of ${region.name}`, tables.join(""));
}

/** The section of every region's capacity. */
export function capacitySection(plan: PlatformPlan): string {
  const regions = plan.regions.map((region) => {
    const tables = [poolTable(region), ...region.namespaces.map(quotaTable)];
    return `<h3>${escaped(region.name)} <span class="quiet">context ${escaped(region.region.context ?? "")}</span></h3><div class="pair">${tables.join("")}</div>${connections(plan, region)}`;
  });
  return htmlSection(
    "capacity",
    "Capacity",
    `<p class="quiet">Each bar is what is granted: the filled part is needed at the peak. The mark is where the base ends and the quota was computed upward, or the pool's minimum.</p>`,
    ...regions,
  );
}
