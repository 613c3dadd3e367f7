import type { ObjectRule } from "../../core/rule.ts";
import type { KubeObject } from "../../kube/objects.ts";
import { type PodTemplate, podTemplates } from "../../kube/pods.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { api, pod } from "./cases.ts";
import { annotations, fields, nodeLabels, type OldThing, podAnnotations, volumes } from "./fields.ts";
import { minorOf, type RemovedApiSettings } from "./settings.ts";

/** Tells that a field is old. An unknown field without a thing is one that may hold an old one. */
type Tell = (field: Field, thing?: OldThing) => void;

function checkKeys(list: Field, old: Readonly<Record<string, OldThing>>, tell: Tell): void {
  if (list.unknown) tell(list);
  for (const [key, value] of list.entries()) {
    if (value.absent) continue;
    const prefix = key.slice(0, key.indexOf("/") + 1);
    tell(value, Object.hasOwn(old, key) ? old[key] : Object.hasOwn(old, prefix) ? old[prefix] : undefined);
  }
}

function checkLabel(name: Field, tell: Tell): void {
  const { text } = name;
  if (name.unknown) tell(name);
  if (text !== undefined && Object.hasOwn(nodeLabels, text)) tell(name, nodeLabels[text]);
}

function checkTerms(terms: readonly Field[], tell: Tell): void {
  for (const term of terms) {
    for (const one of term.at("matchExpressions").items()) checkLabel(one.at("key"), tell);
  }
}

function checkScheduling(spec: Field, tell: Tell): void {
  checkKeys(spec.at("nodeSelector"), nodeLabels, tell);
  const affinity = spec.at("affinity");
  const [required, preferred] = [
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
  ] as const;
  const nodes = affinity.at("nodeAffinity");
  checkTerms(nodes.at(required, "nodeSelectorTerms").items(), tell);
  checkTerms(
    nodes
      .at(preferred)
      .items()
      .map((one) => one.at("preference")),
    tell,
  );
  for (const kind of ["podAffinity", "podAntiAffinity"]) {
    for (const one of affinity.at(kind, required).items()) checkLabel(one.at("topologyKey"), tell);
    for (const one of affinity.at(kind, preferred).items()) checkLabel(one.at("podAffinityTerm", "topologyKey"), tell);
  }
  for (const one of spec.at("topologySpreadConstraints").items()) checkLabel(one.at("topologyKey"), tell);
}

function checkPod({ metadata, spec }: PodTemplate, tell: Tell): void {
  checkKeys(metadata.at("annotations"), podAnnotations, tell);
  checkScheduling(spec, tell);
  for (const volume of spec.at("volumes").items()) checkKeys(volume, volumes, tell);
  const [account, name] = [spec.at("serviceAccount"), spec.at("serviceAccountName")];
  // The API server writes the old field beside the new one.
  if (account.absent || (account.text !== undefined && account.text === name.text)) return;
  if (account.unknown || name.unknown) tell(account.unknown ? account : name);
  else tell(account, { since: 8, instead: "use serviceAccountName" });
}

function checkObject({ kind, root }: KubeObject, tell: Tell): void {
  if (Object.hasOwn(annotations, kind)) checkKeys(root.at("metadata", "annotations"), annotations[kind] ?? {}, tell);
  if (kind === "PersistentVolume") {
    checkKeys(root.at("spec"), volumes, tell);
    checkTerms(root.at("spec", "nodeAffinity", "required", "nodeSelectorTerms").items(), tell);
  }
  if (kind === "RuntimeClass") checkKeys(root.at("scheduling", "nodeSelector"), nodeLabels, tell);
  if (kind === "StorageClass") {
    for (const term of root.at("allowedTopologies").items()) {
      for (const one of term.at("matchLabelExpressions").items()) checkLabel(one.at("key"), tell);
    }
  }
  for (const claim of root.at("spec", "volumeClaimTemplates").items()) {
    checkKeys(claim.at("metadata", "annotations"), annotations["PersistentVolumeClaim"] ?? {}, tell);
  }
  for (const one of Object.hasOwn(fields, kind) ? (fields[kind] ?? []) : []) {
    const field = root.at(...one.path);
    const nothing = field.absent || field.value === "" || (Array.isArray(field.value) && field.value.length === 0);
    if (field.unknown) tell(field);
    else if (!nothing && (one.value === undefined || one.value === field.value)) tell(field, one);
  }
}

