import type { Cluster } from "../../core/cluster.ts";
import type { ClusterRule, Place, Report } from "../../core/rule.ts";
import { autoscalersOf } from "../../kube/autoscalers.ts";
import { type Floor, floorOf } from "../../kube/floor.ts";
import { makersIn } from "../../kube/makers.ts";
import { describe, type KubeObject, namespaceOf } from "../../kube/objects.ts";
import type { Field } from "../../kube/tree.ts";
import { type Amount, amountOf, roundedUp } from "./amounts.ts";
import { type Budget, budgetsOf, hasOperatorsBudget, mayBeEmpty } from "./budgets.ts";
import { autoscaler, budget, job, looseBudget, operated, scaledObject, template, workload } from "./cases.ts";
import type { AvailabilitySettings } from "./settings.ts";

// Pods of these count for no share, since their owner has no `scale` (disruption controller, getExpectedScale).
const withoutScale = new Set(["Job", "CronJob", "DaemonSet"]);

/** Fewest pods under a budget, over all workloads that it covers. */
function floorUnder(cluster: Cluster, { object, selector, covered }: Budget): Floor {
  const autoscalers = autoscalersOf(cluster.objects);
  const sum: Floor = { atLeast: 0, atMost: 0, unknown: false };
  for (const { pod, surely } of covered) {
    const floor = floorOf(pod.object, autoscalers);
    sum.atLeast += surely ? floor.atLeast : 0;
    sum.atMost += floor.atMost;
    sum.unknown ||= floor.unknown || !surely;
  }
  // The whole namespace holds pods of charts and operators too, which nobody can count.
  if (mayBeEmpty(selector) && makersIn(cluster.objects, namespaceOf(object)).length > 0)
    sum.atMost = Number.POSITIVE_INFINITY;
  return sum;
}

// More pods never make a budget tighter, so the two ends of the floor decide.
function blocks(minimum: Amount, pods: number): boolean {
  return pods !== Number.POSITIVE_INFINITY && pods > 0 && roundedUp(minimum, pods) >= pods;
}

/** The fields that rule: one, unless the other is unknown. None where what is written cannot hold. */
function fieldsOf(object: KubeObject, report: Report): Field[] {
  const spec = object.root.at("spec");
  const [maximum, minimum] = [spec.at("maxUnavailable"), spec.at("minAvailable")];
  const written = [maximum, minimum].filter((field) => !field.absent);
  if (written.length === 0 && !object.partial) {
    report.violated({ field: spec, object }, "without minAvailable and maxUnavailable it lets no pod go");
  }
  if (written.length < 2 || written.some((field) => field.unknown)) return written;
  report.violated({ field: maximum, object }, "the API server refuses maxUnavailable beside minAvailable");
  return [];
}

/** Why an amount lets no pod go whatever the number of pods; undefined where that number decides, or it lets one go. */
function alwaysBlocks(amount: Amount, isMinimum: boolean, { covered }: Budget): string | undefined {
  const all = isMinimum ? amount.percent && amount.value >= 100 : amount.value === 0;
  if (all) return "lets no pod go, so no node can be drained";
  if (isMinimum && !amount.percent) return undefined;
  const scaleless = covered.find(({ pod, surely }) => surely && withoutScale.has(pod.object.kind));
  const bare = covered.every(({ pod, surely }) => surely && pod.object.kind === "Pod") ? covered[0] : undefined;
  const owner = (scaleless ?? bare)?.pod.object;
  if (owner === undefined) return undefined;
  return `covers ${describe(owner)}, whose pods only a minAvailable without percent can count, so none may go`;
}

/** The budget may cover pods that have no scale, or nothing but bare pods. */
function mayCoverScaleless({ covered }: Budget): boolean {
  const scaleless = covered.some(({ pod, surely }) => !surely && withoutScale.has(pod.object.kind));
  return scaleless || (covered.length > 0 && covered.every(({ pod }) => pod.object.kind === "Pod"));
}

