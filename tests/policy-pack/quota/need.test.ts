import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Cluster } from "../../../policy-pack/core/cluster.ts";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { namespaceDemand } from "../../../policy-pack/kube/namespace-demand.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { quotaTable } from "../../../policy-pack/rules/quota/table.ts";
import { objectsOf } from "../support/findings.ts";
import { needText, objectIn, plainSettings, podIn } from "../support/quota-stacks.ts";

function claim(spec: Manifest = {}, annotations: Manifest = {}): Manifest {
  return {
    ...objectIn("PersistentVolumeClaim", { spec: { resources: { requests: { storage: "10Gi" } }, ...spec } }),
    metadata: { name: "claim", namespace: "sample", annotations },
  };
}

const service = (spec: Manifest): Manifest => objectIn("Service", { spec });
const ports = [{ port: 1 }, { port: 2, nodePort: 30000 }];
const gold = "gold.storageclass.storage.k8s.io";
const replicas = (count: unknown): Manifest =>
  objectIn("ReplicaSet", { spec: { replicas: count, template: { spec: podIn()["spec"] } } }, "apps/v1");

const ephemeral = { volumeClaimTemplate: { spec: { resources: { requests: { storage: "1Gi" } } } } };
const rolled = objectIn(
  "Deployment",
  { spec: { replicas: 3, template: { spec: podIn({ volumes: [{ name: "scratch", ephemeral }] })["spec"] } } },
  "apps/v1",
);

