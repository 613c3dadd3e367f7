/** What a VerticalPodAutoscaler may make of a container. */
import { type KubeObject, nameOf } from "./objects.ts";
import type { ContainerSize } from "./pod-resources.ts";
import { divideUp } from "./quantities.ts";
import { type Amount, amountOf, larger, type ResourceList, readList } from "./resource-lists.ts";
import type { Field } from "./tree.ts";

/** VerticalPodAutoscalers of a namespace. */
export interface Verticals {
  /** By `Kind/name` of the target. */
  byTarget: ReadonlyMap<string, KubeObject>;
  /** Those of which the namespace or the target is unknown, by the target, "" for any. */
  maybe: ReadonlyMap<string, KubeObject>;
}

/** One that changes the pods of a workload, or that may. */
export interface Vertical {
  object: KubeObject;
  sure: boolean;
}

// Off only recommends; it is the one mode in which nothing changes.
function acts(object: KubeObject): boolean {
  return object.kind === "VerticalPodAutoscaler" && object.root.at("spec", "updatePolicy", "updateMode").text !== "Off";
}

/** Reads those among the objects of a namespace; `adrift` are objects whose namespace is unknown. */
export function verticalsOf(objects: readonly KubeObject[], adrift: readonly KubeObject[]): Verticals {
  const byTarget = new Map<string, KubeObject>();
  const maybe = new Map<string, KubeObject>();
  for (const object of [...objects, ...adrift].filter(acts)) {
    const target = object.root.at("spec", "targetRef");
    const [kind, name] = [target.at("kind").text, target.at("name").text];
    if (kind === undefined || name === undefined) maybe.set("", object);
    else (adrift.includes(object) ? maybe : byTarget).set(`${kind}/${name}`, object);
  }
  return { byTarget, maybe };
}

/** The one that changes the pods of a workload, or may. */
export function verticalOf({ byTarget, maybe }: Verticals, workload: KubeObject): Vertical | undefined {
  const target = `${workload.kind}/${nameOf(workload)}`;
  const known = byTarget.get(target);
  // Of a workload without name, any of them may be meant.
  const any = nameOf(workload) === undefined ? [...byTarget.values(), ...maybe.values()][0] : undefined;
  const doubtful = maybe.get(target) ?? maybe.get("") ?? any;
  if (doubtful !== undefined) return { object: doubtful, sure: false };
  return known === undefined ? undefined : { object: known, sure: true };
}

// The policy of that container, else the one for all others; unknown where a policy may be either.
function policyOf(vertical: KubeObject, container: string): Field | undefined {
  const policies = vertical.root.at("spec", "resourcePolicy", "containerPolicies").items();
  const named = (name: string) => policies.find((one) => one.at("containerName").text === name);
  const own = named(container);
  if (own !== undefined) return own;
  const open = policies.map((one) => one.at("containerName")).find((name) => name.unknown);
  return open ?? named("*");
}

// Of two bounds the smaller one holds; undefined where there is none.
function tighter(one: Amount | undefined, other: Amount | undefined): Amount | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  if (!one.exact || !other.exact) return { least: 0n, exact: false };
  return one.least < other.least ? one : other;
}

/**
 * A container at the most that a VerticalPodAutoscaler may ask for: `maxAllowed`, or the maximum of the namespace's limit
 * range, above which no pod is let in. Without either there is no bound, so the amount is unknown. Limits grow in
 * proportion, unless only requests are controlled.
 */
export function raisedBy(vertical: Vertical, maxima: ResourceList): (size: ContainerSize) => ContainerSize {
  const modeUnknown = !vertical.sure || vertical.object.root.at("spec", "updatePolicy", "updateMode").unknown;
  return (size) => {
    const policy = policyOf(vertical.object, size.container.name);
    if (vertical.sure && policy?.at("mode").text === "Off") return size;
    const maximum = policy === undefined ? undefined : readList(policy.at("maxAllowed"));
    const decides = ["mode", "controlledResources", "controlledValues"].map((key) => policy?.at(key));
    const doubt = modeUnknown || policy?.unknown === true || decides.some((field) => field?.unknown === true);
    const controlled = policy?.at("controlledResources").items() ?? [];
    const resources = ["cpu", "memory"].filter(
      (resource) => controlled.length === 0 || doubt || controlled.some((one) => one.text === resource),
    );
    const requests = new Map(size.requests.amounts);
    const limits = new Map(size.limits.amounts);
    for (const resource of resources) {
      const before = amountOf(size.requests, resource) ?? { least: 0n, exact: true };
      const ceiling = amountOf(maxima, resource);
      const bound = tighter(maximum === undefined ? undefined : amountOf(maximum, resource), ceiling);
      const known = bound !== undefined && !doubt;
      const raised = known ? larger(before, bound) : { least: before.least, exact: false };
      requests.set(resource, raised);
      const limit = limits.get(resource);
      if (limit === undefined || policy?.at("controlledValues").text === "RequestsOnly") continue;
      const grown = inProportion(limit, before, raised);
      limits.set(resource, ceiling === undefined ? grown : (tighter(grown, ceiling) ?? grown));
    }
    return { ...size, requests: { ...size.requests, amounts: requests }, limits: { ...size.limits, amounts: limits } };
  };
}

function inProportion(limit: Amount, before: Amount, raised: Amount): Amount {
  const exact = limit.exact && before.exact && raised.exact && before.least > 0n;
  return { least: exact ? divideUp(limit.least * raised.least, before.least) : limit.least, exact };
}
