/** Pods that cannot break out of their container. */
import type { Family } from "../../core/rule.ts";
import { privileged } from "./privileged.ts";
import { type PodSecuritySettings, podSecuritySchema } from "./settings.ts";

/** Pod Security Standards, and what people expect beside them. */
export const podSecurity: Family<PodSecuritySettings> = {
  name: "pod-security",
  title: "Pods cannot break out of their container",
  level: "mandatory",
  schema: podSecuritySchema,
  rules: [privileged],
};
