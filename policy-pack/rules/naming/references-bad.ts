/** What the rule `references` refuses. */
import type { BadCase } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { container, deployment, labels, metadata, object, pod, statefulSet, template } from "./cases.ts";
import {
  configMap,
  custom,
  everyObject,
  everything,
  ingress,
  keyRef,
  podWith,
  refKey,
  refName,
  release,
  secret,
  without,
} from "./references-objects.ts";
import type { NamingSettings } from "./settings.ts";

/** What is not. */
export const badReferences: readonly BadCase<NamingSettings>[] = [
  {
    name: "another than the object says that somebody else makes",
    objects: [
      {
        ...podWith([keyRef("secret", "db")]),
        metadata: metadata({ annotations: { "realmgrid.io/made-elsewhere": "Secret/db2 ConfigMap/db" } }),
      },
    ],
    expect: [{ path: refName }],
  },
  {
    name: "who makes it is not known yet",
    objects: [
      {
        ...podWith([keyRef("secret", "db")]),
        metadata: metadata({ annotations: { "realmgrid.io/made-elsewhere": unknown } }),
      },
    ],
    expect: [{ path: 'metadata.annotations["realmgrid.io/made-elsewhere"]', verdict: "undecidable" }],
  },
  ...(
    [
      ["ServiceAccount", ["spec.serviceAccountName"]],
      ["PersistentVolumeClaim", ["spec.volumes[2].persistentVolumeClaim.claimName"]],
      ["PriorityClass", ["spec.priorityClassName"]],
      [
        "ConfigMap",
        [
          "spec.initContainers[0].env[0].valueFrom.configMapKeyRef.name",
          "spec.containers[0].envFrom[1].configMapRef.name",
          "spec.volumes[1].configMap.name",
          "spec.volumes[3].projected.sources[1].configMap.name",
        ],
      ],
      [
        "Secret",
        [
          "spec.imagePullSecrets[0].name",
          refName,
          "spec.containers[0].envFrom[0].secretRef.name",
          "spec.volumes[0].secret.secretName",
          "spec.volumes[3].projected.sources[0].secret.name",
          "spec.volumes[4].csi.nodePublishSecretRef.name",
        ],
      ],
    ] as const
  ).map(([kind, paths]) => ({
    name: `no ${kind}`,
    objects: [pod(everything), ...without(kind)],
    expect: paths.map((path) => ({ path })),
  })),
  {
    name: "classes, where the stack makes some",
    objects: [
      pod({
        runtimeClassName: "other",
        volumes: [{ name: "f", ephemeral: { volumeClaimTemplate: { spec: { storageClassName: "slow" } } } }],
      }),
      ingress({ ingressClassName: "other" }),
      object("v1", "PersistentVolumeClaim", { metadata: metadata(), spec: { storageClassName: "other" } }),
      statefulSet({ volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { storageClassName: "other" } }] }),
      ...everyObject,
    ],
    expect: [
      { path: "spec.runtimeClassName" },
      { path: "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.storageClassName" },
      { path: "spec.ingressClassName" },
      { path: "spec.storageClassName" },
      { path: "spec.volumeClaimTemplates[0].spec.storageClassName" },
    ],
  },
  {
    name: "the old name of the account, in a template",
    objects: [deployment({ template: template({ serviceAccount: "none" }) })],
    expect: [{ path: "spec.template.spec.serviceAccount" }],
  },
  {
    name: "the same name in another namespace, and of another kind",
    objects: [
      podWith([keyRef("secret", "db")]),
      configMap("db"),
      { ...secret("db"), metadata: { name: "db", namespace: "other" } },
    ],
    expect: [{ path: refName }],
  },
  {
    name: "what the settings name in another namespace",
    objects: [podWith([keyRef("secret", "db")])],
    settings: { elsewhere: [{ kind: "Secret", namespace: "other", name: "db" }] },
    expect: [{ path: refName }],
  },
  {
    name: "a key that is not there, where it is not known whether somebody fills in the data",
    objects: [
      podWith([keyRef("secret", "db", { key: "OTHER" })]),
      { ...secret("db"), metadata: metadata({ name: "db", annotations: unknown }) },
    ],
    expect: [
      { path: "metadata.annotations", verdict: "undecidable" },
      { path: "metadata.annotations", verdict: "undecidable", rule: "valid-label" },
    ],
  },
  {
    name: "namespaces that are not known yet",
    objects: [
      { ...podWith([keyRef("secret", "db")]), metadata: { name: "a", namespace: unknown, labels } },
      pod({ volumes: [{ name: "a", persistentVolumeClaim: { claimName: "data-sample-0" } }] }),
      { ...statefulSet(), metadata: { name: "sample", namespace: unknown, labels } },
    ],
    expect: [
      { path: "metadata.namespace", verdict: "undecidable" },
      { path: "spec.volumes[0].persistentVolumeClaim.claimName", verdict: "undecidable" },
      { path: "metadata.namespace", verdict: "undecidable", rule: "default-namespace" },
      { path: "metadata.namespace", verdict: "undecidable", rule: "default-namespace" },
    ],
  },
  {
    name: "Secrets of all old kinds of volumes",
    objects: [
      pod({
        volumes: [
          { name: "a", azureFile: { secretName: "none" } },
          ...["cephfs", "cinder", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos"].map((kind) => ({
            name: kind.toLowerCase(),
            [kind]: { secretRef: { name: "none" } },
          })),
        ],
      }),
    ],
    expect: [
      "azureFile.secretName",
      ...["cephfs", "cinder", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos"].map(
        (kind) => `${kind}.secretRef.name`,
      ),
    ].map((path, index) => ({ path: `spec.volumes[${index}].${path}` })),
  },
  {
    name: "a key that is not there",
    objects: [
      podWith([keyRef("secret", "db", { key: "OTHER" })], {
        volumes: [{ name: "b", configMap: { name: "settings", items: [{ key: "OTHER", path: "a" }] } }],
      }),
      ...everyObject,
    ],
    expect: [{ path: refKey }, { path: "spec.volumes[0].configMap.items[0].key" }],
  },
  {
    name: "pull secrets of an account, certificates of an Ingress and a Gateway, secrets of KEDA",
    objects: [
      object("v1", "ServiceAccount", { imagePullSecrets: [{ name: "none" }], secrets: [{ name: "none" }] }),
      ingress({ tls: [{ secretName: "none" }, {}] }),
      object("gateway.networking.k8s.io/v1", "Gateway", {
        spec: { listeners: [{ tls: { certificateRefs: [{ name: "none" }] } }] },
      }),
      object("keda.sh/v1alpha1", "TriggerAuthentication", {
        spec: {
          secretTargetRef: [
            { name: "none", key: "a" },
            { name: "db", key: "OTHER" },
          ],
          configMapTargetRef: [
            { name: "none", key: "a" },
            { name: "settings", key: "OTHER" },
          ],
        },
      }),
      secret("db"),
      configMap("settings"),
    ],
    expect: [
      { path: "imagePullSecrets[0].name" },
      { path: "secrets[0].name" },
      { path: "spec.tls[0].secretName" },
      { path: "spec.listeners[0].tls.certificateRefs[0].name" },
      { path: "spec.secretTargetRef[0].name" },
      { path: "spec.secretTargetRef[1].key" },
      { path: "spec.configMapTargetRef[0].name" },
      { path: "spec.configMapTargetRef[1].key" },
    ],
  },
  {
    name: "a release in the namespace may bring it, one in another may not",
    objects: [
      podWith([keyRef("secret", "db")], { serviceAccountName: "account" }),
      object("v1", "ServiceAccount", { metadata: metadata({ name: "account" }) }),
      release("sample"),
      { ...podWith([keyRef("secret", "db")]), metadata: { name: "a", namespace: "b", labels } },
    ],
    expect: [{ path: refName, verdict: "undecidable" }, { path: refName }],
  },
  {
    name: "a release whose namespace is not known yet, and a PriorityClass of a release",
    objects: [podWith([keyRef("secret", "db")], { priorityClassName: "none" }), release(unknown)],
    expect: [
      { path: refName, verdict: "undecidable" },
      { path: "spec.priorityClassName", verdict: "undecidable" },
      { path: "namespace", verdict: "undecidable", rule: "default-namespace" },
    ],
  },
  {
    name: "an operator may make it, one that never does may not",
    objects: [
      podWith([keyRef("secret", "players-app")], { imagePullSecrets: [{ name: "arena-pull" }] }),
      custom("postgresql.cnpg.io/v1", "Cluster", "players"),
      custom("keda.sh/v1alpha1", "ScaledObject", "arena"),
    ],
    expect: [{ path: refName, verdict: "undecidable" }, { path: "spec.imagePullSecrets[0].name" }],
  },
  {
    name: "what pods of an operator name is told once",
    objects: [
      custom("monitoring.coreos.com/v1", "Alertmanager", "sample", {
        secrets: ["pager"],
        serviceAccountName: "alertmanager",
        containers: [container({ env: [keyRef("secret", "db")] })],
      }),
    ],
    expect: [
      "containers[2].env[0].valueFrom.secretKeyRef.name",
      "serviceAccountName",
      "volumes[0].secret.secretName",
    ].map((path) => ({ path: `spec.template.spec.${path}` })),
  },
  {
    name: "a Secret whose name is not known yet may be it; a name that is not known yet may be right",
    objects: [
      podWith([keyRef("secret", "db"), { ...keyRef("configMap", unknown), name: "B" }], { priorityClassName: "none" }),
      object("v1", "Secret", { metadata: metadata({ name: unknown }) }),
    ],
    expect: [
      { path: refName, verdict: "undecidable" },
      { path: "spec.containers[0].env[1].valueFrom.configMapKeyRef.name", verdict: "undecidable" },
      { path: "spec.priorityClassName" },
      { path: "metadata.name", verdict: "undecidable", rule: "valid-name" },
    ],
  },
  {
    name: "data that is not known yet is told once, at the Secret; a known key is right all the same",
    objects: [
      podWith(["A", "B", "C"].map((name) => ({ ...keyRef("secret", name === "C" ? "known" : "db"), name }))),
      secret("db", unknown),
      { ...secret("known", unknown), stringData: { KEY: "a" } },
    ],
    expect: [{ path: "data", verdict: "undecidable" }],
  },
  {
    name: "whether it is optional is not known yet; a key that is not",
    objects: [
      podWith([
        keyRef("secret", "none", { optional: unknown }),
        { ...keyRef("secret", "db", { key: unknown }), name: "B" },
      ]),
      secret("db"),
    ],
    expect: [
      { path: "spec.containers[0].env[0].valueFrom.secretKeyRef.optional", verdict: "undecidable" },
      { path: "spec.containers[0].env[1].valueFrom.secretKeyRef.key", verdict: "undecidable" },
    ],
  },
];
