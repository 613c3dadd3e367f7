import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Cluster } from "../../../policy-pack/core/cluster.ts";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { maximumNodesAnnotation } from "../../../policy-pack/kube/reach.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { quotaLines } from "../../../policy-pack/rules/quota/table.ts";
import { objectsOf } from "../support/findings.ts";
import { objectIn, plainSettings, podIn } from "../support/quota-stacks.ts";

const resources = { requests: { cpu: "100m", memory: "1Gi" }, limits: { cpu: "1", memory: "2Gi" } };
const box = { name: "box", image: "example.com/box:1", resources };

const claim = { storageClassName: "gold", resources: { requests: { storage: "1Gi" } } };

const template = (spec: Manifest = {}) => ({ spec: { containers: [box], ...spec } });

const quota = objectIn("ResourceQuota", {
  spec: {
    hard: {
      "requests.cpu": "1",
      "limits.memory": "1",
      pods: "1",
      services: "1",
      "services.nodeports": "1",
      configmaps: "1",
      secrets: "1",
      persistentvolumeclaims: "1",
      "requests.storage": "1",
      "gold.storageclass.storage.k8s.io/requests.storage": "1",
      "count/deployments.apps": "1",
    },
  },
});

const scoped = objectIn(
  "ResourceQuota",
  {
    spec: {
      hard: { pods: "1", cpu: "1" },
      scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["high"] }] },
    },
  },
  "v1",
  "scoped",
);

/** One of everything that the arithmetic reads. */
const stack: readonly Manifest[] = [
  quota,
  scoped,
  objectIn("LimitRange", {
    spec: {
      limits: [{ type: "Container", default: { cpu: "2" }, defaultRequest: { cpu: "50m" }, max: { memory: "8Gi" } }],
    },
  }),
  objectIn(
    "Deployment",
    {
      spec: {
        replicas: 3,
        minReadySeconds: 10,
        strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: template({ terminationGracePeriodSeconds: 25, priorityClassName: "high" }),
      },
    },
    "apps/v1",
    "front",
  ),
  objectIn(
    "HorizontalPodAutoscaler",
    {
      spec: {
        minReplicas: 2,
        maxReplicas: 9,
        scaleTargetRef: { kind: "Deployment", name: "front" },
        behavior: { scaleDown: { policies: [{ type: "Pods", value: 2, periodSeconds: 30 }] } },
      },
    },
    "autoscaling/v2",
  ),
  objectIn(
    "StatefulSet",
    {
      spec: {
        replicas: 2,
        template: template({
          initContainers: [
            { ...box, name: "log", restartPolicy: "Always" },
            { ...box, name: "first" },
          ],
        }),
        volumeClaimTemplates: [{ spec: claim }],
      },
    },
    "apps/v1",
    "world",
  ),
  objectIn(
    "VerticalPodAutoscaler",
    {
      spec: {
        targetRef: { kind: "StatefulSet", name: "world" },
        resourcePolicy: { containerPolicies: [{ containerName: "*", maxAllowed: { cpu: "500m", memory: "3Gi" } }] },
      },
    },
    "autoscaling.k8s.io/v1",
  ),
  objectIn(
    "CronJob",
    {
      spec: {
        schedule: "*/10 * * * *",
        jobTemplate: {
          spec: {
            parallelism: 2,
            completions: 3,
            activeDeadlineSeconds: 900,
            template: template({ overhead: { cpu: "10m" } }),
          },
        },
      },
    },
    "batch/v1",
  ),
  objectIn(
    "Job",
    {
      spec: {
        template: template({ containers: [{ name: "plain", image: "example.com/plain:1" }], runtimeClassName: "vm" }),
      },
    },
    "batch/v1",
  ),
  {
    ...objectIn("DaemonSet", { spec: { template: template() } }, "apps/v1", "agent"),
    metadata: { name: "agent", namespace: "sample", annotations: { [maximumNodesAnnotation]: "5" } },
  },
  objectIn(
    "Prometheus",
    {
      spec: {
        replicas: 2,
        shards: 2,
        resources,
        initContainers: [{ name: "init-config-reloader", resources }],
        containers: [
          { name: "prometheus", resources: { requests: { cpu: "3" } } },
          { name: "config-reloader", resources },
        ],
        storage: { volumeClaimTemplate: { spec: claim } },
      },
    },
    "monitoring.coreos.com/v1",
  ),
  objectIn(
    "Alertmanager",
    {
      spec: {
        serviceName: "peers",
        priorityClassName: "high",
        resources: { requests: { cpu: "1" }, limits: { memory: "3Gi" } },
        containers: [
          { name: "config-reloader", resources },
          { name: "beside", resources },
        ],
        initContainers: [{ name: "init-config-reloader", resources }],
        storage: { ephemeral: { volumeClaimTemplate: { spec: claim } } },
      },
    },
    "monitoring.coreos.com/v1",
  ),
  {
    apiVersion: "node.k8s.io/v1",
    kind: "RuntimeClass",
    metadata: { name: "vm" },
    overhead: { podFixed: { cpu: "5m" } },
  },
  {
    ...podIn({
      resources: { requests: { cpu: "3" }, limits: { memory: "4Gi" } },
      volumes: [
        {
          name: "scratch",
          ephemeral: { volumeClaimTemplate: { spec: { resources: { requests: { storage: "1Gi" } } } } },
        },
      ],
    }),
    metadata: { name: "alone", namespace: "sample" },
  },
  objectIn("Service", { spec: { type: "LoadBalancer", ports: [{ port: 1 }], allocateLoadBalancerNodePorts: true } }),
  objectIn("ConfigMap"),
  objectIn("Secret"),
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "gold", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  },
  { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name: "high" }, globalDefault: true },
];

/** Every place of a value, from the root to the leaves. */
function placesOf(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, inner]) =>
    placesOf(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length === 0 ? below : [path, ...below];
}

function replaced(value: unknown, [key, ...rest]: readonly (string | number)[]): unknown {
  if (key === undefined) return unknown;
  if (Array.isArray(value)) return value.map((inner, index) => (index === key ? replaced(inner, rest) : inner));
  const mapping = value as Record<string, unknown>;
  return { ...mapping, [key]: replaced(mapping[key], rest) };
}

function lines(manifests: readonly Manifest[]) {
  const found = quotaLines(new Cluster(objectsOf(manifests)), plainSettings);
  return new Map(found.map(({ quota: object, resource, need }) => [`${object.source} ${resource}`, need]));
}

describe("a quota's sum, in which one value is unknown", () => {
  const whole = lines(stack);

  it("knows everything while nothing is unknown", () => {
    for (const [key, need] of whole) assert.deepEqual(need.open, [], key);
    assert.equal(whole.size, 13);
  });

  stack.forEach((manifest, index) => {
    // Kind and version are the type of a resource, which an engine always knows.
    const places = placesOf(manifest).filter(([first]) => first !== "kind" && first !== "apiVersion");
    it(`says at least what is known, and that it is not all: ${manifest["kind"]}`, () => {
      for (const place of places) {
        const changed = stack.map((one, at) => (at === index ? (replaced(one, place) as Manifest) : one));
        for (const [key, need] of lines(changed)) {
          const before = whole.get(key);
          if (before === undefined) continue;
          const where = `${key} with ${place.join(".")} unknown`;
          assert.ok(need.least <= before.least, `${where}: ${need.least} is more than ${before.least}`);
          if (need.open.length === 0) assert.equal(need.least, before.least, `${where}: changed, and nothing is open`);
        }
      }
    });
  });
});
