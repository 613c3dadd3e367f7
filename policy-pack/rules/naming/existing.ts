/** Which objects exist: those of the stack, those that its objects bring, and those that the settings name. */
import type { Cluster } from "../../core/cluster.ts";
import { isBuiltInGroup, isRelease } from "../../kube/api-groups.ts";
import { isClusterScoped, type KubeObject, nameOf, namespaceOf } from "../../kube/objects.ts";
import type { Field } from "../../kube/tree.ts";
import type { ElsewhereObject } from "./settings.ts";
import type { ReferencedKind } from "./wanted.ts";

/** `object` is absent where the object exists and nobody sees what is in it. */
export type Existence =
  | { exists: true; object?: KubeObject }
  | { exists: false }
  | { exists: undefined; because: string };

/** Kinds that live in no namespace. */
export const clusterWideKinds: ReadonlySet<ReferencedKind> = new Set([
  "IngressClass",
  "PriorityClass",
  "RuntimeClass",
  "StorageClass",
]);

/** Every namespace has these (kubernetes.io, "ServiceAccount" and "Configure a Pod to use a ConfigMap"). */
const everywhere = new Set([
  "ServiceAccount\ndefault",
  "ConfigMap\nkube-root-ca.crt",
  "PriorityClass\nsystem-cluster-critical",
  "PriorityClass\nsystem-node-critical",
]);

/** Custom groups whose objects bring no Secret, ConfigMap, ServiceAccount or claim named after them. */
const barren = new Set([
  "keda.sh",
  "autoscaling.k8s.io",
  "monitoring.coreos.com",
  "snapshot.storage.k8s.io",
  "gateway.networking.k8s.io",
  "policy.networking.k8s.io",
  "argoproj.io",
  "agones.dev",
  "autoscaling.agones.dev",
  "cilium.io",
  "crd.projectcalico.org",
  "projectcalico.org",
]);

interface Made {
  kind: ReferencedKind;
  /** Undefined where the name follows the object's own. */
  name: Field;
  everyNamespace?: boolean;
}

// What well-known operators make of their objects, from each project's reference of its API.
function madeBy({ kind, root }: KubeObject): Made[] {
  const own = root.at("metadata", "name");
  const spec = root.at("spec");
  const or = (field: Field, other: Field): Field => (field.absent ? other : field);
  const secret = (name: Field): Made[] => [{ kind: "Secret", name }];
  switch (kind) {
    case "ExternalSecret":
      return secret(or(spec.at("target", "name"), own));
    case "ClusterExternalSecret": {
      const name = or(spec.at("externalSecretSpec", "target", "name"), or(spec.at("externalSecretName"), own));
      return [{ kind: "Secret", name, everyNamespace: true }];
    }
    case "SealedSecret":
      return secret(or(spec.at("template", "metadata", "name"), own));
    case "Certificate":
      return secret(spec.at("secretName"));
    case "Issuer":
      return secret(spec.at("acme", "privateKeySecretRef", "name"));
    case "BitwardenSecret":
      return secret(spec.at("secretName"));
    case "VaultStaticSecret":
    case "VaultDynamicSecret":
    case "VaultPKISecret":
      return secret(spec.at("destination", "name"));
    case "DopplerSecret":
      return secret(spec.at("managedSecret", "name"));
    case "OnePasswordItem":
    case "KafkaUser":
      return secret(own);
    case "SecretProviderClass":
      return spec
        .at("secretObjects")
        .items()
        .flatMap((one) => secret(one.at("secretName")));
    case "Bundle":
      return [
        { kind: "ConfigMap", name: own, everyNamespace: true },
        { kind: "Secret", name: own, everyNamespace: true },
      ];
    default:
      return [];
  }
}

/** Answers whether an object exists; built once for a cluster. */
export class Existing {
  readonly #objects = new Map<string, KubeObject | undefined>();
  /** Kind and namespace of objects whose name is not known yet, and `*` for all whose namespace is not. */
  readonly #nameless = new Set<string>();
  /** Namespace and name of custom objects that may make others named after them. */
  readonly #makers = new Set<string>();
  /** Namespace and start of the names of claims that StatefulSets make: `<template>-<set>`. */
  readonly #claims = new Set<string>();
  readonly #releases = new Set<string>();
  readonly #kinds = new Set<string>();
  readonly #elsewhere = new Set<string>();

