/** Which PodDisruptionBudget covers which pods. Made once for a cluster, in time linear in labels that tell pods apart. */
import type { Cluster } from "../../core/cluster.ts";
import { type KubeObject, namespaceOf } from "../../kube/objects.ts";
import type { PodTemplate } from "../../kube/pods.ts";
import { type Answer, selects } from "../../kube/selectors.ts";
import type { Field } from "../../kube/tree.ts";

/** A pod that a budget covers: surely, or perhaps, where an unknown value decides. */
export interface Covered {
  pod: PodTemplate;
  surely: boolean;
}

/** One budget and the pods of the stack that it covers. */
export interface Budget {
  object: KubeObject;
  selector: Field;
  /** It asks for a label that Kubernetes adds to the running pod, so that no template tells what it covers. */
  asksForRunningPod: boolean;
  covered: Covered[];
}

/** Budgets of a cluster. */
export interface Budgets {
  all: readonly Budget[];
  /** Budgets of a pod, in the order of the stack. */
  of(pod: PodTemplate): readonly { budget: Budget; surely: boolean }[];
}

// Labels that controllers write to pods (kubernetes.io, "Well-Known Labels, Annotations and Taints").
const addedLabels = new Set([
  "pod-template-hash",
  "controller-revision-hash",
  "pod-template-generation",
  "statefulset.kubernetes.io/pod-name",
  "apps.kubernetes.io/pod-index",
  "batch.kubernetes.io/job-name",
  "batch.kubernetes.io/controller-uid",
  "batch.kubernetes.io/job-completion-index",
  "job-name",
  "controller-uid",
]);

function asksForAddedLabel(selector: Field): boolean {
  const keys = [
    ...selector
      .at("matchLabels")
      .entries()
      .map(([key]) => key),
    ...selector
      .at("matchExpressions")
      .items()
      .map((one) => one.at("key").text ?? ""),
  ];
  return keys.some((key) => addedLabels.has(key));
}

function labelsOf(pod: PodTemplate): Field {
  return pod.metadata.at("labels");
}

/** Pods of one namespace, found by a label. */
class Shelf {
  readonly pods: PodTemplate[] = [];
  readonly #byLabel = new Map<string, PodTemplate[]>();
  readonly #unsure: PodTemplate[] = [];

  add(pod: PodTemplate): void {
    this.pods.push(pod);
    const labels = labelsOf(pod);
    const entries = labels.entries();
    if (labels.unknown || entries.some(([, value]) => value.unknown)) this.#unsure.push(pod);
    for (const [key, value] of entries) {
      if (value.text === undefined) continue;
      const at = `${key}=${value.text}`;
      const known = this.#byLabel.get(at);
      if (known === undefined) this.#byLabel.set(at, [pod]);
      else known.push(pod);
    }
  }

  /** Pods that a selector may select: those with its rarest label, or all where it names none. */
  candidates(selector: Field): readonly PodTemplate[] {
    const named = selector
      .at("matchLabels")
      .entries()
      .filter(([, value]) => value.text !== undefined)
      .map(([key, value]) => this.#byLabel.get(`${key}=${value.text}`) ?? []);
    const [rarest] = named.sort((one, other) => one.length - other.length);
    return rarest === undefined ? this.pods : [...new Set([...rarest, ...this.#unsure])];
  }
}

// The empty selector of policy/v1beta1 selects nothing, that of policy/v1 everything (kubernetes.io, "Specifying a
// Disruption Budget").
function covers(budget: KubeObject, selector: Field, pod: PodTemplate): Answer {
  if (budget.version === "v1beta1" && mayBeEmpty(selector)) return holdsUnknown(selector) ? undefined : false;
  return selects(selector, labelsOf(pod));
}

function holdsUnknown(selector: Field): boolean {
  return selector.at("matchLabels").unknown || selector.at("matchExpressions").unknown;
}

/** The selector is there and asks for nothing that is known. */
export function mayBeEmpty(selector: Field): boolean {
  const [labels, expressions] = [selector.at("matchLabels"), selector.at("matchExpressions")];
  const asked = labels.entries().length > 0 || expressions.items().some((one) => !one.unknown);
  return !selector.absent && !asked;
}

/**
 * The operator makes a budget for these pods itself, unless it is told not to (MySQL Operator, CloudNativePG, Strimzi);
 * that of Prometheus makes none.
 */
export function hasOperatorsBudget({ kind, madeBy }: KubeObject): Answer {
  if (madeBy === undefined || kind !== "StatefulSet" || madeBy.group === "monitoring.coreos.com") return false;
  if (madeBy.group !== "postgresql.cnpg.io") return true;
  const enabled = madeBy.root.at("spec", "enablePDB");
  return enabled.unknown ? undefined : enabled.value !== false;
}

function build(cluster: Cluster): Budgets {
  const shelves = new Map<string | undefined, Shelf>();
  const everywhere = new Shelf();
  for (const object of cluster.objects) {
    // A Patch shows a part of the labels, which says nothing about a selector.
    if (object.partial) continue;
    const namespace = namespaceOf(object);
    for (const pod of cluster.podsOf(object)) {
      everywhere.add(pod);
      const shelf = shelves.get(namespace) ?? new Shelf();
      shelves.set(namespace, shelf);
      shelf.add(pod);
    }
  }
  const byPod = new Map<KubeObject, { pod: PodTemplate; budget: Budget; surely: boolean }[]>();
  const all = cluster.ofKind("PodDisruptionBudget").map((object): Budget => {
    const selector = object.root.at("spec", "selector");
    const namespace = namespaceOf(object);
    const asksForRunningPod = asksForAddedLabel(selector);
    // Pods whose namespace is unknown may be in this one.
    const near = namespace === undefined ? [everywhere] : [shelves.get(namespace), shelves.get(undefined)];
    const covered = (asksForRunningPod ? [] : near).flatMap((shelf) =>
      (shelf?.candidates(selector) ?? []).flatMap((pod): Covered[] => {
        const answer = covers(object, selector, pod);
        if (answer === false) return [];
        const together = namespace !== undefined && namespaceOf(pod.object) === namespace;
        return [{ pod, surely: answer === true && together }];
      }),
    );
    const budget = { object, selector, asksForRunningPod, covered };
    for (const { pod, surely } of covered) {
      const known = byPod.get(pod.object);
      if (known === undefined) byPod.set(pod.object, [{ pod, budget, surely }]);
      else known.push({ pod, budget, surely });
    }
    return budget;
  });
  return { all, of: (pod) => (byPod.get(pod.object) ?? []).filter((one) => one.pod === pod) };
}

const built = new WeakMap<Cluster, Budgets>();

/** The budgets of a cluster. */
export function budgetsOf(cluster: Cluster): Budgets {
  const known = built.get(cluster) ?? build(cluster);
  built.set(cluster, known);
  return known;
}
