import type { ClusterRule } from "../../core/rule.ts";
import { autoscalersOf } from "../../kube/autoscalers.ts";
import { fromServer, replicaKinds } from "../../kube/floor.ts";
import type { KubeObject } from "../../kube/objects.ts";
import { autoscaler, scaledObject, workload } from "./cases.ts";
import type { AutoscalingSettings } from "./settings.ts";

const ignored = new Set(["spec.replicas", 'spec["replicas"]', "spec"]);

function isIgnored({ options }: KubeObject): boolean {
  return options?.ignoreChanges.some((path) => ignored.has(path)) === true;
}

function resource(ignoreChanges: readonly string[]) {
  return {
    type: "kubernetes:apps/v1:Deployment",
    props: workload({ replicas: 2 }),
    options: { protect: false, ignoreChanges },
  };
}

/** Two writers for one number. The answer of an API server has `replicas` in it whoever set them: not judged. */
export const replicasOwnedTwice: ClusterRule<AutoscalingSettings> = {
  id: "replicas-owned-twice",
  subject: "cluster",
  // Both are there before the finding, so what comes later cannot excuse it.
  arrivals: [...replicaKinds, "HorizontalPodAutoscaler", "ScaledObject"],
  level: "mandatory",
  title: "A workload that an autoscaler owns has no replicas of its own.",
  why: "Every up that changes the workload sets the count back, in the middle of a peak as well.",
  fix: "remove replicas, or ignore changes of spec.replicas",
  check(cluster, report) {
    const autoscalers = autoscalersOf(cluster.objects);
    for (const object of cluster.objects) {
      const field = object.root.at("spec", "replicas");
      if (field.absent || isIgnored(object) || fromServer(object)) continue;
      const owned = autoscalers.horizontalOf(object).length > 0;
      const place = { field, object };
      if (owned && !field.unknown) report.violated(place, "an autoscaler owns the number of pods");
      else if (owned || (replicaKinds.some((kind) => kind === object.kind) && autoscalers.mayBeScaled(object))) {
        report.undecidable(place);
      }
    }
  },
  good: [
    { name: "the autoscaler owns the count", objects: [workload(), autoscaler()] },
    { name: "the program owns the count", objects: [workload({ replicas: 2 })] },
    { name: "the program lets go of the count", objects: [resource(["spec.replicas"]), autoscaler()] },
    {
      name: "the API server has filled in the count",
      objects: [
        { ...workload({ replicas: 2 }), metadata: { name: "sample", namespace: "sample", uid: "1" } },
        autoscaler(),
      ],
    },
  ],
  bad: [
    {
      name: "an HPA and replicas",
      objects: [workload({ replicas: 2 }), autoscaler()],
      expect: [{ path: "spec.replicas" }],
    },
    {
      name: "a ScaledObject and replicas",
      objects: [workload({ replicas: 2 }), scaledObject()],
      expect: [{ path: "spec.replicas" }],
    },
    {
      name: "the program lets go of something else",
      objects: [resource(["spec.template"]), autoscaler()],
      expect: [{ path: "spec.replicas" }],
    },
    {
      name: "the order does not matter",
      objects: [autoscaler(), workload({ replicas: 0 })],
      expect: [{ path: "spec.replicas" }],
    },
  ],
};
