/** What each rule says where a value is known only after an `up`, and where one at the edge is fine. */
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import {
  autoscaler,
  container,
  scaledObject,
  target,
  utilization,
  vertical,
  workload,
} from "../../../policy-pack/rules/autoscaling/cases.ts";
import { autoscaling } from "../../../policy-pack/rules/autoscaling/family.ts";
import { itSays, type Row } from "../support/single-rule.ts";

const named = (name: unknown) => ({ ...target, name });
const policies = (...containerPolicies: unknown[]) => vertical({ resourcePolicy: { containerPolicies } });
const mode = "spec.updatePolicy.updateMode";

const ofContainer = (name: unknown): Manifest => ({
  type: "ContainerResource",
  containerResource: { name: "cpu", container: name, target: { type: "Utilization" } },
});

const rows: Row[] = [
  [
    "vertical-conflict",
    "an unknown mode",
    [workload(), autoscaler(), vertical({ updatePolicy: { updateMode: unknown } })],
    [`${mode} undecidable`],
  ],
  [
    "vertical-conflict",
    "an unknown mode, and nothing to meet",
    [workload(), vertical({ updatePolicy: { updateMode: unknown } })],
    [],
  ],
  [
    "vertical-conflict",
    "an unknown name of the VPA's target",
    [workload(), autoscaler(), vertical({ targetRef: named(unknown) })],
    [`${mode} undecidable`],
  ],
  [
    "vertical-conflict",
    "an unknown name, and no autoscaler",
    [workload(), vertical({ targetRef: named(unknown) })],
    [],
  ],
  [
    "vertical-conflict",
    "an unknown name, and a query",
    [workload(), scaledObject({ triggers: [{ type: "prometheus" }] }), vertical({ targetRef: named(unknown) })],
    [],
  ],
  [
    "vertical-conflict",
    "an unknown name of the HPA's target",
    [workload(), autoscaler({ scaleTargetRef: named(unknown) }), vertical()],
    [`${mode} undecidable`],
  ],
  [
    "vertical-conflict",
    "an unknown resource",
    [workload(), autoscaler({ metrics: [utilization(unknown as unknown as string)] }), vertical()],
    [`${mode} undecidable`],
  ],
  [
    "vertical-conflict",
    "an unknown resource, and nothing is changed",
    [
      workload(),
      autoscaler({ metrics: [utilization(unknown as unknown as string)] }),
      policies({ containerName: "*", mode: "Off" }),
    ],
    [],
  ],
  [
    "vertical-conflict",
    "another resource",
    [workload(), autoscaler({ metrics: [utilization("ephemeral-storage")] }), vertical()],
    [],
  ],
  [
    "vertical-conflict",
    "a policy that may be the container's",
    [workload(), autoscaler(), policies({ containerName: unknown, mode: "Off" })],
    [`${mode} undecidable`],
  ],
  [
    "vertical-conflict",
    "one container that counts, and another that is changed",
    [
      workload({}, { containers: [container(), container({ name: "side" })] }),
      autoscaler({
        metrics: [{ type: "ContainerResource", containerResource: { name: "cpu", container: "app", target: {} } }],
      }),
      policies({ containerName: "app", mode: "Off" }),
    ],
    [],
  ],
  [
    "vertical-conflict",
    "one of two containers is changed, and both count",
    [
      workload({}, { containers: [container(), container({ name: "side" })] }),
      autoscaler(),
      policies({ containerName: "app", mode: "Off" }),
    ],
    [`${mode} violated`],
  ],
  [
    "vertical-bounds",
    "an unknown maximum",
    [workload(), policies({ containerName: "*", maxAllowed: { cpu: unknown, memory: "1Gi" } })],
    ["spec.resourcePolicy.containerPolicies[0].maxAllowed.cpu undecidable"],
  ],
  [
    "vertical-bounds",
    "an unknown mode",
    [workload(), vertical({ updatePolicy: { updateMode: unknown }, resourcePolicy: null })],
    ["spec.resourcePolicy.containerPolicies undecidable"],
  ],
  ["vertical-bounds", "an unknown target with a policy for all", [vertical({ targetRef: named(unknown) })], []],
  [
    "vertical-bounds",
    "an unknown target with a policy for one",
    [
      vertical({
        targetRef: named(unknown),
        resourcePolicy: { containerPolicies: [{ containerName: "app", maxAllowed: { cpu: "1", memory: "1Gi" } }] },
      }),
    ],
    ["spec.targetRef undecidable"],
  ],
  [
    "vertical-bounds",
    "a target that is not seen",
    [vertical({ resourcePolicy: null })],
    ["spec.resourcePolicy.containerPolicies violated"],
  ],
  [
    "vertical-conflict",
    "an unknown container",
    [workload(), autoscaler({ metrics: [ofContainer(unknown)] }), vertical()],
    [`${mode} undecidable`],
  ],
  [
    "vertical-conflict",
    "an unknown container, and none is changed",
    [workload(), autoscaler({ metrics: [ofContainer(unknown)] }), policies({ containerName: "*", mode: "Off" })],
    [],
  ],
  [
    "vertical-conflict",
    "both resources are listed",
    [workload(), autoscaler(), policies({ containerName: "*", controlledResources: ["memory", "cpu"] })],
    [`${mode} violated`],
  ],
  [
    "vertical-conflict",
    "one of the resources is unknown",
    [workload(), autoscaler(), policies({ containerName: "*", controlledResources: ["memory", unknown] })],
    [`${mode} undecidable`],
  ],
  [
    "vertical-conflict",
    "an unknown mode of the policy",
    [workload(), autoscaler(), policies({ containerName: "*", mode: unknown })],
    [`${mode} undecidable`],
  ],
  [
    "vertical-bounds",
    "a policy without a resource that it controls",
    [workload(), policies({ containerName: "*", controlledResources: [] })],
    [],
  ],
];

describe("size of pods and unknown values", () => {
  itSays(autoscaling, rows);
});
