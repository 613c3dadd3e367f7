import type { ObjectRule, Report } from "../../core/rule.ts";
import type { KubeObject } from "../../kube/objects.ts";
import { podTemplates } from "../../kube/pods.ts";
import { nanosInOne, readQuantity, unitOf } from "../../kube/quantities.ts";
import type { Field } from "../../kube/tree.ts";
import { pod, podOf, prometheus } from "./cases.ts";
import type { ResourcesSettings } from "./settings.ts";

/** A quantity and the resource that it is of. */
type Found = [resource: string, field: Field];

function listed(resources: Field): Found[] {
  return resources.entries();
}

// Of a container, of a pod, of a claim.
function resourcesOf(spec: Field): Found[] {
  return ["requests", "limits"].flatMap((side) => listed(spec.at("resources", side)));
}

function ofPod(spec: Field): Found[] {
  const containers = ["initContainers", "containers"].flatMap((list) => spec.at(list).items());
  const sized = [spec, ...containers].flatMap(resourcesOf);
  const volumes = spec.at("volumes").items();
  return [
    ...sized,
    ...listed(spec.at("overhead")),
    ...volumes.map((volume): Found => ["storage", volume.at("emptyDir", "sizeLimit")]),
    ...volumes.flatMap((volume) => resourcesOf(volume.at("ephemeral", "volumeClaimTemplate", "spec"))),
  ];
}

const limitRangeParts = ["min", "max", "default", "defaultRequest"] as const;

function ofKind({ kind, root }: KubeObject): Found[] {
  const spec = root.at("spec");
  switch (kind) {
    case "PersistentVolumeClaim":
      return resourcesOf(spec);
    case "PersistentVolume":
      return listed(spec.at("capacity"));
    case "StatefulSet":
      return spec
        .at("volumeClaimTemplates")
        .items()
        .flatMap((claim) => resourcesOf(claim.at("spec")));
    // Prometheus operator: the server, and the claim of each pod.
    case "Prometheus":
    case "Alertmanager":
      return [...resourcesOf(spec), ...resourcesOf(spec.at("storage", "volumeClaimTemplate", "spec"))];
    case "ResourceQuota":
      return listed(spec.at("hard"));
    case "LimitRange":
      return spec
        .at("limits")
        .items()
        .flatMap((item) => [
          ...limitRangeParts.flatMap((part) => listed(item.at(part))),
          // A ratio is a plain number, whatever it is a ratio of.
          ...listed(item.at("maxLimitRequestRatio")).map(([, field]): Found => ["ratio", field]),
        ]);
    case "RuntimeClass":
      return listed(root.at("overhead", "podFixed"));
    case "VerticalPodAutoscaler":
      return spec
        .at("resourcePolicy", "containerPolicies")
        .items()
        .flatMap((policy) => ["minAllowed", "maxAllowed"].flatMap((part) => listed(policy.at(part))));
    default:
      return [];
  }
}

const milli = nanosInOne / 1000n;

function checkOne([resource, field]: Found, report: Report): void {
  const reading = readQuantity(field);
  if (reading === "malformed") {
    report.violated(field, "is no quantity; want for example 500m, 2 or 512Mi, without spaces and not negative");
  }
  // What is unknown is told by the rules that need it.
  if (typeof reading !== "bigint" || resource === "ratio") return;
  const unit = unitOf(resource);
  if (unit === "cpu") {
    if (reading % milli !== 0n)
      report.violated(field, "is finer than a thousandth of a CPU, which is the least there is");
  } else if (reading % nanosInOne !== 0n) {
    const hint = unit === "bytes" ? "a fraction of a byte: m is a thousandth, Mi is a mebibyte" : "no whole number";
    report.violated(field, `is ${hint}`);
  }
}

