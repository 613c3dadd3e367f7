/** What differs between two revisions of a stack, as plain data. */
import type { FigureChange } from "./figures.ts";

/** A field that differs. */
export interface FieldChange {
  /** For example `spec.template.spec.containers["game-server"].image`. */
  path: string;
  what: "added" | "removed" | "changed";
  /** Only for values that may be repeated, and only where they say something. */
  before?: string;
  after?: string;
}

/** What happens to an object; the gravest first. */
export const fates = ["replaced", "removed", "added", "changed"] as const;

/** One object that does not stay as it is. */
export interface ObjectChange {
  fate: (typeof fates)[number];
  /** Name of the provider instance, which is that of the region; empty for what is in no cluster. */
  region: string;
  kind: string;
  /** Namespace and name, or the logical name of what is no object of an API server. */
  name: string;
  fields: FieldChange[];
  /** Fields, or what else, that make it be replaced. */
  because: string[];
  /** What somebody should know of it, each a few words. */
  notes: string[];
}

/** Everything that differs. */
export interface Changes {
  revision: string;
  commit: string;
  objects: ObjectChange[];
  figures: FigureChange[];
  /** What this comparison does not see. */
  limits: string[];
}
