/** The stack's configuration with maxima at which scaling takes several steps, and a way down that need not be waited for. */

import { parseConfig } from "../../../components/config/load.ts";
import type { BehaviorConfig } from "../../../components/config/scaling.ts";
import type { Config } from "../../../components/config/schema.ts";
import { namespace } from "../../../components/config/schema.ts";
import { planPlatform } from "../../../components/plan.ts";
import { readStackFile } from "../../../tools/offline/stack-file.ts";
import { type DeployContext, sourceOf } from "./deployment.ts";

/** Configuration of a run. */
export interface ScalingConfig {
  /** Sections that take the place of those in the stack file, by full key. */
  overrides: Record<string, unknown>;
  /** Nodes that each pool needs at the maxima, by region and pool. */
  nodes: Record<string, Record<string, number>>;
}

/** Minima and maxima of the original designs. */
const bounds = { gameServers: [5, 50], campaign: [3, 20], bidding: [5, 50], analytics: [2, 10] } as const;

// The controller's own interval as production has it, so that its passes and these periods fit each other.
const short = { stabilizationSeconds: 15, periodSeconds: 15 };

/**
 * The configuration with the bounds of the original designs, but no maximum above `most`. `downWindowSeconds`: how long
 * load must stay low before pods are removed.
 */
export function scalingConfig(
  context: DeployContext,
  most: number,
  { downWindowSeconds = short.stabilizationSeconds } = {},
): ScalingConfig {
  const config = configOf(context);
  const within = (key: keyof typeof bounds) => {
    const [minReplicas, maxReplicas] = bounds[key];
    return { minReplicas, maxReplicas: Math.max(minReplicas, Math.min(maxReplicas, most)) };
  };
  const quickDown = (behavior: BehaviorConfig): BehaviorConfig => ({
    ...behavior,
    scaleDown: { ...behavior.scaleDown, ...short, stabilizationSeconds: downWindowSeconds },
  });
  const { gameServers } = config.game;
  const { behavior } = gameServers;
  // Two servers a minute would take 23 minutes to the maximum; the steps are the same in a quarter of that.
  const quick = { ...quickDown(behavior), scaleUp: { ...behavior.scaleUp, ...short } };
  config.game = { ...config.game, gameServers: { ...gameServers, behavior: quick } };
  for (const environment of Object.values(config.ads)) {
    if (environment === undefined) continue;
    for (const key of ["campaign", "bidding", "analytics"] as const) {
      const service = environment.services[key];
      Object.assign(service, within(key), { behavior: quickDown(service.behavior) });
    }
  }
  for (const region of Object.values(config.regions)) {
    if (!region.enabled) continue;
    region.gameServers = within("gameServers");
    region.capacityPlayers = region.gameServers.minReplicas * gameServers.maxPlayers;
  }
  const nodes: ScalingConfig["nodes"] = {};
  for (const { name, region, pools } of planPlatform(config).regions) {
    nodes[name] = {};
    for (const { pool, nodesNeeded } of pools) {
      const own = region.pools[pool];
      own.maxNodes = Math.max(own.maxNodes, nodesNeeded);
      nodes[name][pool] = own.maxNodes;
    }
  }
  const { regions, game, ads } = config;
  const sections = { regions, game, ads };
  const overrides = Object.entries(sections).map(([key, section]) => [`${namespace}:${key}`, section]);
  return { overrides: Object.fromEntries(overrides), nodes };
}

function configOf(context: DeployContext): Config {
  const { stack, projectFolder, config: given } = sourceOf(context);
  const prefix = `${namespace}:`;
  const sections = Object.entries({ ...readStackFile(stack, projectFolder), ...given })
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value]);
  const { config, mistakes } = parseConfig(Object.fromEntries(sections));
  if (config === undefined) throw new Error(`Pulumi.${stack}.yaml: ${mistakes.map(({ path }) => path).join(", ")}`);
  return config;
}
