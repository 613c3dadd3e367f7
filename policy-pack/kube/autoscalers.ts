/** Which autoscaler acts on which workload. Pure: it knows objects and nothing of clusters or rules. */
import { type KubeObject, nameOf, namespaceOf } from "./objects.ts";
import type { Field } from "./tree.ts";

/** Kinds that set how many pods there are; KEDA makes a HorizontalPodAutoscaler of each ScaledObject. */
export const horizontalKinds: ReadonlySet<string> = new Set(["HorizontalPodAutoscaler", "ScaledObject"]);

/** One autoscaler and the workload that it names. */
export interface Autoscaler {
  object: KubeObject;
  /** `spec.scaleTargetRef`, or `spec.targetRef` of a VerticalPodAutoscaler. */
  ref: Field;
  /** Kind of its target: KEDA takes Deployment where none is written, the others need one. */
  kind: string | undefined;
  name: string | undefined;
  /** Kind, name or namespace of its target is known only after an `up`. */
  unknown: boolean;
}

/** The autoscaler that an object is; undefined for every other kind. */
export function asAutoscaler(object: KubeObject): Autoscaler | undefined {
  const vertical = object.kind === "VerticalPodAutoscaler";
  if (!vertical && !horizontalKinds.has(object.kind)) return undefined;
  const ref = object.root.at("spec", vertical ? "targetRef" : "scaleTargetRef");
  const kind = ref.at("kind");
  const name = ref.at("name");
  return {
    object,
    ref,
    kind: kind.text ?? (object.kind === "ScaledObject" && kind.absent ? "Deployment" : undefined),
    name: name.text,
    unknown: kind.unknown || name.unknown || namespaceOf(object) === undefined,
  };
}

/** A key under which a target is found; the group is left out, since old ones of a kind serve the same object. */
function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}

/** The autoscalers of one cluster by their target, and targets by name. */
export class Autoscalers {
  readonly all: readonly Autoscaler[];
  readonly #byTarget = new Map<string, Autoscaler[]>();
  readonly #unknown: readonly Autoscaler[];
  readonly #objects = new Map<string, KubeObject>();
  readonly #unnamedKinds = new Set<string>();

  constructor(objects: readonly KubeObject[]) {
    this.all = objects.map(asAutoscaler).filter((one) => one !== undefined);
    this.#unknown = this.all.filter((one) => one.unknown && horizontalKinds.has(one.object.kind));
    for (const one of this.all) {
      const key = this.#targetKey(one);
      if (key === undefined) continue;
      const known = this.#byTarget.get(key);
      if (known === undefined) this.#byTarget.set(key, [one]);
      else known.push(one);
    }
    for (const object of objects) {
      const [name, namespace] = [nameOf(object), namespaceOf(object)];
      if (name === undefined || namespace === undefined) this.#unnamedKinds.add(object.kind);
      else this.#objects.set(keyOf(object.kind, namespace, name), object);
    }
  }

  #targetKey({ object, kind, name, unknown }: Autoscaler): string | undefined {
    const namespace = namespaceOf(object);
    if (unknown || kind === undefined || name === undefined || namespace === undefined) return undefined;
    return keyOf(kind, namespace, name);
  }

  #of(workload: KubeObject): readonly Autoscaler[] {
    const [name, namespace] = [nameOf(workload), namespaceOf(workload)];
    if (name === undefined || namespace === undefined) return [];
    return this.#byTarget.get(keyOf(workload.kind, namespace, name)) ?? [];
  }

  /** The autoscalers that surely set the workload's number of pods. */
  horizontalOf(workload: KubeObject): Autoscaler[] {
    return this.#of(workload).filter((one) => horizontalKinds.has(one.object.kind));
  }

  /** The autoscalers that surely set, or recommend, the size of the workload's pods. */
  verticalOf(workload: KubeObject): Autoscaler[] {
    return this.#of(workload).filter((one) => one.object.kind === "VerticalPodAutoscaler");
  }

  /** An autoscaler whose target a preview does not know, or a workload without a known name: it may be scaled. */
  mayBeScaled(workload: KubeObject): boolean {
    const [name, namespace] = [nameOf(workload), namespaceOf(workload)];
    if (name === undefined || namespace === undefined) {
      return this.all.some((one) => horizontalKinds.has(one.object.kind));
    }
    return this.#unknown.some((one) => {
      const place = namespaceOf(one.object);
      return (
        (one.kind === undefined || one.kind === workload.kind) &&
        (one.name === undefined || one.name === name) &&
        (place === undefined || place === namespace)
      );
    });
  }

  /** The autoscaler has no target that is seen, and an unknown name or namespace may be why. */
  mayHaveTarget(autoscaler: Autoscaler): boolean {
    if (this.targetOf(autoscaler) !== undefined) return false;
    return autoscaler.unknown || (autoscaler.kind !== undefined && this.#unnamedKinds.has(autoscaler.kind));
  }

  /** The object that an autoscaler acts on; undefined where it is unknown or not in the stack. */
  targetOf(autoscaler: Autoscaler): KubeObject | undefined {
    const key = this.#targetKey(autoscaler);
    return key === undefined ? undefined : this.#objects.get(key);
  }
}

const indexes = new WeakMap<readonly KubeObject[], Autoscalers>();

/** The index of these objects, made once for a list. */
export function autoscalersOf(objects: readonly KubeObject[]): Autoscalers {
  const known = indexes.get(objects);
  if (known !== undefined) return known;
  const index = new Autoscalers(objects);
  indexes.set(objects, index);
  return index;
}