  constructor(cluster: Cluster, elsewhere: readonly ElsewhereObject[]) {
    for (const { kind, namespace = "*", name } of elsewhere) this.#elsewhere.add([kind, namespace, name].join("\n"));
    for (const object of cluster.objects) this.#add(object);
  }

  /** The stack makes at least one object of the kind. */
  makesAny(kind: ReferencedKind): boolean {
    return this.#kinds.has(kind);
  }

  /** Whether the object exists; `namespace` is not asked for kinds that live in none. */
  find(kind: ReferencedKind, namespace: string, name: string): Existence {
    const place = clusterWideKinds.has(kind) ? "" : namespace;
    for (const where of [place, "*"]) {
      const key = [kind, where, name].join("\n");
      if (this.#objects.has(key)) {
        const object = this.#objects.get(key);
        return object === undefined ? { exists: true } : { exists: true, object };
      }
    }
    const named = [place, "*"].some((where) =>
      [name, "*"].some((one) => this.#elsewhere.has([kind, where, one].join("\n"))),
    );
    // Any number of a set is taken for one that it makes, since sets are scaled.
    const claimed = kind === "PersistentVolumeClaim" && this.#claims.has(`${place}\n${name.replace(/-\d+$/, "")}`);
    if (named || claimed || everywhere.has(`${kind}\n${name}`)) return { exists: true };
    if (this.#nameless.has(`${kind}\n${place}`) || this.#nameless.has(`${kind}\n*`)) {
      return { exists: undefined, because: `a ${kind} whose name or namespace is not known yet may be it` };
    }
    if (this.#releases.has("*") || (place === "" ? this.#releases.size > 0 : this.#releases.has(place))) {
      return { exists: undefined, because: "a Helm release may bring it" };
    }
    // `players-app` may belong to the database `players`: every start that ends at a separator is asked for.
    // No name that the API server accepts is longer.
    const starts = [...name.slice(0, 253).matchAll(/[-.]|$/g)].map((match) => name.slice(0, match.index));
    if (place !== "" && starts.some((start) => this.#makers.has(`${place}\n${start}`))) {
      return { exists: undefined, because: "an operator may make it" };
    }
    return { exists: false };
  }

  #add(object: KubeObject): void {
    const { kind, root } = object;
    if (isRelease(object)) {
      const namespace = root.at("namespace");
      this.#releases.add(namespace.unknown ? "*" : (namespace.text ?? "default"));
      return;
    }
    const name = nameOf(object);
    const namespace = isClusterScoped(object) ? "" : namespaceOf(object);
    this.#kinds.add(kind);
    if (namespace === undefined) {
      for (const any of [kind, ...madeBy(object).map((made) => made.kind)]) this.#nameless.add(`${any}\n*`);
      if (kind === "StatefulSet") this.#nameless.add("PersistentVolumeClaim\n*");
      return;
    }
    if (name === undefined) this.#nameless.add(`${kind}\n${namespace}`);
    else {
      this.#objects.set([kind, namespace, name].join("\n"), object);
      if (!isBuiltInGroup(object) && !barren.has(object.group)) this.#makers.add(`${namespace}\n${name}`);
    }
    for (const made of madeBy(object)) this.#remember(made, namespace);
    if (kind === "StatefulSet") this.#addClaims(root, namespace, name);
  }

  #remember({ kind, name, everyNamespace = false }: Made, namespace: string): void {
    const where = everyNamespace ? "*" : namespace;
    if (name.unknown) this.#nameless.add(`${kind}\n${where}`);
    const key = [kind, where, name.text].join("\n");
    if (name.text !== undefined && !this.#objects.has(key)) this.#objects.set(key, undefined);
  }

  // A StatefulSet makes the claims `<template>-<set>-<number>`.
  #addClaims(root: Field, namespace: string, name: string | undefined): void {
    for (const claim of root.at("spec", "volumeClaimTemplates").items()) {
      const template = claim.at("metadata", "name").text;
      if (template === undefined || name === undefined) this.#nameless.add(`PersistentVolumeClaim\n${namespace}`);
      else this.#claims.add(`${namespace}\n${template}-${name}`);
    }
  }
}
