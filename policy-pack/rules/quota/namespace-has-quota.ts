import type { ClusterRule } from "../../core/rule.ts";
import type { KubeObject } from "../../kube/objects.ts";
import { quotaKey } from "../../kube/quota-need.ts";
import { isScoped } from "../../kube/quota-scopes.ts";
import { unknown } from "../../kube/tree.ts";
import { around, deployment, exact, limitRange, named, namespace, quota, sound, template } from "./cases.ts";
import { podNamespaces, tellMissing } from "./namespaces.ts";
import type { QuotaSettings } from "./settings.ts";

function grants(quota: KubeObject, resource: string): boolean {
  return quota.root
    .at("spec", "hard")
    .entries()
    .some(([key, value]) => !value.absent && quotaKey(key) === quotaKey(resource));
}

function onlyScope(quota: KubeObject, scope: string): boolean {
  const scopes = quota.root.at("spec", "scopes").items();
  return scopes.length === 1 && scopes[0]?.text === scope && quota.root.at("spec", "scopeSelector").absent;
}

// One quota for pods with a deadline and one for pods without count every pod together.
function bounds(quotas: readonly KubeObject[], resource: string): boolean {
  const granting = quotas.filter((one) => grants(one, resource));
  if (granting.some((one) => !isScoped(one))) return true;
  return ["Terminating", "NotTerminating"].every((scope) => granting.some((one) => onlyScope(one, scope)));
}

/**
 * Pods of the stack only: a namespace with nothing but Helm releases is as its chart makes it, and no rule sees whether
 * the chart brings a quota. A namespace that is made elsewhere may have its quota from there.
 */
export const namespaceHasQuota: ClusterRule<QuotaSettings> = {
  id: "namespace-has-quota",
  subject: "cluster",
  level: "mandatory",
  title: "A namespace with pods has a ResourceQuota that bounds CPU, memory and the number of pods.",
  why: "Without a quota one mistake in a maximum takes the whole cluster, and every other game world with it.",
  fix: "add a ResourceQuota with requests.cpu, requests.memory, limits.cpu, limits.memory and pods",
  check(cluster, report, settings) {
    for (const space of podNamespaces(cluster, settings, "ResourceQuota")) {
      const [first] = space.guards;
      if (first === undefined) {
        tellMissing(space, report, "ResourceQuota");
        continue;
      }
      const open = space.guards.find(
        ({ root }) => root.at("spec", "hard").unknown || root.at("spec", "scopes").unknown,
      );
      for (const resource of settings.required) {
        if (bounds(space.guards, resource)) continue;
        const at = { object: first, field: first.root.at("spec", "hard", resource) };
        if (open !== undefined) report.undecidable({ object: open, field: open.root.at("spec", "hard") });
        else if (space.guards.some(({ partial }) => partial)) continue;
        else report.violated(at, `${resource} is bounded by no quota that counts every pod of the namespace`);
      }
    }
  },
  good: [
    { name: "the quota bounds everything that is asked for", objects: sound },
    {
      name: "two quotas bound it together",
      objects: around(
        quota({ pods: undefined }),
        { ...quota(), metadata: named("second"), spec: { hard: { pods: "4" } } },
        deployment(),
      ),
    },
    {
      name: "cpu and memory are other names of their requests",
      objects: around(
        quota({ "requests.cpu": undefined, "requests.memory": undefined, cpu: "400m", memory: "512Mi" }),
        deployment(),
      ),
    },
    {
      name: "one quota for pods with a deadline and one for those without",
      objects: around(
        quota({}, { scopes: ["NotTerminating"] }),
        { ...quota({}, { scopes: ["Terminating"] }), metadata: named("batch") },
        deployment(),
      ),
    },
    {
      name: "a template of pods is none",
      objects: [
        namespace,
        { apiVersion: "v1", kind: "PodTemplate", metadata: named("template"), template: template() },
      ],
    },
    { name: "a namespace without pods needs none", objects: [namespace, limitRange()] },
    {
      name: "the system's own namespaces have none",
      objects: [{ ...deployment(), metadata: { name: "agent", namespace: "kube-system" } }],
    },
    {
      name: "a namespace with a Helm release alone is as its chart makes it",
      objects: [namespace, { apiVersion: "helm.sh/v3", kind: "Release", name: "keda", namespace: "sample" }],
    },
  ],
  bad: [
    {
      name: "there is no quota",
      objects: around(deployment()),
      expect: [{ path: "" }],
    },
    ...Object.keys(exact).map((resource) => ({
      name: `nothing bounds ${resource}`,
      objects: around(quota({ [resource]: undefined }), deployment()),
      expect: [{ path: resource === "pods" ? "spec.hard.pods" : `spec.hard["${resource}"]` }],
    })),
    {
      name: "the quota counts pods of one class only",
      objects: around(quota({}, { scopes: ["NotTerminating"] }), deployment()),
      expect: Object.keys(exact).map((resource) => ({
        path: resource === "pods" ? "spec.hard.pods" : `spec.hard["${resource}"]`,
      })),
    },
    {
      name: "a quota may be in the namespace or in another",
      objects: around({ ...quota(), metadata: { name: "quota", namespace: unknown } }, deployment()),
      expect: [
        { path: "", verdict: "undecidable" },
        { path: "metadata.namespace", verdict: "undecidable", rule: "quota-sum" },
      ],
    },
    {
      name: "the namespace is made elsewhere, and its quota may be too",
      objects: [limitRange(), deployment()],
      expect: [{ path: "metadata.namespace", verdict: "undecidable" }],
    },
    {
      name: "what the quota bounds is not known yet",
      objects: around({ ...quota(), spec: { hard: unknown } }, deployment()),
      expect: [
        { path: "spec.hard", verdict: "undecidable" },
        { path: "spec.hard", verdict: "undecidable", rule: "quota-sum" },
      ],
    },
  ],
};
