/** One region before the others: how it is named to the engine, and when that is possible. */
import type { StackConfig } from "../offline/stack-file.ts";
import type { Operation } from "./pulumi.ts";

const regionType = "realmgrid:platform:Platform$realmgrid:region:Region";

/** URN of a region's component; everything of the region has it as an ancestor. */
export function regionUrn(stack: string, region: string): string {
  return `urn:pulumi:${stack}::realmgrid::${regionType}::${region}`;
}

/** Regions of a stack file that run. */
export function runningRegions(config: StackConfig): string[] {
  const regions = config["realmgrid:regions"];
  if (typeof regions !== "object" || regions === null) return [];
  return Object.entries(regions as Record<string, { enabled?: boolean }>)
    .filter(([, region]) => region.enabled !== false)
    .map(([name]) => name);
}

/**
 * Operations outside of every region, such as a new session key. The engine refuses a target that needs a resource
 * which is new and not targeted, and would give the region the old value of one that changes: such a change goes to all
 * regions at once. The stack itself and providers are always part of an update.
 */
export function sharedOperations(operations: readonly Operation[]): Operation[] {
  return operations.filter(({ urn }) => {
    const type = urn.split("::")[2] ?? "";
    return !type.includes("$realmgrid:region:Region") && !/^pulumi:(pulumi:Stack$|providers:)/.test(type);
  });
}
