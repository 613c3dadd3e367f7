/** What a namespace needs of one resource of a ResourceQuota, as a sum whose terms can be told. */
import type { NamespaceDemand, WorkloadDemand } from "./namespace-demand.ts";
import { describe, type KubeObject, nameOf } from "./objects.ts";
import { madeOf } from "./operated-sizes.ts";
import { podTemplates } from "./pods.ts";
import { nanosInOne, parseQuantity } from "./quantities.ts";
import { type Amount, amountOf } from "./resource-lists.ts";
import type { Count } from "./scaling-bounds.ts";
import type { Answer } from "./selectors.ts";

/** One term of a sum: `count` times `each`. */
export interface Term {
  name: string;
  count: Count;
  /** In billionths. */
  each: Amount;
}

/** What a namespace needs of a resource: `least`, and more where something is open. */
export interface Need {
  least: bigint;
  terms: readonly Term[];
  /** What is not known, each as the end of a sentence. */
  open: readonly string[];
}

const one: Amount = { least: nanosInOne, exact: true };
const zero: Amount = { least: 0n, exact: true };

/** One name for each resource: `cpu` and `requests.cpu` are the same to a quota, and so on. */
export function quotaKey(resource: string): string {
  if (/^(cpu|memory|ephemeral-storage|hugepages-.+)$/.test(resource)) return `requests.${resource}`;
  const counted =
    /^count\/(services|configmaps|secrets|persistentvolumeclaims|replicationcontrollers|resourcequotas)$/.exec(
      resource,
    );
  return counted?.[1] ?? resource;
}

/** What one pod counts for; undefined for resources that are not of pods. */
function podUse(key: string): ((pod: WorkloadDemand) => Amount) | undefined {
  if (key === "pods" || key === "count/pods") return () => one;
  const [, side, resource = ""] = /^(requests|limits)\.(.+)$/.exec(key) ?? [];
  if (side === undefined || resource === "storage") return undefined;
  if (side === "requests") return ({ size }) => amountOf(size.requests, resource) ?? zero;
  // Of limits a quota counts these three alone.
  if (!["cpu", "memory", "ephemeral-storage"].includes(resource)) return undefined;
  return ({ size }) => amountOf(size.limits, resource) ?? zero;
}

function termOf(object: KubeObject, count: Count, each: Amount): Term {
  return { name: nameOf(object) ?? describe(object), count, each };
}

// What is missing from a term, as the end of a sentence.
function openOf(object: KubeObject, { count, each }: Term, resource: string): string[] {
  if (count.open !== undefined && !(each.exact && each.least === 0n)) return [`${describe(object)}: ${count.open}`];
  return each.exact ? [] : [`${describe(object)}: its ${resource}`];
}

interface Part {
  object: KubeObject;
  term: Term;
  counts: Answer;
}

function podParts(demand: NamespaceDemand, use: (pod: WorkloadDemand) => Amount, counts: Counts): Part[] {
  return demand.workloads.map((pod) => ({
    object: pod.object,
    term: termOf(pod.object, pod.reach.total, use(pod)),
    counts: counts(pod),
  }));
}

/** Whether a quota counts the pods of a workload. */
export type Counts = (pod: WorkloadDemand) => Answer;

/** The class that the cluster gives where none is named; without name nobody knows it, or there is none. */
export interface DefaultClass {
  name?: string;
  /** The stack has one, and its name or whether it is the default is unknown. */
  unknown?: boolean;
}

const betaClass = "volume.beta.kubernetes.io/storage-class";

// A class that nobody named is the default of the cluster, which the API server fills in before the quota is asked.
function claimParts(demand: NamespaceDemand, key: string, defaultClass: DefaultClass): Part[] | undefined {
  const [, ofClass, inner = key] = /^(.+)\.storageclass\.storage\.k8s\.io\/(.+)$/.exec(key) ?? [];
  if (inner !== "requests.storage" && inner !== "persistentvolumeclaims") return undefined;
  return demand.claims.map(({ object, field, metadata, count, size }) => {
    const beta = metadata.at("annotations", betaClass);
    const named = beta.absent ? field.at("storageClassName") : beta;
    const name = named.absent ? defaultClass.name : named.text;
    const nameless = named.unknown || name === undefined;
    return {
      object,
      term: termOf(object, count, inner === "requests.storage" ? size : one),
      counts: ofClass === undefined ? true : nameless ? undefined : name === ofClass,
    };
  });
}

function serviceParts(demand: NamespaceDemand, key: string): Part[] | undefined {
  const match = /^services(?:\.(loadbalancers|nodeports))?$/.exec(key);
  if (match === null) return undefined;
  const services = (objects: readonly KubeObject[], counts: Answer): Part[] =>
    objects
      .filter((object) => object.kind === "Service" && object.group === "")
      .map((object) => ({ object, term: termOf(object, serviceCount(object, match[1]), one), counts }));
  return [...services(demand.objects, true), ...services(demand.adrift, undefined)];
}

