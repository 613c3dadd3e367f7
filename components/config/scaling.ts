/** Autoscaling fields, shared by game servers and services. */
import { z } from "zod";
import { field } from "./fields.ts";

const seed = "game design, HPA";

/** Numbers of `behavior`. Percent and pods are added in one period; what is left out is the game's. */
export interface BehaviorDefaults {
  up: { stabilizationSeconds: number; percent: number; pods: number; periodSeconds: number; select: "Min" | "Max" };
  down: { stabilizationSeconds: number; percent: number; periodSeconds: number };
  source: string;
}

/** Fields that say how fast a Deployment may grow and shrink. */
export function behavior({ up, down, source }: BehaviorDefaults) {
  return z
    .strictObject({
      scaleUp: z
        .strictObject({
          stabilizationSeconds: field(z.int().min(0).max(3600).default(up.stabilizationSeconds), {
            description: "Load must last this long before pods are added",
            effect: "in place",
            unit: "s",
            source,
          }),
          percent: field(z.int().min(1).max(900).default(up.percent), {
            description: "Pods added in one period, in percent of those running",
            effect: "in place",
            unit: "%",
            source,
          }),
          pods: field(z.int().min(1).max(1000).default(up.pods), {
            description: "Pods added in one period, as a number",
            effect: "in place",
            source,
          }),
          periodSeconds: field(z.int().min(1).max(1800).default(up.periodSeconds), {
            description: "Length of a period",
            effect: "in place",
            unit: "s",
            source,
          }),
          select: field(z.enum(["Min", "Max"]).default(up.select), {
            description: "Which of percent and pods counts: the smaller or the larger",
            effect: "in place",
            source:
              up.select === "Min" ? `${source} comment "whichever is smaller", which its YAML did not say` : source,
          }),
        })
        .prefault({}),
      scaleDown: z
        .strictObject({
          enabled: field(z.boolean().default(true), {
            description: "Whether pods are ever removed by the autoscaler",
            effect: "in place",
            source,
          }),
          stabilizationSeconds: field(z.int().min(0).max(3600).default(down.stabilizationSeconds), {
            description: "Load must stay low this long before pods are removed",
            effect: "in place",
            unit: "s",
            source,
          }),
          percent: field(z.int().min(1).max(100).default(down.percent), {
            description: "Pods removed in one period, in percent of those running",
            effect: "in place",
            unit: "%",
            source,
          }),
          periodSeconds: field(z.int().min(1).max(1800).default(down.periodSeconds), {
            description: "Length of a period",
            effect: "in place",
            unit: "s",
            source,
          }),
        })
        .prefault({}),
    })
    .prefault({});
}

/** Behaviour values of the game's original HPA. */
export const Behavior = behavior({
  up: { stabilizationSeconds: 60, percent: 50, pods: 2, periodSeconds: 60, select: "Min" },
  down: { stabilizationSeconds: 300, percent: 10, periodSeconds: 60 },
  source: seed,
});

/** Parsed `behavior`. */
export type BehaviorConfig = z.output<typeof Behavior>;

/** CPU at which pods are added. */
export function cpuPercentOf(percent: number, source: string) {
  return field(z.int().min(10).max(100).default(percent), {
    description: "CPU in percent of the request at which pods are added",
    effect: "in place",
    unit: "%",
    source,
  });
}

/** CPU as a safety net in case player metrics vanish. */
export const cpuPercent = cpuPercentOf(70, seed);
