/** What LimitRanges give to containers and ask of them (plugin/pkg/admission/limitranger, core/v1 defaults). */
import type { KubeObject } from "./objects.ts";
import type { Size } from "./pod-resources.ts";
import { type Amount, nothing, type ResourceList, readList, withMissing } from "./resource-lists.ts";
import type { Field } from "./tree.ts";

/** One entry of `spec.limits`, after the defaults that the API server itself fills in. */
export interface LimitRangeItem {
  field: Field;
  /** `Container`, `Pod` or `PersistentVolumeClaim`; undefined where it is unknown or missing. */
  type: string | undefined;
  min: ResourceList;
  max: ResourceList;
  /** Limits of containers that have none. */
  default: ResourceList;
  /** Requests of containers that have none. */
  defaultRequest: ResourceList;
  maxLimitRequestRatio: ResourceList;
}

const known = new WeakMap<KubeObject, LimitRangeItem[]>();

/** Entries of a LimitRange. For containers the API server sets default := max, defaultRequest := default, else min. */
export function limitRangeItems(object: KubeObject): LimitRangeItem[] {
  const remembered = known.get(object);
  if (remembered !== undefined) return remembered;
  const items = object.root
    .at("spec", "limits")
    .items()
    .map((field): LimitRangeItem => {
      const list = (key: string) => readList(field.at(key));
      const type = field.at("type").text;
      const [min, max] = [list("min"), list("max")];
      const limits = type === "Container" ? withMissing(list("default"), max) : list("default");
      const requests = list("defaultRequest");
      return {
        field,
        type,
        min,
        max,
        default: limits,
        defaultRequest: type === "Container" ? withMissing(withMissing(requests, limits), min) : requests,
        maxLimitRequestRatio: list("maxLimitRequestRatio"),
      };
    });
  known.set(object, items);
  return items;
}

function least(one: Amount, other: Amount): bigint {
  if (one.least < other.least) return one.least;
  return other.least;
}

// Which of several limit ranges comes first is not said anywhere: where they differ, nobody knows what holds.
function agreed(lists: readonly ResourceList[]): ResourceList {
  const amounts = new Map<string, Amount>();
  for (const list of lists) {
    for (const [resource, amount] of list.amounts) {
      const first = amounts.get(resource);
      if (first === undefined) amounts.set(resource, amount);
      else if (first.least !== amount.least || !amount.exact) {
        amounts.set(resource, { least: least(first, amount), exact: false });
      }
    }
  }
  return { amounts, open: lists.some(({ open }) => open) };
}

// An entry of unknown type may be one for containers, with defaults that nobody knows.
function mayHaveMore(limitRanges: readonly KubeObject[]): boolean {
  return limitRanges.flatMap(limitRangeItems).some(({ field }) => field.at("type").unknown);
}

/** Defaults that the limit ranges of a namespace give to a container. */
export function containerDefaults(limitRanges: readonly KubeObject[]): Size {
  const items = itemsOfType(limitRanges, "Container");
  const open = mayHaveMore(limitRanges);
  if (items.length === 0 && !open) return { limits: nothing, requests: nothing };
  const [limits, requests] = [
    agreed(items.map((item) => item.default)),
    agreed(items.map((item) => item.defaultRequest)),
  ];
  return {
    limits: { ...limits, open: limits.open || open },
    requests: { ...requests, open: requests.open || open },
  };
}

/** Entries of one type in the limit ranges of a namespace. */
export function itemsOfType(limitRanges: readonly KubeObject[], type: string): LimitRangeItem[] {
  return limitRanges.flatMap(limitRangeItems).filter((item) => item.type === type);
}

/** The most that a container may ask for in the namespace, by resource. */
export function containerMaxima(limitRanges: readonly KubeObject[]): ResourceList {
  const lists = itemsOfType(limitRanges, "Container").map(({ max }) => max);
  const amounts = new Map<string, Amount>();
  for (const [resource, amount] of lists.flatMap((list) => [...list.amounts])) {
    const known = amounts.get(resource);
    if (known === undefined) amounts.set(resource, amount);
    else amounts.set(resource, { least: least(known, amount), exact: known.exact && amount.exact });
  }
  return { amounts, open: mayHaveMore(limitRanges) || lists.some(({ open }) => open) };
}
