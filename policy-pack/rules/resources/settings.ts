/** Settings of the family `resources`. */
import type { Property, Schema } from "../../core/settings.ts";

/** What containers have to say about their size, and within which bounds. */
export interface ResourcesSettings {
  /** Resources of which every container has a limit. */
  limits: readonly string[];
  /** Resources of which every container has a request. */
  requests: readonly string[];
  /** How many times its request a limit may be, by resource. */
  maxRatio: Readonly<Record<string, string>>;
  /** The largest request or limit of one container, by resource. */
  maxSize: Readonly<Record<string, string>>;
  /** Whether every container has a limit for ephemeral storage. */
  ephemeralStorage: boolean;
}

const names = (description: string): Property & { type: "array" } => ({
  type: "array",
  description,
  items: { type: "string", description: "A resource, as cpu or memory.", pattern: "\\S" },
});

const byResource = (description: string): Property & { type: "object" } => ({
  type: "object",
  description,
  additionalProperties: { type: "string", description: "A quantity, as 500m or 2Gi.", pattern: "^[0-9.]" },
});

/** The settings and their defaults. */
export const resourcesSchema: Schema<ResourcesSettings> = {
  limits: { ...names("Resources of which every container has a limit."), default: ["cpu", "memory"] },
  requests: { ...names("Resources of which every container has a request."), default: ["cpu", "memory"] },
  maxRatio: {
    ...byResource("How many times its request a limit is at most, by resource; 1 makes them equal."),
    // Judgement: CPU beyond the request is slow at worst. Memory beyond it is taken back by killing somebody.
    default: { cpu: "10", memory: "4" },
  },
  maxSize: { ...byResource("Largest request or limit of one container, by resource."), default: {} },
  ephemeralStorage: {
    type: "boolean",
    description: "Whether every container has a limit for ephemeral-storage.",
    default: false,
  },
};
