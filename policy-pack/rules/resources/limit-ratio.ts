import type { PodRule } from "../../core/rule.ts";
import { nanosInOne, parseQuantity, readQuantity } from "../../kube/quantities.ts";
import { unknown } from "../../kube/tree.ts";
import { pod, podOf } from "./cases.ts";
import type { ResourcesSettings } from "./settings.ts";
import { resourceField, sizedContainers } from "./sized-containers.ts";

/** Compared as products of whole numbers, so that no rounding decides. A request of 0 has no ratio at all. */
export const limitRatio: PodRule<ResourcesSettings> = {
  id: "limit-ratio",
  subject: "pod",
  level: "mandatory",
  title: "A limit is at most so many times its request as the setting maxRatio says.",
  why: "What is promised beyond the requests is not there: under load CPU is throttled and memory is taken by killing pods.",
  fix: "raise the request, lower the limit, or change the setting maxRatio",
  check(template, report, settings) {
    for (const [resource, text] of Object.entries(settings.maxRatio)) {
      const ratio = parseQuantity(text);
      if (ratio === undefined) continue;
      for (const one of sizedContainers(template)) {
        const field = resourceField(one, "limits", resource);
        const [limit, request] = [readQuantity(field), readQuantity(resourceField(one, "requests", resource))];
        // A request that is not written is the limit.
        if (limit === "absent" || request === "absent" || limit === 0n || request === 0n) continue;
        if (limit === "malformed" || request === "malformed") continue;
        const place = { field, container: one };
        if (limit === "unknown" || request === "unknown") report.undecidable(place);
        else if (limit * nanosInOne > ratio * request) {
          report.violated(place, `the limit for ${resource} is more than ${text} times the request`);
        }
      }
    }
  },
  good: [
    { name: "exactly at the ratio", objects: [podOf({ cpu: "100m" }, { cpu: "1" })] },
    { name: "no request: it is the limit", objects: [podOf({ cpu: undefined }, { cpu: "64" })] },
    {
      name: "a ratio with a fraction",
      objects: [podOf({ cpu: "1" }, { cpu: "1500m" })],
      settings: { maxRatio: { cpu: "1.5" } },
    },
    { name: "nobody bounds a ratio", objects: [podOf({ cpu: "1m" }, { cpu: "64" })], settings: { maxRatio: {} } },
    { name: "the sizes of the family's pod", objects: [pod()] },
  ],
  bad: [
    {
      name: "CPU above ten times by a millicore",
      objects: [podOf({ cpu: "100m" }, { cpu: "1001m" })],
      expect: [{ path: "spec.containers[0].resources.limits.cpu" }],
    },
    {
      name: "memory above four times by a byte",
      objects: [podOf({ memory: "1Gi" }, { memory: String(2 ** 32 + 1) })],
      expect: [{ path: "spec.containers[0].resources.limits.memory" }],
    },
    {
      name: "1 asks for the same",
      objects: [podOf({ memory: "128Mi" }, { memory: "129Mi" })],
      settings: { maxRatio: { memory: "1" } },
      expect: [{ path: "spec.containers[0].resources.limits.memory" }],
    },
    {
      name: "the request is not known yet",
      objects: [podOf({ memory: unknown })],
      expect: [
        { path: "spec.containers[0].resources.limits.memory", verdict: "undecidable" },
        { path: "spec.containers[0].resources.requests.memory", verdict: "undecidable", rule: "container-requests" },
        { path: "spec.containers[0].resources.requests.memory", verdict: "undecidable", rule: "request-over-limit" },
      ],
    },
  ],
};
