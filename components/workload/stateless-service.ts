/** StatelessService: a Deployment that an autoscaler owns, and all that belongs to it. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { awaitTimeout } from "../capacity/rollout.ts";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import type { SelectorLabels } from "../kube/labels.ts";
import { serviceAccount } from "./account.ts";
import { recommendations, type ScalingArgs, scaledObject } from "./autoscaling.ts";
import { disruptionBudget } from "./disruption.ts";
import { type ContainerArgs, type PodArgs, podTemplate } from "./pod.ts";

/** One port of a Service; the pods' port has the same name. */
export interface ServicePort {
  name: string;
  port: number;
  /** Protocol for gateways and meshes, for example `http` or `kubernetes.io/ws`. */
  appProtocol: string;
}

/** A Deployment with Service, autoscaler, budget, account and recommendations. */
export interface StatelessServiceArgs {
  /** The plan that capacity is computed from; name and maximum come from it. */
  plan: WorkloadPlan;
  namespace: string;
  selector: SelectorLabels;
  labels: Record<string, string>;
  /** Pod without labels, account and grace, which come from the plan. */
  pod: Omit<PodArgs, "labels" | "account" | "graceSeconds" | "tolerationSeconds" | "spread" | "containers"> & {
    containers: [ContainerArgs, ...ContainerArgs[]];
  };
  /** Name of the Service. */
  serviceName: string;
  ports: ServicePort[];
  /** Where the Service sends requests first; any pod when absent (kubernetes.io, "Traffic distribution"). */
  trafficDistribution?: "PreferSameZone";
  scaling: ScalingArgs;
  maxSurge: number | string;
  maxUnavailable: number | string;
  /** What the pods refer to by name and cannot start without. */
  needs: pulumi.Resource[];
}

/** See `StatelessServiceArgs`. */
export class StatelessService extends pulumi.ComponentResource {
  constructor(name: string, args: StatelessServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:workload:StatelessService", name, {}, opts);
    const { plan, namespace, selector, labels } = args;
    const metadata = { name: plan.name, namespace, labels };
    const child = { parent: this };
    const account = serviceAccount(`${name}-account`, metadata, child);
    new k8s.apps.v1.Deployment(
      name,
      {
        metadata,
        spec: {
          // No replicas: the autoscaler owns the count, and the next update must not take it back.
          selector: { matchLabels: { ...selector } },
          strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: args.maxSurge, maxUnavailable: 0 } },
          minReadySeconds: plan.minReadySeconds,
          progressDeadlineSeconds: 600,
          revisionHistoryLimit: 5,
          template: podTemplate({
            ...args.pod,
            labels,
            account: plan.name,
            graceSeconds: plan.graceSeconds,
            tolerationSeconds: plan.tolerationSeconds,
            spread: { selector, hosts: "preferred", perRevision: true },
          }),
        },
      },
      // Waiting Deployments take the engine's few parallel steps: without the order, a pod would wait for an account or
      // a Secret whose turn never comes.
      {
        ...child,
        dependsOn: [account, ...args.needs],
        // The provider gives up after 10 minutes; a large fleet rolls for longer.
        customTimeouts: { create: awaitTimeout(plan), update: awaitTimeout(plan) },
      },
    );
    new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: {
          name: args.serviceName,
          namespace,
          labels,
          // The Deployment is awaited; waiting 10 s for each Service on top tells nothing more.
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: {
          selector: { ...selector },
          ports: args.ports.map((one) => ({ ...one, targetPort: one.name })),
          ...(args.trafficDistribution === undefined ? {} : { trafficDistribution: args.trafficDistribution }),
        },
      },
      child,
    );
    scaledObject(`${name}-scaling`, metadata, args.scaling, child);
    disruptionBudget(`${name}-budget`, metadata, { selector, maxUnavailable: args.maxUnavailable }, child);
    recommendations(`${name}-recommendations`, { kind: "Deployment", ...metadata }, args.pod.containers[0], child);
    this.registerOutputs({});
  }
}
