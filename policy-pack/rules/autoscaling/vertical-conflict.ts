import type { Cluster } from "../../core/cluster.ts";
import type { ClusterRule } from "../../core/rule.ts";
import { type Autoscaler, autoscalersOf, horizontalKinds } from "../../kube/autoscalers.ts";
import { describe, type KubeObject } from "../../kube/objects.ts";
import { containersOf } from "../../kube/pods.ts";
import type { Answer } from "../../kube/selectors.ts";
import { autoscaler, cpuTrigger, scaledObject, utilization, vertical, workload } from "./cases.ts";
import { podResources, type Reading, readingsOf } from "./metrics.ts";
import type { AutoscalingSettings } from "./settings.ts";
import { agreed, controls, modeOf, policiesOf } from "./verticals.ts";

// Off only recommends, and Initial leaves running pods alone.
const calm = new Set(["Off", "Initial"]);

/** Names of the containers that a VerticalPodAutoscaler sizes; one without a name stands for those that are unknown. */
function containersUnder(cluster: Cluster, target: KubeObject): (string | undefined)[] {
  const names = cluster
    .podsOf(target)
    .flatMap(containersOf)
    .filter((one) => one.list === "containers" || one.sidecar)
    .map((one) => one.field.at("name").text);
  return names.length === 0 ? [undefined] : names;
}

/** Whether the vertical autoscaler changes what the horizontal one reads. */
function meets(sizer: KubeObject, containers: readonly (string | undefined)[], reading: Reading): Answer {
  const { resource, container } = reading;
  const resources = podResources.filter((one) => resource === undefined || one === resource);
  const read = container === undefined ? containers : containers.filter((name) => name === container.text);
  const names = container?.unknown === true ? containers : read;
  const answers = names.flatMap((name) =>
    resources.map((one) => agreed(policiesOf(sizer, name).map((policy) => controls(policy, one)))),
  );
  if (answers.every((one) => one === false)) return false;
  return resource !== undefined && container?.unknown !== true && answers.includes(true) ? true : undefined;
}

/** A horizontal autoscaler that may scale by cpu or memory. */
function readsPods({ object }: Autoscaler): boolean {
  return horizontalKinds.has(object.kind) && readingsOf(object).length > 0;
}

const path = "spec.updatePolicy.updateMode";

function policies(...containerPolicies: object[]) {
  return vertical({ resourcePolicy: { containerPolicies } });
}

const maxAllowed = { cpu: "2", memory: "4Gi" };

/** Two loops on one signal. */
export const verticalConflict: ClusterRule<AutoscalingSettings> = {
  id: "vertical-conflict",
  subject: "cluster",
  arrivals: ["HorizontalPodAutoscaler", "ScaledObject", "VerticalPodAutoscaler"],
  level: "mandatory",
  title: "No vertical autoscaler changes a resource by which a horizontal one scales.",
  why: "More load makes pods larger and more of them at once, and the two loops answer each other's steps.",
  fix: "set updateMode to Off or Initial, take the resource out of controlledResources, or scale by another metric",
  check(cluster, report) {
    const autoscalers = autoscalersOf(cluster.objects);
    for (const one of autoscalers.all) {
      const target = autoscalers.targetOf(one);
      const mode = modeOf(one.object);
      if (one.object.kind !== "VerticalPodAutoscaler" || calm.has(mode.text ?? "")) continue;
      if (one.object.partial && mode.absent) continue;
      const place = { field: mode, object: one.object };
      const hidden = autoscalers.mayHaveTarget(one) && autoscalers.all.some(readsPods);
      if (hidden || (target !== undefined && autoscalers.mayBeScaled(target))) report.undecidable(place);
      if (target === undefined) continue;
      const containers = containersUnder(cluster, target);
      for (const { object } of autoscalers.horizontalOf(target)) {
        for (const reading of readingsOf(object)) {
          const answer = meets(one.object, containers, reading);
          if (answer === true && !mode.unknown) {
            report.violated(place, `changes ${reading.resource}, by which ${describe(object)} scales`);
          } else if (answer !== false) report.undecidable(place);
        }
      }
    }
  },
  good: [
    { name: "it recommends", objects: [workload(), autoscaler(), vertical({ updatePolicy: { updateMode: "Off" } })] },
    {
      name: "it sizes new pods only",
      objects: [workload(), autoscaler(), vertical({ updatePolicy: { updateMode: "Initial" } })],
    },
    { name: "nothing scales horizontally", objects: [workload(), vertical()] },
    {
      name: "one has memory, the other CPU",
      objects: [
        workload(),
        autoscaler(),
        policies({ containerName: "*", controlledResources: ["memory"], maxAllowed }),
      ],
    },
    {
      name: "the container that counts is left alone",
      objects: [workload(), autoscaler(), policies({ containerName: "app", mode: "Off" })],
    },
    {
      name: "the number follows another signal",
      objects: [workload(), scaledObject({ triggers: [{ type: "prometheus", metadata: {} }] }), vertical()],
    },
  ],
  bad: [
    { name: "both act on CPU", objects: [workload(), autoscaler(), vertical()], expect: [{ path }] },
    {
      name: "no mode is Auto",
      objects: [workload(), autoscaler(), vertical({ updatePolicy: null })],
      expect: [{ path }],
    },
    {
      name: "in place",
      objects: [workload(), autoscaler(), vertical({ updatePolicy: { updateMode: "InPlaceOrRecreate" } })],
      expect: [{ path }],
    },
    {
      name: "KEDA reads CPU, as an absolute average",
      objects: [workload(), scaledObject({ triggers: [cpuTrigger] }), vertical()],
      expect: [{ path }],
    },
    {
      name: "KEDA reads memory among others",
      objects: [
        workload(),
        scaledObject({
          triggers: [
            { type: "prometheus", metadata: {} },
            { type: "memory", metricType: "AverageValue", metadata: {} },
          ],
        }),
        vertical(),
      ],
      expect: [{ path }],
    },
    {
      name: "memory for both",
      objects: [
        workload(),
        autoscaler({ metrics: [utilization("memory")] }),
        policies({ containerName: "*", controlledResources: ["memory"], maxAllowed }),
      ],
      expect: [{ path }],
    },
    {
      name: "the policy of another container",
      objects: [
        workload(),
        autoscaler(),
        policies({ containerName: "side", mode: "Off" }, { containerName: "app", maxAllowed }),
      ],
      expect: [{ path }],
    },
  ],
};
