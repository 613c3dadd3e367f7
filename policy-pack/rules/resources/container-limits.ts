import type { PodRule } from "../../core/rule.ts";
import { readQuantity } from "../../kube/quantities.ts";
import { unknown } from "../../kube/tree.ts";
import { container, cronJob, pod, podOf, sizes } from "./cases.ts";
import type { ResourcesSettings } from "./settings.ts";
import { isSet, podResource, resourceField, sizedContainers } from "./sized-containers.ts";

/**
 * The container says it itself, or its pod does. A default of the namespace's LimitRange does not count: it is made for
 * what somebody starts by hand, and the pod loses its limit with it.
 */
export const containerLimits: PodRule<ResourcesSettings> = {
  id: "container-limits",
  subject: "pod",
  level: "mandatory",
  title: "Every container has a limit for CPU and memory.",
  why: "A container without limit takes what its node has, from all others on it.",
  fix: "set resources.limits of the container, or spec.resources.limits of the pod; 0 is no limit",
  check(template, report, settings) {
    for (const resource of settings.limits) {
      const ofPod = isSet(podResource(template, "limits", resource));
      if (ofPod === true) continue;
      for (const one of sizedContainers(template)) {
        const field = resourceField(one, "limits", resource);
        const place = { field, container: one };
        if (ofPod === undefined && isSet(readQuantity(field)) === false) report.undecidable(place);
        else report.check(place, () => isSet(readQuantity(field)) === true, `has no limit for ${resource}`);
      }
    }
  },
  good: [
    { name: "both are set", objects: [pod()] },
    {
      name: "the pod has them for all its containers",
      objects: [pod({ containers: [container({})], resources: sizes })],
    },
    { name: "numbers are quantities too", objects: [podOf({ cpu: 1 }, { cpu: 1.5 })] },
    {
      name: "an ephemeral container has no resources",
      objects: [pod({ ephemeralContainers: [{ name: "debug", image: "example.com/debug:1" }] })],
    },
    { name: "memory alone is asked for", objects: [podOf({}, { cpu: undefined })], settings: { limits: ["memory"] } },
  ],
  bad: [
    {
      name: "CPU has none",
      objects: [podOf({}, { cpu: undefined })],
      expect: [{ path: "spec.containers[0].resources.limits.cpu" }],
    },
    {
      name: "memory has none",
      objects: [podOf({}, { memory: undefined })],
      expect: [{ path: "spec.containers[0].resources.limits.memory" }],
    },
    {
      name: "0 is no limit",
      objects: [podOf({ cpu: undefined }, { cpu: "0m" })],
      expect: [
        { path: "spec.containers[0].resources.limits.cpu" },
        { path: "spec.containers[0].resources.requests.cpu", rule: "container-requests" },
      ],
    },
    {
      name: "an init container of a CronJob has none",
      objects: [cronJob({ initContainers: [container({ requests: { cpu: "1m", memory: "1Mi" } })] })],
      expect: ["cpu", "memory"].map((resource) => ({
        path: `spec.jobTemplate.spec.template.spec.initContainers[0].resources.limits.${resource}`,
      })),
    },
    {
      name: "a sidecar has none",
      objects: [
        pod({ initContainers: [container({ requests: { cpu: "1m", memory: "1Mi" } }, { restartPolicy: "Always" })] }),
      ],
      expect: ["cpu", "memory"].map((resource) => ({ path: `spec.initContainers[0].resources.limits.${resource}` })),
    },
    {
      name: "resources is null",
      objects: [pod({ containers: [container(null)] })],
      expect: ["limits.cpu", "limits.memory", "requests.cpu", "requests.memory"].map((path) => ({
        path: `spec.containers[0].resources.${path}`,
        rule: path.startsWith("limits") ? "container-limits" : "container-requests",
      })),
    },
    {
      name: "one is not known yet, the other is missing",
      objects: [podOf({}, { cpu: unknown, memory: undefined })],
      expect: [
        { path: "spec.containers[0].resources.limits.cpu", verdict: "undecidable" },
        { path: "spec.containers[0].resources.limits.memory" },
        { path: "spec.containers[0].resources.limits.cpu", verdict: "undecidable", rule: "limit-ratio" },
        { path: "spec.containers[0].resources.requests.cpu", verdict: "undecidable", rule: "request-over-limit" },
      ],
    },
    {
      name: "what the pod says is not known yet",
      objects: [pod({ containers: [container({ requests: sizes["requests"] })], resources: { limits: unknown } })],
      expect: ["cpu", "memory"].map((resource) => ({
        path: `spec.containers[0].resources.limits.${resource}`,
        verdict: "undecidable" as const,
      })),
    },
  ],
};
