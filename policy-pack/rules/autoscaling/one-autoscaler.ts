import type { ClusterRule } from "../../core/rule.ts";
import { type Autoscaler, autoscalersOf, horizontalKinds } from "../../kube/autoscalers.ts";
import { describe, namespaceOf } from "../../kube/objects.ts";
import { autoscaler, scaledObject, target, vertical, workload } from "./cases.ts";
import type { AutoscalingSettings } from "./settings.ts";

function isHorizontal({ object }: Autoscaler): boolean {
  return horizontalKinds.has(object.kind);
}

/** As far as is known, both may act on the same workload in the same way. */
function mayMeet(one: Autoscaler, other: Autoscaler): boolean {
  const [near, far] = [namespaceOf(one.object), namespaceOf(other.object)];
  return (
    one !== other &&
    isHorizontal(one) === isHorizontal(other) &&
    (near === undefined || far === undefined || near === far) &&
    (one.kind === undefined || other.kind === undefined || one.kind === other.kind) &&
    (one.name === undefined || other.name === undefined || one.name === other.name)
  );
}

/** One owner for the number of pods, and one for their size. */
export const oneAutoscaler: ClusterRule<AutoscalingSettings> = {
  id: "one-autoscaler",
  subject: "cluster",
  arrivals: ["HorizontalPodAutoscaler", "ScaledObject", "VerticalPodAutoscaler"],
  level: "mandatory",
  title: "One autoscaler at most sets the number of a workload's pods, and one their size.",
  why: "Two autoscalers undo each other's work, and pods come and go without end.",
  fix: "put all metrics into one autoscaler; KEDA makes a HorizontalPodAutoscaler of its own",
  check(cluster, report) {
    const { all } = autoscalersOf(cluster.objects);
    const first = new Map<string, Autoscaler>();
    for (const one of all) {
      if (one.unknown) {
        if (all.some((other) => mayMeet(one, other))) report.undecidable({ field: one.ref, object: one.object });
        continue;
      }
      if (one.kind === undefined || one.name === undefined) continue;
      const key = `${isHorizontal(one)} ${namespaceOf(one.object)}/${one.kind}/${one.name}`;
      const before = first.get(key);
      if (before === undefined) first.set(key, one);
      else
        report.violated({ field: one.ref, object: one.object }, `${describe(before.object)} acts on the same workload`);
    }
  },
  good: [
    { name: "one", objects: [workload(), autoscaler()] },
    {
      name: "one for the number and one for the size",
      objects: [workload(), autoscaler({ metrics: [{ type: "External" }] }), vertical()],
    },
    {
      name: "workloads of two kinds with one name",
      objects: [
        workload(),
        workload({}, {}, "StatefulSet"),
        autoscaler(),
        autoscaler({ scaleTargetRef: { ...target, kind: "StatefulSet" } }, "other"),
      ],
    },
  ],
  bad: [
    {
      name: "two HPAs",
      objects: [workload(), autoscaler(), autoscaler({}, "other")],
      expect: [{ path: "spec.scaleTargetRef" }],
    },
    {
      name: "an HPA and a ScaledObject",
      objects: [workload(), autoscaler(), scaledObject()],
      expect: [{ path: "spec.scaleTargetRef" }],
    },
    {
      name: "two VPAs",
      objects: [workload(), vertical(), vertical({}, "other")],
      expect: [{ path: "spec.targetRef" }],
    },
  ],
};
