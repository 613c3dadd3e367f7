/** Settings of the family `secrets`. */
import type { Schema } from "../../core/settings.ts";

/** What counts as hidden. */
export interface SecretSettings {
  /** Names that sound like secrets and hold none, as they stand in the object. */
  harmlessNames: readonly string[];
  /** Secrets reach a container as files, never as environment variables. */
  secretsAsFiles: boolean;
}

/** The settings and their defaults. */
export const secretSchema: Schema<SecretSettings> = {
  harmlessNames: {
    type: "array",
    description: "Names of environment variables, arguments and ConfigMap keys that sound like secrets and hold none.",
    items: { type: "string", description: "A name as it is written." },
    default: [],
  },
  secretsAsFiles: {
    type: "boolean",
    description:
      "Demand that Secrets are mounted as files: files can change while a pod runs, and no crash report prints them.",
    default: false,
  },
};