/** Every quantity of pods, claims, quotas and limit ranges. */
export const quantities: ObjectRule<ResourcesSettings> = {
  id: "quantities",
  subject: "object",
  level: "mandatory",
  title: "Every quantity is one, and means something.",
  why: "The API server refuses what is no quantity; a memory of 100m it takes, as a tenth of a byte.",
  fix: "write 500m or 0.5 for CPU, 512Mi or 2Gi for bytes, whole numbers for the rest",
  check(object, report) {
    const found = [...podTemplates(object).flatMap(({ spec }) => ofPod(spec)), ...ofKind(object)];
    for (const one of found) checkOne(one, report);
  },
  good: [
    {
      name: "every way to write half a CPU and a gibibyte",
      objects: [
        podOf({ cpu: "0.5", memory: "1Gi" }, { cpu: ".5", memory: "1024Mi" }),
        podOf({ cpu: 0.5, memory: 1073741824 }, { cpu: "500m", memory: "1073741824" }),
        podOf({ cpu: "5e-1", memory: "1048576Ki" }, { cpu: "5E-1", memory: "1073741824000m" }),
      ].map((one, index) => ({ ...one, metadata: { name: `pod-${index}` } })),
    },
    {
      name: "E alone is exa, E with digits is an exponent",
      objects: [podOf({ memory: "1E" }, { memory: "1E18" })],
    },
    {
      name: "a ratio may have a fraction",
      objects: [
        {
          apiVersion: "v1",
          kind: "LimitRange",
          metadata: { name: "limits" },
          spec: { limits: [{ type: "Container", maxLimitRequestRatio: { memory: "1.5", cpu: "1.5" } }] },
        },
      ],
    },
  ],
  bad: [
    ...(
      [
        "1K",
        "1 Gi",
        " 1Gi",
        "1Gi ",
        "1gi",
        "1GB",
        "-1Gi",
        "",
        "1,5Gi",
        "0x10",
        "1e",
        "2E6024865272343",
        true,
      ] as unknown[]
    ).map((value) => ({
      name: `memory ${JSON.stringify(value)}`,
      objects: [podOf({ memory: value })],
      expect: [{ path: "spec.containers[0].resources.requests.memory" }],
    })),
    {
      name: "those of a server and of the claims that an operator makes",
      objects: [
        prometheus({
          resources: { requests: { memory: "1GB" } },
          storage: { volumeClaimTemplate: { spec: { resources: { requests: { storage: "1 Gi" } } } } },
        }),
      ],
      expect: [
        { path: "spec.resources.requests.memory" },
        { path: "spec.storage.volumeClaimTemplate.spec.resources.requests.storage" },
      ],
    },
    {
      name: "memory 100m is a tenth of a byte",
      objects: [podOf({ memory: "100m" }, { memory: "300m" })],
      expect: ["requests", "limits"].map((side) => ({ path: `spec.containers[0].resources.${side}.memory` })),
    },
    {
      name: "CPU finer than a thousandth",
      objects: [podOf({ cpu: "99.5m" })],
      expect: [{ path: "spec.containers[0].resources.requests.cpu" }],
    },
    {
      name: "half a device",
      objects: [podOf({ "example.com/gpu": "500m" }, { "example.com/gpu": "500m" })],
      expect: ["limits", "requests"].map((side) => ({
        path: `spec.containers[0].resources.${side}["example.com/gpu"]`,
      })),
    },
    {
      name: "an emptyDir, an overhead, a claim of the pod and the pod itself",
      objects: [
        pod({
          overhead: { cpu: "x" },
          resources: { requests: { cpu: "1cpu" } },
          volumes: [
            { name: "tmp", emptyDir: { sizeLimit: "1MB" } },
            {
              name: "data",
              ephemeral: { volumeClaimTemplate: { spec: { resources: { requests: { storage: "1GB" } } } } },
            },
          ],
        }),
      ],
      expect: [
        { path: "spec.overhead.cpu" },
        { path: "spec.resources.requests.cpu" },
        { path: "spec.volumes[0].emptyDir.sizeLimit" },
        { path: "spec.volumes[1].ephemeral.volumeClaimTemplate.spec.resources.requests.storage" },
      ],
    },
    ...(
      [
        ["PersistentVolumeClaim", { resources: { requests: { storage: "10GB" } } }, "spec.resources.requests.storage"],
        ["PersistentVolume", { capacity: { storage: "10GB" } }, "spec.capacity.storage"],
        ["ResourceQuota", { hard: { pods: "1.5" } }, "spec.hard.pods"],
        ["ResourceQuota", { hard: { "requests.memory": "200m" } }, 'spec.hard["requests.memory"]'],
        ["LimitRange", { limits: [{ type: "Container", default: { cpu: "500 m" } }] }, "spec.limits[0].default.cpu"],
        ["LimitRange", { limits: [{ type: "Pod", max: { memory: "1GiB" } }] }, "spec.limits[0].max.memory"],
        [
          "StatefulSet",
          { volumeClaimTemplates: [{ spec: { resources: { requests: { storage: "ten" } } } }] },
          "spec.volumeClaimTemplates[0].spec.resources.requests.storage",
        ],
        [
          "VerticalPodAutoscaler",
          { resourcePolicy: { containerPolicies: [{ containerName: "app", maxAllowed: { cpu: "two" } }] } },
          "spec.resourcePolicy.containerPolicies[0].maxAllowed.cpu",
        ],
      ] as [string, object, string][]
    ).map(([kind, spec, path]) => ({
      name: `a ${kind}: ${path}`,
      objects: [{ apiVersion: "v1", kind, metadata: { name: "sample" }, spec }],
      expect: [{ path }],
    })),
    {
      name: "the overhead of a RuntimeClass",
      objects: [
        {
          apiVersion: "node.k8s.io/v1",
          kind: "RuntimeClass",
          metadata: { name: "vm" },
          overhead: { podFixed: { memory: "120M1" } },
        },
      ],
      expect: [{ path: "overhead.podFixed.memory" }],
    },
  ],
};
