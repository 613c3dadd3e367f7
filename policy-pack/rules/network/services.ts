/** Services, and the pods that they lead to. */
import type { Cluster } from "../../core/cluster.ts";
import { type KubeObject, nameField, nameOf, namespaceOf } from "../../kube/objects.ts";
import { PodIndex, type Selection } from "./pod-index.ts";

/** Services of the stack whose end points Kubernetes makes: they have a selector. */
export function selectingServices(cluster: Cluster): KubeObject[] {
  return cluster.ofKind("Service").filter((object) => {
    const spec = object.root.at("spec");
    const selector = spec.at("selector");
    if (object.group !== "" || object.partial || spec.at("type").text === "ExternalName") return false;
    return selector.unknown || selector.entries().length > 0;
  });
}

/** Pods that a Service leads to; undefined where its namespace is not known yet. */
export function targetsOf(cluster: Cluster, service: KubeObject): Selection | undefined {
  const namespace = namespaceOf(service);
  if (namespace === undefined) return undefined;
  return PodIndex.of(cluster).selectedByMap(namespace, service.root.at("spec", "selector"));
}

/** All Services of a cluster by namespace and name. */
export class ServiceIndex {
  readonly #services = new Map<string, KubeObject>();
  readonly #vague = new Set<string>();
  #anywhere = false;

  constructor(cluster: Cluster) {
    for (const object of cluster.ofKind("Service").filter(({ group }) => group === "")) {
      const [name, namespace] = [nameOf(object), namespaceOf(object)];
      if (namespace === undefined) this.#anywhere = true;
      else if (name !== undefined) this.#services.set(`${namespace}/${name}`, object);
      else if (nameField(object).unknown) this.#vague.add(namespace);
    }
  }

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#services.get(`${namespace}/${name}`);
  }

  /** A Service whose name or namespace is not known yet may be in that namespace. */
  mayHave(namespace: string): boolean {
    return this.#anywhere || this.#vague.has(namespace);
  }
}
