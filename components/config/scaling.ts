/** Autoscaling fields, shared by game servers and services. */
import { z } from "zod";
import { field } from "./fields.ts";

const seed = "game design, HPA";

/** How fast a Deployment may grow and shrink. Defaults are the behaviour values of the original HPA. */
export const Behavior = z
  .strictObject({
    scaleUp: z
      .strictObject({
        stabilizationSeconds: field(z.int().min(0).max(3600).default(60), {
          description: "Load must last this long before servers are added",
          effect: "in place",
          unit: "s",
          source: seed,
        }),
        percent: field(z.int().min(1).max(900).default(50), {
          description: "Servers added in one period, in percent of those running",
          effect: "in place",
          unit: "%",
          source: seed,
        }),
        pods: field(z.int().min(1).max(1000).default(2), {
          description: "Servers added in one period, as a number",
          effect: "in place",
          source: seed,
        }),
        periodSeconds: field(z.int().min(1).max(1800).default(60), {
          description: "Length of a period",
          effect: "in place",
          unit: "s",
          source: seed,
        }),
        select: field(z.enum(["Min", "Max"]).default("Min"), {
          description: "Which of percent and pods counts: the smaller or the larger",
          effect: "in place",
          source: `${seed} comment "whichever is smaller", which its YAML did not say`,
        }),
      })
      .prefault({}),
    scaleDown: z
      .strictObject({
        enabled: field(z.boolean().default(true), {
          description: "Whether servers are ever removed by the autoscaler",
          effect: "in place",
          source: seed,
        }),
        stabilizationSeconds: field(z.int().min(0).max(3600).default(300), {
          description: "Load must stay low this long before servers are removed",
          effect: "in place",
          unit: "s",
          source: seed,
        }),
        percent: field(z.int().min(1).max(100).default(10), {
          description: "Servers removed in one period, in percent of those running",
          effect: "in place",
          unit: "%",
          source: seed,
        }),
        periodSeconds: field(z.int().min(1).max(1800).default(60), {
          description: "Length of a period",
          effect: "in place",
          unit: "s",
          source: seed,
        }),
      })
      .prefault({}),
  })
  .prefault({});

/** Parsed `Behavior`. */
export type BehaviorConfig = z.output<typeof Behavior>;

/** CPU as a safety net in case player metrics vanish. */
export const cpuPercent = field(z.int().min(10).max(100).default(70), {
  description: "CPU in percent of the request at which pods are added",
  effect: "in place",
  unit: "%",
  source: seed,
});
