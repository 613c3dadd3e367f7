/** Who may ask the API server for what. */
import type { Family } from "../../core/rule.ts";
import { aggregatedRole } from "./aggregated-role.ts";
import { clusterAdmin } from "./cluster-admin.ts";
import { dangerousVerbs } from "./dangerous-verbs.ts";
import { danglingBinding } from "./dangling-binding.ts";
import { defaultAccountBound } from "./default-account-bound.ts";
import { everyoneBound } from "./everyone-bound.ts";
import { type AccessSettings, accessSchema } from "./settings.ts";
import { wildcardRule } from "./wildcard-rule.ts";

/** Rights of accounts: role-based access control. */
export const access: Family<AccessSettings> = {
  name: "access",
  title: "Accounts may do what they need and nothing that leads to more",
  level: "mandatory",
  schema: accessSchema,
  rules: [
    wildcardRule,
    clusterAdmin,
    everyoneBound,
    defaultAccountBound,
    dangerousVerbs,
    aggregatedRole,
    danglingBinding,
  ],
};
