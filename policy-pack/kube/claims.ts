/** PersistentVolumeClaims that let a single node in, and which pods mount them. */
import { type KubeObject, nameOf, namespaceOf } from "./objects.ts";
import type { PodTemplate } from "./pods.ts";
import type { Answer } from "./selectors.ts";
import type { Field } from "./tree.ts";

// Modes in which several nodes may mount a volume (kubernetes.io, "Persistent Volumes": access modes).
const manyNodes = new Set(["ReadWriteMany", "ReadOnlyMany"]);

function letsOneNodeIn(claim: KubeObject): Answer {
  const modes = claim.root.at("spec", "accessModes").items();
  if (modes.some((mode) => manyNodes.has(mode.text ?? ""))) return false;
  if (modes.some((mode) => mode.unknown)) return undefined;
  return modes.length > 0;
}

/** A claim that a pod mounts. */
export interface MountedClaim {
  /** `persistentVolumeClaim` of the volume, or what is unknown above it. */
  field: Field;
  /** Only one node can have the volume; undefined where an unknown value decides. */
  oneNode: Answer;
  /** The claim is an object of the stack, or may be. */
  seen: boolean;
}

/** The claims of a cluster by namespace and name. */
export class Claims {
  readonly #byName = new Map<string, KubeObject>();
  // Claims whose own name or namespace is unknown: any pod may mean them.
  #unnamed = false;

  constructor(claims: readonly KubeObject[]) {
    for (const claim of claims) {
      const [name, namespace] = [nameOf(claim), namespaceOf(claim)];
      if (name === undefined || namespace === undefined) this.#unnamed = true;
      else this.#byName.set(`${namespace}/${name}`, claim);
    }
  }

  #claim(field: Field, namespace: string | undefined): MountedClaim {
    const name = field.at("claimName");
    if (name.unknown || namespace === undefined) {
      const any = this.#unnamed || this.#byName.size > 0;
      return { field, oneNode: any ? undefined : false, seen: any };
    }
    const claim = this.#byName.get(`${namespace}/${name.text}`);
    if (claim === undefined) return { field, oneNode: this.#unnamed ? undefined : false, seen: this.#unnamed };
    return { field, oneNode: letsOneNodeIn(claim), seen: true };
  }

  /** The claims that a pod mounts by name. Those of a StatefulSet's own templates are one for each pod: not among them. */
  of(pod: PodTemplate): MountedClaim[] {
    const own = new Set(
      pod.object.root
        .at("spec", "volumeClaimTemplates")
        .items()
        .map((one) => one.at("metadata", "name").text),
    );
    const namespace = namespaceOf(pod.object);
    return pod.spec
      .at("volumes")
      .items()
      .filter((volume) => !volume.at("persistentVolumeClaim").absent)
      .filter((volume) => !own.has(volume.at("name").text ?? ""))
      .map((volume) => this.#claim(volume.at("persistentVolumeClaim"), namespace));
  }
}
