/** FixedDeployment: a Deployment that no autoscaler owns, and all that belongs to it. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { awaitTimeout } from "../capacity/rollout.ts";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import { runsOnceAnnotation, type SelectorLabels } from "../kube/labels.ts";
import { recommendations } from "./autoscaling.ts";
import { disruptionBudget } from "./disruption.ts";
import { type ContainerArgs, type PodArgs, podTemplate } from "./pod.ts";

/** A Deployment with budget and recommendations. */
export interface FixedDeploymentArgs {
  /** The plan that capacity is computed from; name, count and surge come from it. */
  plan: WorkloadPlan;
  namespace: string;
  selector: SelectorLabels;
  labels: Record<string, string>;
  /** Pod without labels, grace and spread, which come from the plan. */
  pod: Omit<PodArgs, "labels" | "graceSeconds" | "tolerationSeconds" | "spread" | "containers"> & {
    containers: [ContainerArgs, ...ContainerArgs[]];
  };
  /** Why there must never be two pods, not even during an update; for a plan of one. */
  runsOnce?: string;
  /** What the pods refer to by name and cannot start without. */
  needs: pulumi.Resource[];
}

/** See `FixedDeploymentArgs`. */
export class FixedDeployment extends pulumi.ComponentResource {
  constructor(name: string, args: FixedDeploymentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:workload:FixedDeployment", name, {}, opts);
    const { plan, namespace, selector, labels, runsOnce } = args;
    const metadata = { name: plan.name, namespace, labels };
    const child = { parent: this };
    const timeout = awaitTimeout(plan);
    new k8s.apps.v1.Deployment(
      name,
      {
        metadata: runsOnce === undefined ? metadata : { ...metadata, annotations: { [runsOnceAnnotation]: runsOnce } },
        spec: {
          replicas: plan.maxReplicas,
          selector: { matchLabels: { ...selector } },
          strategy:
            runsOnce === undefined
              ? { type: "RollingUpdate", rollingUpdate: { maxSurge: plan.surgePods, maxUnavailable: 0 } }
              : { type: "Recreate" },
          minReadySeconds: plan.minReadySeconds,
          progressDeadlineSeconds: 600,
          revisionHistoryLimit: 5,
          template: podTemplate({
            ...args.pod,
            labels,
            graceSeconds: plan.graceSeconds,
            tolerationSeconds: plan.tolerationSeconds,
            spread: { selector, hosts: "preferred", perRevision: true },
          }),
        },
      },
      { ...child, dependsOn: args.needs, customTimeouts: { create: timeout, update: timeout } },
    );
    disruptionBudget(`${name}-budget`, metadata, { selector, maxUnavailable: 1 }, child);
    recommendations(`${name}-recommendations`, { kind: "Deployment", ...metadata }, args.pod.containers[0], child);
    this.registerOutputs({});
  }
}
