import type { ClusterRule } from "../../core/rule.ts";
import type { KubeObject } from "../../kube/objects.ts";
import { formatQuantity, parseQuantity, readQuantity } from "../../kube/quantities.ts";
import { quotaKey } from "../../kube/quota-need.ts";
import { isScoped } from "../../kube/quota-scopes.ts";
import type { Field } from "../../kube/tree.ts";
import { unknown } from "../../kube/tree.ts";
import { around, deployment, named, quota, sound } from "./cases.ts";
import type { QuotaSettings } from "./settings.ts";

interface Grant {
  object: KubeObject;
  field: Field;
  nanos: bigint;
}

/** Silent without the setting `budget`. Quotas with scopes count a part of what others count, so they are left out. */
export const quotaBudget: ClusterRule<QuotaSettings> = {
  id: "quota-budget",
  subject: "cluster",
  level: "mandatory",
  title: "All quotas of a cluster together grant no more than the setting budget.",
  why: "Quotas that promise more than the nodes hold are no promise: at the peak of one namespace the pods of another wait.",
  fix: "lower a quota, or raise the setting budget with the nodes",
  check(cluster, report, settings) {
    const quotas = cluster.ofKind("ResourceQuota").filter((object) => object.group === "" && !isScoped(object));
    for (const [resource, text] of Object.entries(settings.budget)) {
      const budget = parseQuantity(text);
      if (budget === undefined) continue;
      const grants: Grant[] = [];
      const open: Omit<Grant, "nanos">[] = [];
      for (const object of quotas) {
        const hard = object.root.at("spec", "hard");
        if (hard.unknown) open.push({ object, field: hard });
        for (const [key, field] of hard.entries()) {
          if (quotaKey(key) !== quotaKey(resource)) continue;
          const reading = readQuantity(field);
          if (typeof reading === "bigint") grants.push({ object, field, nanos: reading });
          else if (reading === "unknown") open.push({ object, field });
        }
      }
      const total = grants.reduce((whole, { nanos }) => whole + nanos, 0n);
      if (total > budget) {
        const largest = grants.reduce((one, other) => (other.nanos > one.nanos ? other : one));
        const sum = `${formatQuantity(resource, total)} of a budget of ${formatQuantity(resource, budget)}`;
        report.violated(largest, `${resource}: the quotas of the cluster grant ${sum}; this one grants the most`);
      } else for (const one of open) report.undecidable(one);
    }
  },
  good: [
    { name: "nobody sets a budget", objects: sound },
    {
      name: "two quotas take all of it",
      objects: around(quota(), { ...quota({ pods: "5" }), metadata: named("second") }, deployment()),
      settings: { budget: { pods: "9" } },
    },
    {
      name: "a quota of a part of the pods grants nothing on top",
      objects: [...sound, { ...quota({ pods: "9" }, { scopes: ["Terminating"] }), metadata: named("batch") }],
      settings: { budget: { pods: "4" } },
    },
  ],
  bad: [
    {
      name: "two quotas take one pod too many",
      objects: around(quota(), { ...quota({ pods: "5" }), metadata: named("second") }, deployment()),
      settings: { budget: { pods: "8" } },
      expect: [{ path: "spec.hard.pods" }],
    },
    {
      name: "cpu counts as requests.cpu",
      objects: around(quota({ cpu: "1" }), deployment()),
      settings: { budget: { "requests.cpu": "1" } },
      expect: [{ path: "spec.hard.cpu" }],
    },
    {
      name: "one of them is not known yet",
      objects: around(quota(), { ...quota({ pods: unknown }), metadata: named("second") }, deployment()),
      settings: { budget: { pods: "8" } },
      expect: [
        { path: "spec.hard.pods", verdict: "undecidable" },
        { path: "spec.hard.pods", verdict: "undecidable", rule: "quota-sum" },
      ],
    },
  ],
};
