/** Cases of `quota-sum`. */
import type { BadCase, GoodCase, Manifest } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import {
  around,
  container,
  daemons,
  deployment,
  limitRange,
  named,
  namespace,
  quota,
  sound,
  statefulSet,
  template,
} from "./cases.ts";
import type { QuotaSettings } from "./settings.ts";

const scaled = (kind: string, spec: Manifest): Manifest => ({
  apiVersion: kind === "ScaledObject" ? "keda.sh/v1alpha1" : "autoscaling/v2",
  kind,
  metadata: named("app"),
  spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "app" }, ...spec },
});

const job = (kind: string, spec: Manifest): Manifest => ({
  apiVersion: "batch/v1",
  kind,
  metadata: named("batch"),
  spec,
});

const vertical = (policy: Manifest): Manifest => ({
  apiVersion: "autoscaling.k8s.io/v1",
  kind: "VerticalPodAutoscaler",
  metadata: named("app"),
  spec: {
    targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "app" },
    resourcePolicy: { containerPolicies: [{ containerName: "*", ...policy }] },
  },
});

const plainLimitRange: Manifest = {
  ...limitRange(),
  spec: { limits: [{ type: "Pod", max: { cpu: "2", memory: "2Gi" } }] },
};

const release: Manifest = {
  apiVersion: "helm.sh/v3",
  kind: "Release",
  name: "redis",
  namespace: "sample",
};

// Five pods of the family's own size.
const five: Manifest = {
  "requests.cpu": "500m",
  "requests.memory": "640Mi",
  "limits.cpu": "1",
  "limits.memory": "1280Mi",
};
const one: Manifest = {
  "requests.cpu": "100m",
  "requests.memory": "128Mi",
  "limits.cpu": "200m",
  "limits.memory": "256Mi",
  pods: "1",
};

const everything = ["limits.cpu", "limits.memory", "requests.cpu", "requests.memory"].map(
  (resource) => `spec.hard["${resource}"]`,
);
const all = (verdict: "violated" | "undecidable") =>
  [...everything, "spec.hard.pods"].map((path) => ({ path, verdict }));

/** Namespaces that hold their peak. */
export const fitting: readonly GoodCase<QuotaSettings>[] = [
  { name: "the peak of a rollout fits to the last millicore and byte", objects: sound },
  {
    name: "a second quota applies too, and fits",
    objects: [...sound, { ...quota({ pods: "4" }), metadata: named("second") }],
  },
  {
    name: "the maximum of an autoscaler counts, not what is written beside it",
    objects: around(quota(), deployment({}, { replicas: 1 }), scaled("HorizontalPodAutoscaler", { maxReplicas: 2 })),
  },
  {
    name: "a StatefulSet has no pod beyond its replicas, and one claim for each",
    objects: around(quota({ persistentvolumeclaims: "2", "requests.storage": "20Gi" }), statefulSet()),
  },
  {
    name: "a rollout that waits long between pods has few that terminate",
    objects: around(quota(), deployment({ terminationGracePeriodSeconds: 9 }, { minReadySeconds: 10 })),
  },
  {
    name: "a Recreate has all old pods gone before the first new one",
    objects: around(quota({ pods: "2" }), deployment({}, { strategy: { type: "Recreate" } })),
  },
  {
    name: "an init container that is smaller than the containers needs nothing more",
    objects: around(quota(), deployment({ initContainers: [container({}, { name: "first" })] })),
  },
  {
    name: "a reserve holds what a Helm release brings",
    objects: around(quota({ ...five, pods: "5" }), deployment(), release),
    settings: { reserves: [{ namespace: "sample", name: "redis", hard: { ...one } as Record<string, string> }] },
  },
  {
    name: "a quota for batch jobs counts no pod of a deployment",
    objects: [...sound, { ...quota({ pods: "0" }, { scopes: ["Terminating"] }), metadata: named("batch") }],
  },
  { name: "a DaemonSet says itself on how many nodes it runs at most", objects: around(quota(), daemons("4")) },
  {
    name: "the setting goes before what a DaemonSet says itself",
    objects: around(quota(), daemons("5")),
    settings: { nodes: 4 },
  },
  {
    name: "nobody asks for a resource of which there is none",
    objects: around(quota({ "requests.example.com/gpu": "0" }), deployment()),
  },
];

