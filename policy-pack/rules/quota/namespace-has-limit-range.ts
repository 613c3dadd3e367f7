import type { ClusterRule } from "../../core/rule.ts";
import { itemsOfType } from "../../kube/limit-ranges.ts";
import { unknown } from "../../kube/tree.ts";
import { around, deployment, limitRange, namespace, quota, sound } from "./cases.ts";
import { podNamespaces, tellMissing } from "./namespaces.ts";
import type { QuotaSettings } from "./settings.ts";

const resources = ["cpu", "memory"];
const parts = ["max", "default", "defaultRequest"] as const;

/** The API server fills `default` from `max` and `defaultRequest` from `default`: what it fills in counts. */
export const namespaceHasLimitRange: ClusterRule<QuotaSettings> = {
  id: "namespace-has-limit-range",
  subject: "cluster",
  level: "advisory",
  title: "A namespace with pods has a LimitRange with a default and a maximum for containers.",
  why: "A container that somebody starts by hand without sizes is refused by the quota, or as large as its node without one.",
  fix: "add a LimitRange with an entry of type Container that has max, default and defaultRequest for cpu and memory",
  check(cluster, report, settings) {
    for (const space of podNamespaces(cluster, settings, "LimitRange")) {
      const [first] = space.guards;
      if (first === undefined) {
        tellMissing(space, report, "LimitRange");
        continue;
      }
      const items = itemsOfType(space.guards, "Container");
      const open = space.guards.find(({ root }) => {
        const limits = root.at("spec", "limits");
        return limits.items().some((item) => item.unknown || item.at("type").unknown);
      });
      const field = items[0]?.field ?? first.root.at("spec", "limits");
      for (const part of parts) {
        for (const resource of resources) {
          if (items.some((item) => item[part].open || item[part].amounts.has(resource))) continue;
          if (open !== undefined) report.undecidable({ object: open, field: open.root.at("spec", "limits") });
          else if (items.length === 0) report.violated({ object: first, field }, "has no entry of type Container");
          else report.violated({ object: first, field: field.at(part, resource) }, `${part} of ${resource} is not set`);
        }
      }
    }
  },
  good: [
    { name: "maximum and defaults are set", objects: sound },
    {
      name: "the API server takes the defaults from the maximum",
      objects: [
        namespace,
        limitRange({ default: undefined, defaultRequest: undefined, max: { cpu: "200m", memory: "256Mi" } }),
        quota(),
        deployment(),
      ],
    },
    { name: "a namespace without pods needs none", objects: [namespace, quota()] },
  ],
  bad: [
    { name: "there is none", objects: [namespace, quota(), deployment()], expect: [{ path: "" }] },
    {
      name: "it has nothing for containers",
      objects: [
        namespace,
        { ...limitRange(), spec: { limits: [{ type: "Pod", max: { cpu: "2", memory: "2Gi" } }] } },
        quota(),
        deployment(),
      ],
      expect: [{ path: "spec.limits" }],
    },
    {
      name: "containers may be of any memory",
      objects: [namespace, limitRange({ max: { cpu: "1" } }), quota(), deployment()],
      expect: [{ path: "spec.limits[0].max.memory" }],
    },
    {
      name: "containers without CPU get none",
      objects: [
        namespace,
        limitRange({ max: { memory: "1Gi" }, default: { memory: "256Mi" }, defaultRequest: { memory: "128Mi" } }),
        quota(),
        deployment(),
      ],
      expect: [
        { path: "spec.limits[0].default.cpu" },
        { path: "spec.limits[0].defaultRequest.cpu" },
        { path: "spec.limits[0].max.cpu" },
      ],
    },
    {
      name: "its entries are not known yet",
      objects: [namespace, { ...limitRange(), spec: { limits: unknown } }, quota(), deployment()],
      expect: [
        { path: "spec.limits", verdict: "undecidable" },
        { path: "spec.limits", verdict: "undecidable", rule: "limit-range-consistent" },
      ],
    },
    {
      name: "the namespace is made elsewhere",
      objects: [quota(), deployment()],
      expect: [{ path: "metadata.namespace", verdict: "undecidable" }],
    },
    {
      name: "a chart in the namespace may bring one",
      objects: around(quota(), deployment()).slice(0, 1).concat(quota(), deployment(), {
        apiVersion: "helm.sh/v3",
        kind: "Release",
        name: "redis",
        namespace: "sample",
      }),
      settings: { reserves: [{ namespace: "sample", name: "redis", hard: {} }] },
      expect: [{ path: "", verdict: "undecidable" }],
    },
  ],
};
