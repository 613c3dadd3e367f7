/** Which other objects an object names. */

import type { Place } from "../../core/rule.ts";
import { isClusterScoped, type KubeObject } from "../../kube/objects.ts";
import { isOperated } from "../../kube/operated.ts";
import { containersOf, type PodTemplate, podTemplates } from "../../kube/pods.ts";
import type { Field } from "../../kube/tree.ts";
import type { referencedKinds } from "./settings.ts";

/** A kind that references are looked for. */
export type ReferencedKind = (typeof referencedKinds)[number];

/** One reference by name. */
export interface Wanted {
  kind: ReferencedKind;
  name: Field;
  /** Key of the object's data; absent where the object as a whole is meant. */
  key?: Field;
  /** Field that says whether the pod starts without it. */
  optional?: Field;
  /** Namespace where it is not that of the object itself. */
  namespace?: Field;
  place(field: Field): Place;
}

type Add = (kind: ReferencedKind, name: Field, more?: Partial<Pick<Wanted, "key" | "optional" | "namespace">>) => void;

// Where old kinds of volumes keep the name of a Secret (core/v1, VolumeSource).
const volumeSecrets: readonly (readonly string[])[] = [
  ["csi", "nodePublishSecretRef", "name"],
  ["azureFile", "secretName"],
  ["cephfs", "secretRef", "name"],
  ["cinder", "secretRef", "name"],
  ["flexVolume", "secretRef", "name"],
  ["iscsi", "secretRef", "name"],
  ["rbd", "secretRef", "name"],
  ["scaleIO", "secretRef", "name"],
  ["storageos", "secretRef", "name"],
];

function addItems(add: Add, kind: ReferencedKind, source: Field, nameKey: string): void {
  const [name, optional] = [source.at(nameKey), source.at("optional")];
  add(kind, name, { optional });
  for (const item of source.at("items").items()) add(kind, name, { optional, key: item.at("key") });
}

function addVolumes(add: Add, volumes: Field): void {
  for (const volume of volumes.items()) {
    addItems(add, "Secret", volume.at("secret"), "secretName");
    addItems(add, "ConfigMap", volume.at("configMap"), "name");
    for (const source of volume.at("projected", "sources").items()) {
      addItems(add, "Secret", source.at("secret"), "name");
      addItems(add, "ConfigMap", source.at("configMap"), "name");
    }
    add("PersistentVolumeClaim", volume.at("persistentVolumeClaim", "claimName"));
    add("StorageClass", volume.at("ephemeral", "volumeClaimTemplate", "spec", "storageClassName"));
    for (const path of volumeSecrets) add("Secret", volume.at(...path));
  }
}

function addVariables(add: Add, container: Field): void {
  for (const one of container.at("env").items()) {
    for (const [kind, key] of [
      ["Secret", "secretKeyRef"],
      ["ConfigMap", "configMapKeyRef"],
    ] as const) {
      const source = one.at("valueFrom", key);
      add(kind, source.at("name"), { key: source.at("key"), optional: source.at("optional") });
    }
  }
  for (const one of container.at("envFrom").items()) {
    for (const [kind, key] of [
      ["Secret", "secretRef"],
      ["ConfigMap", "configMapRef"],
    ] as const) {
      add(kind, one.at(key, "name"), { optional: one.at(key, "optional") });
    }
  }
}

function addPod(add: Add, pod: PodTemplate, addInContainer: (container: Field, place: Wanted["place"]) => void): void {
  const { spec } = pod;
  const account = spec.at("serviceAccountName");
  add("ServiceAccount", account.absent ? spec.at("serviceAccount") : account);
  for (const one of spec.at("imagePullSecrets").items()) add("Secret", one.at("name"));
  add("PriorityClass", spec.at("priorityClassName"));
  add("RuntimeClass", spec.at("runtimeClassName"));
  addVolumes(add, spec.at("volumes"));
  for (const container of containersOf(pod)) {
    addInContainer(container.field, (field) => ({ field, container, object: pod.object }));
  }
}

// cert-manager makes the Secret of an Ingress or a Gateway that asks for it by annotation.
function makesItsSecrets(annotations: Field): boolean {
  return annotations.entries().some(([key]) => /^(?:cert-manager\.io\/|kubernetes\.io\/tls-acme$)/.test(key));
}

function addObject(add: Add, object: KubeObject): void {
  const { root, kind } = object;
  const spec = root.at("spec");
  const annotations = root.at("metadata", "annotations");
  // Unknown annotations leave open whether the Secret is made, like an unknown `optional`.
  const open = annotations.unknown ? { optional: annotations } : {};
  switch (kind) {
    case "ServiceAccount":
      for (const list of ["imagePullSecrets", "secrets"]) {
        for (const one of root.at(list).items()) add("Secret", one.at("name"));
      }
      break;
    case "Ingress":
      add("IngressClass", spec.at("ingressClassName"));
      if (makesItsSecrets(annotations)) break;
      for (const one of spec.at("tls").items()) add("Secret", one.at("secretName"), open);
      break;
    case "Gateway":
      if (makesItsSecrets(annotations)) break;
      for (const listener of spec.at("listeners").items()) {
        for (const one of listener.at("tls", "certificateRefs").items()) {
          if ((one.at("kind").text ?? "Secret") === "Secret")
            add("Secret", one.at("name"), { ...open, namespace: one.at("namespace") });
        }
      }
      break;
    case "PersistentVolumeClaim":
      add("StorageClass", spec.at("storageClassName"));
      break;
    case "StatefulSet":
      for (const one of spec.at("volumeClaimTemplates").items())
        add("StorageClass", one.at("spec", "storageClassName"));
      break;
    case "TriggerAuthentication":
      for (const one of spec.at("secretTargetRef").items()) add("Secret", one.at("name"), { key: one.at("key") });
      for (const one of spec.at("configMapTargetRef").items()) add("ConfigMap", one.at("name"), { key: one.at("key") });
      break;
    default:
  }
}

/** Every reference of an object and of its pods. What lives in no namespace has none. */
export function wantedBy(object: KubeObject): Wanted[] {
  if (isClusterScoped(object)) return [];
  const wanted: Wanted[] = [];
  const adder =
    (place: Wanted["place"]): Add =>
    (kind, name, more = {}) => {
      if (!name.absent && name.value !== "") wanted.push({ kind, name, place, ...more });
    };
  const add = adder((field) => ({ field, object }));
  addObject(add, object);
  // What an operator makes of an object is among the objects itself.
  for (const pod of isOperated(object) ? [] : podTemplates(object)) {
    addPod(add, pod, (container, place) => addVariables(adder(place), container));
  }
  return wanted;
}
