/** The offline preview as text: tree, capacity, recovery, rollouts, warnings. */

import type { PlatformPlan } from "../../components/plan.ts";
import {
  byHandNotes,
  connectionRows,
  lossRows,
  poolRows,
  postgresRows,
  promiseRows,
  quotaRows,
  type Rows,
  recoveryRows,
  rolloutRows,
  scalingRows,
  seriesRows,
  workloadRows,
} from "../preview/tables.ts";
import { count, paint, table } from "../table.ts";
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

function tableOf({ header, rows }: Rows): string {
  return table(header, rows);
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
      tableOf(poolRows(region)),
      ...region.namespaces.flatMap((namespace, index) => [
        title(`${region.name}, namespace ${namespace.namespace}`),
        tableOf(workloadRows(namespace)),
        tableOf(quotaRows(namespace)),
        ...(index === 0 ? [tableOf(connectionRows(plan, region))] : []),
        ...(namespace.namespace === region.monitoring.namespace ? [tableOf(seriesRows(plan, region))] : []),
        ...region.ads.filter((ads) => ads.namespace === namespace.namespace).map((ads) => tableOf(postgresRows(ads))),
        ...(namespace.scaling.length === 0 ? [] : [tableOf(scalingRows(namespace))]),
        tableOf(recoveryRows(namespace)),
        tableOf(rolloutRows(namespace)),
      ]),
    ]),
  ];
  const hand = byHandNotes(plan);
  if (hand.length > 0) sections.push(title("by hand"), hand.map((note) => `  ${note}`).join("\n"));
  sections.push(title("promises of the stores"), tableOf(promiseRows(plan)));
  if (plan.losses.length > 0) {
    sections.push(title("one region lost"), tableOf(lossRows(plan)));
  }
  if (plan.warnings.length > 0) {
    sections.push(title("warnings"), plan.warnings.map((text) => `  ${paint("yellow", "!")} ${text}`).join("\n"));
  }
  return `${sections.join("\n\n")}\n`;
}