/** Namespaces that do not, or of which nobody can say it. */
export const exceeding: readonly BadCase<QuotaSettings>[] = [
  {
    name: "one millicore is missing",
    objects: around(quota({ "requests.cpu": "399m" }), deployment()),
    expect: [{ path: 'spec.hard["requests.cpu"]' }],
  },
  {
    name: "one byte is missing",
    objects: around(quota({ "limits.memory": String(2 ** 30 - 1) }), deployment()),
    expect: [{ path: 'spec.hard["limits.memory"]' }],
  },
  {
    name: "cpu is another name of requests.cpu",
    objects: [...sound, { ...quota({ cpu: "399m" }), metadata: named("second") }],
    expect: [{ path: "spec.hard.cpu" }],
  },
  {
    name: "the replicas fit, and the pods that a rollout adds do not",
    objects: around(quota({ pods: "2" }), deployment()),
    expect: [{ path: "spec.hard.pods" }],
  },
  {
    name: "KEDA scales to 100 where nobody says how far",
    objects: around(
      quota({
        "requests.cpu": "10",
        "requests.memory": "16Gi",
        "limits.cpu": "20",
        "limits.memory": "32Gi",
        pods: "199",
      }),
      deployment(),
      scaled("ScaledObject", {}),
    ),
    expect: all("violated"),
  },
  {
    name: "a sidecar runs beside the container",
    objects: around(
      quota(),
      deployment({
        initContainers: [
          container({ requests: { cpu: "1m", memory: "0" }, limits: {} }, { name: "log", restartPolicy: "Always" }),
        ],
      }),
    ),
    expect: [
      { path: 'spec.hard["limits.cpu"]' },
      { path: 'spec.hard["limits.memory"]' },
      { path: 'spec.hard["requests.cpu"]' },
    ],
  },
  {
    name: "a job's pods count beside those of services",
    objects: around(quota(), deployment(), job("Job", { template: template({ restartPolicy: "Never" }) })),
    expect: all("violated"),
  },
  {
    name: "a CronJob that replaces its last run has two for a moment",
    objects: around(
      quota({ ...five, pods: "5" }),
      deployment(),
      job("CronJob", {
        schedule: "0 * * * *",
        concurrencyPolicy: "Replace",
        jobTemplate: { spec: { template: template({ restartPolicy: "Never" }) } },
      }),
    ),
    expect: all("violated"),
  },
  {
    name: "nothing bounds how many runs of a CronJob overlap",
    objects: around(
      quota({ ...five, pods: "5" }),
      deployment(),
      job("CronJob", {
        schedule: "0 * * * *",
        jobTemplate: { spec: { template: template({ restartPolicy: "Never" }) } },
      }),
    ),
    expect: all("undecidable"),
  },
  {
    name: "the number of replicas is not known yet",
    objects: around(quota(), deployment({}, { replicas: unknown })),
    expect: all("undecidable"),
  },
  {
    name: "what one resource grants is not known yet, and another is too small",
    objects: around(quota({ "requests.cpu": unknown, pods: "3" }), deployment()),
    expect: [{ path: 'spec.hard["requests.cpu"]', verdict: "undecidable" }, { path: "spec.hard.pods" }],
  },
  {
    name: "nobody says how many nodes there are, or so that nobody can read it",
    objects: around(quota(), daemons("many")),
    expect: all("undecidable"),
  },
  {
    name: "a DaemonSet runs on one node more than the quota holds",
    objects: around(quota(), daemons("5")),
    expect: all("violated"),
  },
  {
    name: "a Helm release brings nobody knows what",
    objects: around(quota(), deployment(), release),
    expect: all("undecidable"),
  },
  {
    name: "what is known is too much already, whatever the release brings",
    objects: around(quota({ pods: "3" }), deployment(), release),
    expect: [...all("undecidable").filter(({ path }) => path !== "spec.hard.pods"), { path: "spec.hard.pods" }],
  },
  {
    name: "a VerticalPodAutoscaler without maxAllowed may ask for anything",
    objects: [namespace, plainLimitRange, quota(), deployment(), vertical({})],
    settings: { rules: { "namespace-has-limit-range": "disabled" } } as Partial<QuotaSettings>,
    expect: all("undecidable").filter(({ path }) => path !== "spec.hard.pods"),
  },
  {
    name: "a VerticalPodAutoscaler asks for what the limit range allows, and limits grow with requests",
    objects: around(
      quota({ "requests.cpu": "4", "requests.memory": "3Gi", "limits.cpu": "3999m", "limits.memory": "4Gi" }),
      deployment(),
      vertical({}),
    ),
    expect: [{ path: 'spec.hard["limits.cpu"]' }, { path: 'spec.hard["requests.memory"]' }],
  },
  {
    name: "a VerticalPodAutoscaler asks for maxAllowed",
    objects: around(
      quota({ "requests.cpu": "599m" }),
      deployment(),
      vertical({ controlledValues: "RequestsOnly", maxAllowed: { cpu: "150m", memory: "100Mi" } }),
    ),
    expect: [{ path: 'spec.hard["requests.cpu"]' }],
  },
  {
    name: "the claims of a set do not fit",
    objects: around(quota({ "requests.storage": "19Gi", persistentvolumeclaims: "1" }), statefulSet()),
    expect: [{ path: "spec.hard.persistentvolumeclaims" }, { path: 'spec.hard["requests.storage"]' }],
  },
  {
    name: "Kubernetes itself puts a ConfigMap into each namespace",
    objects: around(quota({ configmaps: "0" }), deployment()),
    expect: [{ path: "spec.hard.configmaps" }],
  },
  {
    name: "a load balancer takes a node port for each of its ports",
    objects: around(quota({ "services.loadbalancers": "0", "services.nodeports": "1" }), deployment(), {
      apiVersion: "v1",
      kind: "Service",
      metadata: named("app"),
      spec: {
        type: "LoadBalancer",
        ports: [
          { name: "a", port: 80 },
          { name: "b", port: 81 },
        ],
      },
    }),
    expect: [{ path: 'spec.hard["services.loadbalancers"]' }, { path: 'spec.hard["services.nodeports"]' }],
  },
  {
    name: "the default of the limit range counts where a container asks for nothing",
    objects: [
      namespace,
      limitRange({ defaultRequest: { cpu: "150m", memory: "128Mi" } }),
      quota(),
      deployment({ containers: [{ name: "app", image: "registry.example.com/app:1.0.0" }] }),
    ],
    expect: [{ path: 'spec.hard["requests.cpu"]' }],
  },
];
