import type { PodRule } from "../../core/rule.ts";
import { container, context, pod, podWith } from "./cases.ts";
import { containerContexts } from "./contexts.ts";
import type { PodSecuritySettings } from "./settings.ts";
import { type Demand, judge } from "./standard.ts";

const demands: readonly Demand[] = [
  { level: "baseline", since: 0 },
  { level: "baseline", since: 35, excused: "user-namespaces" },
  { level: "restricted", since: 35 },
];

const unmasked = [container({ procMount: "Unmasked" })];

/** Pod Security Standards, baseline, "/proc Mount Type"; from 1.35 restricted is stricter. */
export const procMount: PodRule<PodSecuritySettings> = {
  id: "proc-mount",
  subject: "pod",
  level: "mandatory",
  title: "The runtime keeps its masks on /proc.",
  why: "Unmasked, /proc lets a process read the node's kernel and change its settings.",
  fix: "remove securityContext.procMount",
  check(template, report, settings) {
    judge(demands, template, report, settings, (_, own) => {
      for (const one of containerContexts(template)) {
        own.check(
          { ...one, field: one.field.at("procMount") },
          (value) => value === undefined || value === "Default",
          "procMount must be Default",
        );
      }
    });
  },
  good: [
    { name: "the default by name", objects: [podWith({ procMount: "Default" })] },
    {
      name: "baseline lets user namespaces unmask it, from 1.35",
      objects: [pod({ hostUsers: false, containers: unmasked })],
      settings: { level: "baseline", version: "1.35" },
    },
  ],
  bad: [
    {
      name: "baseline did not look at user namespaces before 1.35",
      objects: [pod({ hostUsers: false, containers: unmasked })],
      settings: { level: "baseline", version: "1.34" },
      expect: [{ path: `${context}.procMount` }],
    },
    {
      name: "restricted does not look at them",
      objects: [pod({ hostUsers: false, containers: unmasked })],
      settings: { version: "1.35" },
      expect: [{ path: `${context}.procMount` }],
    },
    {
      name: "the node's users are the pod's",
      objects: [pod({ hostUsers: true, containers: unmasked })],
      settings: { level: "baseline" },
      expect: [{ path: `${context}.procMount` }],
    },
  ],
};
