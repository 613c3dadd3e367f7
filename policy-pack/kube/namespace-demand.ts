/** What the objects of a stack bring into one namespace at their largest: pods, claims, plain objects, unseen things. */
import type { Cluster } from "../core/cluster.ts";
import { containerDefaults, containerMaxima } from "./limit-ranges.ts";
import { makersIn } from "./makers.ts";
import { describe, isClusterScoped, type KubeObject, nameOf, namespaceOf } from "./objects.ts";
import { isOperated } from "./operated.ts";
import { isComplete } from "./operated-sizes.ts";
import { ownOverhead, type PodSize, podSize, type Size, withOverhead } from "./pod-resources.ts";
import { type PodTemplate, podTemplates } from "./pods.ts";
import { readQuantity } from "./quantities.ts";
import { isCounted, type Reach, reachOf } from "./reach.ts";
import { type Amount, add, inDoubt, nothing, type ResourceList, readList, unknownAmount } from "./resource-lists.ts";
import { type Count, scalingBoundsOf } from "./scaling-bounds.ts";
import { Field, toTree } from "./tree.ts";
import { raisedBy, type Verticals, verticalOf, verticalsOf } from "./vertical.ts";

/** What the manifests cannot say. */
export interface DemandSettings {
  /** Nodes that a DaemonSet runs on at most; 0 leaves it to each DaemonSet's annotation. */
  nodes: number;
  /** Containers that others put into pods of some kinds. */
  injected: readonly Injected[];
  /** Room for what no rule sees: Helm releases, operators, people. */
  reserves: readonly Reserve[];
}

/** What others put into each pod of some kinds. */
export interface Injected {
  kinds: readonly string[];
  requests: Readonly<Record<string, string>>;
  limits: Readonly<Record<string, string>>;
}

/** Room in a namespace for what no rule sees. */
export interface Reserve {
  namespace: string;
  /** Name of the release or object that needs it. */
  name: string;
  /** As in a ResourceQuota. */
  hard: Readonly<Record<string, string>>;
}

/** The pods of one workload at its largest. */
export interface WorkloadDemand {
  object: KubeObject;
  pod: PodTemplate;
  reach: Reach;
  /** What a limit range compares. */
  bare: PodSize;
  /** What a quota counts: that at the most that a vertical autoscaler asks for, with overhead and what others inject. */
  size: Size;
}

/** Claims of one kind of volume at its largest. */
export interface ClaimDemand {
  object: KubeObject;
  /** Specification of the claim. */
  field: Field;
  /** Annotations of the claim. */
  metadata: Field;
  count: Count;
  size: Amount;
}

/** A namespace at its largest. */
export interface NamespaceDemand {
  namespace: string;
  /** All objects of the stack that live in it. */
  objects: readonly KubeObject[];
  quotas: readonly KubeObject[];
  limitRanges: readonly KubeObject[];
  workloads: readonly WorkloadDemand[];
  claims: readonly ClaimDemand[];
  /** What may bring anything, as the end of a sentence. */
  unseen: readonly string[];
  /** Objects of the stack that may be in this namespace: theirs is unknown. */
  adrift: readonly KubeObject[];
  reserves: readonly Reserve[];
}

const grouped = new WeakMap<Cluster, Map<string | undefined, KubeObject[]>>();

/** Objects by namespace; under undefined those that live in one whose name is unknown. Cluster-wide objects are in none. */
export function byNamespace(cluster: Cluster): ReadonlyMap<string | undefined, readonly KubeObject[]> {
  const known = grouped.get(cluster);
  if (known !== undefined) return known;
  const groups = new Map<string | undefined, KubeObject[]>();
  for (const object of cluster.objects) {
    if (isClusterScoped(object)) continue;
    const namespace = namespaceOf(object);
    const group = groups.get(namespace);
    if (group === undefined) groups.set(namespace, [object]);
    else group.push(object);
  }
  grouped.set(cluster, groups);
  return groups;
}

/** Objects of the core group that bring pods or hold them, by kind: forks of a kind in other groups are others. */
export function ofCoreKind(objects: readonly KubeObject[], kind: string): KubeObject[] {
  return objects.filter((object) => object.kind === kind && object.group === "");
}

interface Shaped {
  pod: PodTemplate;
  bare: PodSize;
  size: Size;
}

interface Remembered {
  /** What shaped the pods; as long as it is the same, so are they. */
  by: readonly unknown[];
  shaped: Shaped[];
}

// After each object that arrives the sums are asked for again, and nearly all pods are as they were.
const remembered = new WeakMap<KubeObject, Remembered>();

function overheadOf(pod: PodTemplate, runtimeClasses: ReadonlyMap<string | undefined, KubeObject>): ResourceList {
  const name = pod.spec.at("runtimeClassName");
  if (!pod.spec.at("overhead").absent || name.absent) return ownOverhead(pod);
  const runtimeClass = name.unknown ? undefined : runtimeClasses.get(name.text);
  // The API server adds the overhead of the class; of one that is not in the stack nobody knows it.
  return runtimeClass === undefined
    ? { amounts: new Map(), open: true }
    : readList(runtimeClass.root.at("overhead", "podFixed"));
}

function injectedInto(kind: string, injected: readonly Injected[]): Size {
  let size: Size = { requests: nothing, limits: nothing };
  for (const one of injected) {
    if (!one.kinds.includes(kind)) continue;
    const list = (written: Readonly<Record<string, string>>) => readList(new Field(toTree(written)));
    size = { requests: add(size.requests, list(one.requests)), limits: add(size.limits, list(one.limits)) };
  }
  return size;
}

function opened({ requests, limits }: Size): Size {
  return { requests: { ...requests, open: true }, limits: { ...limits, open: true } };
}