function checkAmount(cluster: Cluster, one: Budget, field: Field, report: Report): void {
  const place = { field, object: one.object };
  const amount = amountOf(field);
  if (field.unknown) report.undecidable(place);
  else if (amount === undefined) report.violated(place, "is neither a number of pods nor a percentage");
  else {
    const isMinimum = field.path.endsWith("minAvailable");
    const blocked = alwaysBlocks(amount, isMinimum, one);
    if (blocked !== undefined) report.violated(place, blocked);
    else if (mayCoverScaleless(one) && !(isMinimum && !amount.percent)) report.undecidable(place);
    else if (isMinimum) checkMinimum(place, amount, floorUnder(cluster, one), report);
  }
}

function checkMinimum(place: Place, amount: Amount, { atLeast, atMost, unknown }: Floor, report: Report): void {
  if (blocks(amount, atMost)) {
    const kept = roundedUp(amount, atMost);
    report.violated(place, `keeps ${kept} of the ${atMost} pods that always run, so none may go`);
  } else if (unknown && (atLeast === 0 || blocks(amount, atLeast))) {
    report.undecidable(place, "how many pods always run is known only after an up");
  }
}

/** A second budget beside the one that the operator of the pods makes. */
function checkOperators(object: KubeObject, own: readonly { budget: Budget; surely: boolean }[], report: Report): void {
  const operators = hasOperatorsBudget(object);
  if (operators === false) return;
  for (const { budget: one, surely } of own) {
    const place = { field: one.selector, object: one.object };
    if (surely && operators === true) {
      report.violated(place, `covers pods of ${describe(object)}, whose operator makes a budget: eviction then fails`);
    } else report.undecidable(place, `whether it is alone on pods of ${describe(object)} is known only after an up`);
  }
}

function checkCompany(cluster: Cluster, report: Report): void {
  const budgets = budgetsOf(cluster);
  for (const object of cluster.objects) {
    for (const pod of object.partial ? [] : cluster.podsOf(object)) {
      checkOperators(object, budgets.of(pod), report);
      const [first, ...others] = budgets.of(pod);
      for (const { budget: other, surely } of others) {
        const place = { field: other.selector, object: other.object };
        if (surely && first?.surely === true) {
          report.violated(
            place,
            `covers pods of ${describe(object)}, as ${describe(first.budget.object)} does: eviction then fails`,
          );
        } else
          report.undecidable(place, `whether it is alone on pods of ${describe(object)} is known only after an up`);
      }
    }
  }
}

const floorOfTwo = scaledObject({ minReplicaCount: 2 });

