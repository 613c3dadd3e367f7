import type { NodeGroup } from "../../lab/nodes.ts";
import type { LabRegion } from "../../lab/regions.ts";

/** One small region of 15 nodes in three zones, whatever the stack files say. */
export function trialRegions(): LabRegion[] {
  const region = "us-west";
  const pools = { worlds: 2, sessions: 2, system: 1 };
  const nodes = ["a", "b", "c"].flatMap((letter) =>
    Object.entries(pools).map(
      ([pool, count]): NodeGroup => ({
        pool,
        zone: `${region}-${letter}`,
        region,
        count,
        cpu: 32,
        memoryGiB: 128,
        maxPods: 110,
      }),
    ),
  );
  return [{ region, context: region, nodes }];
}
