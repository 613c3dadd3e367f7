/** How the work of the pack grows with what it looks at, counted in steps and not in seconds. */
import assert from "node:assert/strict";
import { Field } from "../../policy-pack/kube/tree.ts";
import { accept } from "./support/complaints.ts";
import { packFindings, type Resource } from "./support/corpus.ts";

/** How often rules go from one place to another while they look at these resources. */
function work(resources: readonly Resource[]): number {
  const { at, items, entries } = Field.prototype;
  let steps = 0;
  Field.prototype.at = function (...names) {
    steps += names.length;
    return at.apply(this, names);
  };
  Field.prototype.items = function () {
    const list = items.apply(this);
    steps += list.length;
    return list;
  };
  Field.prototype.entries = function () {
    const list = entries.apply(this);
    steps += list.length;
    return list;
  };
  try {
    accept(packFindings(resources), "many");
  } finally {
    Object.assign(Field.prototype, { at, items, entries });
  }
  return steps;
}

describe("work of the whole pack", function () {
  this.timeout(120_000);

  const container = (index: number) => ({
    name: `c${index}`,
    image: `registry.example.com/app:1.${index}`,
    ports: [{ name: `p${index}`, containerPort: 1000 + index }],
    env: [{ name: `E${index}`, value: "a" }],
    volumeMounts: [{ name: `v${index}`, mountPath: `/v${index}` }],
    resources: { requests: { cpu: "1m", memory: "1Mi" }, limits: { memory: "1Mi" } },
  });

  function workload(count: number): Resource {
    const indices = Array.from({ length: count }, (_, index) => index);
    const labels = { app: "big" };
    const spec = {
      initContainers: indices.map(container),
      containers: indices.map(container),
      volumes: indices.map((index) => ({ name: `v${index}`, configMap: { name: `c${index}` } })),
    };
    return {
      type: "kubernetes:apps/v1:Deployment",
      props: {
        metadata: { name: "big", namespace: "big" },
        spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
      },
    };
  }

  it("grows with the containers of a pod and no faster", () => {
    const [small, large] = [work([workload(250)]), work([workload(1000)])];
    assert.ok(large < 4.5 * small, `500 containers: ${small} steps, 2000: ${large}`);
  });

  it("ends for 10,000 containers", () => {
    accept(packFindings([workload(5_000)]), "10,000 containers");
  });

  it("grows with the objects of a stack and no faster", () => {
    const stack = (count: number) => Array.from({ length: count }, (_, index) => copyOf(index)).flat();
    const [small, large] = [work(stack(40)), work(stack(160))];
    assert.ok(large < 5 * small, `40 workloads: ${small} steps, 160: ${large}`);
  });

  it("grows with the entries of a ConfigMap, a Role and a NetworkPolicy and no faster", () => {
    const wide = (count: number): Resource[] => {
      const indices = Array.from({ length: count }, (_, index) => index);
      const metadata = { name: "wide", namespace: "wide" };
      return [
        {
          type: "kubernetes:core/v1:ConfigMap",
          props: { metadata, data: Object.fromEntries(indices.map((n) => [`k${n}`, "v"])) },
        },
        {
          type: "kubernetes:rbac.authorization.k8s.io/v1:Role",
          props: { metadata, rules: indices.map((n) => ({ apiGroups: [""], resources: [`r${n}`], verbs: ["get"] })) },
        },
        {
          type: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
          props: {
            metadata,
            spec: {
              podSelector: {},
              policyTypes: ["Ingress"],
              ingress: indices.map((n) => ({ from: [{ podSelector: { matchLabels: { app: `a${n}` } } }] })),
            },
          },
        },
      ];
    };
    const [small, large] = [work(wide(500)), work(wide(2000))];
    assert.ok(large < 4.5 * small, `500 entries: ${small} steps, 2000: ${large}`);
  });
});

/** A service with all that stands around it, in one of ten namespaces. */
function copyOf(index: number): Resource[] {
  const name = `app-${index}`;
  const metadata = { name, namespace: `space-${index % 10}` };
  const labels = { app: name };
  const own = (type: string, props: object): Resource => ({
    type: `kubernetes:${type}`,
    props: { metadata, ...props },
  });
  const spec = {
    serviceAccountName: name,
    containers: [{ name: "app", image: "registry.example.com/app:1.0.0", envFrom: [{ configMapRef: { name } }] }],
    volumes: [{ name: "secret", secret: { secretName: name } }],
  };
  return [
    { type: "kubernetes:core/v1:Namespace", props: { metadata: { name: `space-${index}` } } },
    own("apps/v1:Deployment", {
      spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    }),
    own("core/v1:Service", { spec: { selector: labels, ports: [{ port: 80 }] } }),
    own("core/v1:ServiceAccount", {}),
    own("core/v1:ConfigMap", { data: { a: "b" } }),
    own("core/v1:Secret", { stringData: { a: "b" } }),
    own("policy/v1:PodDisruptionBudget", { spec: { maxUnavailable: 1, selector: { matchLabels: labels } } }),
    own("autoscaling/v2:HorizontalPodAutoscaler", {
      spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name }, minReplicas: 2, maxReplicas: 4 },
    }),
    own("networking.k8s.io/v1:NetworkPolicy", {
      spec: { podSelector: { matchLabels: labels }, policyTypes: ["Ingress"], ingress: [] },
    }),
    own("rbac.authorization.k8s.io/v1:Role", { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] }),
    own("rbac.authorization.k8s.io/v1:RoleBinding", {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
      subjects: [{ kind: "ServiceAccount", ...metadata }],
    }),
  ];
}
