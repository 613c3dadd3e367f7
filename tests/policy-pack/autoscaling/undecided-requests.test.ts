/** What each rule says where a value is known only after an `up`, and where one at the edge is fine. */
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import {
  autoscaler,
  container,
  scaledObject,
  target,
  vertical,
  workload,
} from "../../../policy-pack/rules/autoscaling/cases.ts";
import { autoscaling } from "../../../policy-pack/rules/autoscaling/family.ts";
import { itSays, type Row } from "../support/single-rule.ts";

const bare = workload({}, { containers: [container({ resources: {} })] });
const limitRange = (type: unknown, namespace: unknown = "sample"): Manifest => ({
  apiVersion: "v1",
  kind: "LimitRange",
  metadata: { name: "sample", namespace },
  spec: { limits: [{ type, default: { cpu: "1" } }] },
});
const named = (name: unknown) => ({ ...target, name });
const request = "spec.template.spec.containers[0].resources.requests.cpu";

const ofContainer = (name: unknown): Manifest => ({
  type: "ContainerResource",
  containerResource: { name: "cpu", container: name, target: { type: "Utilization" } },
});

const rows: Row[] = [
  [
    "requests-needed",
    "unknown requests",
    [workload({}, { containers: [container({ resources: { requests: { cpu: unknown } } })] }), autoscaler()],
    [`${request} undecidable`],
  ],
  [
    "requests-needed",
    "an unknown request beside a known limit",
    [
      workload({}, { containers: [container({ resources: { requests: unknown, limits: { cpu: "1" } } })] }),
      autoscaler(),
    ],
    [],
  ],
  [
    "requests-needed",
    "an unknown kind of target",
    [bare, autoscaler({ metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: unknown } } }] })],
    [`${request} undecidable`],
  ],
  [
    "requests-needed",
    "an unknown kind of metric",
    [bare, autoscaler({ metrics: [{ type: unknown }] })],
    ["spec.metrics[0].type undecidable"],
  ],
  [
    "requests-needed",
    "an unknown name of the target",
    [bare, autoscaler({ scaleTargetRef: named(unknown) })],
    ["spec.scaleTargetRef undecidable"],
  ],
  [
    "requests-needed",
    "an unknown name, and no percentage",
    [bare, scaledObject({ scaleTargetRef: named(unknown) })],
    [],
  ],
  [
    "requests-needed",
    "a LimitRange of an unknown type",
    [bare, autoscaler(), limitRange(unknown)],
    [`${request} undecidable`],
  ],
  [
    "requests-needed",
    "a LimitRange of an unknown namespace",
    [bare, autoscaler(), limitRange("Container", unknown)],
    [`${request} undecidable`],
  ],
  [
    "requests-needed",
    "an init container that may be a sidecar",
    [workload({}, { initContainers: [container({ restartPolicy: unknown, resources: {} })] }), autoscaler()],
    ["spec.template.spec.initContainers[0].resources.requests.cpu undecidable"],
  ],
  ["requests-needed", "a VPA reads no percentage", [bare, vertical()], []],
  [
    "requests-needed",
    "AverageValue goes before the old way of writing",
    [
      bare,
      scaledObject({ triggers: [{ type: "cpu", metricType: "AverageValue", metadata: { type: "Utilization" } }] }),
    ],
    [],
  ],
  [
    "requests-needed",
    "an unknown container",
    [bare, autoscaler({ metrics: [ofContainer(unknown)] })],
    ["spec.metrics[0].containerResource.container undecidable"],
  ],
  [
    "requests-needed",
    "a container that may be the one of two",
    [
      workload({}, { containers: [container({ name: unknown }), container({ name: "side" })] }),
      autoscaler({ metrics: [ofContainer("other")] }),
    ],
    ["spec.metrics[0].containerResource.container undecidable"],
  ],
  [
    "requests-needed",
    "an unknown item of a LimitRange",
    [bare, autoscaler(), { ...limitRange("Container"), spec: { limits: [unknown] } }],
    [`${request} undecidable`],
  ],
  ["requests-needed", "an unknown metric", [bare, autoscaler({ metrics: [unknown] })], ["spec.metrics[0] undecidable"]],
  [
    "requests-needed",
    "an unknown share",
    [
      bare,
      autoscaler({ metrics: [{ type: "Resource", resource: { name: "cpu", targetAverageUtilization: unknown } }] }),
    ],
    [`${request} undecidable`],
  ],
  [
    "requests-needed",
    "an unknown kind of trigger",
    [bare, scaledObject({ triggers: [{ type: unknown, metricType: "Utilization" }] })],
    ["spec.triggers[0].type undecidable"],
  ],
  [
    "requests-needed",
    "an unknown type of a trigger's metric",
    [bare, scaledObject({ triggers: [{ type: "cpu", metricType: unknown }] })],
    [`${request} undecidable`],
  ],
  [
    "requests-needed",
    "an unknown type, as it was written before",
    [bare, scaledObject({ triggers: [{ type: "cpu", metadata: { type: unknown } }] })],
    [`${request} undecidable`],
  ],
  [
    "requests-needed",
    "no type of a trigger's metric",
    [bare, scaledObject({ triggers: [{ type: "cpu", metadata: {} }] })],
    [],
  ],
  [
    "requests-needed",
    "pods of which an operator shows a part",
    [
      {
        apiVersion: "mysql.oracle.com/v2",
        kind: "InnoDBCluster",
        metadata: { name: "sample", namespace: "sample" },
        spec: { podSpec: { containers: [{ name: "mysql" }] } },
      },
      autoscaler({ scaleTargetRef: { ...target, kind: "StatefulSet" } }),
    ],
    ["spec.template.spec.containers[0].resources.requests.cpu undecidable"],
  ],
];

describe("requests of pods and unknown values", () => {
  itSays(autoscaling, rows);
});
