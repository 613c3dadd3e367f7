import type { ObjectRule, Report } from "../../core/rule.ts";
import type { KubeObject } from "../../kube/objects.ts";
import { type Answer, all } from "../../kube/selectors.ts";
import type { Field } from "../../kube/tree.ts";
import { amountOf } from "./amounts.ts";
import { looseBudget, workload } from "./cases.ts";
import type { AvailabilitySettings } from "./settings.ts";

// Where each kind keeps its strategy, the types it knows, and whether an absent amount is zero (API defaults: 25 % and
// 25 % of a Deployment, 1 unavailable and no surge of a DaemonSet).
const strategies = {
  Deployment: { at: "strategy", types: ["RollingUpdate", "Recreate"], surgeIsZero: false },
  DaemonSet: { at: "updateStrategy", types: ["RollingUpdate", "OnDelete"], surgeIsZero: true },
  StatefulSet: { at: "updateStrategy", types: ["RollingUpdate", "OnDelete"], surgeIsZero: true },
} as const;

type Strategy = (typeof strategies)[keyof typeof strategies];

function isZero(field: Field, absent: boolean): Answer {
  if (field.unknown) return undefined;
  return field.absent ? absent : amountOf(field)?.value === 0;
}

function checkAmounts(object: KubeObject, update: Field, strategy: Strategy, report: Report): void {
  const [surge, away] = [update.at("maxSurge"), update.at("maxUnavailable")];
  for (const field of [surge, away]) {
    const isAmount = () => field.absent || amountOf(field) !== undefined;
    report.check(field, isAmount, "is neither a number of pods nor a percentage");
  }
  // A StatefulSet takes pods away and never adds one: its absent or zero maxUnavailable is 1.
  if (object.kind === "StatefulSet" || (object.partial && (surge.absent || away.absent))) return;
  const [noSurge, noneAway] = [isZero(surge, strategy.surgeIsZero), isZero(away, false)];
  const stuck = all([noSurge, noneAway]);
  if (stuck === true)
    report.violated(away, "with no surge and none away, no pod can be replaced: the API server refuses it");
  if (object.kind === "DaemonSet" && noSurge === false && noneAway === false) {
    report.violated(surge, "the API server refuses maxSurge unless maxUnavailable is 0, and that is 1 where absent");
  }
}

function checkDeadline(object: KubeObject, report: Report): void {
  const spec = object.root.at("spec");
  const [deadline, ready] = [spec.at("progressDeadlineSeconds"), spec.at("minReadySeconds")];
  if (object.partial && (deadline.absent || ready.absent)) return;
  // Defaults: 600 and 0 (Kubernetes API reference, Deployment).
  const [until, needed] = [deadline.absent ? 600 : deadline.number, ready.absent ? 0 : ready.number];
  if (until !== undefined && needed !== undefined) {
    if (until <= needed) {
      report.violated(
        deadline,
        `gives up after ${until} s on pods that count only after ${needed} s: the API server refuses it`,
      );
    }
  } else if (deadline.unknown || ready.unknown) report.undecidable(deadline.unknown ? deadline : ready);
}

function rolling(rollingUpdate: object, kind = "Deployment", spec: object = {}) {
  const at = kind === "Deployment" ? "strategy" : "updateStrategy";
  return workload(
    { ...(kind === "DaemonSet" ? { replicas: null } : {}), [at]: { type: "RollingUpdate", rollingUpdate }, ...spec },
    kind,
  );
}

