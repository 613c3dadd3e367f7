/** Label selectors, with a third answer where a label or the selector is unknown. */
import type { Field } from "./tree.ts";

/** True, false, or undefined where an unknown value decides. */
export type Answer = boolean | undefined;

/** True where all are true, false where one is false, undefined otherwise. */
export function all(answers: readonly Answer[]): Answer {
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}

/**
 * Whether a `LabelSelector` selects these labels. An absent selector selects nothing, an empty one everything
 * (kubernetes.io, "Labels and Selectors"). Malformed expressions select nothing.
 */
export function selects(selector: Field, labels: Field): Answer {
  if (selector.unknown) return undefined;
  if (selector.absent) return false;
  const matchLabels = selector.at("matchLabels");
  const expressions = selector.at("matchExpressions").items();
  return all([selectsMap(matchLabels, labels), ...expressions.map((one) => expressionSelects(one, labels))]);
}

/** Whether a plain map of labels, as a Service has it, selects these labels. An absent or empty map selects all. */
export function selectsMap(wanted: Field, labels: Field): Answer {
  if (wanted.unknown) return undefined;
  return all(
    wanted.entries().map(([key, value]) => {
      const label = labels.at(key);
      if (label.unknown || value.unknown) return undefined;
      return label.value === value.value;
    }),
  );
}

function expressionSelects(expression: Field, labels: Field): Answer {
  const [key, operator, values] = [expression.at("key"), expression.at("operator"), expression.at("values")];
  if (key.unknown || operator.unknown || key.text === undefined)
    return key.unknown || operator.unknown ? undefined : false;
  const label = labels.at(key.text);
  if (label.unknown) return undefined;
  const listed = (): Answer => {
    if (values.items().some((one) => one.value === label.value)) return true;
    return values.items().some((one) => one.unknown) ? undefined : false;
  };
  switch (operator.text) {
    case "Exists":
      return !label.absent;
    case "DoesNotExist":
      return label.absent;
    case "In":
      return label.absent ? false : listed();
    case "NotIn": {
      const answer = label.absent ? false : listed();
      return answer === undefined ? undefined : !answer;
    }
    default:
      return false;
  }
}
