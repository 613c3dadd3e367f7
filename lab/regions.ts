/** The regions of a lab and their simulated nodes, from the stack file. */
import { parseConfig } from "../components/config/load.ts";
import { ConfigError } from "../components/config/mistakes.ts";
import { type PoolConfig, poolNames, type RegionConfig } from "../components/config/regions.ts";
import { namespace } from "../components/config/schema.ts";
import { enabledRegions } from "../components/config/sections.ts";
import { bytes, cpuMillis, gibibyte } from "../components/kube/quantities.ts";
import { poolLabel } from "../components/workload/placement.ts";
import { readStackFile } from "../tools/offline/stack-file.ts";
import type { NodeGroup } from "./nodes.ts";

/** One region of a lab. */
export interface LabRegion {
  region: string;
  /** Name of the kubectl context, as the stack file asks for it. */
  context: string;
  nodes: NodeGroup[];
}

/** The nodes of a pool at its maximum, shared out over the zones: a lab has no cluster autoscaler. */
function poolNodes(region: string, zones: readonly string[], pool: string, config: PoolConfig): NodeGroup[] {
  return zones.map((zone, index) => ({
    region,
    zone,
    pool,
    count: Math.floor(config.maxNodes / zones.length) + (index < config.maxNodes % zones.length ? 1 : 0),
    cpu: cpuMillis(config.cpu) / 1000,
    memoryGiB: bytes(config.memory) / gibibyte,
    maxPods: config.maxPods,
    ...(config.dedicated ? { taints: [{ key: poolLabel, value: pool, effect: "NoSchedule" }] } : {}),
  }));
}

function labRegion([name, region]: [string, RegionConfig]): LabRegion {
  const nodes = poolNames.flatMap((pool) => poolNodes(name, region.zones, pool, region.pools[pool]));
  return { region: name, context: region.context, nodes: nodes.filter((group) => group.count > 0) };
}

/** The enabled regions of a stack. Throws a `ConfigError` with every mistake that its file has. */
export function labRegions(stack: string): LabRegion[] {
  const prefix = `${namespace}:`;
  const sections = Object.entries(readStackFile(stack))
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value]);
  const { config, mistakes } = parseConfig(Object.fromEntries(sections));
  if (config === undefined) throw new ConfigError(`Pulumi.${stack}.yaml`, namespace, mistakes);
  return enabledRegions(config).map(labRegion);
}
