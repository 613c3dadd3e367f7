import type { PodRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { agent, container, context, ended, endedInTemplate, excused, pod, podWith } from "./cases.ts";
import { allContexts } from "./contexts.ts";
import type { PodSecuritySettings } from "./settings.ts";
import { type Demand, judge } from "./standard.ts";

const demands: readonly Demand[] = [
  { level: "restricted", since: 23 },
  { level: "restricted", since: 35, excused: "user-namespaces" },
];

const root = { runAsUser: 0 };
const agentPod = pod({}, root, excused("run-as-root"));
const agentPath = "spec.template.spec.securityContext.runAsUser";

/** Pod Security Standards, restricted, "Running as Non-root user" (1.23). */
export const runAsUser: PodRule<PodSecuritySettings> = {
  id: "run-as-user",
  subject: "pod",
  level: "mandatory",
  allowance: "run-as-root",
  allowedKinds: ["DaemonSet"],
  title: "Nothing asks for the user 0.",
  why: "User 0 is root whatever its name, and a pod that forbids root and asks for it never starts.",
  fix: "remove runAsUser, or set it to a user of the image that is not 0",
  check(template, report, settings) {
    judge(demands, template, report, settings, (_, own) => {
      for (const one of allContexts(template)) {
        own.check(
          { ...one, field: one.field.at("runAsUser") },
          (value) => value === undefined || (typeof value === "number" && value !== 0),
          "runAsUser must not be 0",
        );
      }
    });
  },
  good: [
    { name: "another user", objects: [podWith({ runAsUser: 1 })] },
    {
      name: "nobody is asked for, so whose users the pod has does not matter",
      objects: [pod({ hostUsers: unknown }, { runAsUser: null })],
      settings: { version: "1.35" },
    },
    {
      name: "user 0 of a user namespace, from 1.35",
      objects: [pod({ hostUsers: false }, { runAsUser: 0 })],
      settings: { version: "1.35" },
    },
    { name: "nobody asked before 1.23", objects: [pod({}, { runAsUser: 0 })], settings: { version: "1.22" } },
    { name: "baseline does not ask", objects: [pod({}, { runAsUser: 0 })], settings: { level: "baseline" } },
    { name: "an agent on every node is excused", objects: [agent(agentPod)] },
  ],
  bad: [
    {
      name: "the pod asks for 0 though its container has another user",
      objects: [pod({ containers: [container({ runAsUser: 1000 })] }, { runAsUser: 0 })],
      expect: [{ path: "spec.securityContext.runAsUser" }],
    },
    {
      name: "a container asks for 0",
      objects: [podWith({ runAsUser: 0 })],
      expect: [{ path: `${context}.runAsUser` }],
    },
    {
      name: "user namespaces did not count before 1.35",
      objects: [pod({ hostUsers: false }, { runAsUser: 0 })],
      settings: { version: "1.34" },
      expect: [{ path: "spec.securityContext.runAsUser" }],
    },
    { name: "an agent that nobody excuses", objects: [agent(pod({}, root))], expect: [{ path: agentPath }] },
    {
      name: "the exception of an agent has ended",
      objects: [agent(pod({}, root, excused("run-as-root", ended)))],
      expect: [{ path: agentPath }, endedInTemplate],
    },
    {
      name: "pods of a Deployment and lone ones are no agents",
      objects: [agent(agentPod, "Deployment"), agentPod],
      expect: [{ path: agentPath }, { path: "spec.securityContext.runAsUser" }],
    },
  ],
};
