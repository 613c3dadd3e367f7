/** Namespaces that are bounded, and workloads that fit their bounds at their largest. */
import type { Family } from "../../core/rule.ts";
import { limitRangeConsistent } from "./limit-range-consistent.ts";
import { namespaceHasLimitRange } from "./namespace-has-limit-range.ts";
import { namespaceHasQuota } from "./namespace-has-quota.ts";
import { podsFitLimitRange } from "./pods-fit-limit-range.ts";
import { quotaBudget } from "./quota-budget.ts";
import { quotaDemandsMet } from "./quota-demands-met.ts";
import { quotaSum } from "./quota-sum.ts";
import { type QuotaSettings, quotaSchema } from "./settings.ts";
import { surgeRoom } from "./surge-room.ts";

/** Quotas and limit ranges. */
export const quotas: Family<QuotaSettings> = {
  name: "quota",
  title: "Namespaces are bounded, and everything that they may run at one time fits",
  level: "mandatory",
  schema: quotaSchema,
  rules: [
    namespaceHasQuota,
    namespaceHasLimitRange,
    limitRangeConsistent,
    podsFitLimitRange,
    quotaDemandsMet,
    quotaSum,
    surgeRoom,
    quotaBudget,
  ],
};
