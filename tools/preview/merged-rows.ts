/** Tables of every namespace of a stack as one: a row that is the same in several places is said once. */
import type { NamespacePlan, PlatformPlan, RegionPlan } from "../../components/plan.ts";
import type { Rows } from "./tables.ts";

/** One namespace of one region. */
export interface NamespacePlace {
  region: RegionPlan;
  namespace: NamespacePlan;
}

/** Every namespace of a plan with its region. */
export function placesOf({ regions }: PlatformPlan): NamespacePlace[] {
  return regions.flatMap((region) => region.namespaces.map((namespace) => ({ region, namespace })));
}

/** The rows of all namespaces; two columns more say where: namespace, and the regions. */
export function mergedRows(plan: PlatformPlan, rowsOf: (namespace: NamespacePlan) => Rows): Rows {
  const merged = new Map<string, { namespace: string; row: readonly string[]; regions: string[] }>();
  let header: readonly string[] = [];
  for (const { region, namespace } of placesOf(plan)) {
    const table = rowsOf(namespace);
    header = table.header;
    for (const row of table.rows) {
      const key = JSON.stringify([namespace.namespace, row]);
      const one = merged.get(key) ?? { namespace: namespace.namespace, row, regions: [] };
      one.regions.push(region.name);
      merged.set(key, one);
    }
  }
  const everywhere = plan.regions.length;
  const rows = [...merged.values()].map(({ namespace, row, regions }) => [
    namespace,
    regions.length === everywhere && everywhere > 1 ? "all" : regions.join(", "),
    ...row,
  ]);
  return { header: ["namespace", "regions", ...header], rows };
}
