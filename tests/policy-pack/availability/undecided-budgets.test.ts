/** What each rule says where a value is known only after an `up`, and where one at the edge is fine. */
import { unknown } from "../../../policy-pack/kube/tree.ts";
import {
  autoscaler,
  budget,
  looseBudget,
  operated,
  template,
  workload,
} from "../../../policy-pack/rules/availability/cases.ts";
import { availability } from "../../../policy-pack/rules/availability/family.ts";
import { itSays, type Row } from "../support/single-rule.ts";

const strictBudget = budget({ minAvailable: 3 });
const ofUnknownLabels = workload({ template: template({}, { app: unknown }) });
const inUnknownNamespace = { ...workload(), metadata: { name: "sample", namespace: unknown } };
const ofUnknownName = autoscaler({ scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: unknown } });

const rows: Row[] = [
  [
    "budget-blocks-eviction",
    "an unknown amount",
    [workload(), budget({ maxUnavailable: unknown })],
    ["spec.maxUnavailable undecidable"],
  ],
  [
    "budget-blocks-eviction",
    "an unknown amount hides nothing",
    [workload(), budget({ maxUnavailable: unknown, minAvailable: "100%" })],
    ["spec.maxUnavailable undecidable", "spec.minAvailable violated"],
  ],
  [
    "budget-blocks-eviction",
    "unknown replicas",
    [workload({ replicas: unknown }), strictBudget],
    ["spec.minAvailable undecidable"],
  ],
  [
    "budget-blocks-eviction",
    "unknown replicas hide no 100 %",
    [workload({ replicas: unknown }), budget({ minAvailable: "100%" })],
    ["spec.minAvailable violated"],
  ],
  ["budget-blocks-eviction", "unknown replicas, and one may go", [workload({ replicas: unknown }), looseBudget], []],
  [
    "budget-blocks-eviction",
    "an unknown minimum of the autoscaler",
    [workload(), autoscaler({ minReplicas: unknown }), strictBudget],
    ["spec.minAvailable undecidable"],
  ],
  [
    "budget-blocks-eviction",
    "an autoscaler of an unknown name",
    [workload(), ofUnknownName, strictBudget],
    ["spec.minAvailable undecidable"],
  ],
  [
    "budget-blocks-eviction",
    "unknown labels",
    [ofUnknownLabels, budget({ minAvailable: 2 })],
    ["spec.minAvailable undecidable"],
  ],
  [
    "budget-blocks-eviction",
    "unknown labels cannot loosen what asks for all",
    [ofUnknownLabels, strictBudget],
    ["spec.minAvailable violated"],
  ],
  [
    "budget-blocks-eviction",
    "an unknown namespace",
    [inUnknownNamespace, budget({ minAvailable: 2 })],
    ["spec.minAvailable undecidable"],
  ],
  [
    "budget-blocks-eviction",
    "two budgets, of which one may cover the pods",
    [workload(), looseBudget, budget({ maxUnavailable: 1, selector: { matchLabels: { app: unknown } } }, "other")],
    ["spec.selector undecidable"],
  ],
  [
    "budget-blocks-eviction",
    "a count of something else",
    [
      {
        apiVersion: "example.com/v1",
        kind: "Game",
        metadata: { name: "x", namespace: "sample" },
        spec: { replicas: 2, template: template() },
      },
      budget({ minAvailable: 2 }),
    ],
    ["spec.minAvailable violated"],
  ],
  [
    "budget-blocks-eviction",
    "something else without a count",
    [
      {
        apiVersion: "example.com/v1",
        kind: "Game",
        metadata: { name: "x", namespace: "sample" },
        spec: { template: template() },
      },
      budget({ minAvailable: 2 }),
    ],
    [],
  ],
  ["budget-blocks-eviction", "a percentage of nothing", [workload(), budget({ minAvailable: "0%" })], []],
  [
    "budget-blocks-eviction",
    "more than 100 %",
    [workload(), budget({ minAvailable: "101%" })],
    ["spec.minAvailable violated"],
  ],
  ["budget-blocks-eviction", "a fraction", [workload(), budget({ minAvailable: 1.5 })], ["spec.minAvailable violated"]],
  [
    "budget-blocks-eviction",
    "a bare pod beside a workload",
    [
      workload(),
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "x", namespace: "sample", labels: { app: "sample" } },
        spec: {},
      },
      looseBudget,
    ],
    [],
  ],
  ["budget-missing", "unknown labels beside a budget", [ofUnknownLabels, looseBudget], ["spec.template undecidable"]],
  ["budget-missing", "unknown labels and no budget", [ofUnknownLabels], ["spec.template violated"]],
  ["budget-missing", "unknown replicas", [workload({ replicas: unknown })], ["spec.template undecidable"]],
  ["budget-missing", "unknown replicas and a budget", [workload({ replicas: unknown }), looseBudget], []],
  ["budget-missing", "replicas that are no number", [workload({ replicas: "3" })], []],
  [
    "budget-missing",
    "a budget that only a running pod shows",
    [workload(), budget({ selector: { matchLabels: { "pod-template-hash": "x" } } })],
    [],
  ],
  [
    "budget-missing",
    "such a budget in another namespace",
    [
      workload(),
      {
        ...budget({ selector: { matchExpressions: [{ key: "job-name", operator: "Exists" }] } }),
        metadata: { name: "x", namespace: "other" },
      },
    ],
    ["spec.template violated"],
  ],
  ["budget-selects-nothing", "unknown labels", [ofUnknownLabels, looseBudget], ["spec.selector undecidable"]],
  ["budget-selects-nothing", "an unknown selector", [budget({ selector: unknown })], ["spec.selector undecidable"]],
  [
    "budget-selects-nothing",
    "pods in an unknown namespace",
    [inUnknownNamespace, looseBudget],
    ["spec.selector undecidable"],
  ],
  [
    "budget-selects-nothing",
    "a budget in an unknown namespace",
    [workload(), { ...looseBudget, metadata: { name: "x", namespace: unknown } }],
    ["spec.selector undecidable"],
  ],
  [
    "budget-selects-nothing",
    "a number for a label",
    [workload({ template: template({}, { app: 7 }) }), budget({ selector: { matchLabels: { app: 7 } } })],
    [],
  ],
  [
    "budget-unhealthy-pods",
    "an unknown policy",
    [budget({ unhealthyPodEvictionPolicy: unknown })],
    ["spec.unhealthyPodEvictionPolicy undecidable"],
  ],
  [
    "budget-missing",
    "an operator that may make a budget",
    [operated("postgresql.cnpg.io/v1", "Cluster", { enablePDB: unknown })],
    ["spec.template undecidable"],
  ],
  ["budget-missing", "an operator that makes one by default", [operated("postgresql.cnpg.io/v1", "Cluster")], []],
  [
    "budget-missing",
    "a single router",
    [operated("mysql.oracle.com/v2", "InnoDBCluster", { router: { instances: 1 } })],
    [],
  ],
  [
    "budget-blocks-eviction",
    "an operator that may make a budget too",
    [
      operated("postgresql.cnpg.io/v1", "Cluster", { enablePDB: unknown }),
      budget({ maxUnavailable: 1, selector: { matchLabels: { "cnpg.io/cluster": "data" } } }),
    ],
    ["spec.selector undecidable"],
  ],
  [
    "budget-blocks-eviction",
    "an operator that is told to make none",
    [
      operated("postgresql.cnpg.io/v1", "Cluster", { enablePDB: false }),
      budget({ maxUnavailable: 1, selector: { matchLabels: { "cnpg.io/cluster": "data" } } }),
    ],
    [],
  ],
  ["budget-missing", "two pods", [workload({ replicas: 2 })], ["spec.template violated"]],
  ["budget-missing", "one pod", [workload({ replicas: 1 })], []],
  ["budget-missing", "one pod at least", [workload({ replicas: null }), autoscaler({ minReplicas: 1 })], []],
];

describe("budgets and unknown values", () => {
  itSays(availability, rows);
});