function serviceCount(object: KubeObject, part: string | undefined): Count {
  if (part === undefined) return { least: 1 };
  const spec = object.root.at("spec");
  const type = spec.at("type");
  if (type.unknown) return { least: 0, open: "its type" };
  if (part === "loadbalancers") return { least: type.text === "LoadBalancer" ? 1 : 0 };
  const ports = spec.at("ports");
  if (type.text !== "NodePort" && type.text !== "LoadBalancer") return { least: 0 };
  if (ports.unknown) return { least: 0, open: "its ports" };
  const allocates = spec.at("allocateLoadBalancerNodePorts");
  if (type.text === "NodePort" || allocates.absent || allocates.value === true) return { least: ports.items().length };
  if (allocates.unknown) return { least: 0, open: "whether it has node ports" };
  return { least: ports.items().filter((port) => !port.at("nodePort").absent).length };
}

/** Objects that controllers make in numbers that no manifest says. */
const uncounted =
  /^count\/(pods|jobs\.batch|replicasets\.apps|controllerrevisions\.apps|endpoints|endpointslices\..*|events.*|leases\..*)$/;

/** Plural of a kind, as the API server names resources. */
function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  if (name === "endpoints") return name;
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(name) ? `${name}es` : `${name}s`;
}

/** The published root certificates that Kubernetes puts into each namespace: kube-root-ca.crt. */
const ownConfigMaps: Term = { name: "kube-root-ca.crt", count: { least: 1 }, each: one };

function objectParts(demand: NamespaceDemand, key: string): Part[] | undefined {
  const [, resource = key] = /^count\/(.+)$/.exec(key) ?? [];
  if (resource === key && !/^(configmaps|secrets|replicationcontrollers|resourcequotas)$/.test(key)) return undefined;
  const counted = (objects: readonly KubeObject[], counts: Answer): Part[] =>
    objects
      .filter(({ kind, group }) => {
        const own = group === "" ? pluralOf(kind) : `${pluralOf(kind)}.${group}`;
        return own === resource;
      })
      .map((object) => ({ object, term: termOf(object, { least: 1 }, one), counts }));
  return [...counted(demand.objects, true), ...counted(demand.adrift, undefined)];
}

// What operators and controllers make of the objects, beside pods and claims.
function madeParts(demand: NamespaceDemand, key: string): Part[] {
  const made = (objects: readonly KubeObject[], sure: Answer): Part[] =>
    objects.flatMap((object): Part[] => {
      const count = madeOf(object, key);
      if (count === 0) return [];
      const term = termOf(
        object,
        { least: count ?? 0, ...(count === undefined ? { open: "how many its operator makes" } : {}) },
        one,
      );
      return [{ object, term, counts: sure }];
    });
  return [...made(demand.objects, true), ...made(demand.adrift, undefined)];
}

function reserveTerms(demand: NamespaceDemand, key: string): Term[] {
  return demand.reserves.flatMap(({ name, hard }) =>
    Object.entries(hard)
      .filter(([resource]) => quotaKey(resource) === key)
      .map(([, text]) => ({
        name: `${name} (reserve)`,
        count: { least: 1 },
        each: { least: parseQuantity(text) ?? 0n, exact: true },
      })),
  );
}

function isOfClaims(key: string): boolean {
  return /(^|\.)(requests\.storage|persistentvolumeclaims)$|\/(requests\.storage|persistentvolumeclaims)$/.test(key);
}

// Pods and claims of another namespace than this one, perhaps.
function adriftOpen(demand: NamespaceDemand, ofPods: boolean): string[] {
  if (!ofPods) return [];
  return demand.adrift
    .filter((object) => object.kind === "PersistentVolumeClaim" || podTemplates(object).length > 0)
    .map((object) => `whether ${describe(object)} is in this namespace`);
}

/**
 * What a namespace needs of a resource; undefined for resources that no quota counts. `counts` says which pods a quota
 * with scopes counts; such a quota counts nothing but pods.
 */
export function needOf(
  demand: NamespaceDemand,
  resource: string,
  options: { counts?: Counts; defaultClass?: DefaultClass } = {},
): Need | undefined {
  const key = quotaKey(resource);
  const use = podUse(key);
  const { counts, defaultClass = {} } = options;
  const others = () => claimParts(demand, key, defaultClass) ?? serviceParts(demand, key) ?? objectParts(demand, key);
  const parts =
    use !== undefined ? podParts(demand, use, counts ?? (() => true)) : counts === undefined ? others() : undefined;
  if (parts === undefined) return undefined;
  const open: string[] = [...demand.unseen, ...adriftOpen(demand, use !== undefined || isOfClaims(key))];
  if (uncounted.test(key)) open.push("how many of them controllers make and keep");
  const terms = [...reserveTerms(demand, key), ...(key === "configmaps" ? [ownConfigMaps] : [])];
  const ofObjects = counts === undefined && use === undefined && /^(services|configmaps|secrets|count\/.+)$/.test(key);
  for (const { object, term, counts: answer } of [...parts, ...(ofObjects ? madeParts(demand, key) : [])]) {
    if (answer === false) continue;
    if (answer === undefined) {
      if (!term.each.exact || term.each.least > 0n) open.push(`${describe(object)}: whether it counts`);
      continue;
    }
    open.push(...openOf(object, term, resource));
    terms.push(term);
  }
  const least = terms.reduce((whole, { count, each }) => whole + BigInt(count.least) * each.least, 0n);
  return { least, terms, open };
}
