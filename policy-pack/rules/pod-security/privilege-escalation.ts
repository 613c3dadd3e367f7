import type { PodRule } from "../../core/rule.ts";
import { container, context, pod, podWith, windowsPod } from "./cases.ts";
import { containerContexts } from "./contexts.ts";
import type { PodSecuritySettings } from "./settings.ts";
import { type Demand, judge } from "./standard.ts";

const demands: readonly Demand[] = [
  { level: "restricted", since: 8 },
  { level: "restricted", since: 25, excused: "windows" },
];

const unsaid = { allowPrivilegeEscalation: undefined };

/** Pod Security Standards, restricted, "Privilege Escalation" (1.8). */
export const privilegeEscalation: PodRule<PodSecuritySettings> = {
  id: "privilege-escalation",
  subject: "pod",
  level: "mandatory",
  title: "No process gets more rights than the one that started it.",
  why: "Otherwise a program with the setuid bit, such as sudo, makes any user of the container root.",
  fix: "set securityContext.allowPrivilegeEscalation of each container to false; pods have no such field",
  check(template, report, settings) {
    judge(demands, template, report, settings, (_, own) => {
      for (const one of containerContexts(template)) {
        own.check(
          { ...one, field: one.field.at("allowPrivilegeEscalation") },
          (value) => value === false,
          "allowPrivilegeEscalation must be false",
        );
      }
    });
  },
  good: [
    { name: "it is false", objects: [podWith({ allowPrivilegeEscalation: false })] },
    { name: "Windows has no such thing", objects: [windowsPod({})] },
    { name: "baseline does not ask", objects: [podWith(unsaid)], settings: { level: "baseline" } },
    { name: "nobody asked before 1.8", objects: [podWith(unsaid)], settings: { version: "1.7" } },
  ],
  bad: [
    {
      name: "absent is true",
      objects: [podWith(unsaid)],
      expect: [{ path: `${context}.allowPrivilegeEscalation` }],
    },
    {
      name: "an init container may",
      objects: [pod({ initContainers: [container({ allowPrivilegeEscalation: true })] })],
      expect: [{ path: "spec.initContainers[0].securityContext.allowPrivilegeEscalation" }],
    },
    {
      name: "the pod's security context has no such field",
      objects: [pod({ containers: [container(unsaid)] }, { allowPrivilegeEscalation: false })],
      expect: [{ path: `${context}.allowPrivilegeEscalation` }],
    },
    {
      name: "Windows pods were bound before 1.25",
      objects: [windowsPod({ capabilities: { drop: ["ALL"] } })],
      settings: { version: "1.24" },
      expect: [{ path: `${context}.allowPrivilegeEscalation` }],
    },
  ],
};
