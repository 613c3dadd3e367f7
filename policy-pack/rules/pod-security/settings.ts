/** Settings of the family `pod-security`. */
import type { Schema } from "../../core/settings.ts";

/** Which standard holds. */
export interface PodSecuritySettings {
  level: "baseline" | "restricted";
  /** Kubernetes version whose standard holds, as `1.36`. */
  version: string;
}

/** Kubernetes versions whose standard the pack knows: 1.0 to 1.37. */
export const newestMinor = 37;

/** The settings and their defaults. */
export const podSecuritySchema: Schema<PodSecuritySettings> = {
  level: {
    type: "string",
    description: "Level of the Pod Security Standards.",
    enum: ["baseline", "restricted"],
    default: "restricted",
  },
  version: {
    type: "string",
    description: `Kubernetes version of the standard, 1.0 to 1.${newestMinor}.`,
    enum: Array.from({ length: newestMinor + 1 }, (_, minor) => `1.${minor}`),
    default: "1.36",
  },
};
