import type { PodRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { agent, container, context, ended, endedInTemplate, excused, pod, podWith, windowsPod } from "./cases.ts";
import { checkInherited } from "./contexts.ts";
import type { PodSecuritySettings } from "./settings.ts";
import { type Demand, judge } from "./standard.ts";

const demands: readonly Demand[] = [
  { level: "restricted", since: 0 },
  { level: "restricted", since: 35, excused: "user-namespaces" },
];

const unsaid = { runAsNonRoot: undefined };

const root = { runAsNonRoot: false };
const agentPod = pod({}, root, excused("run-as-root"));
const agentPath = "spec.template.spec.securityContext.runAsNonRoot";

/** Pod Security Standards, restricted, "Running as Non-root". */
export const runAsNonRoot: PodRule<PodSecuritySettings> = {
  id: "run-as-non-root",
  subject: "pod",
  level: "mandatory",
  allowance: "run-as-root",
  allowedKinds: ["DaemonSet"],
  title: "The kubelet refuses to start a container as root.",
  why: "Root of a container is root of the node as soon as one hole in kernel or runtime lets it out.",
  fix: "set securityContext.runAsNonRoot of the pod to true",
  check(template, report, settings) {
    judge(demands, template, report, settings, (_, own) => {
      checkInherited(
        template,
        own,
        (context) => ({ holder: context.at("runAsNonRoot"), value: context.at("runAsNonRoot") }),
        (value) => value === true,
        "runAsNonRoot must be true",
      );
    });
  },
  good: [
    {
      name: "every container says so and the pod says nothing",
      objects: [pod({ containers: [container({ runAsNonRoot: true })] }, unsaid)],
    },
    {
      name: "root of a user namespace is nobody outside, from 1.35",
      objects: [pod({ hostUsers: false }, { runAsNonRoot: false })],
      settings: { version: "1.35" },
    },
    { name: "baseline does not ask", objects: [pod({}, unsaid)], settings: { level: "baseline" } },
    { name: "an agent on every node is excused", objects: [agent(agentPod)] },
  ],
  bad: [
    {
      name: "neither the pod nor its second container says so",
      objects: [pod({ containers: [container({ runAsNonRoot: true }), container({}, { name: "b" })] }, unsaid)],
      expect: [{ path: "spec.containers[1].securityContext.runAsNonRoot" }],
    },
    {
      name: "the pod says false though every container says true",
      objects: [pod({ containers: [container({ runAsNonRoot: true })] }, { runAsNonRoot: false })],
      expect: [{ path: "spec.securityContext.runAsNonRoot" }],
    },
    {
      name: "a container says false though the pod says true",
      objects: [podWith({ runAsNonRoot: false })],
      expect: [{ path: `${context}.runAsNonRoot` }],
    },
    {
      name: "a user that is not root says nothing about the next image",
      objects: [pod({}, { runAsNonRoot: undefined, runAsUser: 1000 })],
      expect: [{ path: `${context}.runAsNonRoot` }],
    },
    {
      name: "user namespaces did not count before 1.35",
      objects: [pod({ hostUsers: false }, { runAsNonRoot: false })],
      settings: { version: "1.34" },
      expect: [{ path: "spec.securityContext.runAsNonRoot" }],
    },
    {
      name: "nobody knows yet whose users the pod has",
      objects: [pod({ hostUsers: unknown }, { runAsNonRoot: false })],
      expect: [{ path: "spec.hostUsers", verdict: "undecidable" }],
    },
    {
      name: "Windows is not excused",
      objects: [windowsPod({ runAsNonRoot: false })],
      expect: [{ path: `${context}.runAsNonRoot` }],
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
      expect: [{ path: agentPath }, { path: "spec.securityContext.runAsNonRoot" }],
    },
  ],
};