interface Surroundings {
  limitRanges: readonly KubeObject[];
  verticals: Verticals;
  /** A limit range may be in this namespace or not. */
  openDefaults: boolean;
  runtimeClasses: ReadonlyMap<string | undefined, KubeObject>;
  injected: readonly Injected[];
}

// There are containers that nobody sees.
function atLeast({ requests, limits }: Size): Size {
  return opened({ requests: inDoubt(requests), limits: inDoubt(limits) });
}

// What an operator makes of an object is among the objects itself.
function podsOf(object: KubeObject): PodTemplate[] {
  return isOperated(object) ? [] : podTemplates(object);
}

function shapedPods(object: KubeObject, around: Surroundings): Shaped[] {
  const { limitRanges, verticals, runtimeClasses, injected, openDefaults } = around;
  const vertical = verticalOf(verticals, object);
  const by = [vertical?.object, vertical?.sure, injected, openDefaults, ...runtimeClasses.values(), ...limitRanges];
  const known = remembered.get(object);
  if (known !== undefined && known.by.length === by.length && by.every((one, index) => one === known.by[index])) {
    return known.shaped;
  }
  const defaults = openDefaults ? opened(containerDefaults(limitRanges)) : containerDefaults(limitRanges);
  const raise = vertical === undefined ? undefined : raisedBy(vertical, containerMaxima(limitRanges));
  const extra = injectedInto(object.kind, injected);
  const shaped = podsOf(object).map((pod): Shaped => {
    const bare = podSize(pod, { defaults });
    const raised = raise === undefined ? bare : podSize(pod, { defaults, raise });
    const { requests, limits } = withOverhead(raised, overheadOf(pod, runtimeClasses));
    const size = { requests: add(requests, extra.requests), limits: add(limits, extra.limits) };
    return { pod, bare, size: isComplete(object, pod.spec) ? size : atLeast(size) };
  });
  remembered.set(object, { by, shaped });
  return shaped;
}

function storageOf(claimSpec: Field): Amount {
  const reading = readQuantity(claimSpec.at("resources", "requests", "storage"));
  if (reading === "absent") return { least: 0n, exact: true };
  return typeof reading === "bigint" ? { least: reading, exact: true } : unknownAmount;
}

function claimsOf({ object, pod, reach }: WorkloadDemand): ClaimDemand[] {
  const template = (field: Field, count: Count): ClaimDemand => ({
    object,
    field: field.at("spec"),
    metadata: field.at("metadata"),
    // What stands where claims are written and is unknown is any number of claims.
    count: field.unknown ? { least: 0, open: "which claims it makes" } : count,
    size: storageOf(field.at("spec")),
  });
  const ofSet = object.kind === "StatefulSet" ? object.root.at("spec", "volumeClaimTemplates").items() : [];
  const ofPods = pod.spec
    .at("volumes")
    .items()
    .filter((volume) => volume.unknown || !volume.at("ephemeral").absent)
    .map((volume) => volume.at("ephemeral", "volumeClaimTemplate"));
  // A set keeps one claim for each replica; a claim of a pod lives as long as the pod, terminating or not.
  return [
    ...ofSet.map((field) => template(field, reach.running)),
    ...ofPods.map((field) => template(field, reach.total)),
  ];
}

function plainClaim(object: KubeObject): ClaimDemand {
  const field = object.root.at("spec");
  return { object, field, metadata: object.root.at("metadata"), count: { least: 1 }, size: storageOf(field) };
}

// A patch says a part of the workload; the rest is in the cluster, and what is known of it is the least.
function inPart(workload: WorkloadDemand): WorkloadDemand {
  const { running, total } = workload.reach;
  const open = "what its patch leaves out";
  return {
    ...workload,
    size: atLeast(workload.size),
    reach: { running: { open, ...running }, total: { open, ...total } },
  };
}

/** A namespace of a cluster at its largest. */
export function namespaceDemand(cluster: Cluster, namespace: string, settings: DemandSettings): NamespaceDemand {
  const groups = byNamespace(cluster);
  const objects = groups.get(namespace) ?? [];
  const reserves = settings.reserves.filter((one) => one.namespace === namespace);
  const limitRanges = ofCoreKind(objects, "LimitRange");
  const adrift = groups.get(undefined) ?? [];
  const scaling = scalingBoundsOf(objects, adrift);
  const runtimeClasses = new Map(cluster.ofKind("RuntimeClass").map((object) => [nameOf(object), object]));
  const around = {
    limitRanges,
    verticals: verticalsOf(objects, adrift),
    openDefaults: ofCoreKind(adrift, "LimitRange").length > 0,
    runtimeClasses,
    injected: settings.injected,
  };
  const reserved = new Set(reserves.map(({ name }) => name));
  const context = { scaling, ...(settings.nodes === 0 ? {} : { nodes: settings.nodes }) };
  const workloads = objects.flatMap((object) =>
    reserved.has(nameOf(object) ?? "") && !isCounted(object)
      ? []
      : shapedPods(object, around)
          .map((shaped) => ({
            object,
            ...shaped,
            reach: reachOf(object, shaped.pod.spec, context),
          }))
          .map((one) => (object.partial ? inPart(one) : one)),
  );
  return {
    namespace,
    objects,
    quotas: ofCoreKind(objects, "ResourceQuota"),
    limitRanges,
    workloads,
    claims: [...ofCoreKind(objects, "PersistentVolumeClaim").map(plainClaim), ...workloads.flatMap(claimsOf)],
    unseen: makersIn(cluster.objects, namespace)
      .filter((maker) => !reserved.has(nameOf(maker) ?? ""))
      .map((maker) => `what ${describe(maker)} brings (setting reserves)`),
    adrift,
    reserves,
  };
}
