/** Rules of `realmgrid:delivery` that go beyond one field. */
import type { Mistake } from "./mistakes.ts";
import type { Config } from "./schema.ts";
import { enabledRegions } from "./sections.ts";

function repositoryIsNamed({ delivery }: Config): Mistake[] {
  if (delivery.mode !== "argocd" || delivery.argocd.repository !== undefined) return [];
  return [
    {
      path: "delivery.argocd.repository",
      got: undefined,
      want: "url, revision and path of the rendered tree",
      why: "Argo CD would have nothing to apply, and no world, game server or service would run",
      fix: "write the tree with npm run render, commit it, and name the repository; or say delivery.mode: pulumi",
    },
  ];
}

function hubRuns({ delivery: { argocd } }: Config, regions: readonly string[]): Mistake[] {
  if (argocd.hub === undefined || regions.includes(argocd.hub)) return [];
  return [
    {
      path: "delivery.argocd.hub",
      got: argocd.hub,
      want: `one of the regions that run: ${regions.join(", ")}`,
      why: "Argo CD runs in the cluster of that region",
    },
  ];
}

function wavesHoldEveryRegionOnce({ delivery: { argocd } }: Config, regions: readonly string[]): Mistake[] {
  const named = argocd.waves.flat();
  if (named.length === 0) return [];
  const path = "delivery.argocd.waves";
  const want = `each of ${regions.join(", ")} in one wave`;
  if (argocd.hub === undefined) {
    return [
      {
        path,
        got: argocd.waves,
        want: "none without delivery.argocd.hub",
        why: "an Argo CD of each region knows nothing of the others, so nobody would keep to the waves",
        fix: "name a hub, or let delivery.argocd.syncWindow keep regions apart by their nights",
      },
    ];
  }
  const unknown = named.filter((region) => !regions.includes(region));
  const missing = regions.filter((region) => !named.includes(region));
  const twice = named.filter((region, index) => named.indexOf(region) !== index);
  if (unknown.length + missing.length + twice.length === 0) return [];
  return [
    {
      path,
      got: argocd.waves,
      want,
      why: [
        ...missing.map((region) => `${region} would never get a change`),
        ...twice.map((region) => `${region} would be in two waves`),
        ...unknown.map((region) => `${region} does not run`),
      ].join("; "),
    },
  ];
}

function argocdIsApart({ cluster, delivery: { argocd } }: Config): Mistake[] {
  const taken = ["mmorpg-game", "ad-platform", "ad-platform-staging", cluster.monitoringNamespace];
  if (!taken.includes(argocd.namespace)) return [];
  return [
    {
      path: "delivery.argocd.namespace",
      got: argocd.namespace,
      want: "a namespace of its own",
      why: "whoever may deliver into Argo CD's namespace may write its settings, and with them any right",
    },
  ];
}

/** Every mistake of how workloads are delivered. */
export function deliveryRules(config: Config): Mistake[] {
  const regions = enabledRegions(config).map(([name]) => name);
  return [
    ...repositoryIsNamed(config),
    ...hubRuns(config, regions),
    ...wavesHoldEveryRegionOnce(config, regions),
    ...argocdIsApart(config),
  ];
}
