import type { ClusterRule } from "../../core/rule.ts";
import { isRelease } from "../../kube/api-groups.ts";
import { describe, isClusterScoped, type KubeObject, nameOf, namespaceOf } from "../../kube/objects.ts";
import { unknown } from "../../kube/tree.ts";
import { metadata, object, pod } from "./cases.ts";
import type { NamingSettings } from "./settings.ts";

// The same object under an old name of its group.
function groupOf({ group, kind }: KubeObject): string {
  if (group !== "extensions") return group;
  return /^(?:Ingress|NetworkPolicy)$/.test(kind) ? "networking.k8s.io" : "apps";
}

function keyOf(subject: KubeObject): string | undefined {
  const release = isRelease(subject);
  const name = release ? subject.root.at("name").text : nameOf(subject);
  const namespace = release ? (subject.root.at("namespace").text ?? "default") : namespaceOf(subject);
  if (name === undefined || name === "" || (namespace === undefined && !isClusterScoped(subject))) return undefined;
  return [groupOf(subject), subject.kind, namespace ?? "", name].join("\n");
}

/**
 * Several patches of one object are in order. A name that is not known yet is one that somebody makes up, and is taken
 * to be unique.
 */
export const uniqueObject: ClusterRule<NamingSettings> = {
  id: "unique-object",
  subject: "cluster",
  level: "mandatory",
  title: "No two resources of a stack are the same object of a cluster.",
  why: "With server-side apply the second takes the object over without a word, and deleting either deletes both.",
  fix: "give one of them another name, or remove it",
  check(cluster, report) {
    const seen = new Map<string, KubeObject>();
    for (const one of cluster.objects) {
      const key = one.partial ? undefined : keyOf(one);
      if (key === undefined) continue;
      const first = seen.get(key);
      if (first === undefined) seen.set(key, one);
      else {
        const field = isRelease(one) ? one.root.at("name") : one.root.at("metadata", "name");
        report.violated({ field, object: one }, `another resource of the stack is ${describe(first)} as well`);
      }
    }
  },
  good: [
    {
      name: "other kinds, groups and namespaces",
      objects: [
        object("v1", "ConfigMap"),
        object("v1", "Secret"),
        object("v1", "ConfigMap", { metadata: metadata({ namespace: "other" }) }),
        object("a.example.com/v1", "World"),
        object("b.example.com/v1", "World"),
      ],
    },
    {
      name: "releases of one name in two namespaces",
      objects: ["a", "b"].map((namespace) => ({ apiVersion: "helm.sh/v3", kind: "Release", name: "a", namespace })),
    },
    {
      name: "names that the API server makes",
      objects: [1, 2].map(() => object("v1", "ConfigMap", { metadata: { generateName: "a-", namespace: "sample" } })),
    },
  ],
  bad: [
    {
      name: "twice the same",
      objects: [object("v1", "ConfigMap"), pod(), object("v1", "ConfigMap")],
      expect: [{ path: "metadata.name" }],
    },
    {
      name: "twice the same in two versions, and under an old group",
      objects: [
        object("autoscaling/v1", "HorizontalPodAutoscaler"),
        object("autoscaling/v2", "HorizontalPodAutoscaler"),
        object("networking.k8s.io/v1", "Ingress"),
        object("extensions/v1beta1", "Ingress"),
        object("extensions/v1beta1", "DaemonSet", { spec: {} }),
        object("apps/v1beta2", "DaemonSet", { spec: {} }),
      ],
      settings: { requiredLabels: [] },
      expect: [{ path: "metadata.name" }, { path: "metadata.name" }, { path: "metadata.name" }],
    },
    {
      name: "twice the same without namespace",
      objects: [1, 2].map(() => ({ apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } })),
      expect: [{ path: "metadata.name" }],
    },
    {
      name: "twice the same release",
      objects: [1, 2].map(() => ({ apiVersion: "helm.sh/v3", kind: "Release", name: "a", namespace: "sample" })),
      expect: [{ path: "name" }],
    },
    {
      name: "three times, with a name between them that is not known yet",
      objects: [
        object("v1", "ConfigMap"),
        object("v1", "ConfigMap", { metadata: metadata({ name: unknown }) }),
        object("v1", "ConfigMap"),
        object("v1", "ConfigMap"),
      ],
      expect: [
        { path: "metadata.name" },
        { path: "metadata.name" },
        { path: "metadata.name", verdict: "undecidable", rule: "valid-name" },
      ],
    },
  ],
};