describe("what a namespace needs", () => {
  const cases: readonly [what: string, resource: string, manifests: readonly Manifest[], want: string | undefined][] = [
    ["CPU by its two names", "cpu", [podIn()], "1"],
    ["CPU by its two names", "requests.cpu", [podIn()], "1"],
    ["memory", "memory", [podIn()], "1Gi"],
    ["limits", "limits.memory", [podIn({}, {}, { memory: "2Gi" })], "2Gi"],
    ["ephemeral storage by its two names", "ephemeral-storage", [podIn({}, { "ephemeral-storage": "1Gi" })], "1Gi"],
    [
      "ephemeral storage by its two names",
      "requests.ephemeral-storage",
      [podIn({}, { "ephemeral-storage": "1Gi" })],
      "1Gi",
    ],
    ["limits of ephemeral storage", "limits.ephemeral-storage", [podIn({}, {}, { "ephemeral-storage": "2Gi" })], "2Gi"],
    ["huge pages by their two names", "hugepages-2Mi", [podIn({}, { "hugepages-2Mi": "4Mi" })], "4Mi"],
    ["huge pages by their two names", "requests.hugepages-2Mi", [podIn({}, { "hugepages-2Mi": "4Mi" })], "4Mi"],
    ["an extended resource", "requests.example.com/gpu", [podIn({}, { "example.com/gpu": 2 })], "2"],
    ["an extended resource has no limits to count", "limits.example.com/gpu", [podIn()], undefined],
    ["pods", "pods", [replicas(3), podIn()], "4"],
    ["pods of finished jobs stay, and nobody counts them", "count/pods", [replicas(3)], "3?"],
    ["replicas that are not known", "requests.cpu", [replicas(unknown), podIn()], "1?"],
    [
      "replicas that are not known of pods that ask for none of it",
      "requests.example.com/gpu",
      [replicas(unknown)],
      "0",
    ],
    [
      "the runtime class's overhead",
      "requests.cpu",
      [
        podIn({ runtimeClassName: "vm" }),
        { ...objectIn("RuntimeClass", {}, "node.k8s.io/v1", "vm"), overhead: { podFixed: { cpu: "250m" } } },
      ],
      "1250m",
    ],
    ["the overhead of a class that is elsewhere", "requests.cpu", [podIn({ runtimeClassName: "vm" })], "1?"],
    [
      "the overhead that the pod says itself",
      "requests.cpu",
      [podIn({ runtimeClassName: "vm", overhead: { cpu: "1" } })],
      "2",
    ],
    // Claims.
    ["a claim", "persistentvolumeclaims", [claim()], "1"],
    ["a claim by its long name", "count/persistentvolumeclaims", [claim()], "1"],
    ["its storage", "requests.storage", [claim()], "10Gi"],
    ["an unknown size", "requests.storage", [claim({ resources: { requests: { storage: unknown } } })], "0?"],
    ["a claim of its class", `${gold}/requests.storage`, [claim({ storageClassName: "gold" })], "10Gi"],
    ["claims of its class", `${gold}/persistentvolumeclaims`, [claim({ storageClassName: "gold" })], "1"],
    ["a claim of another class", `${gold}/requests.storage`, [claim({ storageClassName: "slow" })], "0"],
    ["a claim of no class", `${gold}/requests.storage`, [claim({ storageClassName: "" })], "0"],
    [
      "the annotation that came before the field",
      `${gold}/requests.storage`,
      [claim({}, { "volume.beta.kubernetes.io/storage-class": "gold" })],
      "10Gi",
    ],
    ["the class that the cluster gives, which nobody knows", `${gold}/requests.storage`, [claim()], "0?"],
    ["an unknown class", `${gold}/requests.storage`, [claim({ storageClassName: unknown })], "0?"],
    [
      "a claim for each pod with an ephemeral volume",
      "requests.storage",
      [
        podIn({
          volumes: [
            {
              name: "a",
              ephemeral: { volumeClaimTemplate: { spec: { resources: { requests: { storage: "1Gi" } } } } },
            },
          ],
        }),
      ],
      "1Gi",
    ],
    ["a claim for each pod, terminating ones too", "persistentvolumeclaims", [rolled], "6"],
    // Services.
    ["services", "services", [service({}), service({ type: "ExternalName" })], "2"],
    ["services by their long name", "count/services", [service({})], "1"],
    ["a service of another group", "services", [objectIn("Service", {}, "serving.knative.dev/v1")], "0?"],
    ["no load balancer", "services.loadbalancers", [service({ type: "NodePort", ports })], "0"],
    ["a load balancer", "services.loadbalancers", [service({ type: "LoadBalancer", ports })], "1"],
    ["node ports", "services.nodeports", [service({ type: "NodePort", ports })], "2"],
    ["node ports of a load balancer", "services.nodeports", [service({ type: "LoadBalancer", ports })], "2"],
    [
      "node ports that a load balancer does not want, but for the one it names",
      "services.nodeports",
      [service({ type: "LoadBalancer", ports, allocateLoadBalancerNodePorts: false })],
      "1",
    ],
    [
      "node ports, whatever is said of load balancers",
      "services.nodeports",
      [service({ type: "NodePort", ports, allocateLoadBalancerNodePorts: false })],
      "2",
    ],
    ["no node ports of a plain service", "services.nodeports", [service({ ports })], "0"],
    ["a service of unknown type", "services.loadbalancers", [service({ type: unknown })], "0?"],
    // Objects.
    ["the root certificates beside the stack's own", "configmaps", [objectIn("ConfigMap")], "2"],
    [
      "secrets, and what makes some",
      "secrets",
      [
        objectIn("Secret"),
        objectIn("Certificate", {}, "cert-manager.io/v1"),
        objectIn("ExternalSecret", {}, "external-secrets.io/v1"),
      ],
      "3",
    ],
    [
      "objects of a group",
      "count/deployments.apps",
      [objectIn("Deployment", {}, "apps/v1"), objectIn("Deployment", {}, "apps/v1beta1")],
      "2",
    ],
    [
      "a plural in -ies",
      "count/networkpolicies.networking.k8s.io",
      [objectIn("NetworkPolicy", {}, "networking.k8s.io/v1")],
      "1",
    ],
    ["a plural in -es", "count/ingresses.networking.k8s.io", [objectIn("Ingress", {}, "networking.k8s.io/v1")], "1"],
    ["objects of the core group", "count/serviceaccounts", [objectIn("ServiceAccount")], "1"],
    [
      "autoscalers that KEDA makes",
      "count/horizontalpodautoscalers.autoscaling",
      [objectIn("ScaledObject", {}, "keda.sh/v1alpha1")],
      "1",
    ],
    ["what controllers make without end", "count/replicasets.apps", [], "0?"],
    ["quotas", "resourcequotas", [objectIn("ResourceQuota")], "1"],
    // What nobody sees.
    [
      "a Helm release",
      "pods",
      [{ apiVersion: "helm.sh/v3", kind: "Release", name: "redis", namespace: "sample" }, podIn()],
      "1?",
    ],
    [
      "a Helm release of another namespace",
      "pods",
      [{ apiVersion: "helm.sh/v3", kind: "Release", name: "redis", namespace: "other" }, podIn()],
      "1",
    ],
    ["an object of an operator", "pods", [objectIn("Postgres", { spec: {} }, "postgres.example.com/v1")], "0?"],
    ["a pod that may be in any namespace", "pods", [{ ...podIn(), metadata: { name: "x", namespace: unknown } }], "0?"],
    [
      "a pod that may be in any namespace is no service",
      "services",
      [{ ...podIn(), metadata: { name: "x", namespace: unknown } }],
      "0",
    ],
    ["nothing of what no quota counts", "cheese", [podIn()], undefined],
  ];

  for (const [what, resource, manifests, want] of cases) {
    it(`of ${resource}: ${what}`, () => {
      assert.equal(needText(manifests, resource), want);
    });
  }

  it("of storage of the default class, where the stack has it", () => {
    const storageClass: Manifest = {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "gold", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    };
    const quota = objectIn("ResourceQuota", { spec: { hard: { [`${gold}/requests.storage`]: "10Gi" } } });
    const rows = quotaTable(new Cluster(objectsOf([storageClass, claim(), quota])), plainSettings);
    assert.deepEqual(
      rows.map(({ need, usedPercent, verdict }) => ({ need, usedPercent, verdict })),
      [{ need: "10Gi", usedPercent: 100, verdict: "fits" }],
    );
  });

  it("adds what others put into pods of a kind, and reserves", () => {
    const injected = [{ kinds: ["ReplicaSet"], requests: { cpu: "30m" }, limits: { cpu: "1" } }];
    assert.equal(needText([replicas(2), podIn()], "requests.cpu", { injected }), "3060m");
    assert.equal(needText([replicas(2), podIn()], "limits.cpu", { injected }), "2");
    const release: Manifest = { apiVersion: "helm.sh/v3", kind: "Release", name: "redis", namespace: "sample" };
    const reserves = [{ namespace: "sample", name: "redis", hard: { cpu: "2", pods: "3" } }];
    assert.equal(needText([podIn(), release], "requests.cpu", { reserves }), "3");
    assert.equal(needText([podIn(), release], "pods", { reserves }), "4");
    assert.equal(needText([podIn(), release], "memory", { reserves }), "1Gi");
    assert.equal(
      needText([podIn(), release], "pods", { reserves: [{ namespace: "other", name: "redis", hard: {} }] }),
      "1?",
    );
  });

  it("takes a reserve of its name for a kind of which nobody knows how many pods it runs", () => {
    const thing = objectIn("Thing", { spec: { template: podIn() } }, "example.com/v1", "things");
    assert.equal(needText([thing], "pods"), "0?");
    assert.equal(
      needText([thing], "pods", { reserves: [{ namespace: "sample", name: "things", hard: { pods: "5" } }] }),
      "5",
    );
  });

  it("is computed once for an object, however many arrive after it", () => {
    const first = objectsOf([replicas(2), podIn()]);
    const [one] = namespaceDemand(new Cluster(first), "sample", plainSettings).workloads;
    const [again] = namespaceDemand(
      new Cluster([...first, ...objectsOf([claim()])]),
      "sample",
      plainSettings,
    ).workloads;
    assert.equal(one?.bare, again?.bare);
    const limits = objectIn("LimitRange", { spec: { limits: [{ type: "Container", default: { memory: "1Gi" } }] } });
    const [shaped] = namespaceDemand(
      new Cluster([...first, ...objectsOf([limits])]),
      "sample",
      plainSettings,
    ).workloads;
    assert.notEqual(one?.bare, shaped?.bare);
  });
});
