import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Cluster } from "../../../policy-pack/core/cluster.ts";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { unknown } from "../../../policy-pack/kube/tree.ts";
import { quotaTable } from "../../../policy-pack/rules/quota/table.ts";
import { objectsOf } from "../support/findings.ts";
import { objectIn, plainSettings, podIn } from "../support/quota-stacks.ts";

describe("quotas with scopes", () => {
  const cases: readonly [what: string, scope: Manifest, spec: Manifest, want: string][] = [
    ["a deadline of the pod", { scopes: ["Terminating"] }, { activeDeadlineSeconds: 0 }, "1"],
    ["no deadline", { scopes: ["Terminating"] }, {}, "0"],
    ["no deadline", { scopes: ["NotTerminating"] }, {}, "1"],
    ["an unknown deadline", { scopes: ["NotTerminating"] }, { activeDeadlineSeconds: unknown }, "0?"],
    ["sizes", { scopes: ["BestEffort"] }, {}, "0"],
    ["sizes", { scopes: ["NotBestEffort"] }, {}, "1"],
    ["no sizes", { scopes: ["BestEffort"] }, { containers: [{ name: "box" }] }, "1"],
    ["both have to match", { scopes: ["NotBestEffort", "Terminating"] }, {}, "0"],
    ["a priority", { scopes: ["PriorityClass"] }, { priorityClassName: "high" }, "1"],
    ["no priority", { scopes: ["PriorityClass"] }, {}, "0"],
    ["a selector and its class", selector("In", ["high"]), { priorityClassName: "high" }, "1"],
    ["a selector and another class", selector("In", ["high"]), { priorityClassName: "low" }, "0"],
    ["a selector and no class", selector("In", ["high"]), {}, "0"],
    ["a selector and an unknown class", selector("In", ["high"]), { priorityClassName: unknown }, "0?"],
    ["a selector of unknown classes", selector("In", [unknown]), { priorityClassName: "high" }, "0?"],
    ["a selector of unknown classes and no class", selector("In", [unknown]), {}, "0"],
    ["all but unknown classes, and none", selector("NotIn", [unknown]), {}, "1"],
    ["all but a class", selector("NotIn", ["high"]), { priorityClassName: "low" }, "1"],
    ["all but a class, and none", selector("NotIn", ["high"]), {}, "1"],
    ["all but its class", selector("NotIn", ["high"]), { priorityClassName: "high" }, "0"],
    ["any class", selector("Exists"), { priorityClassName: "high" }, "1"],
    ["no class at all", selector("DoesNotExist"), {}, "1"],
    ["no class at all, and one", selector("DoesNotExist"), { priorityClassName: "high" }, "0"],
    [
      "affinity to other namespaces",
      { scopes: ["CrossNamespacePodAffinity"] },
      affinity({ namespaces: ["other"] }),
      "1",
    ],
    [
      "affinity to namespaces by label",
      { scopes: ["CrossNamespacePodAffinity"] },
      affinity({ namespaceSelector: {} }),
      "1",
    ],
    ["affinity within the namespace", { scopes: ["CrossNamespacePodAffinity"] }, affinity({}), "0"],
    [
      "affinity to unknown namespaces",
      { scopes: ["CrossNamespacePodAffinity"] },
      affinity({ namespaces: unknown }),
      "0?",
    ],
    ["a scope that nobody knows", { scopes: ["Weekend"] }, {}, "0"],
    ["an unknown scope", { scopes: [unknown] }, {}, "0?"],
    ["unknown scopes", { scopes: unknown }, {}, "0?"],
  ];

  function selector(operator: string, values?: unknown[]): Manifest {
    return { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator, values }] } };
  }

  function affinity(term: Manifest): Manifest {
    return {
      affinity: {
        podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }] },
      },
    };
  }

  function needed(manifests: readonly Manifest[]): string[] {
    const rows = quotaTable(new Cluster(objectsOf(manifests)), plainSettings);
    return rows.map(({ need, verdict }) => (verdict === "undecidable" ? `${need}?` : need));
  }

  for (const [what, scope, spec, want] of cases) {
    it(`${JSON.stringify(scope)} and ${what}`, () => {
      const quota = objectIn("ResourceQuota", { spec: { hard: { pods: "9" }, ...scope } });
      assert.deepEqual(needed([quota, podIn(spec)]), [want]);
    });
  }

  it("take the class that the cluster gives to pods without one", () => {
    const priorityClass = {
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: { name: "high" },
      globalDefault: true,
    };
    const quota = objectIn("ResourceQuota", { spec: { hard: { pods: "9" }, ...selector("In", ["high"]) } });
    assert.deepEqual(needed([quota, podIn(), priorityClass]), ["1"]);
  });

  it("count nothing but pods", () => {
    const quota = objectIn("ResourceQuota", { spec: { hard: { configmaps: "0" }, scopes: ["NotTerminating"] } });
    assert.deepEqual(needed([quota, objectIn("ConfigMap")]), []);
  });
});
