/** Settings of the family `access`. */
import type { Schema } from "../../core/settings.ts";

/** What exists although the stack does not make it. */
export interface AccessSettings {
  /** ServiceAccounts as `namespace/name`. */
  elsewhereAccounts: readonly string[];
  /** Roles as `namespace/name`, ClusterRoles as `name`. */
  elsewhereRoles: readonly string[];
}

/** The settings and their defaults. */
export const accessSchema: Schema<AccessSettings> = {
  elsewhereAccounts: {
    type: "array",
    description: "ServiceAccounts that exist although the stack does not make them, as namespace/name.",
    items: { type: "string", description: "A ServiceAccount as namespace/name.", pattern: "^[^/]+/[^/]+$" },
    default: [],
  },
  elsewhereRoles: {
    type: "array",
    description:
      "Roles, as namespace/name, and ClusterRoles, as name, that exist although the stack does not make them.",
    items: { type: "string", description: "A Role as namespace/name or a ClusterRole as name." },
    default: [],
  },
};
