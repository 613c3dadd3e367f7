/** Which pods of the stack a selector selects, found by label: a stack may have thousands of both. */
import type { Cluster } from "../../core/cluster.ts";
import { namespaceOf } from "../../kube/objects.ts";
import type { PodTemplate } from "../../kube/pods.ts";
import { type Answer, all, selects } from "../../kube/selectors.ts";
import { Field } from "../../kube/tree.ts";

/** Labels that controllers write on the pods of a template; kubernetes.io, "Well-Known Labels". */
const written: Readonly<Record<string, readonly string[]>> = {
  Deployment: ["pod-template-hash"],
  ReplicaSet: ["pod-template-hash"],
  StatefulSet: ["statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "controller-revision-hash"],
  DaemonSet: ["controller-revision-hash", "pod-template-generation"],
  Job: ["batch.kubernetes.io/job-name", "job-name", "batch.kubernetes.io/controller-uid", "controller-uid"],
  CronJob: ["batch.kubernetes.io/job-name", "job-name", "batch.kubernetes.io/controller-uid", "controller-uid"],
};

const everWritten = new Set(Object.values(written).flat());

/** Pods that a selector selects. */
export interface Selection {
  pods: readonly PodTemplate[];
  /** Others may be selected too: a value that decides is not known yet, or an operator adds labels. */
  maybe: boolean;
}

interface Entry {
  pod: PodTemplate;
  labels: Field;
  /** Labels that are not written here may be there: a patch, or a template that an operator completes. */
  open: boolean;
  vague: boolean;
}

function entryOf(pod: PodTemplate): Entry {
  const { object } = pod;
  const labels = pod.metadata.at("labels");
  const open = object.partial || !isBuiltInGroup(object.group);
  return { pod, labels, open, vague: open || labels.unknown || labels.entries().some(([, label]) => label.unknown) };
}

/** The group is one of Kubernetes itself, whose controllers add only labels that are known. */
export function isBuiltInGroup(group: string): boolean {
  return !group.includes(".") || group.endsWith(".k8s.io");
}

function labelAnswer({ pod, labels, open }: Entry, key: string, decide: (label: Field) => Answer): Answer {
  const label = labels.at(key);
  if (label.unknown) return undefined;
  if (!label.absent) return decide(label);
  if (written[pod.object.kind]?.includes(key) === true) return true;
  return open ? undefined : decide(label);
}

function answer(entry: Entry, matchLabels: Field, expressions: readonly Field[]): Answer {
  return all([
    ...matchLabels
      .entries()
      .map(([key, value]) =>
        value.unknown ? undefined : labelAnswer(entry, key, (label) => label.value === value.value),
      ),
    ...expressions.map((one) => {
      const key = one.at("key").text;
      const decide = () => selects(new Field({ matchExpressions: [one.value] }), entry.labels);
      return key === undefined ? decide() : labelAnswer(entry, key, decide);
    }),
  ]);
}

class NamespacePods {
  readonly entries: Entry[] = [];
  readonly #vague: Entry[] = [];
  readonly #byLabel = new Map<string, Entry[]>();

  add(entry: Entry): void {
    this.entries.push(entry);
    if (entry.vague) this.#vague.push(entry);
    else for (const [key, label] of entry.labels.entries()) this.#list(key, label.text).push(entry);
  }

  /** Entries that can match: those with one of the wanted labels, and those whose labels are not all known. */
  candidates(matchLabels: Field): readonly Entry[] {
    for (const [key, value] of matchLabels.entries()) {
      if (value.text !== undefined && !everWritten.has(key)) return [...this.#list(key, value.text), ...this.#vague];
    }
    return this.entries;
  }

  #list(key: string, value: string | undefined): Entry[] {
    const name = JSON.stringify([key, value]);
    const known = this.#byLabel.get(name);
    if (known !== undefined) return known;
    const list: Entry[] = [];
    this.#byLabel.set(name, list);
    return list;
  }
}

const built = new WeakMap<Cluster, PodIndex>();

/** All pods of a cluster. */
export class PodIndex {
  readonly #namespaces = new Map<string, NamespacePods>();
  /** Pods whose namespace is not known yet. */
  readonly homeless: PodTemplate[] = [];

  private constructor(cluster: Cluster) {
    for (const object of cluster.objects) {
      const pods = cluster.podsOf(object);
      const namespace = namespaceOf(object);
      if (namespace === undefined) this.homeless.push(...pods);
      else for (const pod of pods) this.#in(namespace).add(entryOf(pod));
    }
  }

  /** The index of a cluster, built once. */
  static of(cluster: Cluster): PodIndex {
    const known = built.get(cluster);
    if (known !== undefined) return known;
    const index = new PodIndex(cluster);
    built.set(cluster, index);
    return index;
  }

  /** Namespaces with pods, sorted. */
  namespaces(): string[] {
    return [...this.#namespaces.keys()].sort();
  }

  /** All pods of a namespace. */
  pods(namespace: string): PodTemplate[] {
    return this.#namespaces.get(namespace)?.entries.map(({ pod }) => pod) ?? [];
  }

  /** Pods that a `LabelSelector` selects; an absent one selects none. */
  selected(namespace: string, selector: Field): Selection {
    if (selector.unknown || selector.at("matchLabels").unknown) return { pods: [], maybe: true };
    if (selector.absent) return { pods: [], maybe: this.homeless.length > 0 };
    return this.#select(namespace, selector.at("matchLabels"), selector.at("matchExpressions").items());
  }

  /** Pods that a plain map of labels selects, as a Service has it. */
  selectedByMap(namespace: string, map: Field): Selection {
    return map.unknown ? { pods: [], maybe: true } : this.#select(namespace, map, []);
  }

  #select(namespace: string, matchLabels: Field, expressions: readonly Field[]): Selection {
    const pods: PodTemplate[] = [];
    let maybe = this.homeless.length > 0;
    for (const entry of this.#namespaces.get(namespace)?.candidates(matchLabels) ?? []) {
      const selected = answer(entry, matchLabels, expressions);
      if (selected === true) pods.push(entry.pod);
      else if (selected === undefined) maybe = true;
    }
    return { pods, maybe };
  }

  #in(namespace: string): NamespacePods {
    const known = this.#namespaces.get(namespace);
    if (known !== undefined) return known;
    const made = new NamespacePods();
    this.#namespaces.set(namespace, made);
    return made;
  }
}

/** Whether the pod shares its node's network: then network policies do not apply to it. */
export function isOnHostNetwork(pod: PodTemplate): Answer {
  const field = pod.spec.at("hostNetwork");
  return field.unknown ? undefined : field.value === true;
}
