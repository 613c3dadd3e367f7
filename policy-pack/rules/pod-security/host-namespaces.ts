import type { PodRule } from "../../core/rule.ts";
import { agent, ended, endedInTemplate, excused, pod } from "./cases.ts";
import type { PodSecuritySettings } from "./settings.ts";

const inNode = { hostNetwork: true, hostPID: true };
const agentPod = pod(inNode, {}, excused("host-namespaces"));

/** Pod Security Standards, baseline, "Host Namespaces". */
export const hostNamespaces: PodRule<PodSecuritySettings> = {
  id: "host-namespaces",
  subject: "pod",
  level: "mandatory",
  allowance: "host-namespaces",
  allowedKinds: ["DaemonSet"],
  title: "No pod shares the network, the processes or the shared memory of its node.",
  why: "In a namespace of the node a pod sees the traffic, the processes or the memory of every other pod there.",
  fix: "remove hostNetwork, hostPID and hostIPC",
  check(template, report) {
    for (const key of ["hostNetwork", "hostPID", "hostIPC"]) {
      report.check(template.spec.at(key), (value) => value === undefined || value === false, `${key} must be false`);
    }
  },
  good: [
    {
      name: "all three are false",
      objects: [pod({ hostNetwork: false, hostPID: false, hostIPC: false })],
    },
    { name: "null is the same as absent", objects: [pod({ hostNetwork: null })] },
    { name: "an agent on every node is excused", objects: [agent(agentPod)] },
  ],
  bad: [
    ...["hostNetwork", "hostPID", "hostIPC"].map((key) => ({
      name: `${key} is true`,
      objects: [pod({ [key]: true })],
      expect: [{ path: `spec.${key}` }],
    })),
    {
      name: "an agent that nobody excuses",
      objects: [agent(pod({ hostPID: true }))],
      expect: [{ path: "spec.template.spec.hostPID" }],
    },
    {
      name: "the exception of an agent has ended",
      objects: [agent(pod({ hostPID: true }, {}, excused("host-namespaces", ended)))],
      expect: [{ path: "spec.template.spec.hostPID" }, endedInTemplate],
    },
    {
      name: "pods of a Deployment and lone ones are on some nodes only, so they are no agents",
      objects: [agent(agentPod, "Deployment"), agentPod],
      expect: ["spec.template.spec", "spec"].flatMap((spec) =>
        Object.keys(inNode).map((key) => ({ path: `${spec}.${key}` })),
      ),
    },
    {
      name: "the exception is from another rule",
      objects: [agent(pod({ hostPID: true }, {}, excused("host-path")))],
      expect: [{ path: "spec.template.spec.hostPID" }],
    },
  ],
};
