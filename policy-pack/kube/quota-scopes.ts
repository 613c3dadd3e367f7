/** Which pods a ResourceQuota with scopes counts (core/v1, ResourceQuotaScope). */
import type { WorkloadDemand } from "./namespace-demand.ts";
import type { KubeObject } from "./objects.ts";
import { isBestEffort } from "./pod-resources.ts";
import type { DefaultClass } from "./quota-need.ts";
import { type Answer, all } from "./selectors.ts";
import type { Field } from "./tree.ts";

/** The quota counts a part of the pods only, and nothing but pods. */
export function isScoped(quota: KubeObject): boolean {
  const [scopes, selector] = [quota.root.at("spec", "scopes"), quota.root.at("spec", "scopeSelector")];
  return scopes.unknown || selector.unknown || scopes.items().length > 0 || expressionsOf(quota).length > 0;
}

function expressionsOf(quota: KubeObject): Field[] {
  return quota.root.at("spec", "scopeSelector", "matchExpressions").items();
}

function not(answer: Answer): Answer {
  return answer === undefined ? undefined : !answer;
}

// The deadline of the pod, not that of its job. It is 0 or more or refused.
function terminates(pod: WorkloadDemand): Answer {
  const deadline = pod.pod.spec.at("activeDeadlineSeconds");
  return deadline.unknown ? undefined : !deadline.absent;
}

function crossesNamespaces({ pod }: WorkloadDemand): Answer {
  const affinity = pod.spec.at("affinity");
  const answers = ["podAffinity", "podAntiAffinity"].flatMap((kind) => {
    const required = affinity.at(kind, "requiredDuringSchedulingIgnoredDuringExecution").items();
    const preferred = affinity.at(kind, "preferredDuringSchedulingIgnoredDuringExecution").items();
    return [...required, ...preferred.map((one) => one.at("podAffinityTerm"))].map((term): Answer => {
      const [namespaces, selector] = [term.at("namespaces"), term.at("namespaceSelector")];
      if (namespaces.unknown || selector.unknown) return undefined;
      return namespaces.items().length > 0 || !selector.absent;
    });
  });
  return not(all(answers.map(not)));
}

// The class of a pod that names none is the cluster's default, where the stack has one.
function priorityOf(pod: WorkloadDemand, byDefault: DefaultClass): DefaultClass {
  const name = pod.pod.spec.at("priorityClassName");
  if (name.unknown) return { unknown: true };
  return name.text === undefined || name.text === "" ? byDefault : { name: name.text };
}

function priorityMatches(expression: Field, pod: WorkloadDemand, byDefault: DefaultClass): Answer {
  const operator = expression.at("operator");
  const { name: own, unknown = false } = priorityOf(pod, byDefault);
  if (unknown || operator.unknown) return undefined;
  const values = expression.at("values").items();
  const listed = values.some((one) => one.text === own) || (values.some((one) => one.unknown) ? undefined : false);
  switch (operator.text) {
    case "Exists":
      return own !== undefined;
    case "DoesNotExist":
      return own === undefined;
    case "In":
      return own === undefined ? false : listed;
    case "NotIn":
      return own === undefined ? true : not(listed);
    default:
      return false;
  }
}

function scopeMatches(scope: string | undefined, pod: WorkloadDemand, byDefault: DefaultClass): Answer {
  switch (scope) {
    case "Terminating":
      return terminates(pod);
    case "NotTerminating":
      return not(terminates(pod));
    case "BestEffort":
      return isBestEffort(pod.bare);
    case "NotBestEffort":
      return not(isBestEffort(pod.bare));
    case "PriorityClass": {
      const { name, unknown = false } = priorityOf(pod, byDefault);
      return unknown ? undefined : name !== undefined;
    }
    case "CrossNamespacePodAffinity":
      return crossesNamespaces(pod);
    default:
      return false;
  }
}

/**
 * Whether a quota counts the pods of a workload. All scopes have to match. `defaultPriority` is the class that the
 * cluster gives to pods without one.
 */
export function countsPods(quota: KubeObject, pod: WorkloadDemand, defaultPriority: DefaultClass): Answer {
  const scopes = quota.root.at("spec", "scopes").items();
  return all([
    ...scopes.map((scope) => (scope.unknown ? undefined : scopeMatches(scope.text, pod, defaultPriority))),
    ...expressionsOf(quota).map((expression): Answer => {
      const scope = expression.at("scopeName");
      if (scope.unknown) return undefined;
      if (scope.text === "PriorityClass") return priorityMatches(expression, pod, defaultPriority);
      return scopeMatches(scope.text, pod, defaultPriority);
    }),
  ]);
}
