import type { ClusterRule } from "../../core/rule.ts";
import { autoscalersOf } from "../../kube/autoscalers.ts";
import { Claims } from "../../kube/claims.ts";
import { lastingKinds, mayBeSeveral } from "../../kube/floor.ts";
import type { KubeObject } from "../../kube/objects.ts";
import type { Answer } from "../../kube/selectors.ts";
import { claim, store, workload } from "./cases.ts";
import type { DataProtectionSettings } from "./settings.ts";

const path = "spec.template.spec.volumes[0].persistentVolumeClaim";

function runsInParallel(object: KubeObject): Answer {
  const parallelism = object.root.at("spec", "parallelism");
  return parallelism.unknown ? undefined : (parallelism.number ?? 1) > 1;
}

function scaled(maxReplicas: number) {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "sample", namespace: "sample" },
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "sample" }, maxReplicas },
  };
}

/** Pods that share a volume which only one node can have. */
export const accessMode: ClusterRule<DataProtectionSettings> = {
  id: "access-mode",
  subject: "cluster",
  arrivals: ["PersistentVolumeClaim", ...lastingKinds, "Job"],
  level: "mandatory",
  title: "Several pods share a volume only where its claim lets several nodes in.",
  why: "The second pod waits for ever for a volume that the node of the first has; on one node, both write into each other.",
  fix: "use a StatefulSet with volumeClaimTemplates, an access mode for many nodes, or one replica",
  check(cluster, report) {
    const claims = new Claims(cluster.ofKind("PersistentVolumeClaim"));
    const autoscalers = autoscalersOf(cluster.objects);
    for (const object of cluster.ofKind(...lastingKinds, "Job")) {
      for (const pod of cluster.podsOf(object)) {
        const volumes = claims.of(pod).filter(({ oneNode }) => oneNode !== false);
        if (volumes.length === 0) continue;
        const ofJob = object.kind === "Job" ? runsInParallel(object) : mayBeSeveral(object, autoscalers);
        const several = object.kind === "DaemonSet" ? true : ofJob;
        if (several === false) continue;
        for (const { field, oneNode } of volumes) {
          const place = { field, object };
          if (several === true && oneNode === true)
            report.violated(place, "several pods share a volume that one node can have");
          else report.undecidable(place);
        }
      }
    }
  },
  good: [
    { name: "one pod", objects: [workload(), claim()] },
    {
      name: "several nodes may have it",
      objects: [workload({ replicas: 3 }), claim({ accessModes: ["ReadWriteMany"] })],
    },
    {
      name: "several nodes may read it",
      objects: [workload({ replicas: 3 }), claim({ accessModes: ["ReadWriteOnce", "ReadOnlyMany"] })],
    },
    {
      name: "a claim for each pod, of the same name",
      objects: [store({ template: workload({}, {})["spec"] }), claim()],
    },
    { name: "a claim that is not in the stack", objects: [workload({ replicas: 3 })] },
    { name: "the autoscaler keeps it at one", objects: [workload({ replicas: null }), claim(), scaled(1)] },
  ],
  bad: [
    { name: "three pods", objects: [workload({ replicas: 3 }), claim()], expect: [{ path }] },
    {
      name: "one pod at a time cannot be three",
      objects: [workload({ replicas: 3 }), claim({ accessModes: ["ReadWriteOncePod"] })],
      expect: [{ path }],
    },
    {
      name: "an autoscaler goes up to three",
      objects: [workload({ replicas: null }), claim(), scaled(3)],
      expect: [{ path }],
    },
    {
      name: "a pod on every node",
      objects: [workload({ replicas: null }, {}, "DaemonSet"), claim()],
      expect: [{ path }],
    },
    {
      name: "pods of a StatefulSet share a claim that is not their own",
      objects: [workload({ replicas: 3 }, {}, "StatefulSet"), claim()],
      expect: [{ path }],
    },
    {
      name: "a job in parallel",
      objects: [
        { ...workload({ replicas: null, strategy: null, parallelism: 2 }), apiVersion: "batch/v1", kind: "Job" },
        claim(),
      ],
      expect: [{ path }],
    },
  ],
};
