import type { PodRule } from "../../core/rule.ts";
import { readQuantity } from "../../kube/quantities.ts";
import { unknown } from "../../kube/tree.ts";
import { pod, podOf } from "./cases.ts";
import type { ResourcesSettings } from "./settings.ts";
import { isSet, resourceField, sizedContainers } from "./sized-containers.ts";

/** Off while the setting `ephemeralStorage` is false. */
export const ephemeralStorage: PodRule<ResourcesSettings> = {
  id: "ephemeral-storage",
  subject: "pod",
  level: "advisory",
  title: "Every container has a limit for ephemeral storage.",
  why: "Logs and temporary files of one container fill the disk of its node, and the node evicts pods of others.",
  fix: "set resources.limits.ephemeral-storage",
  check(template, report, settings) {
    if (!settings.ephemeralStorage) return;
    for (const one of sizedContainers(template)) {
      const field = resourceField(one, "limits", "ephemeral-storage");
      report.check({ field, container: one }, () => isSet(readQuantity(field)) === true, "has no limit for its files");
    }
  },
  good: [
    { name: "nobody asks for it", objects: [pod()] },
    {
      name: "it is set",
      objects: [podOf({}, { "ephemeral-storage": "1Gi" })],
      settings: { ephemeralStorage: true },
    },
  ],
  bad: [
    {
      name: "it is not set",
      objects: [pod()],
      settings: { ephemeralStorage: true },
      expect: [{ path: "spec.containers[0].resources.limits.ephemeral-storage" }],
    },
    {
      name: "0 is no limit",
      objects: [podOf({}, { "ephemeral-storage": "0" })],
      settings: { ephemeralStorage: true },
      expect: [{ path: "spec.containers[0].resources.limits.ephemeral-storage" }],
    },
    {
      name: "it is not known yet",
      objects: [podOf({}, { "ephemeral-storage": unknown })],
      settings: { ephemeralStorage: true },
      expect: [{ path: "spec.containers[0].resources.limits.ephemeral-storage", verdict: "undecidable" }],
    },
  ],
};
