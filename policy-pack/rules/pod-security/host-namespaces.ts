import type { PodRule } from "../../core/rule.ts";
import { pod } from "./cases.ts";
import type { PodSecuritySettings } from "./settings.ts";

/** Pod Security Standards, baseline, "Host Namespaces". */
export const hostNamespaces: PodRule<PodSecuritySettings> = {
  id: "host-namespaces",
  subject: "pod",
  level: "mandatory",
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
  ],
  bad: ["hostNetwork", "hostPID", "hostIPC"].map((key) => ({
    name: `${key} is true`,
    objects: [pod({ [key]: true })],
    expect: [{ path: `spec.${key}` }],
  })),
};
