/** Rules between fields: pure functions that say what is wrong with a configuration that the schema accepts. */
import { bytes, cpuMillis } from "../kube/quantities.ts";
import { deliveryRules } from "./delivery-rules.ts";
import type { Mistake } from "./mistakes.ts";
import { poolNames } from "./regions.ts";
import type { Config } from "./schema.ts";
import { adSections, enabledRegions } from "./sections.ts";
import { storeRules } from "./store-rules.ts";

/** Seconds between the last save and the end of the grace period (game/drain arithmetic). */
export const graceMarginSeconds = 30;

/** Shortest drain that the schema takes. */
export const minimumDrainSeconds = 15;

/** Longest grace on nodes that a cluster autoscaler removes (its --max-graceful-termination-sec default). */
export const autoscaledGraceSeconds = 600;

/** Longest drain that managed node pools wait for a disruption budget: one hour. */
export const managedGraceSeconds = 3600;

/** Grace of a pod that drains players: drain, last save, margin. */
export function graceSeconds(times: { drainSeconds: number; finalSaveSeconds: number }): number {
  return times.drainSeconds + times.finalSaveSeconds + graceMarginSeconds;
}

function capacityMatchesMinimum(config: Config): Mistake[] {
  const { maxPlayers } = config.game.gameServers;
  return enabledRegions(config).flatMap(([region, { capacityPlayers, gameServers }]) => {
    const held = gameServers.minReplicas * maxPlayers;
    if (capacityPlayers === held) return [];
    return [
      {
        path: `regions.${region}.capacityPlayers`,
        got: capacityPlayers,
        want: `${held} = ${gameServers.minReplicas} (gameServers.minReplicas) x ${maxPlayers} (game.gameServers.maxPlayers)`,
        why: "the region promises room for players that its smallest fleet cannot hold, or hides room that it has",
        fix: `set capacityPlayers to ${held}, or minReplicas to ${Math.ceil(capacityPlayers / maxPlayers)}`,
      },
    ];
  });
}

function worldIdsAreDisjoint(config: Config): Mistake[] {
  const ranges = enabledRegions(config)
    .map(([region, { worlds }]) => ({
      region,
      first: worlds.firstWorldId,
      last: worlds.firstWorldId + worlds.count - 1,
    }))
    .sort((one, other) => one.first - other.first);
  return ranges.flatMap((range, index) => {
    // The one that reaches furthest: a range may lie within one that is not its neighbour.
    const before = ranges
      .slice(0, index)
      .reduce<(typeof ranges)[number] | undefined>((far, one) => (far && far.last >= one.last ? far : one), undefined);
    if (before === undefined || range.first > before.last) return [];
    return [
      {
        path: `regions.${range.region}.worlds.firstWorldId`,
        got: range.first,
        want: `more than ${before.last}, since ${before.region} has the worlds ${before.first} to ${before.last}`,
        why: "two worlds with one id would write the same players and the same backups",
        fix: `give ${range.region} a range of its own, for example from ${Math.ceil((before.last + 1) / 1000) * 1000}`,
      },
    ];
  });
}

function contextsAreUnique(config: Config): Mistake[] {
  const seen = new Map<string, string>();
  return enabledRegions(config).flatMap(([region, { context }]) => {
    const other = seen.get(context);
    seen.set(context, region);
    if (other === undefined) return [];
    return [
      {
        path: `regions.${region}.context`,
        got: context,
        want: `a context of its own, ${other} has this one`,
        why: "two regions in one cluster would write the same objects",
      },
    ];
  });
}

/** Every service that an autoscaler owns, with the place where it stands. */
function scaledServices(config: Config) {
  return [
    ...Object.entries(config.game.services).map(([key, one]) => ({ path: `game.services.${key}`, ...one })),
    ...adSections(config).flatMap(({ path, ads }) =>
      Object.entries(ads.services).map(([key, one]) => ({ path: `${path}.services.${key}`, ...one })),
    ),
  ];
}

function orderedPairs(config: Config): Mistake[] {
  const mistakes: Mistake[] = [];
  const notAbove = (low: [string, number], high: [string, number], why: string) => {
    if (low[1] > high[1]) {
      mistakes.push({ path: low[0], got: low[1], want: `at most ${high[1]} (${high[0]})`, why });
    }
  };
  const smallest = "the autoscaler cannot keep more pods than it may reach";
  for (const [region, { gameServers, pools }] of enabledRegions(config)) {
    const at = `regions.${region}`;
    notAbove(
      [`${at}.gameServers.minReplicas`, gameServers.minReplicas],
      [`${at}.gameServers.maxReplicas`, gameServers.maxReplicas],
      smallest,
    );
    for (const pool of poolNames) {
      notAbove(
        [`${at}.pools.${pool}.minNodes`, pools[pool].minNodes],
        [`${at}.pools.${pool}.maxNodes`, pools[pool].maxNodes],
        "a pool cannot be smaller than its minimum",
      );
    }
  }
  const { worlds, gameServers } = config.game;
  notAbove(
    ["game.gameServers.playersPerServer", gameServers.playersPerServer],
    ["game.gameServers.maxPlayers", gameServers.maxPlayers],
    "servers would be full before the autoscaler adds one",
  );
  const sized = {
    "game.worlds.resources": worlds.resources,
    "game.worlds.loaderResources": worlds.loaderResources,
    "game.gameServers.resources": gameServers.resources,
    ...Object.fromEntries(scaledServices(config).map(({ path, resources }) => [`${path}.resources`, resources])),
    "data.mysql.resources": config.data.mysql.resources,
    "data.valkey.resources": config.data.valkey.resources,
    ...Object.fromEntries(
      adSections(config).flatMap(({ path, ads }) =>
        (["postgres", "valkey", "kafka"] as const).map((store) => [`${path}.${store}.resources`, ads[store].resources]),
      ),
    ),
  };
  for (const [path, { requests, limits }] of Object.entries(sized)) {
    for (const [part, number] of [["cpu", cpuMillis] as const, ["memory", bytes] as const]) {
      if (number(requests[part]) > number(limits[part])) {
        mistakes.push({
          path: `${path}.requests.${part}`,
          got: requests[part],
          want: `at most ${limits[part]} (${path}.limits.${part})`,
          why: "the API server refuses a request above its limit",
        });
      }
    }
  }
  for (const { path, minReplicas, maxReplicas } of scaledServices(config)) {
    notAbove([`${path}.minReplicas`, minReplicas], [`${path}.maxReplicas`, maxReplicas], smallest);
  }
  return mistakes;
}

