/** Cases of `pods-fit-limit-range`. */
import type { BadCase, GoodCase } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { container, deployment, limitRange, named, namespace, quota, sound, statefulSet } from "./cases.ts";
import type { QuotaSettings } from "./settings.ts";

/** Sizes that limit ranges let in. */
export const within: readonly GoodCase<QuotaSettings>[] = [
  { name: "the container is within", objects: sound },
  {
    name: "exactly at the maximum and the minimum",
    objects: [
      namespace,
      limitRange({ min: { cpu: "100m" }, default: { memory: "256Mi" }, max: { cpu: "200m", memory: "256Mi" } }),
      quota(),
      deployment(),
    ],
  },
  {
    name: "the defaults fill in what a container leaves out",
    objects: [
      namespace,
      limitRange(),
      quota(),
      deployment({ containers: [{ name: "app", image: "example.com/app:1" }] }),
    ],
  },
  {
    name: "a request without limit below the default",
    objects: [namespace, limitRange(), quota(), deployment({ containers: [container({ limits: {} })] })],
  },
  {
    name: "ratio, pod and claims within",
    objects: [
      namespace,
      limitRange(
        { maxLimitRequestRatio: { cpu: "2", memory: "2" } },
        { type: "Pod", max: { cpu: "200m", memory: "256Mi" }, min: { cpu: "100m" } },
        { type: "PersistentVolumeClaim", max: { storage: "10Gi" }, min: { storage: "10Gi" } },
      ),
      quota(),
      statefulSet(),
    ],
  },
];

/** Sizes that they refuse, or of which nobody can say it. */
export const outside: readonly BadCase<QuotaSettings>[] = [
  {
    name: "the limit is above the maximum",
    objects: [namespace, limitRange({ default: {}, max: { cpu: "199m", memory: "1Gi" } }), quota(), deployment()],
    expect: [{ path: "spec.template.spec.containers[0].resources.limits.cpu" }],
  },
  {
    name: "the request is below the minimum, and the limit is not",
    objects: [namespace, limitRange({ min: { cpu: "101m" }, defaultRequest: { cpu: "150m" } }), quota(), deployment()],
    expect: [{ path: "spec.template.spec.containers[0].resources.requests.cpu" }],
  },
  {
    name: "an init container is above the maximum",
    objects: [
      namespace,
      limitRange(),
      quota({ "requests.cpu": "10", "limits.cpu": "10" }),
      deployment({ initContainers: [container({ limits: { cpu: "2", memory: "256Mi" } }, { name: "first" })] }),
    ],
    expect: [{ path: "spec.template.spec.initContainers[0].resources.limits.cpu" }],
  },
  {
    name: "the default acts as a maximum: a request above it, and no limit",
    objects: [
      namespace,
      limitRange(),
      quota({ "requests.cpu": "10" }),
      deployment({
        containers: [container({ requests: { cpu: "201m", memory: "128Mi" }, limits: { memory: "256Mi" } })],
      }),
    ],
    expect: [{ path: "spec.template.spec.containers[0].resources.requests.cpu" }],
  },
  {
    name: "the limit is too far above the request",
    objects: [namespace, limitRange({ maxLimitRequestRatio: { cpu: "1.9" } }), quota(), deployment()],
    expect: [{ path: "spec.template.spec.containers[0].resources.limits.cpu" }],
  },
  {
    name: "the containers together are above the maximum of a pod",
    objects: [
      namespace,
      limitRange({}, { type: "Pod", max: { cpu: "300m", memory: "1Gi" } }),
      quota({ "requests.cpu": "1", "requests.memory": "1Gi", "limits.cpu": "2", "limits.memory": "2Gi" }),
      deployment({ containers: [container(), container({}, { name: "beside" })] }),
    ],
    expect: [{ path: "spec.template.spec" }],
  },
  {
    name: "a claim of a set is above the maximum",
    objects: [
      namespace,
      limitRange({}, { type: "PersistentVolumeClaim", max: { storage: "9Gi" } }),
      quota(),
      statefulSet(),
    ],
    expect: [{ path: "spec.volumeClaimTemplates[0].spec.resources.requests.storage" }],
  },
  {
    name: "a claim by itself is below the minimum",
    objects: [
      ...sound.slice(0, 1),
      limitRange({}, { type: "PersistentVolumeClaim", min: { storage: "1Gi" } }),
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: named("data"),
        spec: { resources: { requests: { storage: "1Mi" } } },
      },
    ],
    expect: [{ path: "spec.resources.requests.storage" }],
  },
  {
    name: "a pod without request of what it has to request",
    objects: [
      namespace,
      { ...limitRange(), spec: { limits: [{ type: "Pod", min: { "ephemeral-storage": "1Mi" } }] } },
      quota(),
      deployment(),
    ],
    settings: { rules: { "namespace-has-limit-range": "disabled" } } as Partial<QuotaSettings>,
    expect: [{ path: "spec.template.spec" }],
  },
  {
    name: "a pod without limit of what is bounded",
    objects: [
      namespace,
      { ...limitRange(), spec: { limits: [{ type: "Pod", max: { "example.com/gpu": "1" } }] } },
      quota(),
      deployment(),
    ],
    settings: { rules: { "namespace-has-limit-range": "disabled" } } as Partial<QuotaSettings>,
    expect: [{ path: "spec.template.spec" }],
  },
  {
    name: "a container without request of what containers must request",
    objects: [
      namespace,
      limitRange({
        min: { "ephemeral-storage": "1Mi" },
        defaultRequest: { "ephemeral-storage": null, cpu: "100m", memory: "128Mi" },
      }),
      quota(),
      deployment({ containers: [container({ requests: { cpu: "100m", memory: "128Mi", "ephemeral-storage": "1" } })] }),
    ],
    expect: [{ path: "spec.template.spec.containers[0].resources.requests.ephemeral-storage" }],
  },
  {
    name: "a ratio, and a limit of zero",
    objects: [
      namespace,
      limitRange({ maxLimitRequestRatio: { cpu: "5" } }),
      quota(),
      deployment({
        containers: [container({ requests: { cpu: "0", memory: "128Mi" }, limits: { cpu: 0, memory: "256Mi" } })],
      }),
    ],
    expect: [{ path: "spec.template.spec.containers[0].resources.limits.cpu" }],
  },
  {
    name: "a ratio, and a request of zero",
    objects: [
      namespace,
      limitRange({ maxLimitRequestRatio: { cpu: "5" } }),
      quota(),
      deployment({ containers: [container({ requests: { cpu: "0", memory: "128Mi" } })] }),
    ],
    expect: [{ path: "spec.template.spec.containers[0].resources.limits.cpu" }],
  },
  {
    name: "a limit is not known yet, and the request is too large whatever it is",
    objects: [
      namespace,
      limitRange(),
      quota({ "requests.cpu": "10" }),
      deployment({
        containers: [container({ requests: { cpu: "2", memory: "128Mi" }, limits: { cpu: unknown, memory: "256Mi" } })],
      }),
    ],
    expect: [
      { path: "spec.template.spec.containers[0].resources.limits.cpu", verdict: "undecidable" },
      { path: "spec.template.spec.containers[0].resources.requests.cpu" },
      { path: 'spec.hard["limits.cpu"]', verdict: "undecidable", rule: "quota-sum" },
    ],
  },
];
