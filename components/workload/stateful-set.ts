/** StatefulWorkload: a StatefulSet of a fixed size with a volume for each pod, and all that belongs to it. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { awaitTimeout } from "../capacity/rollout.ts";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import type { SelectorLabels } from "../kube/labels.ts";
import { recommendations } from "./autoscaling.ts";
import { disruptionBudget } from "./disruption.ts";
import { type ContainerArgs, type PodArgs, podTemplate } from "./pod.ts";

/** A StatefulSet with budget and recommendations. */
export interface StatefulWorkloadArgs {
  /** The plan that capacity is computed from; name, count and volume come from it. */
  plan: WorkloadPlan;
  namespace: string;
  selector: SelectorLabels;
  labels: Record<string, string>;
  /** Pod without labels and grace, which come from the plan. */
  pod: Omit<PodArgs, "labels" | "graceSeconds" | "tolerationSeconds" | "spread" | "containers"> & {
    containers: [ContainerArgs, ...ContainerArgs[]];
  };
  /** Name of the headless Service that gives pods their names. Immutable. */
  serviceName: string;
  /** Ordinal of the first pod. */
  firstOrdinal: number;
  spreadHosts: "required" | "preferred";
  /** Name, size and class of the volume of each pod. Immutable. */
  claim: { name: string; size: string; storageClass: string };
  /** Whether pods that are not ready may be evicted while others are not ready either; see `disruptionBudget`. */
  unhealthyPods?: "AlwaysAllow" | "IfHealthyBudget";
  /** Refuses to delete the set, and keeps it in the cluster when the stack is destroyed. */
  protectData: boolean;
  /** What the pods refer to by name and cannot start without. */
  needs: pulumi.Resource[];
}

/** See `StatefulWorkloadArgs`. */
export class StatefulWorkload extends pulumi.ComponentResource {
  constructor(name: string, args: StatefulWorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:workload:StatefulWorkload", name, {}, opts);
    const { plan, namespace, selector, labels, claim } = args;
    const metadata = { name: plan.name, namespace, labels };
    const child = { parent: this };
    // The provider gives up after 10 minutes; an update drains one world after the other.
    const timeout = awaitTimeout(plan);
    new k8s.apps.v1.StatefulSet(
      name,
      {
        metadata,
        spec: {
          serviceName: args.serviceName,
          replicas: plan.maxReplicas,
          ordinals: { start: args.firstOrdinal },
          selector: { matchLabels: { ...selector } },
          // Parallel creation; updates still take one pod at a time. OrderedReady could not even roll back from an
          // image that never gets ready (kubernetes/kubernetes#67250).
          podManagementPolicy: "Parallel",
          minReadySeconds: plan.minReadySeconds,
          revisionHistoryLimit: 5,
          updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
          persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
          template: podTemplate({
            ...args.pod,
            labels,
            graceSeconds: plan.graceSeconds,
            tolerationSeconds: plan.tolerationSeconds,
            spread: { selector, hosts: args.spreadHosts, perRevision: false },
          }),
          volumeClaimTemplates: [
            {
              metadata: { name: claim.name },
              spec: {
                accessModes: ["ReadWriteOnce"],
                ...(claim.storageClass === "" ? {} : { storageClassName: claim.storageClass }),
                resources: { requests: { storage: claim.size } },
              },
            },
          ],
        },
      },
      {
        ...child,
        dependsOn: args.needs,
        protect: args.protectData,
        retainOnDelete: args.protectData,
        // A changed claim template would replace the set and stop every world; claims grow by the runbook instead.
        ignoreChanges: ["spec.volumeClaimTemplates"],
        customTimeouts: { create: timeout, update: timeout },
      },
    );
    const { unhealthyPods } = args;
    disruptionBudget(`${name}-budget`, metadata, { selector, maxUnavailable: 1, unhealthyPods }, child);
    recommendations(`${name}-recommendations`, { kind: "StatefulSet", ...metadata }, args.pod.containers[0], child);
    this.registerOutputs({});
  }
}
