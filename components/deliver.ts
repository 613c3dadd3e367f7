/** What Argo CD delivers, read off the plan of the platform. */
import type { DeliveredPart, Repository } from "./delivery/applications.ts";
import { gameNamespace } from "./game/workloads.ts";
import type { PlatformPlan } from "./plan.ts";

/** Argo CD of one region: its parts, with the regions that it delivers to. */
export interface RegionDelivery {
  repository: Repository;
  parts: DeliveredPart[];
  /** Time zones of regions. */
  timeZones: Record<string, string>;
}

/**
 * Every part with all its regions, the one with the fewest game servers first: where nothing else is said it gets a change
 * before all others. Folders are the names of components below a region.
 */
export function deliveredParts({ regions }: PlatformPlan): DeliveredPart[] {
  const bySize = regions.toSorted((one, other) => {
    return one.region.gameServers.maxReplicas - other.region.gameServers.maxReplicas;
  });
  const all = bySize.map(({ name }) => name);
  const ads = new Map<string, string[]>();
  for (const region of bySize) {
    for (const { namespace } of region.ads) ads.set(namespace, [...(ads.get(namespace) ?? []), region.name]);
  }
  return [
    { project: gameNamespace, namespace: gameNamespace, folder: "game", regions: all },
    ...[...ads].map(([namespace, its]) => ({ project: namespace, namespace, folder: namespace, regions: its })),
  ];
}

/** Argo CD of a region; undefined where none of this program's runs there. */
export function deliveryOf(plan: PlatformPlan, region: string): RegionDelivery | undefined {
  const { mode, argocd } = plan.config.delivery;
  const { hub, repository } = argocd;
  if (mode !== "argocd" || repository === undefined || (hub !== undefined && hub !== region)) return undefined;
  const parts = deliveredParts(plan);
  return {
    repository,
    parts:
      hub === undefined
        ? parts.filter((part) => part.regions.includes(region)).map((part) => ({ ...part, regions: [region] }))
        : parts,
    timeZones: Object.fromEntries(plan.regions.map((one) => [one.name, one.region.timeZone])),
  };
}
