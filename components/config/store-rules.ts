/** Rules about stores: servers, volumes, backups. Pure functions like those in rules.ts. */
import { longestGapSeconds } from "../kube/cron.ts";
import { bytes } from "../kube/quantities.ts";
import { backupTargetMistakes } from "./data-backups.ts";
import type { Mistake } from "./mistakes.ts";
import type { Config } from "./schema.ts";
import { adSections, backupSections, enabledRegions } from "./sections.ts";

/** Servers of a store that each have a node of their own, by place, with the regions that they run in. */
function storeServers(config: Config) {
  const everywhere = enabledRegions(config);
  return [
    { path: "data.mysql.instances", servers: config.data.mysql.instances, regions: everywhere },
    ...adSections(config).flatMap(({ path, ads }) => {
      const regions = everywhere.filter(([name]) => ads.regions.includes(name));
      return [
        { path: `${path}.postgres.instances`, servers: ads.postgres.instances, regions },
        { path: `${path}.kafka.brokers`, servers: ads.kafka.brokers, regions },
      ];
    }),
  ];
}

function serversHaveNodes(config: Config): Mistake[] {
  return storeServers(config).flatMap(({ path, servers, regions }) =>
    regions
      .filter(([, { pools }]) => servers > pools.data.maxNodes)
      .map(([region, { pools }]) => ({
        path,
        got: servers,
        want: `at most ${pools.data.maxNodes} (regions.${region}.pools.data.maxNodes): each server has a node of its own`,
        why: "two of three servers on one node lose their majority with it, so the others would stay pending for ever",
        fix: `raise regions.${region}.pools.data.maxNodes to ${servers}`,
      })),
  );
}

/** A region of several zones is meant to outlive one of them; its stores must be able to. */
function storesOutliveAZone(config: Config): Mistake[] {
  const { mysql, valkey } = config.data;
  const majority = "a majority of the servers";
  const all = enabledRegions(config);
  const cluster = (path: string, { primaries, replicasPerPrimary }: typeof valkey) => [
    { path: `${path}.primaries`, got: primaries, least: 3, what: "a majority of the primaries" },
    { path: `${path}.replicasPerPrimary`, got: replicasPerPrimary, least: 1, what: "a copy of each primary" },
  ];
  const wanted = [
    ...[
      { path: "data.mysql.instances", got: mysql.instances, least: 3, what: majority },
      ...cluster("data.valkey", valkey),
    ].map((one) => ({ ...one, regions: all })),
    ...adSections(config).flatMap(({ environment, path, ads }) =>
      [
        { path: `${path}.postgres.instances`, got: ads.postgres.instances, least: 3, what: majority },
        { path: `${path}.kafka.brokers`, got: ads.kafka.brokers, least: 3, what: majority },
        ...cluster(`${path}.valkey`, ads.valkey),
      ].map((one) => ({
        ...one,
        regions: environment === "staging" ? [] : all.filter(([name]) => ads.regions.includes(name)),
      })),
    ),
  ];
  return wanted.flatMap(({ path, got, least, what, regions }) => {
    const region = regions.find(([, { zones }]) => zones.length > 1);
    if (region === undefined || got >= least) return [];
    return [
      {
        path,
        got,
        want: `at least ${least}, since ${region[0]} has ${region[1].zones.length} zones`,
        why: `with fewer, the loss of one node or zone takes ${what}`,
        fix: `raise it to ${least}, or give the region one zone, whose loss is then the loss of the region`,
      },
    ];
  });
}

/** Volumes that could not hold what the memory of their server holds. */
function volumesHoldTheirData(config: Config): Mistake[] {
  const tables =
    "tables, indexes and logs are larger than the part of them that is kept in memory; a full volume stops writing";
  const log =
    "while the append-only file is rewritten, the old and the new one lie side by side; a full volume stops writing";
  return [
    { path: "data.mysql", why: tables, ...config.data.mysql },
    { path: "data.valkey", why: log, ...config.data.valkey },
    ...adSections(config).flatMap(({ path, ads }) => [
      { path: `${path}.postgres`, why: tables, ...ads.postgres },
      { path: `${path}.valkey`, why: log, ...ads.valkey },
    ]),
  ].flatMap(({ path, diskSize, resources, why }): Mistake[] => {
    const { memory } = resources.limits;
    if (bytes(diskSize) >= 2 * bytes(memory)) return [];
    const want = `at least twice the memory limit ${memory} of its server`;
    return [{ path: `${path}.diskSize`, got: diskSize, want, why, fix: `raise ${path}.diskSize` }];
  });
}

function backupsHaveTarget(config: Config): Mistake[] {
  return backupSections(config).flatMap(({ path, backups }) => backupTargetMistakes(path, backups));
}

function backupsAreInTime(config: Config): Mistake[] {
  const all = [
    ...backupSections(config).flatMap(({ path, backups }) => (backups.enabled ? [{ path, ...backups }] : [])),
    { path: "game.worlds.backup", ...config.game.worlds.backup },
  ];
  return all.flatMap(({ path, schedule, drillSchedule, maxAgeHours }): Mistake[] => {
    const rare = { schedule, drillSchedule };
    const never = Object.entries(rare).filter(([, one]) => longestGapSeconds(one) === Number.POSITIVE_INFINITY);
    if (never.length > 0) {
      return never.map(([key, got]) => ({
        path: `${path}.${key}`,
        got,
        want: "a schedule that comes more than once a year",
        why: "a backup that is hardly ever taken, or never proven, is none",
      }));
    }
    const hours = longestGapSeconds(schedule) / 3600;
    if (maxAgeHours >= hours) return [];
    return [
      {
        path: `${path}.maxAgeHours`,
        got: maxAgeHours,
        want: `at least ${Math.ceil(hours)}: ${path}.schedule (${schedule}) leaves up to ${Math.ceil(hours)} h between two runs`,
        why: "the drill would fail though every backup was taken",
        fix: "raise it, with some hours for a slow run, or back up more often",
      },
    ];
  });
}

/** Every rule about stores. */
export const storeRules: readonly ((config: Config) => Mistake[])[] = [
  serversHaveNodes,
  storesOutliveAZone,
  volumesHoldTheirData,
  backupsHaveTarget,
  backupsAreInTime,
];
