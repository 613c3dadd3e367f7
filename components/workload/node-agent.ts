/** NodeAgent: a DaemonSet on every node of the cluster, whatever its taints. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadPlan } from "../capacity/workload-plan.ts";
import { maximumNodesAnnotation } from "../kube/labels.ts";
import { serviceAccount } from "./account.ts";
import { type PodArgs, podTemplate } from "./pod.ts";

/** A DaemonSet and its account. */
export interface NodeAgentArgs {
  plan: WorkloadPlan;
  namespace: string;
  labels: Record<string, string>;
  /** Pod without what the plan and the node decide. */
  pod: Omit<PodArgs, "labels" | "account" | "graceSeconds" | "tolerationSeconds" | "spread" | "pool">;
  /** What the pods refer to by name and cannot start without. */
  needs: pulumi.Resource[];
}

/** See `NodeAgentArgs`. */
export class NodeAgent extends pulumi.ComponentResource {
  constructor(name: string, args: NodeAgentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:workload:NodeAgent", name, {}, opts);
    const { plan, namespace, labels } = args;
    const child = { parent: this };
    const metadata = { name: plan.name, namespace, labels };
    const account = serviceAccount(`${name}-account`, metadata, child);
    new k8s.apps.v1.DaemonSet(
      name,
      {
        metadata: { ...metadata, annotations: { [maximumNodesAnnotation]: String(plan.maxReplicas) } },
        spec: {
          selector: { matchLabels: { app: plan.name } },
          updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } },
          revisionHistoryLimit: 5,
          template: podTemplate({
            ...args.pod,
            labels,
            account: plan.name,
            graceSeconds: plan.graceSeconds,
            tolerationSeconds: plan.tolerationSeconds,
            pool: "every-node",
          }),
        },
      },
      { ...child, dependsOn: [account, ...args.needs] },
    );
    this.registerOutputs({});
  }
}
