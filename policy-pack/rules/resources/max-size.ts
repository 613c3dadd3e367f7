import type { PodRule } from "../../core/rule.ts";
import { parseQuantity, readQuantity } from "../../kube/quantities.ts";
import { unknown } from "../../kube/tree.ts";
import { container, pod, podOf, sizes } from "./cases.ts";
import type { ResourcesSettings } from "./settings.ts";
import { resourceField, sizedContainers } from "./sized-containers.ts";

/** Silent without the setting `maxSize`. */
export const maxSize: PodRule<ResourcesSettings> = {
  id: "max-size",
  subject: "pod",
  level: "mandatory",
  title: "No container is larger than the setting maxSize says.",
  why: "A container that is larger than the nodes' free room is never scheduled, or takes a node for itself.",
  fix: "lower the request and limit, or raise the setting maxSize",
  check(template, report, settings) {
    for (const [resource, text] of Object.entries(settings.maxSize)) {
      const most = parseQuantity(text);
      if (most === undefined) continue;
      for (const one of sizedContainers(template)) {
        for (const side of ["requests", "limits"] as const) {
          const field = resourceField(one, side, resource);
          const reading = readQuantity(field);
          const place = { field, container: one };
          if (reading === "unknown") report.undecidable(place);
          else if (typeof reading === "bigint" && reading > most) {
            report.violated(place, `${side.slice(0, -1)} of ${resource} is above the maximum of ${text}`);
          }
        }
      }
    }
  },
  good: [
    { name: "nobody bounds the size", objects: [podOf({ cpu: "100" }, { cpu: "100" })] },
    { name: "exactly at the maximum", objects: [pod()], settings: { maxSize: { cpu: "0.5", memory: "256Mi" } } },
  ],
  bad: [
    {
      name: "a limit above it",
      objects: [pod()],
      settings: { maxSize: { cpu: "499m" } },
      expect: [{ path: "spec.containers[0].resources.limits.cpu" }],
    },
    {
      name: "a request above it, and the limit with it",
      objects: [podOf({ memory: "2Gi" }, { memory: "2Gi" })],
      settings: { maxSize: { memory: "1Gi" } },
      expect: [
        { path: "spec.containers[0].resources.limits.memory" },
        { path: "spec.containers[0].resources.requests.memory" },
      ],
    },
    {
      name: "an init container above it",
      objects: [
        pod({
          containers: [
            container({ requests: { cpu: "1m", memory: "128Mi" }, limits: { cpu: "10m", memory: "256Mi" } }),
          ],
          initContainers: [container(sizes)],
        }),
      ],
      settings: { maxSize: { cpu: "100m" } },
      expect: [{ path: "spec.initContainers[0].resources.limits.cpu" }],
    },
    {
      name: "the limit is not known yet",
      objects: [podOf({ memory: undefined }, { memory: unknown })],
      settings: { maxSize: { memory: "1Gi" }, limits: [], requests: [] },
      expect: [{ path: "spec.containers[0].resources.limits.memory", verdict: "undecidable" }],
    },
  ],
};
