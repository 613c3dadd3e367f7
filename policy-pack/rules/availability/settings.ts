/** Settings of the family `availability`. */
import type { Schema } from "../../core/settings.ts";

/** How much company, and how much time, a pod needs. */
export interface AvailabilitySettings {
  minimumReplicas: number;
  requiredProbes: readonly string[];
  probedContainers: "serving" | "all";
  bootSeconds: number;
  requirePriorityClass: boolean;
  jobsExpire: boolean;
}

/** The settings and their defaults. */
export const availabilitySchema: Schema<AvailabilitySettings> = {
  minimumReplicas: {
    type: "integer",
    description: "Fewest replicas of a Deployment that no autoscaler owns; 1 asks for nothing.",
    minimum: 1,
    default: 2,
  },
  requiredProbes: {
    type: "array",
    description: "Probes that a container of a pod which runs for ever needs.",
    items: {
      type: "string",
      description: "Name of the field.",
      enum: ["readinessProbe", "livenessProbe", "startupProbe"],
    },
    default: ["readinessProbe", "livenessProbe"],
  },
  probedContainers: {
    type: "string",
    description: "Which containers need them: all, or those that serve, which are those with ports where any has some.",
    enum: ["serving", "all"],
    default: "serving",
  },
  bootSeconds: {
    type: "integer",
    description: "Seconds that the slowest container may need to start; probes must not kill it earlier.",
    minimum: 0,
    // 30 is what kubelet grants with the defaults of a liveness probe: 3 failures, 10 s apart.
    default: 30,
  },
  requirePriorityClass: {
    type: "boolean",
    description: "Every pod must name a PriorityClass.",
    default: false,
  },
  jobsExpire: {
    type: "boolean",
    description:
      "Jobs outside of CronJobs must have ttlSecondsAfterFinished. Pulumi creates a Job that has expired once more, so leave it off for jobs of a program.",
    default: false,
  },
};
