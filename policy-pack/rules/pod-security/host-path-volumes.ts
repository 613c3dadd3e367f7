import type { PodRule } from "../../core/rule.ts";
import { agent, ended, endedInTemplate, excused, pod } from "./cases.ts";
import type { PodSecuritySettings } from "./settings.ts";

const volumes = [{ name: "logs", hostPath: { path: "/var/log/pods", type: "Directory" } }];
const agentPod = pod({ volumes }, {}, excused("host-path"));

function inBothRules(spec: string): { path: string; rule?: string }[] {
  const path = `${spec}.volumes[0].hostPath`;
  return [{ path }, { path, rule: "volume-types" }];
}

/** Pod Security Standards, baseline, "HostPath Volumes". */
export const hostPathVolumes: PodRule<PodSecuritySettings> = {
  id: "host-path-volumes",
  subject: "pod",
  level: "mandatory",
  allowance: "host-path",
  allowedKinds: ["DaemonSet"],
  title: "No pod mounts a directory of its node.",
  why: "The files of a node hold the keys of the kubelet and the socket of the runtime; even read-only they are enough.",
  fix: "use an emptyDir, a ConfigMap, a Secret or a PersistentVolumeClaim instead of hostPath",
  check(template, report) {
    for (const volume of template.spec.at("volumes").items()) {
      report.check(volume.at("hostPath"), (value) => value === undefined, "the volume must be no hostPath");
    }
  },
  good: [
    { name: "hostPath is null", objects: [pod({ volumes: [{ name: "a", hostPath: null, emptyDir: {} }] })] },
    { name: "an agent on every node is excused", objects: [agent(agentPod)] },
  ],
  bad: [
    {
      name: "a volume is a hostPath",
      objects: [
        pod({
          volumes: [
            { name: "a", emptyDir: {} },
            { name: "b", hostPath: { path: "/var/log" } },
          ],
        }),
      ],
      settings: { level: "baseline" },
      expect: [{ path: "spec.volumes[1].hostPath" }],
    },
    {
      name: "a read-only mount does not help, and restricted refuses the type as well",
      objects: [pod({ volumes: [{ name: "b", hostPath: { path: "/", type: "Directory" } }] })],
      expect: inBothRules("spec"),
    },
    {
      name: "an agent that nobody excuses",
      objects: [agent(pod({ volumes }))],
      expect: inBothRules("spec.template.spec"),
    },
    {
      name: "the exception of an agent has ended",
      objects: [agent(pod({ volumes }, {}, excused("host-path", ended)))],
      expect: [...inBothRules("spec.template.spec"), endedInTemplate],
    },
    {
      name: "pods of a Deployment and lone ones are no agents",
      objects: [agent(agentPod, "Deployment"), agentPod],
      expect: [...inBothRules("spec.template.spec"), ...inBothRules("spec")],
    },
  ],
};
