/** Containers say how much they take. */
import type { Family } from "../../core/rule.ts";
import { containerLimits } from "./container-limits.ts";
import { containerRequests } from "./container-requests.ts";
import { emptyDirSize } from "./empty-dir-size.ts";
import { ephemeralStorage } from "./ephemeral-storage.ts";
import { limitRatio } from "./limit-ratio.ts";
import { maxSize } from "./max-size.ts";
import { quantities } from "./quantities.ts";
import { requestOverLimit } from "./request-over-limit.ts";
import { type ResourcesSettings, resourcesSchema } from "./settings.ts";

/** Requests, limits and quantities. */
export const resources: Family<ResourcesSettings> = {
  name: "resources",
  title: "Containers say how much they take, and mean it",
  level: "mandatory",
  schema: resourcesSchema,
  rules: [
    containerLimits,
    containerRequests,
    requestOverLimit,
    limitRatio,
    quantities,
    maxSize,
    ephemeralStorage,
    emptyDirSize,
  ],
};
