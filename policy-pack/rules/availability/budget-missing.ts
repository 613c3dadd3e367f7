import type { ClusterRule } from "../../core/rule.ts";
import { autoscalersOf } from "../../kube/autoscalers.ts";
import { floorOf, replicaKinds } from "../../kube/floor.ts";
import { namespaceOf } from "../../kube/objects.ts";
import { budgetsOf, hasOperatorsBudget } from "./budgets.ts";
import { autoscaler, budget, looseBudget, operated, scaledObject, template, workload } from "./cases.ts";
import type { AvailabilitySettings } from "./settings.ts";

/** Workloads of several pods that a drain may take all at once. */
export const budgetMissing: ClusterRule<AvailabilitySettings> = {
  id: "budget-missing",
  subject: "cluster",
  level: "mandatory",
  title: "A workload that always has several pods has a PodDisruptionBudget.",
  why: "Without a budget, drains of several nodes at a time may take every pod of the workload.",
  fix: "add a PodDisruptionBudget whose selector matches the labels of the pod template",
  check(cluster, report) {
    const [autoscalers, budgets] = [autoscalersOf(cluster.objects), budgetsOf(cluster)];
    // A budget for a pod that only a running pod shows may be this workload's.
    const unreadable = new Set(
      budgets.all.filter((one) => one.asksForRunningPod).map((one) => namespaceOf(one.object)),
    );
    for (const object of cluster.ofKind(...replicaKinds)) {
      if (object.partial || unreadable.has(namespaceOf(object))) continue;
      for (const pod of cluster.podsOf(object)) {
        const own = budgets.of(pod);
        const operators = hasOperatorsBudget(object);
        if (operators === true || own.some(({ surely }) => surely)) continue;
        const floor = floorOf(object, autoscalers);
        const place = { field: object.root.at("spec", "template"), object };
        if (floor.atMost <= 1 || (floor.atLeast <= 1 && !floor.unknown)) continue;
        if (floor.atLeast > 1 && own.length === 0 && operators === false) {
          report.violated(
            place,
            `no PodDisruptionBudget of the namespace selects the pods, of which ${floor.atLeast} always run`,
          );
        } else report.undecidable(place, "whether a PodDisruptionBudget is needed and there is known only after an up");
      }
    }
  },
  good: [
    { name: "a budget selects the pods", objects: [workload(), looseBudget] },
    {
      name: "an empty selector selects all pods of the namespace",
      objects: [workload(), budget({ maxUnavailable: 1, selector: {} })],
    },
    { name: "a single pod has no company to protect", objects: [workload({ replicas: 1 }, "StatefulSet")] },
    {
      name: "the autoscaler keeps one pod",
      objects: [workload({ replicas: null }), autoscaler({ minReplicas: null })],
    },
    { name: "KEDA scales to zero", objects: [workload({ replicas: null }), scaledObject({ minReplicaCount: null })] },
    { name: "the operator makes one for its servers", objects: [operated("mysql.oracle.com/v2", "InnoDBCluster")] },
    {
      name: "a budget selects pods of a Prometheus by a label that the resource gives them",
      objects: [
        operated("monitoring.coreos.com/v1", "Prometheus", { replicas: 2, podMetadata: { labels: { app: "sample" } } }),
        looseBudget,
      ],
    },
    {
      name: "a DaemonSet has one pod for a node, and drains leave it there",
      objects: [workload({ replicas: null }, "DaemonSet")],
    },
  ],
  bad: [
    {
      name: "the operator makes none for its routers",
      objects: [operated("mysql.oracle.com/v2", "InnoDBCluster", { router: { instances: 2 } })],
      expect: [{ path: "spec.template" }],
    },
    {
      name: "the operator is told to make none",
      objects: [operated("postgresql.cnpg.io/v1", "Cluster", { enablePDB: false })],
      expect: [{ path: "spec.template" }],
    },
    {
      name: "the operator of Prometheus makes none",
      objects: [
        operated("monitoring.coreos.com/v1", "Prometheus", { shards: 2 }),
        operated("monitoring.coreos.com/v1", "Alertmanager", { replicas: 3 }),
      ],
      expect: [{ path: "spec.template" }, { path: "spec.template" }],
    },
    { name: "three pods and no budget", objects: [workload()], expect: [{ path: "spec.template" }] },
    {
      name: "the autoscaler keeps three",
      objects: [workload({ replicas: null }), autoscaler()],
      expect: [{ path: "spec.template" }],
    },
    {
      name: "the budget selects labels of the workload that its pods lack",
      objects: [
        {
          ...workload({ template: template({}, { app: "sample", tier: "web" }) }),
          metadata: { name: "sample", namespace: "sample", labels: { team: "blue" } },
        },
        budget({ maxUnavailable: 1, selector: { matchLabels: { team: "blue" } } }),
      ],
      expect: [{ path: "spec.template" }, { path: "spec.selector", rule: "budget-selects-nothing" }],
    },
    {
      name: "the budget stands in another namespace",
      objects: [workload(), { ...looseBudget, metadata: { name: "sample", namespace: "other" } }],
      expect: [{ path: "spec.template" }, { path: "spec.selector", rule: "budget-selects-nothing" }],
    },
    {
      name: "the empty selector of policy/v1beta1 selects nothing",
      objects: [workload(), budget({ maxUnavailable: 1, selector: {} }, "sample", "policy/v1beta1")],
      expect: [{ path: "spec.template" }, { path: "spec.selector", rule: "budget-selects-nothing" }],
    },
  ],
};
