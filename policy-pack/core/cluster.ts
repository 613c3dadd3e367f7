/** The objects of one cluster, for rules that look at several together. */
import { type KubeObject, nameOf, namespaceOf } from "../kube/objects.ts";
import { isOperated, operatedBy } from "../kube/operated.ts";
import { type PodTemplate, podTemplates } from "../kube/pods.ts";

/**
 * Objects of one cluster, found by kind, namespace and name: those of the stack, and the workloads that operators make of
 * them, which have no pods of their own any more.
 */
export class Cluster {
  readonly objects: readonly KubeObject[];
  readonly #byKind = new Map<string, KubeObject[]>();
  readonly #pods = new Map<KubeObject, PodTemplate[]>();

  constructor(objects: readonly KubeObject[]) {
    this.objects = objects.flatMap((object) => [object, ...operatedBy(object)]);
    for (const object of this.objects) {
      const known = this.#byKind.get(object.kind);
      if (known === undefined) this.#byKind.set(object.kind, [object]);
      else known.push(object);
    }
  }

  /** Objects of a kind, whatever its group. */
  ofKind(...kinds: string[]): KubeObject[] {
    return kinds.flatMap((kind) => this.#byKind.get(kind) ?? []);
  }

  /** Objects of a kind in a namespace; objects whose namespace is unknown are in none. */
  inNamespace(namespace: string, ...kinds: string[]): KubeObject[] {
    return this.ofKind(...kinds).filter((object) => namespaceOf(object) === namespace);
  }

  /** The object of that kind and name; undefined when it is not in the stack. `namespace` undefined: cluster-wide. */
  find(kind: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.ofKind(kind).find((object) => nameOf(object) === name && namespaceOf(object) === namespace);
  }

  /** Pods that an object brings. */
  podsOf(object: KubeObject): PodTemplate[] {
    const known = this.#pods.get(object);
    if (known !== undefined) return known;
    const pods = isOperated(object) ? [] : podTemplates(object);
    this.#pods.set(object, pods);
    return pods;
  }

  /** Names of the namespaces that some object lives in, sorted. */
  namespaces(): string[] {
    return [...new Set(this.objects.map(namespaceOf).filter((name) => name !== undefined))].sort();
  }

  /** Helm releases: they bring objects that nobody sees. */
  opaque(): KubeObject[] {
    return this.ofKind("Release").filter((object) => object.group === "helm.sh");
  }
}

/** The clusters of a stack; objects of different clusters never meet. */
export function clustersOf(objects: readonly KubeObject[]): Cluster[] {
  const byCluster = new Map<string, KubeObject[]>();
  for (const object of objects) {
    const known = byCluster.get(object.cluster);
    if (known === undefined) byCluster.set(object.cluster, [object]);
    else known.push(object);
  }
  return [...byCluster.values()].map((own) => new Cluster(own));
}
