/** Counts that may be a share: `1` or `"25%"`, as budgets and rollouts have them. */
import type { Field } from "../../kube/tree.ts";

/** A number of pods, or a percentage of them. */
export interface Amount {
  value: number;
  percent: boolean;
}

/** The amount of a field; undefined for what the API server refuses, which is all but whole numbers and whole percents. */
export function amountOf(field: Field): Amount | undefined {
  const { number, text } = field;
  if (number !== undefined)
    return Number.isSafeInteger(number) && number >= 0 ? { value: number, percent: false } : undefined;
  const digits = text !== undefined && text.length < 12 ? /^(\d+)%$/.exec(text)?.[1] : undefined;
  return digits === undefined ? undefined : { value: Number(digits), percent: true };
}

/** Pods that an amount stands for; budgets round up (kubernetes.io, "Rounding logic when specifying percentages"). */
export function roundedUp({ value, percent }: Amount, pods: number): number {
  return percent ? Math.ceil((value * pods) / 100) : value;
}
