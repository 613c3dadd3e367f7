import type { ObjectRule } from "../../core/rule.ts";
import { budget, looseBudget, workload } from "./cases.ts";
import type { AvailabilitySettings } from "./settings.ts";

/** What a budget does with pods that are broken already. */
export const budgetUnhealthyPods: ObjectRule<AvailabilitySettings> = {
  id: "budget-unhealthy-pods",
  subject: "object",
  kinds: ["PodDisruptionBudget"],
  level: "advisory",
  title: "A PodDisruptionBudget says what happens to pods that are not ready.",
  why: "By default, pods in a crash loop count as still needed, and block the drain of their node for ever.",
  fix: "set unhealthyPodEvictionPolicy to AlwaysAllow, or to IfHealthyBudget where that is meant",
  check(object, report) {
    report.check(
      object.root.at("spec", "unhealthyPodEvictionPolicy"),
      (value) => value === "AlwaysAllow" || value === "IfHealthyBudget",
      "unhealthyPodEvictionPolicy must be AlwaysAllow or IfHealthyBudget",
    );
  },
  good: [
    { name: "broken pods may go", objects: [workload(), looseBudget] },
    {
      name: "broken pods stay, and somebody wrote so",
      objects: [workload(), budget({ maxUnavailable: 1, unhealthyPodEvictionPolicy: "IfHealthyBudget" })],
    },
  ],
  bad: [
    {
      name: "nothing is said",
      objects: [workload(), budget({ maxUnavailable: 1, unhealthyPodEvictionPolicy: null })],
      expect: [{ path: "spec.unhealthyPodEvictionPolicy" }],
    },
    {
      name: "a word that Kubernetes does not know",
      objects: [workload(), budget({ maxUnavailable: 1, unhealthyPodEvictionPolicy: "Always" })],
      expect: [{ path: "spec.unhealthyPodEvictionPolicy" }],
    },
  ],
};
