import type { PodRule } from "../../core/rule.ts";
import type { Container, PodTemplate } from "../../kube/pods.ts";
import { readQuantity } from "../../kube/quantities.ts";
import { unknown } from "../../kube/tree.ts";
import { container, pod, podOf, sizes } from "./cases.ts";
import type { ResourcesSettings } from "./settings.ts";
import { isSet, podResource, resourceField, sizedContainers } from "./sized-containers.ts";

// A request that is not written is the limit.
function requested(one: Container, resource: string): boolean | undefined {
  const request = readQuantity(resourceField(one, "requests", resource));
  return isSet(request === "absent" ? readQuantity(resourceField(one, "limits", resource)) : request);
}

function podRequests(template: PodTemplate, resource: string): boolean | undefined {
  const request = podResource(template, "requests", resource);
  return isSet(request === "absent" ? podResource(template, "limits", resource) : request);
}

/** Kubernetes sets requests that are missing from the limits, so limits alone are enough. */
export const containerRequests: PodRule<ResourcesSettings> = {
  id: "container-requests",
  subject: "pod",
  level: "mandatory",
  title: "Every container requests CPU and memory.",
  why: "The scheduler and the autoscaler count requests: a pod without any lands on a full node and is evicted first.",
  fix: "set resources.requests of the container, or its limits alone",
  check(template, report, settings) {
    for (const resource of settings.requests) {
      const ofPod = podRequests(template, resource);
      if (ofPod === true) continue;
      for (const one of sizedContainers(template)) {
        const own = requested(one, resource);
        const field = resourceField(one, "requests", resource);
        const place = { field, container: one };
        if (own === true) continue;
        if (own === undefined || ofPod === undefined) report.undecidable(place);
        else report.check(place, () => false, `requests no ${resource}`);
      }
    }
  },
  good: [
    { name: "both are set", objects: [pod()] },
    { name: "limits alone are requests too", objects: [podOf({ cpu: undefined, memory: undefined })] },
    {
      name: "the pod requests for all its containers",
      objects: [pod({ containers: [container({})], resources: sizes })],
    },
    {
      name: "CPU alone is asked for",
      objects: [podOf({ memory: "0" })],
      settings: { requests: ["cpu"] },
    },
  ],
  bad: [
    {
      name: "CPU has neither request nor limit",
      objects: [podOf({ cpu: undefined }, { cpu: undefined })],
      settings: { limits: ["memory"] },
      expect: [{ path: "spec.containers[0].resources.requests.cpu" }],
    },
    {
      name: "memory is requested as 0, which the limit does not replace",
      objects: [podOf({ memory: 0 })],
      expect: [{ path: "spec.containers[0].resources.requests.memory" }],
    },
    {
      name: "the requests are not known yet",
      objects: [pod({ containers: [container({ requests: unknown, limits: sizes["limits"] })] })],
      expect: [
        { path: "spec.containers[0].resources.requests", verdict: "undecidable" },
        { path: "spec.containers[0].resources.limits.cpu", verdict: "undecidable", rule: "limit-ratio" },
        { path: "spec.containers[0].resources.limits.memory", verdict: "undecidable", rule: "limit-ratio" },
      ],
    },
    {
      name: "the limit that would be the request is not known yet",
      objects: [podOf({ cpu: undefined }, { cpu: unknown })],
      expect: [
        { path: "spec.containers[0].resources.limits.cpu", verdict: "undecidable", rule: "container-limits" },
        { path: "spec.containers[0].resources.requests.cpu", verdict: "undecidable" },
      ],
    },
  ],
};
