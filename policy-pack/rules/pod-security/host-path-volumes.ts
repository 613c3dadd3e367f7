import type { PodRule } from "../../core/rule.ts";
import { pod } from "./cases.ts";
import type { PodSecuritySettings } from "./settings.ts";

/** Pod Security Standards, baseline, "HostPath Volumes". */
export const hostPathVolumes: PodRule<PodSecuritySettings> = {
  id: "host-path-volumes",
  subject: "pod",
  level: "mandatory",
  title: "No pod mounts a directory of its node.",
  why: "The files of a node hold the keys of the kubelet and the socket of the runtime; even read-only they are enough.",
  fix: "use an emptyDir, a ConfigMap, a Secret or a PersistentVolumeClaim instead of hostPath",
  check(template, report) {
    for (const volume of template.spec.at("volumes").items()) {
      report.check(volume.at("hostPath"), (value) => value === undefined, "the volume must be no hostPath");
    }
  },
  good: [{ name: "hostPath is null", objects: [pod({ volumes: [{ name: "a", hostPath: null, emptyDir: {} }] })] }],
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
      expect: [{ path: "spec.volumes[0].hostPath" }, { path: "spec.volumes[0].hostPath", rule: "volume-types" }],
    },
  ],
};