/** It is the field that is old, so an unknown value in it is no reason to wait. */
export const deprecatedField: ObjectRule<RemovedApiSettings> = {
  id: "deprecated-field",
  subject: "object",
  level: "advisory",
  title: "No field, annotation or node label is deprecated.",
  why: "What is deprecated does nothing one day, without an error: a pod is then no longer confined, or on no node.",
  fix: "use what has taken its place",
  check(object, report, settings) {
    const minor = minorOf(settings);
    const tell: Tell = (field, thing) => {
      if (thing === undefined && field.unknown) report.undecidable(field);
      if (thing !== undefined && thing.since <= minor) {
        report.violated(field, `deprecated since 1.${thing.since}: ${thing.instead}`);
      }
    };
    for (const one of podTemplates(object)) checkPod(one, tell);
    checkObject(object, tell);
  },
  good: [
    {
      name: "what took the place",
      objects: [
        pod({
          serviceAccountName: "a",
          nodeSelector: { "kubernetes.io/os": "linux" },
          topologySpreadConstraints: [{ topologyKey: "topology.kubernetes.io/zone" }],
          volumes: [{ name: "a", emptyDir: {} }],
        }),
        api("v1", "Service", { spec: { trafficDistribution: "PreferSameZone", externalIPs: [], loadBalancerIP: "" } }),
        api("networking.k8s.io/v1", "Ingress", { spec: { ingressClassName: "nginx" } }),
      ],
    },
    {
      name: "an old annotation that is null is not there",
      objects: [pod({}, { annotations: { "scheduler.alpha.kubernetes.io/critical-pod": null } })],
    },
    {
      name: "the old field that the API server adds",
      objects: [pod({ serviceAccountName: "a", serviceAccount: "a" })],
    },
    {
      name: "what is not old yet",
      objects: [api("v1", "Service", { spec: { externalIPs: ["1.2.3.4"] } })],
      settings: { version: "1.35" },
    },
    {
      name: "an annotation of another kind",
      objects: [api("v1", "Service", { metadata: { annotations: { "kubernetes.io/ingress.class": "a" } } })],
    },
  ],
  bad: [
    ...Object.keys(podAnnotations).map((key) => {
      const whole = key.endsWith("/") ? `${key}app` : key;
      return {
        name: `annotation ${whole} of a pod`,
        objects: [pod({}, { annotations: { [whole]: "a" } })],
        expect: [{ path: `metadata.annotations["${whole}"]` }],
      };
    }),
    ...Object.keys(volumes).map((kind) => ({
      name: `volume ${kind}`,
      objects: [
        pod({ volumes: [{ name: "a", [kind]: unknown }] }),
        api("v1", "PersistentVolume", { spec: { [kind]: {} } }),
      ],
      expect: [{ path: `spec.volumes[0].${kind}` }, { path: `spec.${kind}` }],
    })),
    ...Object.entries(annotations).flatMap(([kind, list]) =>
      Object.keys(list).map((key) => ({
        name: `annotation ${key} of ${kind}`,
        objects: [api("v1", kind, { metadata: { annotations: { [key]: "a" } } })],
        expect: [{ path: `metadata.annotations["${key}"]` }],
      })),
    ),
    ...Object.keys(nodeLabels).map((key) => ({
      name: `label ${key}`,
      objects: [pod({ nodeSelector: { [key]: "a" } })],
      expect: [{ path: `spec.nodeSelector["${key}"]` }],
    })),
    {
      name: "a node label in every place that can name one",
      objects: [
        pod({
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: "beta.kubernetes.io/os" }] }],
              },
              preferredDuringSchedulingIgnoredDuringExecution: [
                { preference: { matchExpressions: [{ key: unknown }, { key: "beta.kubernetes.io/os" }] } },
              ],
            },
            podAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { topologyKey: "failure-domain.beta.kubernetes.io/zone" },
              ],
            },
            podAntiAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                { podAffinityTerm: { topologyKey: "failure-domain.beta.kubernetes.io/zone" } },
              ],
            },
          },
          topologySpreadConstraints: [{ topologyKey: "failure-domain.beta.kubernetes.io/zone" }],
        }),
        api("storage.k8s.io/v1", "StorageClass", {
          allowedTopologies: [{ matchLabelExpressions: [{ key: "failure-domain.beta.kubernetes.io/zone" }] }],
        }),
        api("node.k8s.io/v1", "RuntimeClass", { scheduling: { nodeSelector: { "beta.kubernetes.io/arch": "arm64" } } }),
        api("v1", "PersistentVolume", {
          spec: {
            nodeAffinity: {
              required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "beta.kubernetes.io/os" }] }] },
            },
          },
        }),
      ],
      expect: [
        {
          path: "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].key",
          verdict: "undecidable",
        },
        ...[
          "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key",
          "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[1].key",
          "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey",
          "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey",
          "spec.topologySpreadConstraints[0].topologyKey",
          "allowedTopologies[0].matchLabelExpressions[0].key",
          'scheduling.nodeSelector["beta.kubernetes.io/arch"]',
          "spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key",
        ].map((path) => ({ path })),
      ],
    },
    {
      name: "lists and fields that are not known yet",
      objects: [
        pod({ nodeSelector: unknown, volumes: unknown, serviceAccount: unknown }, { annotations: unknown }),
        pod({ serviceAccount: "a", serviceAccountName: unknown }),
        api("v1", "Service", { spec: { trafficDistribution: unknown, loadBalancerIP: "1.2.3.4" } }),
      ],
      expect: [
        ...["metadata.annotations", "spec.nodeSelector", "spec.volumes", "spec.serviceAccount"].map((path) => ({
          path,
          verdict: "undecidable" as const,
        })),
        { path: "spec.serviceAccountName", verdict: "undecidable" },
        { path: "spec.trafficDistribution", verdict: "undecidable" },
        { path: "spec.loadBalancerIP" },
      ],
    },
    {
      name: "the old name of the account",
      objects: [pod({ serviceAccount: "a" }), pod({ serviceAccount: "a", serviceAccountName: "b" })],
      expect: [{ path: "spec.serviceAccount" }, { path: "spec.serviceAccount" }],
    },
    {
      name: "fields of a Service and a volume",
      objects: [
        api("v1", "Service", {
          spec: {
            loadBalancerIP: "1.2.3.4",
            externalIPs: ["1.2.3.4"],
            topologyKeys: ["*"],
            trafficDistribution: "PreferClose",
          },
        }),
        api("v1", "PersistentVolume", { spec: { persistentVolumeReclaimPolicy: "Recycle" } }),
      ],
      expect: [
        { path: "spec.loadBalancerIP" },
        { path: "spec.externalIPs" },
        { path: "spec.topologyKeys" },
        { path: "spec.trafficDistribution" },
        { path: "spec.persistentVolumeReclaimPolicy" },
      ],
    },
    {
      name: "the template of a claim",
      objects: [
        api("apps/v1", "StatefulSet", {
          spec: {
            volumeClaimTemplates: [{ metadata: { annotations: { "volume.beta.kubernetes.io/storage-class": "a" } } }],
          },
        }),
      ],
      expect: [
        { path: 'spec.volumeClaimTemplates[0].metadata.annotations["volume.beta.kubernetes.io/storage-class"]' },
      ],
    },
  ],
};
