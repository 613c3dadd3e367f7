/** Autoscalers act on one workload each, within bounds that somebody wrote. */
import type { Family } from "../../core/rule.ts";
import { behavior } from "./behavior.ts";
import { bounds } from "./bounds.ts";
import { kedaTriggers } from "./keda-triggers.ts";
import { oneAutoscaler } from "./one-autoscaler.ts";
import { replicasOwnedTwice } from "./replicas-owned-twice.ts";
import { requestsNeeded } from "./requests-needed.ts";
import { roomToScale } from "./room-to-scale.ts";
import { type AutoscalingSettings, autoscalingSchema } from "./settings.ts";
import { targetExists } from "./target-exists.ts";
import { verticalBounds } from "./vertical-bounds.ts";
import { verticalConflict } from "./vertical-conflict.ts";

/** HorizontalPodAutoscalers, ScaledObjects and VerticalPodAutoscalers. */
export const autoscaling: Family<AutoscalingSettings> = {
  name: "autoscaling",
  title: "Autoscalers act on one workload each, within bounds that somebody wrote",
  level: "mandatory",
  schema: autoscalingSchema,
  rules: [
    targetExists,
    replicasOwnedTwice,
    bounds,
    roomToScale,
    oneAutoscaler,
    requestsNeeded,
    verticalConflict,
    verticalBounds,
    behavior,
    kedaTriggers,
  ],
};
