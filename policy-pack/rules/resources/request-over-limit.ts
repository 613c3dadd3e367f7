import type { Place, PodRule, Report } from "../../core/rule.ts";
import { aggregate, containerSize } from "../../kube/pod-resources.ts";
import type { PodTemplate } from "../../kube/pods.ts";
import { readQuantity } from "../../kube/quantities.ts";
import { amountOf } from "../../kube/resource-lists.ts";
import type { Field } from "../../kube/tree.ts";
import { unknown } from "../../kube/tree.ts";
import { container, pod, podOf, prometheus, sizes } from "./cases.ts";
import type { ResourcesSettings } from "./settings.ts";
import { sizedContainers } from "./sized-containers.ts";

/** Resources that cannot be shared: what is requested is what is given (core validation, "overcommit"). */
function isExact(resource: string): boolean {
  return resource.startsWith("hugepages-") || (resource.includes("/") && !resource.includes("kubernetes.io/"));
}

function checkSide(resources: Field, report: Report, place: (field: Field) => Place): void {
  const [requests, limits] = [resources.at("requests"), resources.at("limits")];
  for (const [resource, field] of requests.entries()) {
    const [request, limit] = [readQuantity(field), readQuantity(limits.at(resource))];
    if (request === "absent" || request === "malformed" || limit === "malformed") continue;
    if (limit === "absent") {
      if (isExact(resource)) report.violated(place(field), `${resource} is requested and has no limit`);
    } else if (request === "unknown" || limit === "unknown") report.undecidable(place(field));
    else if (request > limit) report.violated(place(field), `requests more ${resource} than its limit`);
    else if (isExact(resource) && request < limit) {
      report.violated(place(field), `${resource} cannot be shared: request and limit have to be the same`);
    }
  }
}

// What the containers say has to fit into what the pod says.
function checkPodLevel(template: PodTemplate, report: Report): void {
  const whole = template.spec.at("resources", "requests");
  const limits = template.spec.at("resources", "limits");
  if (whole.entries().length === 0 && limits.entries().length === 0) return;
  const containers = sizedContainers(template).map((one) => containerSize(one));
  const requests = aggregate(containers, "requests");
  for (const [resource, field] of whole.entries()) {
    const [granted, asked] = [readQuantity(field), amountOf(requests, resource)];
    if (typeof granted !== "bigint" || asked === undefined) continue;
    if (asked.least > granted) report.violated(field, `the containers request more ${resource} than their pod`);
    else if (!asked.exact) report.undecidable(field);
  }
  for (const [resource, field] of limits.entries()) {
    const granted = readQuantity(field);
    if (typeof granted !== "bigint" || granted === 0n) continue;
    for (const { container: one } of containers) {
      const own = one.field.at("resources", "limits", resource);
      const limit = readQuantity(own);
      if (limit === "unknown") report.undecidable({ field: own, container: one });
      else if (typeof limit === "bigint" && limit > granted) {
        report.violated({ field: own, container: one }, `has a higher limit for ${resource} than its pod`);
      }
    }
  }
}

/** The API server refuses such a pod, and with it the update that brings it. */
export const requestOverLimit: PodRule<ResourcesSettings> = {
  id: "request-over-limit",
  subject: "pod",
  level: "mandatory",
  title: "No request is above its limit.",
  why: "The API server refuses the pod; of a workload it takes the template and never makes a pod of it.",
  fix: "lower the request or raise the limit; for extended resources and huge pages make them equal",
  check(template, report) {
    for (const one of sizedContainers(template)) {
      checkSide(one.field.at("resources"), report, (field) => ({ field, container: one }));
    }
    checkSide(template.spec.at("resources"), report, (field) => field);
    checkPodLevel(template, report);
  },
  good: [
    { name: "the request is the limit, written differently", objects: [podOf({ cpu: "0.5", memory: "262144Ki" })] },
    { name: "a request without limit", objects: [podOf({ "ephemeral-storage": "1Gi" })] },
    {
      name: "an extended resource with request and limit the same",
      objects: [podOf({ "example.com/gpu": "1" }, { "example.com/gpu": 1 })],
    },
    { name: "an extended resource with a limit alone", objects: [podOf({}, { "example.com/gpu": "1" })] },
    {
      name: "the containers fill their pod exactly",
      objects: [
        pod({
          containers: [container(), container(sizes, { name: "beside" })],
          resources: { requests: { cpu: "200m", memory: "256Mi" }, limits: { cpu: "500m", memory: "512Mi" } },
        }),
      ],
    },
    {
      name: "the resources of a Prometheus are those of its server, not of all its containers",
      objects: [
        prometheus({
          resources: sizes,
          containers: [container(sizes, { name: "prometheus" }), container(sizes, { name: "config-reloader" })],
        }),
      ],
    },
  ],
  bad: [
    {
      name: "CPU by a millicore",
      objects: [podOf({ cpu: "501m" })],
      expect: [{ path: "spec.containers[0].resources.requests.cpu" }],
    },
    {
      name: "memory by a byte, which a floating-point number does not see",
      objects: [podOf({ memory: "9007199254740993" }, { memory: "9007199254740992" })],
      expect: [{ path: "spec.containers[0].resources.requests.memory" }],
    },
    {
      name: "a resource that no rule asks for",
      objects: [podOf({ "ephemeral-storage": "2Gi" }, { "ephemeral-storage": "1Gi" })],
      expect: [{ path: "spec.containers[0].resources.requests.ephemeral-storage" }],
    },
    {
      name: "an extended resource below its limit",
      objects: [podOf({ "example.com/gpu": "1" }, { "example.com/gpu": "2" })],
      expect: [{ path: 'spec.containers[0].resources.requests["example.com/gpu"]' }],
    },
    {
      name: "huge pages without limit",
      objects: [podOf({ "hugepages-2Mi": "2Mi" })],
      expect: [{ path: "spec.containers[0].resources.requests.hugepages-2Mi" }],
    },
    {
      name: "a request of the pod itself",
      objects: [pod({ resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } })],
      expect: [{ path: "spec.resources.requests.cpu" }],
    },
    {
      name: "the containers together request more than their pod",
      objects: [
        pod({
          containers: [container(), container(sizes, { name: "beside" })],
          resources: { requests: { cpu: "199m" }, limits: { cpu: "500m" } },
        }),
      ],
      expect: [{ path: "spec.resources.requests.cpu" }],
    },
    {
      name: "a container has a higher limit than its pod",
      objects: [pod({ resources: { requests: { cpu: "100m" }, limits: { cpu: "499m" } } })],
      expect: [{ path: "spec.containers[0].resources.limits.cpu" }],
    },
    {
      name: "a container that is laid over that of an operator",
      objects: [
        prometheus({
          containers: [container({ requests: { cpu: "2" }, limits: { cpu: "1" } }, { name: "prometheus" })],
        }),
      ],
      expect: [{ path: "spec.containers[0].resources.requests.cpu" }],
    },
    {
      name: "the limit is not known yet, and memory is wrong without it",
      objects: [podOf({ memory: "1Gi" }, { cpu: unknown })],
      expect: [
        { path: "spec.containers[0].resources.limits.cpu", verdict: "undecidable", rule: "container-limits" },
        { path: "spec.containers[0].resources.limits.cpu", verdict: "undecidable", rule: "limit-ratio" },
        { path: "spec.containers[0].resources.requests.cpu", verdict: "undecidable" },
        { path: "spec.containers[0].resources.requests.memory" },
      ],
    },
  ],
};
