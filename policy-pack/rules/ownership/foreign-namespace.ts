import type { ObjectRule } from "../../core/rule.ts";
import { isClusterScoped, nameOf, namespaceOf } from "../../kube/objects.ts";
import { unknown } from "../../kube/tree.ts";
import { configMap, release } from "./cases.ts";
import type { OwnershipSettings } from "./settings.ts";

/**
 * Namespaces of the cluster stay with the cluster. Helm releases are left out: charts of add-ons, such as
 * metrics-server, belong there. So are patches, of which `patch-resource` speaks.
 */
export const foreignNamespace: ObjectRule<OwnershipSettings> = {
  id: "foreign-namespace",
  subject: "object",
  level: "mandatory",
  title: "The stack owns no foreign namespace and puts nothing into one.",
  why: "Objects there meet the cluster's own quotas, policies and updates, and a destroy can take its parts along.",
  fix: "use a namespace of the stack; exempt what must be there, such as an RBAC binding of an API extension",
  check(object, report, { foreignNamespaces }) {
    if (foreignNamespaces.length === 0 || object.partial || object.group === "helm.sh") return;
    const isNamespace = object.kind === "Namespace" && object.group === "";
    if (isClusterScoped(object) && !isNamespace) return;
    const field = object.root.at("metadata", isNamespace ? "name" : "namespace");
    const name = isNamespace ? nameOf(object) : namespaceOf(object);
    if (field.unknown) report.undecidable(field);
    else if (name !== undefined && foreignNamespaces.includes(name)) {
      report.violated(field, `the namespace ${name} is not the stack's`);
    }
  },
  good: [
    { name: "a namespace of the stack", objects: [configMap()] },
    { name: "a Namespace of the stack", objects: [configMap({ namespace: undefined }, { kind: "Namespace" })] },
    { name: "an add-on's release", objects: [release({ namespace: "kube-system" })] },
    {
      name: "a cluster-wide object with a namespace without meaning",
      objects: ["kube-system", unknown].map((namespace, index) =>
        configMap({ name: `a${index}`, namespace }, { kind: "PriorityClass", apiVersion: "scheduling.k8s.io/v1" }),
      ),
    },
  ],
  bad: [
    {
      name: "kube-system",
      objects: [configMap({ namespace: "kube-system" })],
      expect: [{ path: "metadata.namespace" }],
    },
    {
      name: "the Namespace kube-public itself",
      objects: [configMap({ name: "kube-public", namespace: undefined }, { kind: "Namespace" })],
      expect: [{ path: "metadata.name" }],
    },
    {
      name: "a namespace of the settings, which is the default one",
      objects: [configMap({ namespace: null })],
      settings: { foreignNamespaces: ["default"] },
      expect: [{ path: "metadata.namespace" }],
    },
    {
      name: "a namespace that is not known yet",
      objects: [configMap({ namespace: unknown })],
      expect: [{ path: "metadata.namespace", verdict: "undecidable" }],
    },
    {
      name: "a Namespace whose name is not known yet",
      objects: [configMap({ name: unknown, namespace: undefined }, { kind: "Namespace" })],
      expect: [{ path: "metadata.name", verdict: "undecidable" }],
    },
  ],
};
