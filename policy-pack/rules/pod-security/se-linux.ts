import type { PodRule } from "../../core/rule.ts";
import { context, pod, podWith } from "./cases.ts";
import { allContexts } from "./contexts.ts";
import type { PodSecuritySettings } from "./settings.ts";
import { type Demand, judge } from "./standard.ts";

interface TypeDemand extends Demand {
  types: readonly string[];
}

const firstTypes = ["", "container_t", "container_init_t", "container_kvm_t"];

const demands: readonly TypeDemand[] = [
  { level: "baseline", since: 0, types: firstTypes },
  { level: "baseline", since: 31, types: [...firstTypes, "container_engine_t"] },
];

/** Pod Security Standards, baseline, "SELinux". */
export const seLinux: PodRule<PodSecuritySettings> = {
  id: "se-linux",
  subject: "pod",
  level: "mandatory",
  title: "SELinux keeps its types for containers, and users and roles are its own.",
  why: "With a type such as spc_t the process is no container to SELinux, and every file of the node is open to it.",
  fix: "remove seLinuxOptions.user and role, and use a type for containers or none",
  check(template, report, settings) {
    judge(demands, template, report, settings, ({ types }, own) => {
      for (const one of allContexts(template)) {
        const options = one.field.at("seLinuxOptions");
        own.check(
          { ...one, field: options.at("type") },
          (value) => value === undefined || (typeof value === "string" && types.includes(value)),
          "seLinuxOptions.type must be a type for containers",
        );
        for (const key of ["user", "role"]) {
          own.check(
            { ...one, field: options.at(key) },
            (value) => value === undefined || value === "",
            `seLinuxOptions.${key} must be absent`,
          );
        }
      }
    });
  },
  good: [
    { name: "a type for containers", objects: [podWith({ seLinuxOptions: { type: "container_init_t", user: "" } })] },
    { name: "a level of its own", objects: [pod({}, { seLinuxOptions: { level: "s0:c123,c456" } })] },
    {
      name: "a type for engines in containers, from 1.31",
      objects: [pod({}, { seLinuxOptions: { type: "container_engine_t" } })],
      settings: { version: "1.31" },
    },
  ],
  bad: [
    {
      name: "a type for engines in containers, before 1.31",
      objects: [pod({}, { seLinuxOptions: { type: "container_engine_t" } })],
      settings: { version: "1.30" },
      expect: [{ path: "spec.securityContext.seLinuxOptions.type" }],
    },
    {
      name: "the container is none to SELinux",
      objects: [podWith({ seLinuxOptions: { type: "spc_t" } })],
      expect: [{ path: `${context}.seLinuxOptions.type` }],
    },
    {
      name: "a user and a role",
      objects: [pod({}, { seLinuxOptions: { user: "system_u", role: "system_r" } })],
      expect: [
        { path: "spec.securityContext.seLinuxOptions.user" },
        { path: "spec.securityContext.seLinuxOptions.role" },
      ],
    },
  ],
};