/** Budgets that no pod can leave under. */
export const budgetBlocksEviction: ClusterRule<AvailabilitySettings> = {
  id: "budget-blocks-eviction",
  subject: "cluster",
  level: "mandatory",
  title: "A PodDisruptionBudget lets at least one pod go.",
  why: "A budget that lets no pod go stops every drain of a node, and with it upgrades of the cluster.",
  fix: "set maxUnavailable to 1 or more, or minAvailable below the pods that always run, with one budget for each pod",
  check(cluster, report) {
    for (const one of budgetsOf(cluster).all) {
      for (const field of fieldsOf(one.object, report)) checkAmount(cluster, one, field, report);
    }
    checkCompany(cluster, report);
  },
  good: [
    { name: "one pod may go", objects: [workload(), looseBudget] },
    { name: "1 % rounds up to one pod", objects: [workload(), budget({ maxUnavailable: "1%" })] },
    { name: "two of three must stay", objects: [workload(), budget({ minAvailable: 2 })] },
    { name: "half of three rounds up to two", objects: [workload(), budget({ minAvailable: "50%" })] },
    {
      name: "the autoscaler keeps more pods than the budget asks for, whatever replicas say",
      objects: [workload({ replicas: null }), autoscaler(), budget({ minAvailable: 2 })],
    },
    {
      name: "several workloads share a budget",
      objects: [
        workload({ replicas: 2 }),
        workload({ replicas: 2 }, "StatefulSet", "other"),
        budget({ minAvailable: 3 }),
      ],
    },
    {
      name: "a workload that is switched off has no pod to protect",
      objects: [workload({ replicas: 0 }), budget({ minAvailable: 1 })],
    },
    {
      name: "an integer minimum counts pods of jobs",
      objects: [
        job({ parallelism: 3, template: { ...template(), spec: { restartPolicy: "Never", containers: [] } } }),
        budget({ minAvailable: 2 }),
      ],
    },
    {
      name: "the pod of an ordinal has a label that no template shows",
      objects: [
        workload(),
        looseBudget,
        budget({ minAvailable: 1, selector: { matchLabels: { "apps.kubernetes.io/pod-index": "0" } } }, "first"),
      ],
    },
    {
      name: "what a chart adds to the namespace cannot be counted",
      objects: [
        workload(),
        budget({ minAvailable: 3, selector: {} }),
        { apiVersion: "helm.sh/v3", kind: "Release", namespace: "sample", name: "cache" },
      ],
    },
  ],
  bad: [
    {
      name: "no pod may go",
      objects: [workload(), budget({ maxUnavailable: 0 })],
      expect: [{ path: "spec.maxUnavailable" }],
    },
    { name: "0 %", objects: [workload(), budget({ maxUnavailable: "0%" })], expect: [{ path: "spec.maxUnavailable" }] },
    {
      name: "100 % must stay",
      objects: [workload(), budget({ minAvailable: "100%" })],
      expect: [{ path: "spec.minAvailable" }],
    },
    {
      name: "67 % of three round up to all",
      objects: [workload(), budget({ minAvailable: "67%" })],
      expect: [{ path: "spec.minAvailable" }],
    },
    {
      name: "all three must stay",
      objects: [workload(), budget({ minAvailable: 3 })],
      expect: [{ path: "spec.minAvailable" }],
    },
    {
      name: "absent replicas are one",
      objects: [workload({ replicas: null }, "StatefulSet"), budget({ minAvailable: 1 })],
      expect: [{ path: "spec.minAvailable" }],
    },
    {
      name: "the autoscaler's minimum counts, not the replicas",
      objects: [workload({ replicas: 9 }), autoscaler(), budget({ minAvailable: 3 })],
      expect: [{ path: "spec.minAvailable" }],
    },
    {
      name: "KEDA's minimum counts",
      objects: [workload({ replicas: null }), floorOfTwo, budget({ minAvailable: 2 })],
      expect: [{ path: "spec.minAvailable" }],
    },
    {
      name: "KEDA scales to zero, and the first pod that comes back stays",
      objects: [workload({ replicas: null }), scaledObject({ minReplicaCount: null }), budget({ minAvailable: 1 })],
      expect: [{ path: "spec.minAvailable" }],
    },
    {
      name: "an empty selector is the whole namespace",
      objects: [workload(), budget({ minAvailable: 3, selector: {} })],
      expect: [{ path: "spec.minAvailable" }],
    },
    {
      name: "expressions select too",
      objects: [
        workload(),
        budget({
          minAvailable: 3,
          selector: { matchExpressions: [{ key: "app", operator: "In", values: ["sample"] }] },
        }),
      ],
      expect: [{ path: "spec.minAvailable" }],
    },
    { name: "neither field", objects: [workload(), budget()], expect: [{ path: "spec" }] },
    {
      name: "both fields",
      objects: [workload(), budget({ minAvailable: 1, maxUnavailable: 1 })],
      expect: [{ path: "spec.maxUnavailable" }],
    },
    {
      name: "a number in quotes",
      objects: [workload(), budget({ maxUnavailable: "1" })],
      expect: [{ path: "spec.maxUnavailable" }],
    },
    {
      name: "two budgets on one pod",
      objects: [workload(), looseBudget, budget({ maxUnavailable: 1, selector: {} }, "other")],
      expect: [{ path: "spec.selector" }],
    },
    {
      name: "the operator of the pods makes a budget too",
      objects: [
        operated("mysql.oracle.com/v2", "InnoDBCluster"),
        budget({ maxUnavailable: 1, selector: { matchLabels: { tier: "mysql" } } }),
      ],
      expect: [{ path: "spec.selector" }],
    },
    {
      name: "pods of a DaemonSet have no scale that a share could be taken of",
      objects: [workload({ replicas: null }, "DaemonSet"), looseBudget],
      expect: [{ path: "spec.maxUnavailable" }],
    },
    {
      name: "a bare pod has no owner that a share could be taken of",
      objects: [
        {
          apiVersion: "v1",
          kind: "Pod",
          ...template(),
          metadata: { name: "sample", namespace: "sample", labels: { app: "sample" } },
        },
        looseBudget,
      ],
      expect: [{ path: "spec.maxUnavailable" }],
    },
  ],
};
