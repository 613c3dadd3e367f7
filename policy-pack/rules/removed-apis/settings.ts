/** Settings of the family `removed-apis`. */
import type { Schema } from "../../core/settings.ts";

/** Which clusters the stack is for. */
export interface RemovedApiSettings {
  /** Kubernetes version of the newest cluster, as `1.36`. */
  version: string;
}

/** Kubernetes versions that the table knows: from the first removals to the newest published API. */
export const oldestMinor = 16;
export const newestMinor = 37;

/** The settings and their defaults. */
export const removedApiSchema: Schema<RemovedApiSettings> = {
  version: {
    type: "string",
    description: `Kubernetes version that the stack must run on, 1.${oldestMinor} to 1.${newestMinor}.`,
    enum: Array.from({ length: newestMinor - oldestMinor + 1 }, (_, index) => `1.${oldestMinor + index}`),
    default: "1.36",
  },
};

/** 36 for `1.36`. */
export function minorOf({ version }: RemovedApiSettings): number {
  return Number(version.split(".")[1]);
}