/** Updates that the API server refuses, or that never end. */
export const rollout: ObjectRule<AvailabilitySettings> = {
  id: "rollout",
  subject: "object",
  kinds: Object.keys(strategies),
  level: "mandatory",
  title: "An update can replace pods, and has more time than a pod needs to count as ready.",
  why: "The API server refuses the object in the middle of an up, when half of the stack is changed.",
  fix: "let maxSurge or maxUnavailable be above zero, and progressDeadlineSeconds above minReadySeconds",
  check(object, report) {
    const strategy = strategies[object.kind as keyof typeof strategies];
    const field = object.root.at("spec", strategy.at);
    const [type, update] = [field.at("type"), field.at("rollingUpdate")];
    const known: readonly string[] = strategy.types;
    report.check(
      type,
      (value) => value === undefined || (typeof value === "string" && known.includes(value)),
      `must be ${strategy.types.join(" or ")}`,
    );
    if (type.absent || type.text === "RollingUpdate") checkAmounts(object, update, strategy, report);
    else if (!type.unknown) {
      report.check(update, (value) => value === undefined, "the API server refuses rollingUpdate beside another type");
    }
    if (object.kind === "Deployment") checkDeadline(object, report);
  },
  good: [
    { name: "defaults", objects: [workload(), looseBudget] },
    { name: "one more at a time", objects: [rolling({ maxSurge: 1, maxUnavailable: 0 }), looseBudget] },
    { name: "one less at a time", objects: [rolling({ maxSurge: "0%", maxUnavailable: "10%" }), looseBudget] },
    { name: "none away, and the default surge", objects: [rolling({ maxUnavailable: 0 }), looseBudget] },
    { name: "a deadline above the wait", objects: [rolling({}, "Deployment", { minReadySeconds: 599 }), looseBudget] },
    { name: "a DaemonSet with surge", objects: [rolling({ maxSurge: 1, maxUnavailable: 0 }, "DaemonSet")] },
    { name: "a DaemonSet without", objects: [rolling({ maxUnavailable: 2 }, "DaemonSet")] },
    { name: "a StatefulSet with a partition", objects: [rolling({ partition: 2 }, "StatefulSet"), looseBudget] },
    {
      name: "a StatefulSet that is updated by hand",
      objects: [workload({ updateStrategy: { type: "OnDelete" } }, "StatefulSet"), looseBudget],
    },
  ],
  bad: [
    {
      name: "no surge and none away",
      objects: [rolling({ maxSurge: 0, maxUnavailable: 0 }), looseBudget],
      expect: [{ path: "spec.strategy.rollingUpdate.maxUnavailable" }],
    },
    {
      name: "the same in percent",
      objects: [rolling({ maxSurge: "0%", maxUnavailable: "0%" }), looseBudget],
      expect: [{ path: "spec.strategy.rollingUpdate.maxUnavailable" }],
    },
    {
      name: "a DaemonSet without surge, which is its default",
      objects: [rolling({ maxUnavailable: 0 }, "DaemonSet")],
      expect: [{ path: "spec.updateStrategy.rollingUpdate.maxUnavailable" }],
    },
    {
      name: "a DaemonSet with surge beside the default of maxUnavailable",
      objects: [rolling({ maxSurge: 1 }, "DaemonSet")],
      expect: [{ path: "spec.updateStrategy.rollingUpdate.maxSurge" }],
    },
    {
      name: "a number in quotes",
      objects: [rolling({ maxSurge: "1" }), looseBudget],
      expect: [{ path: "spec.strategy.rollingUpdate.maxSurge" }],
    },
    {
      name: "a type that Kubernetes does not know",
      objects: [workload({ strategy: { type: "BlueGreen" } }), looseBudget],
      expect: [{ path: "spec.strategy.type" }],
    },
    {
      name: "a StatefulSet that wants to be created anew",
      objects: [workload({ updateStrategy: { type: "Recreate" } }, "StatefulSet"), looseBudget],
      expect: [{ path: "spec.updateStrategy.type" }],
    },
    {
      name: "rollingUpdate beside OnDelete",
      objects: [
        workload({ updateStrategy: { type: "OnDelete", rollingUpdate: { partition: 1 } } }, "StatefulSet"),
        looseBudget,
      ],
      expect: [{ path: "spec.updateStrategy.rollingUpdate" }],
    },
    {
      name: "the deadline is the wait",
      objects: [rolling({}, "Deployment", { minReadySeconds: 60, progressDeadlineSeconds: 60 }), looseBudget],
      expect: [{ path: "spec.progressDeadlineSeconds" }],
    },
    {
      name: "the default deadline is the wait",
      objects: [rolling({}, "Deployment", { minReadySeconds: 600 }), looseBudget],
      expect: [{ path: "spec.progressDeadlineSeconds" }],
    },
  ],
};
