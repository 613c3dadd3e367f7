import type { Manifest, ObjectRule, Place, Report } from "../../core/rule.ts";
import { type LimitRangeItem, limitRangeItems } from "../../kube/limit-ranges.ts";
import { type Amount, amountOf } from "../../kube/resource-lists.ts";
import { unknown } from "../../kube/tree.ts";
import { limitRange } from "./cases.ts";
import type { QuotaSettings } from "./settings.ts";

type Part = "min" | "max" | "default" | "defaultRequest";

/** Pairs of which the first may not be more than the second; the complaint stands at the one that is `blamed`. */
const ordered: readonly { low: Part; high: Part; blamed: Part }[] = [
  { low: "min", high: "max", blamed: "min" },
  { low: "min", high: "default", blamed: "default" },
  { low: "default", high: "max", blamed: "default" },
  { low: "min", high: "defaultRequest", blamed: "defaultRequest" },
  { low: "defaultRequest", high: "max", blamed: "defaultRequest" },
  { low: "defaultRequest", high: "default", blamed: "defaultRequest" },
];

function resourcesOf(item: LimitRangeItem): Set<string> {
  const lists = [item.min, item.max, item.default, item.defaultRequest, item.maxLimitRequestRatio];
  return new Set(lists.flatMap((list) => [...list.amounts.keys()]));
}

function compare(low: Amount, high: Amount, at: Place, report: Report, message: string): void {
  if (low.exact && high.exact) {
    if (low.least > high.least) report.violated(at, message);
  } else report.undecidable(at);
}

function checkOrder(item: LimitRangeItem, report: Report): void {
  for (const resource of resourcesOf(item)) {
    for (const { low, high, blamed } of ordered) {
      const [first, second] = [item[low].amounts.get(resource), item[high].amounts.get(resource)];
      if (first === undefined || second === undefined) continue;
      compare(first, second, item.field.at(blamed, resource), report, `${low} is more than ${high}`);
    }
    checkRatio(item, resource, report);
  }
}

const oneToOne = 1_000_000_000n;

function checkRatio(item: LimitRangeItem, resource: string, report: Report): void {
  const ratio = amountOf(item.maxLimitRequestRatio, resource);
  if (ratio === undefined) return;
  const at = item.field.at("maxLimitRequestRatio", resource);
  compare({ least: oneToOne, exact: true }, ratio, at, report, "no limit can be less than its request");
  const [min, max] = [amountOf(item.min, resource), amountOf(item.max, resource)];
  if (min === undefined || max === undefined || !min.exact || !max.exact || !ratio.exact) return;
  const most = ratio.least * min.least > max.least * oneToOne;
  if (most) report.violated(at, "is more than max allows above min, so it never says anything");
}

