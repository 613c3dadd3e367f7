import type { ClusterRule, Place, Report } from "../../core/rule.ts";
import { itemsOfType, type LimitRangeItem } from "../../kube/limit-ranges.ts";
import { byNamespace, type ClaimDemand, namespaceDemand, ofCoreKind } from "../../kube/namespace-demand.ts";
import type { KubeObject } from "../../kube/objects.ts";
import type { Size } from "../../kube/pod-resources.ts";
import { formatQuantity } from "../../kube/quantities.ts";
import { type Amount, amountOf } from "../../kube/resource-lists.ts";
import type { Field } from "../../kube/tree.ts";
import { outside, within } from "./limit-range-cases.ts";
import type { QuotaSettings } from "./settings.ts";

const nanos = 1_000_000_000n;

/** One thing that a limit range bounds: a container, a pod, or a claim, which has no limits. */
interface Subject {
  object: KubeObject;
  size: Size;
  /** What it is, for messages. */
  what: string;
  at(side: keyof Size, resource: string): Place;
}

function above(amount: Amount, bound: Amount): boolean | undefined {
  if (bound.exact && amount.least > bound.least) return true;
  return amount.exact && bound.exact ? false : undefined;
}

function below(amount: Amount, bound: Amount): boolean | undefined {
  if (amount.exact && amount.least < bound.least) return true;
  return amount.exact && bound.exact ? false : undefined;
}

function say(answer: boolean | undefined, at: Place, report: Report, message: string): void {
  if (answer === true) report.violated(at, message);
  else if (answer === undefined) report.undecidable(at);
}

function missing(subject: Subject, side: keyof Size, resource: string, report: Report, why: string): void {
  if (subject.object.partial) return;
  report.violated(subject.at(side, resource), `${subject.what} has no ${resource} ${side.slice(0, -1)}, and ${why}`);
}

function checkBounds(subject: Subject, item: LimitRangeItem, report: Report, sides: readonly (keyof Size)[]): void {
  const each = (side: keyof Size, resource: string) => amountOf(subject.size[side], resource);
  for (const [resource, bound] of item.min.amounts) {
    const text = `the limit range asks for at least ${formatQuantity(resource, bound.least)}`;
    if (each("requests", resource) === undefined) missing(subject, "requests", resource, report, text);
    for (const side of sides) {
      const amount = each(side, resource);
      if (amount === undefined) continue;
      say(below(amount, bound), subject.at(side, resource), report, `${subject.what} is too small: ${text}`);
    }
  }
  for (const [resource, bound] of item.max.amounts) {
    const text = `the limit range allows at most ${formatQuantity(resource, bound.least)}`;
    const needed = sides.includes("limits") ? "limits" : "requests";
    if (each(needed, resource) === undefined) missing(subject, needed, resource, report, text);
    for (const side of sides) {
      const amount = each(side, resource);
      if (amount === undefined) continue;
      say(above(amount, bound), subject.at(side, resource), report, `${subject.what} is too large: ${text}`);
    }
  }
}

function checkRatio(subject: Subject, item: LimitRangeItem, report: Report): void {
  for (const [resource, ratio] of item.maxLimitRequestRatio.amounts) {
    const [request, limit] = [amountOf(subject.size.requests, resource), amountOf(subject.size.limits, resource)];
    const text = "the limit range bounds their ratio";
    if (request === undefined) missing(subject, "requests", resource, report, text);
    if (limit === undefined) missing(subject, "limits", resource, report, text);
    if (request === undefined || limit === undefined) continue;
    const at = subject.at("limits", resource);
    if (!request.exact || !limit.exact || !ratio.exact) report.undecidable(at);
    else if (limit.least === 0n) report.violated(at, `${subject.what} has a limit of 0, and ${text}`);
    else if (limit.least * nanos > ratio.least * request.least) {
      report.violated(at, `${subject.what} has a limit too far above its request: ${text}`);
    }
  }
}

// "A default acts as a maximum": who writes a request above it and no limit gets a limit below the request.
function checkDefaults(subject: Subject, own: Field, report: Report): void {
  for (const [resource, limit] of subject.size.limits.amounts) {
    const request = amountOf(subject.size.requests, resource);
    const written = own.at("limits", resource);
    if (request === undefined || written.unknown || !written.absent) continue;
    const text = `${subject.what} requests more than the default limit of ${formatQuantity(resource, limit.least)} that it gets`;
    if (request.exact && limit.exact && request.least > limit.least) {
      report.violated(subject.at("requests", resource), text);
    }
  }
}

function claimSubject({ object, field, size }: ClaimDemand): Subject {
  const requests = { amounts: new Map([["storage", size]]), open: false };
  return {
    object,
    size: { requests, limits: { amounts: new Map(), open: false } },
    what: "the claim",
    at: (_, resource) => ({ object, field: field.at("resources", "requests", resource) }),
  };
}

/** What the admission plugin LimitRanger refuses, after the defaults that it gives. */
export const podsFitLimitRange: ClusterRule<QuotaSettings> = {
  id: "pods-fit-limit-range",
  subject: "cluster",
  level: "mandatory",
  title: "Every container, pod and claim is within the limit ranges of its namespace, after their defaults.",
  why: "The API server refuses what is outside: the workload is there, its pods never are.",
  fix: "bring the sizes within the limit range, or change the limit range",
  check(cluster, report, settings) {
    for (const [name, objects] of byNamespace(cluster)) {
      if (name === undefined || ofCoreKind(objects, "LimitRange").length === 0) continue;
      const { limitRanges, workloads, claims } = namespaceDemand(cluster, name, settings);
      const [ofContainers, ofPods, ofClaims] = ["Container", "Pod", "PersistentVolumeClaim"].map((type) =>
        itemsOfType(limitRanges, type),
      ) as [LimitRangeItem[], LimitRangeItem[], LimitRangeItem[]];
      for (const { object, pod, bare } of workloads) {
        for (const size of bare.containers) {
          const own = size.container.field.at("resources");
          const at = (side: keyof Size, resource: string): Place => ({
            object,
            container: size.container,
            field: own.at(side, resource),
          });
          const subject: Subject = { object, size, what: "it", at };
          for (const item of ofContainers) {
            checkBounds(subject, item, report, ["requests", "limits"]);
            checkRatio(subject, item, report);
          }
          checkDefaults(subject, own, report);
        }
        const subject: Subject = { object, size: bare, what: "the pod", at: () => ({ object, field: pod.spec }) };
        for (const item of ofPods) {
          checkBounds(subject, item, report, ["requests", "limits"]);
          checkRatio(subject, item, report);
        }
      }
      for (const claim of claims) {
        for (const item of ofClaims) checkBounds(claimSubject(claim), item, report, ["requests"]);
      }
    }
  },
  good: within,
  bad: outside,
};