function graceFitsItsPool(config: Config): Mistake[] {
  const { worlds, gameServers } = config.game;
  return [
    { path: "game.worlds", times: worlds, ceiling: managedGraceSeconds, what: "a managed node pool waits for a drain" },
    {
      path: "game.gameServers",
      times: gameServers,
      ceiling: autoscaledGraceSeconds,
      what: "a cluster autoscaler waits before it removes a node",
    },
  ].flatMap(({ path, times, ceiling, what }) => {
    const grace = graceSeconds(times);
    if (grace <= ceiling) return [];
    const room = ceiling - times.finalSaveSeconds - graceMarginSeconds;
    const why = `${ceiling} s is how long ${what}; players would be cut in the middle of their drain`;
    if (room < minimumDrainSeconds) {
      const most = ceiling - minimumDrainSeconds - graceMarginSeconds;
      return [
        {
          path: `${path}.finalSaveSeconds`,
          got: times.finalSaveSeconds,
          want: `at most ${most}: ${minimumDrainSeconds} s drain + last save + ${graceMarginSeconds} s margin <= ${ceiling} s`,
          why,
        },
      ];
    }
    return [
      {
        path: `${path}.drainSeconds`,
        got: times.drainSeconds,
        want: `at most ${room}: drain + ${times.finalSaveSeconds} s last save + ${graceMarginSeconds} s margin <= ${ceiling} s`,
        why,
      },
    ];
  });
}

function somethingRuns(config: Config): Mistake[] {
  if (enabledRegions(config).length > 0) return [];
  return [{ path: "regions", got: Object.keys(config.regions), want: "at least one region with enabled: true" }];
}

function createdClassHasName(config: Config): Mistake[] {
  const { name, provisioner } = config.cluster.storageClass;
  if (name !== "" || provisioner === undefined) return [];
  return [
    {
      path: "cluster.storageClass.name",
      got: name,
      want: `a name, since provisioner ${provisioner} asks for the class to be created`,
    },
  ];
}

function externalStoreHasName(config: Config): Mistake[] {
  const { source, externalStore } = config.data.credentials;
  if (source === "generated" || externalStore.name !== "") return [];
  return [
    {
      path: "data.credentials.externalStore.name",
      got: externalStore.name,
      want: "the name of a store of the External Secrets Operator, since data.credentials.source is external",
      why: "without it no Secret is made, and no pod that needs one starts",
    },
  ];
}

function adsRunSomewhere(config: Config): Mistake[] {
  const there = enabledRegions(config).map(([name]) => name);
  // Said by another rule.
  if (there.length === 0) return [];
  return adSections(config).flatMap(({ path, ads }) =>
    ads.regions
      .filter((name) => !there.includes(name))
      .map((name) => ({
        path: `${path}.regions`,
        got: name,
        want: `regions that run: ${there.join(", ")}`,
        why: "in any other nothing of it would be made",
      })),
  );
}

function hostsAreTheirOwn(config: Config): Mistake[] {
  const seen = new Map<string, string>();
  return adSections(config).flatMap(({ path, ads }) =>
    Object.entries(ads.hosts).flatMap(([key, host]): Mistake[] => {
      const other = seen.get(host);
      const here = `${path}.hosts.${key}`;
      seen.set(host, here);
      if (other === undefined) return [];
      return [
        {
          path: here,
          got: host,
          want: `a host name of its own, ${other} has this one`,
          why: "requests for one would reach the other: bids of a test on the market, or customers in staging",
        },
      ];
    }),
  );
}

/** Every rule between fields that needs no capacity arithmetic. */
export function fieldMistakes(config: Config): Mistake[] {
  return [
    somethingRuns,
    contextsAreUnique,
    orderedPairs,
    capacityMatchesMinimum,
    worldIdsAreDisjoint,
    graceFitsItsPool,
    createdClassHasName,
    externalStoreHasName,
    adsRunSomewhere,
    hostsAreTheirOwn,
    ...storeRules,
    deliveryRules,
  ].flatMap((rule) => rule(config));
}