/** What the API server asks of a LimitRange (core validation, ValidateLimitRange), after its own defaults. */
export const limitRangeConsistent: ObjectRule<QuotaSettings> = {
  id: "limit-range-consistent",
  subject: "object",
  kinds: ["LimitRange"],
  level: "mandatory",
  title: "In a LimitRange, min is at most defaultRequest, that at most default, and that at most max.",
  why: "The API server refuses a LimitRange that contradicts itself, and with it the update that brings it.",
  fix: "put the values in order: min, defaultRequest, default, max",
  check(object, report) {
    const types = new Set<string>();
    for (const item of limitRangeItems(object)) {
      const type = item.field.at("type");
      if (item.field.unknown || type.unknown) {
        report.undecidable(type);
        continue;
      }
      if (item.type === undefined) {
        report.check(type, (value) => value !== undefined, "has no type");
        continue;
      }
      if (types.has(item.type)) report.violated(type, `a second entry of type ${item.type}`);
      types.add(item.type);
      if (item.type === "Pod") {
        for (const part of ["default", "defaultRequest"] as const) {
          const field = item.field.at(part);
          if (!field.absent) report.violated(field, "pods have no defaults, only containers");
        }
      }
      if (item.type === "PersistentVolumeClaim" && !item.min.open && !item.max.open) {
        const bounded = item.min.amounts.has("storage") || item.max.amounts.has("storage");
        if (!bounded && !object.partial) report.violated(item.field, "has neither min.storage nor max.storage");
      }
      checkOrder(item, report);
    }
  },
  good: [
    { name: "the values are in order", objects: [limitRange({ min: { cpu: "50m", memory: "64Mi" } })] },
    {
      name: "all of them are the same, written differently",
      objects: [
        limitRange({
          min: { cpu: "1" },
          defaultRequest: { cpu: "1000m" },
          default: { cpu: 1 },
          max: { cpu: "1e0", memory: "1Gi" },
        }),
      ],
    },
    {
      name: "a ratio that min and max leave room for",
      objects: [limitRange({ min: { cpu: "100m" }, maxLimitRequestRatio: { cpu: "10" } })],
    },
    {
      name: "entries for pods and claims",
      objects: [
        limitRange({}, { type: "Pod", max: { cpu: "2" } }, { type: "PersistentVolumeClaim", min: { storage: "1Gi" } }),
      ],
    },
  ],
  bad: [
    ...(
      [
        [
          "min is more than max",
          { min: { cpu: "2" }, default: { memory: "1Gi" }, defaultRequest: { memory: "1Gi" } },
          ["min", "default", "defaultRequest"],
        ],
        ["the default is more than the maximum", { default: { cpu: "1001m" } }, ["default"]],
        ["the default request is more than the default", { defaultRequest: { cpu: "201m" } }, ["defaultRequest"]],
        ["the default request is less than the minimum", { min: { cpu: "101m" } }, ["defaultRequest"]],
        [
          "the default is less than the minimum",
          { min: { cpu: "201m" }, defaultRequest: { cpu: "300m" } },
          ["default", "defaultRequest"],
        ],
        [
          "the default request is more than the maximum, that the API server makes the default",
          { default: undefined, defaultRequest: { cpu: "2" } },
          ["defaultRequest"],
        ],
      ] as [string, Manifest, string[]][]
    ).map(([name, item, blamed]) => ({
      name,
      objects: [limitRange(item)],
      expect: blamed.map((part) => ({ path: `spec.limits[0].${part}.cpu` })),
    })),
    {
      name: "a ratio below one",
      objects: [limitRange({ maxLimitRequestRatio: { cpu: "0.5" } })],
      expect: [{ path: "spec.limits[0].maxLimitRequestRatio.cpu" }],
    },
    {
      name: "a ratio that min and max never reach",
      objects: [limitRange({ min: { cpu: "100m" }, maxLimitRequestRatio: { cpu: "11" } })],
      expect: [{ path: "spec.limits[0].maxLimitRequestRatio.cpu" }],
    },
    {
      name: "a default for pods",
      objects: [limitRange({}, { type: "Pod", default: { cpu: "1" }, defaultRequest: { cpu: "1" } })],
      expect: [{ path: "spec.limits[1].default" }, { path: "spec.limits[1].defaultRequest" }],
    },
    {
      name: "an entry for claims that bounds nothing",
      objects: [limitRange({}, { type: "PersistentVolumeClaim" })],
      expect: [{ path: "spec.limits[1]" }],
    },
    {
      name: "two entries for containers",
      objects: [limitRange({}, { type: "Container", max: { cpu: "1" } })],
      expect: [{ path: "spec.limits[1].type" }],
    },
    {
      name: "an entry without type",
      objects: [limitRange({}, { max: { cpu: "1" } })],
      expect: [{ path: "spec.limits[1].type" }],
    },
    {
      name: "a value is not known yet, and another is wrong without it",
      objects: [limitRange({ max: { cpu: unknown, memory: "1Gi" }, default: { cpu: "200m", memory: "2Gi" } })],
      expect: [
        { path: "spec.limits[0].default.cpu", verdict: "undecidable" },
        { path: "spec.limits[0].default.memory" },
        { path: "spec.limits[0].defaultRequest.cpu", verdict: "undecidable" },
      ],
    },
    {
      name: "the type is not known yet",
      objects: [limitRange({}, { type: unknown })],
      expect: [{ path: "spec.limits[1].type", verdict: "undecidable" }],
    },
  ],
};
