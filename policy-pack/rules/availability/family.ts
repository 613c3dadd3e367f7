/** Workloads survive drains, updates and the loss of a node. */
import type { Family } from "../../core/rule.ts";
import { budgetBlocksEviction } from "./budget-blocks-eviction.ts";
import { budgetMissing } from "./budget-missing.ts";
import { budgetSelectsNothing } from "./budget-selects-nothing.ts";
import { budgetUnhealthyPods } from "./budget-unhealthy-pods.ts";
import { cronJobRule } from "./cron-job.ts";
import { grace } from "./grace.ts";
import { jobRule } from "./job.ts";
import { jobBounds } from "./job-bounds.ts";
import { minimumReplicas } from "./minimum-replicas.ts";
import { priorityClass } from "./priority-class.ts";
import { probePort } from "./probe-port.ts";
import { probeTiming } from "./probe-timing.ts";
import { probes } from "./probes.ts";
import { probesDiffer } from "./probes-differ.ts";
import { recreate } from "./recreate.ts";
import { rollout } from "./rollout.ts";
import { type AvailabilitySettings, availabilitySchema } from "./settings.ts";
import { spreadRule } from "./spread.ts";

/** Budgets, probes, rollouts, ends and schedules. */
export const availability: Family<AvailabilitySettings> = {
  name: "availability",
  title: "Workloads survive drains, updates and the loss of a node",
  level: "mandatory",
  schema: availabilitySchema,
  rules: [
    budgetBlocksEviction,
    budgetMissing,
    budgetSelectsNothing,
    budgetUnhealthyPods,
    probes,
    probesDiffer,
    probeTiming,
    probePort,
    minimumReplicas,
    spreadRule,
    rollout,
    recreate,
    grace,
    cronJobRule,
    jobRule,
    jobBounds,
    priorityClass,
  ],
};
