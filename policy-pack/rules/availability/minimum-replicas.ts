import type { ClusterRule } from "../../core/rule.ts";
import { autoscalersOf } from "../../kube/autoscalers.ts";
import { runsOnce, withReason } from "./alone.ts";
import { autoscaler, looseBudget, scaledObject, workload } from "./cases.ts";
import type { AvailabilitySettings } from "./settings.ts";

// A StatefulSet of one is a shard with a volume of its own; more of it would not stand in for it.
const kinds = ["Deployment", "ReplicaSet", "ReplicationController", "Rollout"];

/** Deployments with somebody to stand in. An autoscaler has a minimum of its own. */
export const minimumReplicas: ClusterRule<AvailabilitySettings> = {
  id: "minimum-replicas",
  subject: "cluster",
  level: "advisory",
  title: "A Deployment that no autoscaler owns has the replicas that the settings ask for.",
  why: "A single pod is away whenever its node is drained, or it is updated or crashes.",
  fix: "raise replicas to minimumReplicas, or say in the annotation realmgrid.io/runs-once why there must be one only",
  check(cluster, report, settings) {
    const autoscalers = autoscalersOf(cluster.objects);
    for (const object of cluster.ofKind(...kinds)) {
      const field = object.root.at("spec", "replicas");
      // How many pods an operator makes is the matter of its own resource.
      const alone = runsOnce(object);
      if (object.madeBy !== undefined || alone === true) continue;
      if (autoscalers.horizontalOf(object).length > 0 || (object.partial && field.absent)) continue;
      const place = { field, object };
      const enough = (field.absent ? 1 : (field.number ?? 0)) >= settings.minimumReplicas;
      if ((autoscalers.mayBeScaled(object) || alone === undefined) && !enough) report.undecidable(place);
      // Zero switches the Deployment off, which is no matter of company.
      else report.check(place, (value) => value === 0 || enough, `runs fewer than ${settings.minimumReplicas} pods`);
    }
  },
  good: [
    { name: "three", objects: [workload(), looseBudget] },
    { name: "switched off", objects: [workload({ replicas: 0 })] },
    { name: "an autoscaler owns the count", objects: [workload({ replicas: null }), autoscaler({ minReplicas: 1 })] },
    { name: "KEDA owns the count", objects: [workload({ replicas: null }), scaledObject({ minReplicaCount: 1 })] },
    { name: "one that says why it is alone", objects: [withReason(workload({ replicas: 1 }))] },
    { name: "a StatefulSet of one", objects: [workload({ replicas: 1 }, "StatefulSet")] },
    {
      name: "one is enough for these settings",
      objects: [workload({ replicas: 1 })],
      settings: { minimumReplicas: 1 },
    },
  ],
  bad: [
    { name: "one", objects: [workload({ replicas: 1 })], expect: [{ path: "spec.replicas" }] },
    {
      name: "one that says nothing as its reason",
      objects: [withReason(workload({ replicas: 1 }), " ")],
      expect: [{ path: "spec.replicas" }],
    },
    { name: "absent is one", objects: [workload({ replicas: null })], expect: [{ path: "spec.replicas" }] },
    {
      name: "the autoscaler owns something else of that name",
      objects: [
        workload({ replicas: null }),
        autoscaler({ scaleTargetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: "sample" } }),
      ],
      expect: [{ path: "spec.replicas" }],
    },
    {
      name: "fewer than these settings ask for",
      objects: [workload(), looseBudget],
      settings: { minimumReplicas: 4 },
      expect: [{ path: "spec.replicas" }],
    },
  ],
};
