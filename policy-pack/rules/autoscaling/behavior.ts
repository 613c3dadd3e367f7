import type { ObjectRule, Report } from "../../core/rule.ts";
import type { Field } from "../../kube/tree.ts";
import { autoscaler, scaledObject, workload } from "./cases.ts";
import type { AutoscalingSettings } from "./settings.ts";

// Bounds of autoscaling/v2: HPAScalingRules and HPAScalingPolicy.
const longestWindow = 3600;
const longestPeriod = 1800;

function wholeBetween(lowest: number, highest: number) {
  return (value: unknown) => Number.isSafeInteger(value) && Number(value) >= lowest && Number(value) <= highest;
}

function checkRules(rules: Field, report: Report): void {
  const isWindow = wholeBetween(0, longestWindow);
  report.check(
    rules.at("stabilizationWindowSeconds"),
    (value) => value === undefined || isWindow(value),
    `must be between 0 and ${longestWindow} s`,
  );
  report.check(
    rules.at("selectPolicy"),
    (value) => value === undefined || value === "Max" || value === "Min" || value === "Disabled",
    "must be Max, Min or Disabled",
  );
  const policies = rules.at("policies");
  report.check(
    policies,
    (value) => value === undefined || (Array.isArray(value) && value.length > 0),
    "must list a policy, or be absent",
  );
  for (const policy of policies.items()) {
    report.check(policy.at("type"), (value) => value === "Pods" || value === "Percent", "must be Pods or Percent");
    report.check(policy.at("value"), wholeBetween(1, Number.MAX_SAFE_INTEGER), "must be 1 or more");
    report.check(
      policy.at("periodSeconds"),
      wholeBetween(1, longestPeriod),
      `must be between 1 and ${longestPeriod} s`,
    );
  }
}

const policy = { type: "Percent", value: 10, periodSeconds: 60 };
const down = { stabilizationWindowSeconds: 300, selectPolicy: "Min", policies: [policy] };

function hpa(scaleDown: object) {
  return [workload(), autoscaler({ behavior: { scaleDown: { ...down, ...scaleDown } } })];
}

const at = "spec.behavior.scaleDown";

/** How fast an autoscaler may go. */
export const behavior: ObjectRule<AutoscalingSettings> = {
  id: "behavior",
  subject: "object",
  kinds: ["HorizontalPodAutoscaler", "ScaledObject"],
  level: "mandatory",
  title: "The behavior of an autoscaler is one that Kubernetes takes.",
  why: "The API server refuses the autoscaler; KEDA fails later, when it makes one of its ScaledObject.",
  fix: "keep to 0 to 3600 s of stabilization, 1 to 1800 s of period, values from 1, and Max, Min or Disabled",
  check(object, report) {
    const spec = object.root.at("spec");
    const field =
      object.kind === "ScaledObject"
        ? spec.at("advanced", "horizontalPodAutoscalerConfig", "behavior")
        : spec.at("behavior");
    for (const key of ["scaleUp", "scaleDown"]) checkRules(field.at(key), report);
  },
  good: [
    { name: "nothing is said", objects: [workload(), autoscaler()] },
    { name: "everything is said", objects: hpa({}) },
    {
      name: "the ends of the ranges",
      objects: hpa({ stabilizationWindowSeconds: 3600, policies: [{ ...policy, value: 1, periodSeconds: 1800 }] }),
    },
    {
      name: "pods at once",
      objects: hpa({ stabilizationWindowSeconds: 0, policies: [{ type: "Pods", value: 4, periodSeconds: 1 }] }),
    },
    { name: "never down", objects: hpa({ selectPolicy: "Disabled" }) },
    {
      name: "defaults of all policies",
      objects: hpa({ policies: null, selectPolicy: null, stabilizationWindowSeconds: null }),
    },
  ],
  bad: [
    {
      name: "too long a window",
      objects: hpa({ stabilizationWindowSeconds: 3601 }),
      expect: [{ path: `${at}.stabilizationWindowSeconds` }],
    },
    {
      name: "a negative window",
      objects: hpa({ stabilizationWindowSeconds: -1 }),
      expect: [{ path: `${at}.stabilizationWindowSeconds` }],
    },
    { name: "an unknown choice", objects: hpa({ selectPolicy: "Average" }), expect: [{ path: `${at}.selectPolicy` }] },
    { name: "an empty list", objects: hpa({ policies: [] }), expect: [{ path: `${at}.policies` }] },
    {
      name: "an unknown type",
      objects: hpa({ policies: [{ ...policy, type: "Share" }] }),
      expect: [{ path: `${at}.policies[0].type` }],
    },
    {
      name: "a value of zero",
      objects: hpa({ policies: [{ ...policy, value: 0 }] }),
      expect: [{ path: `${at}.policies[0].value` }],
    },
    {
      name: "too long a period",
      objects: hpa({ policies: [policy, { ...policy, periodSeconds: 1801 }] }),
      expect: [{ path: `${at}.policies[1].periodSeconds` }],
    },
    {
      name: "no period",
      objects: hpa({ policies: [{ ...policy, periodSeconds: null }] }),
      expect: [{ path: `${at}.policies[0].periodSeconds` }],
    },
    {
      name: "up",
      objects: [workload(), autoscaler({ behavior: { scaleUp: { ...down, selectPolicy: "max" } } })],
      expect: [{ path: "spec.behavior.scaleUp.selectPolicy" }],
    },
    {
      name: "KEDA hands it on",
      objects: [
        workload(),
        scaledObject({
          advanced: {
            horizontalPodAutoscalerConfig: { behavior: { scaleUp: { policies: [{ ...policy, value: 0 }] } } },
          },
        }),
      ],
      expect: [{ path: "spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp.policies[0].value" }],
    },
  ],
};
