/** Things of a plan that work but that somebody should know. */
import type { RegionLoss } from "./capacity/region-loss.ts";
import type { Config } from "./config/schema.ts";
import { backupSections } from "./config/sections.ts";
import { receiverWarnings } from "./monitoring/alertmanager-config.ts";
import type { RegionPlan } from "./plan.ts";

/** The warnings, each one sentence. */
export function warningsOf(config: Config, regions: readonly RegionPlan[], losses: readonly RegionLoss[]): string[] {
  const window = config.game.worlds.rolloutWindowHours;
  return [
    ...regions.flatMap((one) => [
      ...(one.region.zones.length < 2 ? [`${one.name}: one zone only, its loss is the loss of the region`] : []),
      ...one.namespaces
        .flatMap(({ rollouts }) => rollouts)
        .filter(({ plan, rollout: { seconds } }) => plan.kind === "StatefulSet" && seconds > window * 3600)
        .map(
          ({ plan, rollout: { seconds } }) =>
            `${one.name}: an update of ${plan.name} takes ${Math.ceil(seconds / 3600)} h, more than game.worlds.rolloutWindowHours (${window}): lower game.worlds.groupSize for new regions`,
        ),
      ...(config.game.worlds.spreadHosts === "required"
        ? one.game.worlds
            .filter(({ plan }) => plan.maxReplicas > one.region.pools.worlds.minNodes)
            .map(
              ({ plan }) =>
                `${one.name}: ${plan.name} has ${plan.maxReplicas} worlds, pools.worlds.minNodes is ${one.region.pools.worlds.minNodes}: some share a node until the pool grows`,
            )
        : []),
    ]),
    ...backupSections(config)
      .filter(({ backups }) => backups.enabled && backups.target?.kind === "volume")
      .map(
        ({ path }) => `${path}: kept on a volume of the same cluster, so they save from mistakes and not from its loss`,
      ),
    ...receiverWarnings(config.monitoring),
    ...(config.monitoring.prometheus.remoteWrite.length === 0 && regions.length > 1
      ? ["monitoring.prometheus.remoteWrite is empty: each region knows its own metrics only, nobody sees all"]
      : []),
    ...losses
      .filter((loss) => !loss.fits)
      .map((loss) => `if ${loss.lost} is lost, the others hold ${loss.room} of ${loss.players} planned players`),
  ];
}
