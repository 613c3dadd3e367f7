import type { Cluster } from "../../core/cluster.ts";
import type { ClusterRule } from "../../core/rule.ts";
import { autoscalersOf } from "../../kube/autoscalers.ts";
import type { KubeObject } from "../../kube/objects.ts";
import { isComplete } from "../../kube/operated-sizes.ts";
import { containersOf } from "../../kube/pods.ts";
import type { Answer } from "../../kube/selectors.ts";
import type { Field } from "../../kube/tree.ts";
import { vertical, workload } from "./cases.ts";
import { podResources } from "./metrics.ts";
import type { AutoscalingSettings } from "./settings.ts";
import { agreed, commonPolicy, controls, modeOf, policiesOf } from "./verticals.ts";

/** Containers that are sized: those of the target, or those that the policies name where the target is not seen. */
function sized(cluster: Cluster, object: KubeObject, target: KubeObject | undefined): (string | undefined)[] {
  const pods = target === undefined ? [] : cluster.podsOf(target);
  if (pods.length > 0) {
    return pods
      .flatMap(containersOf)
      .filter((one) => one.list === "containers" || one.sidecar)
      .map((one) => one.field.at("name").text);
  }
  const policies = object.root.at("spec", "resourcePolicy", "containerPolicies").items();
  return policies.length === 0 ? [undefined] : policies.map((one) => one.at("containerName").text);
}

/** Whether a policy bounds that resource, or leaves it alone. */
function isBounded(policy: Field | undefined, resource: string): Answer {
  const controlled = controls(policy, resource);
  if (controlled === false) return true;
  const maximum = policy?.at("maxAllowed", resource);
  if (maximum !== undefined && !maximum.absent && !maximum.unknown) return true;
  return controlled === undefined || maximum?.unknown === true ? undefined : false;
}

function withPolicies(...containerPolicies: object[]) {
  return vertical({ resourcePolicy: { containerPolicies } });
}

const at = "spec.resourcePolicy.containerPolicies";

/** Vertical autoscalers with a ceiling. */
export const verticalBounds: ClusterRule<AutoscalingSettings> = {
  id: "vertical-bounds",
  subject: "cluster",
  level: "advisory",
  title: "A vertical autoscaler that acts has a maximum for each resource of each container.",
  why: "Without a maximum, a leak makes a pod grow until no node can take it, and it stays pending.",
  fix: "set maxAllowed for cpu and memory, in a policy for the container or for *",
  check(cluster, report) {
    const autoscalers = autoscalersOf(cluster.objects);
    for (const one of autoscalers.all) {
      const { object } = one;
      const mode = modeOf(object);
      if (object.kind !== "VerticalPodAutoscaler" || mode.text === "Off" || object.partial) continue;
      const target = autoscalers.targetOf(one);
      const incomplete = target !== undefined && cluster.podsOf(target).some((pod) => !isComplete(target, pod.spec));
      const hidden = incomplete || autoscalers.mayHaveTarget(one);
      // Containers that nobody sees are bounded by the policy for all others only.
      if (hidden && commonPolicy(object) === undefined) report.undecidable({ field: one.ref, object });
      for (const name of sized(cluster, object, target)) {
        const policies = policiesOf(object, name);
        const policy = policies.find((one) => one !== undefined);
        for (const resource of podResources) {
          const bounded = agreed(policies.map((one) => isBounded(one, resource)));
          if (bounded === true) continue;
          const all = object.root.at("spec", "resourcePolicy", "containerPolicies");
          const place = { field: policy?.at("maxAllowed", resource) ?? all, object };
          if (bounded === undefined || mode.unknown || hidden) report.undecidable(place);
          else if (policy === undefined)
            report.violated(place, "a container has no policy, so nothing bounds its size");
          else report.violated(place, `nothing bounds ${resource}`);
        }
      }
    }
  },
  good: [
    { name: "a maximum for all", objects: [workload(), vertical()] },
    {
      name: "it recommends",
      objects: [workload(), vertical({ updatePolicy: { updateMode: "Off" }, resourcePolicy: null })],
    },
    {
      name: "one resource is left alone",
      objects: [
        workload(),
        withPolicies({ containerName: "app", controlledResources: ["cpu"], maxAllowed: { cpu: "2" } }),
      ],
    },
    { name: "the container is left alone", objects: [workload(), withPolicies({ containerName: "app", mode: "Off" })] },
  ],
  bad: [
    { name: "no policy", objects: [workload(), vertical({ resourcePolicy: null })], expect: [{ path: at }] },
    {
      name: "no policy for new pods",
      objects: [workload(), vertical({ updatePolicy: { updateMode: "Initial" }, resourcePolicy: null })],
      expect: [{ path: at }],
    },
    {
      name: "a policy for another container",
      objects: [workload(), withPolicies({ containerName: "side", maxAllowed: { cpu: "1", memory: "1Gi" } })],
      expect: [{ path: at }],
    },
    {
      name: "no maximum of memory",
      objects: [workload(), withPolicies({ containerName: "*", maxAllowed: { cpu: "1" } })],
      expect: [{ path: `${at}[0].maxAllowed.memory` }],
    },
    {
      name: "no maximum of CPU",
      objects: [workload(), withPolicies({ containerName: "app", maxAllowed: { memory: "1Gi" } })],
      expect: [{ path: `${at}[0].maxAllowed.cpu` }],
    },
  ],
};
