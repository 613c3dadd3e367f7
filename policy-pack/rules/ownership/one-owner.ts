import type { ClusterRule } from "../../core/rule.ts";
import { type KubeObject, nameField, nameOf, namespaceField, namespaceOf } from "../../kube/objects.ts";
import { unknown } from "../../kube/tree.ts";
import { configMap, deployment, engineDeployment, release } from "./cases.ts";
import type { OwnershipSettings } from "./settings.ts";

// Where a kind of the group `extensions` lives now; one object is served under both.
const movedTo: Readonly<Record<string, string>> = {
  DaemonSet: "apps",
  Deployment: "apps",
  ReplicaSet: "apps",
  Ingress: "networking.k8s.io",
  NetworkPolicy: "networking.k8s.io",
};

// Undefined where the name is left to the server or not known yet: such names are made to differ.
function identity(object: KubeObject): string | undefined {
  const [name, namespace] = [nameOf(object), namespaceOf(object)];
  if (name === undefined || namespaceField(object).unknown) return undefined;
  const group = object.group === "extensions" ? (movedTo[object.kind] ?? object.group) : object.group;
  return JSON.stringify([group, object.kind, namespace, name]);
}

/** One resource for each object. Two patches of a foreign object may own different fields and are let through. */
export const oneOwner: ClusterRule<OwnershipSettings> = {
  id: "one-owner",
  subject: "cluster",
  level: "mandatory",
  title: "No two resources of the stack manage one object.",
  why: "They overwrite each other with every up, and removing one of them deletes the object that the other needs.",
  fix: "keep one of the two resources, or give the objects different names",
  check(cluster, report) {
    const owners = new Map<string, KubeObject>();
    for (const object of cluster.objects.filter((one) => !one.partial)) {
      const key = identity(object);
      if (key === undefined) continue;
      if (owners.has(key)) {
        report.violated(
          { field: nameField(object), object },
          "another resource of the stack manages an object of the same kind, namespace and name",
        );
      } else owners.set(key, object);
    }
    for (const object of cluster.objects.filter((one) => one.partial)) {
      const key = identity(object);
      if (key === undefined || !owners.has(key)) continue;
      report.violated(
        { field: nameField(object), object },
        "patches an object that another resource of the stack manages",
      );
    }
  },
  good: [
    { name: "two names", objects: [configMap(), configMap({ name: "other" })] },
    { name: "two namespaces", objects: [configMap(), configMap({ namespace: "other" })] },
    { name: "two kinds", objects: [configMap(), configMap({}, { kind: "Secret" })] },
    {
      name: "two groups with a kind of the same name",
      objects: [
        configMap({}, { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" }),
        configMap({}, { apiVersion: "projectcalico.org/v3", kind: "NetworkPolicy" }),
      ],
    },
    { name: "names that the server makes", objects: [configMap({ name: null }), configMap({ name: null })] },
    { name: "names that are not known yet", objects: [configMap({ name: unknown }), configMap({ name: unknown })] },
    {
      name: "namespaces that are not known yet",
      objects: [configMap({ namespace: unknown }), configMap({ namespace: unknown })],
      settings: { foreignNamespaces: [] },
    },
    {
      name: "one object in each of two clusters",
      objects: ["a", "b"].map((cluster) => ({ type: "kubernetes:core/v1:ConfigMap", props: configMap(), cluster })),
    },
  ],
  bad: [
    { name: "one object twice", objects: [configMap(), configMap()], expect: [{ path: "metadata.name" }] },
    {
      name: "the default namespace, written and not",
      objects: [configMap({ namespace: "default" }), configMap({ namespace: undefined })],
      expect: [{ path: "metadata.name" }],
    },
    {
      name: "an old and a new version of one object",
      objects: [deployment(), deployment({}, { apiVersion: "extensions/v1beta1" })],
      expect: [{ path: "metadata.name" }],
    },
    { name: "one Helm release twice", objects: [release(), release()], expect: [{ path: "name" }] },
    {
      name: "an object and a patch of it",
      objects: [engineDeployment([], "DeploymentPatch"), engineDeployment([])],
      expect: [{ path: "metadata.name" }, { path: "metadata.name", rule: "patch-resource" }],
    },
  ],
};
