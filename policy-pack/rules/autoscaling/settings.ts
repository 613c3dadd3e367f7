/** Settings of the family `autoscaling`. */
import type { Schema } from "../../core/settings.ts";

/** What autoscalers may do, and what they may act on. */
export interface AutoscalingSettings {
  scaleToZero: readonly string[];
  targetsElsewhere: readonly string[];
}

/** The settings and their defaults. */
export const autoscalingSchema: Schema<AutoscalingSettings> = {
  scaleToZero: {
    type: "array",
    description: "Autoscalers that may stop every pod of their workload, each as namespace/name; * for all.",
    items: { type: "string", description: "namespace/name or *.", pattern: "^(\\*|[^/]+/[^/]+)$" },
    default: [],
  },
  targetsElsewhere: {
    type: "array",
    description: "Workloads that another program makes and an autoscaler of this one acts on, as namespace/Kind/name.",
    items: { type: "string", description: "namespace/Kind/name.", pattern: "^[^/]+/[^/]+/[^/]+$" },
    default: [],
  },
};
