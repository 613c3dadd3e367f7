/** Parts of the configuration that rules and plans go through. */
import { type AdConfig, type AdEnvironment, adEnvironments } from "./ads.ts";
import type { RegionConfig } from "./regions.ts";
import type { Config } from "./schema.ts";

/** The regions that run, by name. */
export function enabledRegions(config: Config): [string, RegionConfig][] {
  return Object.entries(config.regions).filter((entry): entry is [string, RegionConfig] => entry[1].enabled);
}

/** Where the configuration of an environment of the ad platform stands. */
export function adPath(environment: AdEnvironment): string {
  return `ads.${environment}`;
}

/** Environments of the ad platform that are configured, with the place where they stand. */
export function adSections({ ads }: Config): { environment: AdEnvironment; path: string; ads: AdConfig }[] {
  return adEnvironments.flatMap((environment) => {
    const one = ads[environment];
    return one === undefined ? [] : [{ environment, path: adPath(environment), ads: one }];
  });
}

/** Backups of all stores, with the place where they stand. */
export function backupSections(config: Config) {
  return [
    { path: "data.backups", backups: config.data.backups },
    ...adSections(config).map(({ path, ads }) => ({ path: `${path}.backups`, backups: ads.backups })),
  ];
}
