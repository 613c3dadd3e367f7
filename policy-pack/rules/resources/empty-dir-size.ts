import type { PodRule } from "../../core/rule.ts";
import { readQuantity } from "../../kube/quantities.ts";
import { unknown } from "../../kube/tree.ts";
import { pod } from "./cases.ts";
import type { ResourcesSettings } from "./settings.ts";
import { isSet } from "./sized-containers.ts";

/** A volume that says nothing but its name is an emptyDir too (core/v1 defaults, SetDefaults_Volume). */
export const emptyDirSize: PodRule<ResourcesSettings> = {
  id: "empty-dir-size",
  subject: "pod",
  level: "advisory",
  title: "Every emptyDir has a size limit.",
  why: "Without one it fills the disk of its node, or with medium Memory the memory of the pod, before anything stops it.",
  fix: "set emptyDir.sizeLimit",
  check(template, report) {
    for (const volume of template.spec.at("volumes").items()) {
      if (volume.unknown) {
        report.undecidable(volume);
        continue;
      }
      const sources = volume.entries().filter(([key, value]) => key !== "name" && !value.absent);
      const isEmptyDir = sources.length === 0 || sources.some(([key]) => key === "emptyDir");
      if (!isEmptyDir) continue;
      const field = volume.at("emptyDir", "sizeLimit");
      report.check(field, () => isSet(readQuantity(field)) === true, "has no sizeLimit");
    }
  },
  good: [
    { name: "it has one", objects: [pod({ volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }] })] },
    {
      name: "a volume of another kind",
      objects: [pod({ volumes: [{ name: "config", configMap: { name: "config" } }] })],
    },
  ],
  bad: [
    {
      name: "it has none",
      objects: [pod({ volumes: [{ name: "tmp", emptyDir: {} }] })],
      expect: [{ path: "spec.volumes[0].emptyDir.sizeLimit" }],
    },
    {
      name: "memory without bound",
      objects: [pod({ volumes: [{ name: "tmp", emptyDir: { medium: "Memory" } }] })],
      expect: [{ path: "spec.volumes[0].emptyDir.sizeLimit" }],
    },
    {
      name: "a volume with nothing but a name",
      objects: [pod({ volumes: [{ name: "tmp" }] })],
      expect: [{ path: "spec.volumes[0].emptyDir.sizeLimit" }],
    },
    {
      name: "0 is no limit",
      objects: [pod({ volumes: [{ name: "tmp", emptyDir: { sizeLimit: 0 } }] })],
      expect: [{ path: "spec.volumes[0].emptyDir.sizeLimit" }],
    },
    {
      name: "it is not known yet",
      objects: [
        pod({
          volumes: [
            { name: "tmp", emptyDir: { sizeLimit: unknown } },
            { name: "other", emptyDir: null },
          ],
        }),
      ],
      expect: [
        { path: "spec.volumes[0].emptyDir.sizeLimit", verdict: "undecidable" },
        { path: "spec.volumes[1].emptyDir.sizeLimit" },
      ],
    },
  ],
};
