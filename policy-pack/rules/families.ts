/** Every family of the pack, in the order in which people read about them. */
import type { Family } from "../core/rule.ts";
import { podSecurity } from "./pod-security/family.ts";

/** All families. */
export const families: readonly Family[] = [podSecurity];
