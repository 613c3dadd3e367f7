/** Realmgrid: reads the stack's configuration, refuses what cannot work, creates every region. */
import { loadPlan } from "./components/plan.ts";
import { Platform } from "./components/platform.ts";

const platform = new Platform("realmgrid", loadPlan());

/** The regions that run: context, namespace, names and ranges. */
export const regions = platform.regions;
