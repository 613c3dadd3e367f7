import type { ObjectRule } from "../../core/rule.ts";
import { boundsOf } from "./bounds.ts";
import { autoscaler, scaledObject, workload } from "./cases.ts";
import type { AutoscalingSettings } from "./settings.ts";

/** Autoscalers that have something to choose. */
export const roomToScale: ObjectRule<AutoscalingSettings> = {
  id: "room-to-scale",
  subject: "object",
  kinds: ["HorizontalPodAutoscaler", "ScaledObject"],
  level: "advisory",
  title: "An autoscaler has more than one number of pods to choose from.",
  why: "An autoscaler whose minimum is its maximum only looks like one.",
  fix: "raise the maximum, or remove the autoscaler and set replicas",
  check(object, report) {
    const { minimum, maximum, lowest } = boundsOf(object.kind, object.root.at("spec"));
    if (object.partial && (minimum.absent || maximum.absent)) return;
    if (minimum.unknown || maximum.unknown) report.undecidable(minimum.unknown ? minimum : maximum);
    else if (maximum.number !== undefined && (minimum.absent ? lowest : minimum.number) === maximum.number) {
      report.violated(maximum, "is the minimum as well, so nothing can be scaled");
    }
  },
  good: [
    { name: "an HPA from two to five", objects: [workload(), autoscaler()] },
    { name: "a ScaledObject from two to five", objects: [workload(), scaledObject()] },
  ],
  bad: [
    {
      name: "from five to five",
      objects: [workload(), autoscaler({ minReplicas: 5 })],
      expect: [{ path: "spec.maxReplicas" }],
    },
    {
      name: "from one, which is the default, to one",
      objects: [workload(), autoscaler({ minReplicas: null, maxReplicas: 1 })],
      expect: [{ path: "spec.maxReplicas" }],
    },
    {
      name: "KEDA from two to two",
      objects: [workload(), scaledObject({ maxReplicaCount: 2 })],
      expect: [{ path: "spec.maxReplicaCount" }],
    },
  ],
};
