import type { ClusterRule } from "../../core/rule.ts";
import { makersIn } from "../../kube/makers.ts";
import { namespaceOf } from "../../kube/objects.ts";
import { budgetsOf } from "./budgets.ts";
import { budget, job, looseBudget, workload } from "./cases.ts";
import type { AvailabilitySettings } from "./settings.ts";

const elsewhere = budget({ maxUnavailable: 1, selector: { matchLabels: { app: "cache" } } }, "cache");

/** Budgets that protect nobody. Where a chart or an operator may bring the pods, a preview cannot decide. */
export const budgetSelectsNothing: ClusterRule<AvailabilitySettings> = {
  id: "budget-selects-nothing",
  subject: "cluster",
  level: "mandatory",
  title: "A PodDisruptionBudget selects pods of the stack.",
  why: "A budget whose selector matches no pod looks like protection and is none.",
  fix: "let the selector match the labels of the pod template, in the same namespace",
  check(cluster, report) {
    for (const { object, selector, asksForRunningPod, covered } of budgetsOf(cluster).all) {
      const place = { field: selector, object };
      if (selector.absent) {
        if (!object.partial) report.violated(place, "a budget without selector selects no pod");
        continue;
      }
      if (asksForRunningPod || covered.some(({ surely }) => surely)) continue;
      if (selector.unknown || covered.length > 0) report.undecidable(place);
      else if (makersIn(cluster.objects, namespaceOf(object)).length > 0) {
        report.undecidable(
          place,
          "selects no pod of the stack, and a chart or an operator may bring those that it means",
        );
      } else report.violated(place, "selects no pod of the stack");
    }
  },
  good: [
    { name: "selects pods of a workload", objects: [workload(), looseBudget] },
    {
      name: "selects pods of a job",
      objects: [
        job({ template: { metadata: { labels: { app: "cache" } }, spec: { restartPolicy: "Never", containers: [] } } }),
        { ...elsewhere, spec: { ...(elsewhere["spec"] as object), maxUnavailable: null, minAvailable: 1 } },
      ],
    },
  ],
  bad: [
    {
      name: "a label that no pod has",
      objects: [workload(), looseBudget, elsewhere],
      expect: [{ path: "spec.selector" }],
    },
    {
      name: "no selector at all",
      objects: [workload(), looseBudget, budget({ maxUnavailable: 1, selector: null }, "other")],
      expect: [{ path: "spec.selector" }],
    },
    {
      name: "a chart of the namespace may bring the pods",
      objects: [{ apiVersion: "helm.sh/v3", kind: "Release", namespace: "sample", name: "cache" }, elsewhere],
      expect: [{ path: "spec.selector", verdict: "undecidable" }],
    },
    {
      name: "a chart of another namespace does not",
      objects: [{ apiVersion: "helm.sh/v3", kind: "Release", namespace: "cache", name: "cache" }, elsewhere],
      expect: [{ path: "spec.selector" }],
    },
    {
      name: "an operator may bring the pods",
      objects: [
        {
          apiVersion: "example.com/v1",
          kind: "Cache",
          metadata: { name: "cache", namespace: "sample" },
          spec: { instances: 3 },
        },
        elsewhere,
      ],
      expect: [{ path: "spec.selector", verdict: "undecidable" }],
    },
  ],
};
