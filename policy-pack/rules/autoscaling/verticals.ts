/** What a VerticalPodAutoscaler does to which container. */
import type { KubeObject } from "../../kube/objects.ts";
import type { Answer } from "../../kube/selectors.ts";
import type { Field } from "../../kube/tree.ts";

/** Where a VerticalPodAutoscaler says what it does. */
export function modeOf(object: KubeObject): Field {
  return object.root.at("spec", "updatePolicy", "updateMode");
}

function allPolicies(object: KubeObject): Field[] {
  return object.root.at("spec", "resourcePolicy", "containerPolicies").items();
}

/** The policy for containers that have none of their own. */
export function commonPolicy(object: KubeObject): Field | undefined {
  return allPolicies(object).find((one) => one.at("containerName").text === "*");
}

/**
 * The policies that may be a container's: its own, else the one for all others, else none (undefined). One whose name is
 * unknown may be anybody's, and a container whose name is unknown (undefined) may have any.
 */
export function policiesOf(object: KubeObject, container: string | undefined): (Field | undefined)[] {
  const policies = allPolicies(object);
  const common = commonPolicy(object);
  if (container === undefined) return [common, ...policies.filter((one) => one !== common)];
  const own = policies.find((one) => one.at("containerName").text === container);
  return [own ?? common, ...policies.filter((one) => one.at("containerName").unknown)];
}

/** Whether a policy changes that resource; without a policy, both cpu and memory are changed (VPA API reference). */
export function controls(policy: Field | undefined, resource: string): Answer {
  if (policy === undefined) return true;
  const [mode, resources] = [policy.at("mode"), policy.at("controlledResources")];
  if (mode.text === "Off") return false;
  const listed = resources.absent || resources.items().some((one) => one.text === resource);
  if (!listed && !resources.items().some((one) => one.unknown)) return false;
  return mode.unknown || !listed ? undefined : true;
}

/** The answer that all give; undefined where they differ. */
export function agreed(answers: readonly Answer[]): Answer {
  const [first] = answers;
  return answers.every((one) => one === first) ? first : undefined;
}
