/** What the rule `references` accepts. */
import type { GoodCase } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { container, metadata, object, pod, statefulSet } from "./cases.ts";
import { custom, everyObject, everything, ingress, keyRef, podWith, secret } from "./references-objects.ts";
import type { NamingSettings } from "./settings.ts";

/** What is in order. */
export const goodReferences: readonly GoodCase<NamingSettings>[] = [
  { name: "everything that a pod names is in the stack", objects: [pod(everything), ...everyObject] },
  {
    name: "what is optional may be missing",
    objects: [
      podWith([keyRef("secret", "none", { optional: true })], {
        volumes: [{ name: "a", configMap: { name: "none", optional: true } }],
      }),
    ],
  },
  {
    name: "what every cluster has",
    objects: [
      pod({
        serviceAccountName: "default",
        priorityClassName: "system-cluster-critical",
        volumes: [
          {
            name: "ca",
            projected: { sources: [{ configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt" }] } }] },
          },
        ],
      }),
    ],
  },
  {
    name: "what the settings name",
    objects: [
      podWith([keyRef("secret", "db")], { imagePullSecrets: [{ name: "registry" }], priorityClassName: "any" }),
    ],
    settings: {
      elsewhere: [
        { kind: "Secret", namespace: "sample", name: "registry" },
        { kind: "Secret", name: "db" },
        { kind: "PriorityClass", name: "*" },
      ],
    },
  },
  {
    name: "what the object says that somebody else makes",
    objects: [
      {
        ...podWith([keyRef("secret", "db")], { imagePullSecrets: [{ name: "registry" }] }),
        metadata: metadata({ annotations: { "realmgrid.io/made-elsewhere": "Secret/registry Secret/db" } }),
      },
    ],
  },
  {
    name: "what an Alertmanager says that somebody else makes for its pods",
    objects: [
      custom("monitoring.coreos.com/v1", "Alertmanager", "sample", {
        secrets: ["pager"],
        podMetadata: { annotations: { "realmgrid.io/made-elsewhere": "Secret/pager" } },
      }),
    ],
  },
  {
    name: "classes of a cluster that brings its own",
    objects: [
      pod({ runtimeClassName: "sandbox" }),
      ingress({ ingressClassName: "nginx" }),
      object("v1", "PersistentVolumeClaim", { spec: { storageClassName: "standard" } }),
      statefulSet({ volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { storageClassName: "" } }] }),
    ],
  },
  ...(
    [
      ["external-secrets.io/v1", "ExternalSecret", { target: { name: "db" } }],
      ["cert-manager.io/v1", "Certificate", { secretName: "db" }],
      ["bitnami.com/v1alpha1", "SealedSecret", { template: { metadata: { name: "db" } } }],
      ["secrets.hashicorp.com/v1beta1", "VaultStaticSecret", { destination: { name: "db" } }],
      ["secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", { secretObjects: [{ secretName: "db" }] }],
      ["cert-manager.io/v1", "Issuer", { acme: { privateKeySecretRef: { name: "db" } } }],
      ["k8s.bitwarden.com/v1", "BitwardenSecret", { secretName: "db" }],
      ["secrets.doppler.com/v1alpha1", "DopplerSecret", { managedSecret: { name: "db" } }],
    ] as const
  ).map(([version, kind, spec]) => ({
    name: `a ${kind} makes the Secret`,
    objects: [podWith([keyRef("secret", "db")]), custom(version, kind, "other", spec)],
  })),
  ...(
    [
      ["external-secrets.io/v1", "ClusterExternalSecret", { externalSecretSpec: { target: { name: "db" } } }],
      ["external-secrets.io/v1", "ClusterExternalSecret", { externalSecretName: "db" }],
    ] as const
  ).map(([apiVersion, kind, spec], index) => ({
    name: `a ${kind} makes the Secret in every namespace (${index})`,
    objects: [podWith([keyRef("secret", "db")]), { apiVersion, kind, metadata: { name: "other" }, spec }],
  })),
  {
    name: "a bundle of certificates is in every namespace",
    objects: [
      podWith([keyRef("secret", "db"), { ...keyRef("configMap", "db"), name: "B" }]),
      { apiVersion: "trust.cert-manager.io/v1alpha1", kind: "Bundle", metadata: { name: "db" } },
    ],
  },
  {
    name: "binary data has the key; Kubernetes fills in the token of an account",
    objects: [
      podWith([keyRef("secret", "token"), { ...keyRef("configMap", "map"), name: "B" }]),
      { ...secret("token", {}), type: "kubernetes.io/service-account-token" },
      object("v1", "ConfigMap", { metadata: metadata({ name: "map" }), binaryData: { KEY: "YQ==" } }),
    ],
  },
  {
    name: "a whole Secret may be missing where it is optional, by a name that is not known yet too",
    objects: [
      pod({
        containers: [container({ envFrom: [{ secretRef: { name: "none", optional: true } }] })],
        volumes: [{ name: "a", secret: { secretName: unknown, optional: true } }],
      }),
    ],
  },
  {
    name: "a Gateway takes its certificate from a kind that is not looked for",
    objects: [
      object("gateway.networking.k8s.io/v1", "Gateway", {
        spec: { listeners: [{ tls: { certificateRefs: [{ kind: "Vault", name: "tls" }] } }] },
      }),
    ],
  },
  {
    name: "an ExternalSecret makes a Secret of its own name",
    objects: [podWith([keyRef("secret", "db")]), custom("external-secrets.io/v1", "ExternalSecret", "db")],
  },
  {
    name: "a StatefulSet makes its claims",
    objects: [
      pod({ volumes: [{ name: "a", persistentVolumeClaim: { claimName: "data-sample-3" } }] }),
      statefulSet({ volumeClaimTemplates: [{ metadata: { name: "data" } }] }),
    ],
  },
  {
    name: "cert-manager makes the Secret of an Ingress that asks for it",
    objects: [ingress({ tls: [{ secretName: "tls" }] }, { "cert-manager.io/cluster-issuer": "acme" })],
  },
  {
    name: "data that others fill in, and data that a recorder took out",
    objects: [
      podWith(
        [keyRef("secret", "copy"), keyRef("secret", "hidden")].map((one, index) => ({ ...one, name: `A${index}` })),
      ),
      secret("copy", {}, { annotations: { "replicator.v1.mittwald.de/replicate-from": "a/b" } }),
      secret("hidden", "[secret]"),
    ],
  },
  {
    name: "a Secret's plain text has the key",
    objects: [podWith([keyRef("secret", "db")]), { ...secret("db", {}), stringData: { KEY: "a" } }],
  },
  {
    name: "a Gateway refers to another namespace",
    objects: [
      object("gateway.networking.k8s.io/v1", "Gateway", {
        spec: { listeners: [{ tls: { certificateRefs: [{ name: "tls", namespace: "certificates" }] } }] },
      }),
      object("v1", "Secret", { metadata: { name: "tls", namespace: "certificates" } }),
    ],
  },
];
