import type { ClusterRule } from "../../core/rule.ts";
import { namespaceOf } from "../../kube/objects.ts";
import { all } from "../../kube/selectors.ts";
import { unknown } from "../../kube/tree.ts";
import { alertmanager, guarded, operated, policy, release, workload } from "./cases.ts";
import { elsewhereOf, listsSelected, othersMay } from "./elsewhere.ts";
import { isOnHostNetwork, PodIndex } from "./pod-index.ts";
import { isForAllPods, isNetworkPolicy } from "./policies.ts";
import type { NetworkSettings } from "./settings.ts";

/** Selectors of the stack's policies. Those for all pods of a namespace may stand there before any pod does. */
export const policySelectsNothing: ClusterRule<NetworkSettings> = {
  id: "policy-selects-nothing",
  subject: "cluster",
  level: "mandatory",
  title: "Every network policy selects a pod.",
  why: "A policy with a mistyped label guards nothing and allows nothing, and looks as if it did both.",
  fix: "write the labels of the pods; list pods that others make in the setting elsewherePods",
  check(cluster, report, settings) {
    const index = PodIndex.of(cluster);
    for (const object of cluster.ofKind("NetworkPolicy").filter(isNetworkPolicy)) {
      const field = object.root.at("spec", "podSelector");
      const namespace = namespaceOf(object);
      const forAll = isForAllPods(object);
      if (forAll === true || (forAll === undefined && object.partial)) continue;
      const at = { field, object };
      if (namespace === undefined) {
        report.undecidable(at);
        continue;
      }
      const { pods, maybe } = index.selected(namespace, field);
      const onHost = all(pods.map(isOnHostNetwork));
      const listed = listsSelected(settings, namespace, field);
      if ((pods.length > 0 && onHost === false) || listed === true) continue;
      const vague = maybe || forAll === undefined || onHost === undefined || listed === undefined;
      if (vague) report.undecidable(at);
      else if (elsewhereOf(cluster).mayMake(namespace)) report.undecidable(at, othersMay);
      else if (pods.length === 0) report.violated(at, "selects no pod of the stack");
      else report.violated(at, "selects only pods on the network of their node, to which no policy applies");
    }
  },
  good: [
    { name: "all pods", objects: guarded() },
    { name: "all pods of a namespace without any", objects: [policy()] },
    { name: "one workload", objects: guarded(policy({ podSelector: { matchLabels: { app: "sample" } } })) },
    {
      name: "a label that the StatefulSet writes",
      objects: [
        workload({ app: "sample" }, {}, { kind: "StatefulSet" }),
        policy(),
        policy({ podSelector: { matchLabels: { app: "sample", "apps.kubernetes.io/pod-index": "0" } } }),
      ],
    },
    {
      name: "pods of which some are on the network of their node",
      objects: guarded(
        workload({ app: "sample" }, { hostNetwork: true }, { kind: "DaemonSet" }),
        policy({ podSelector: { matchLabels: { app: "sample" } } }),
      ),
    },
    {
      name: "a patch that says nothing of pods",
      objects: [
        { type: "kubernetes:networking.k8s.io/v1:NetworkPolicyPatch", props: policy({ podSelector: undefined }) },
      ],
    },
    {
      name: "by expression",
      objects: guarded(
        policy({ podSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["x", "sample"] }] } }),
      ),
    },
    {
      name: "pods of an Alertmanager, by the resource's label and by one that the operator writes",
      objects: guarded(
        alertmanager(),
        policy({ podSelector: { matchLabels: { app: "x", alertmanager: "sample" } } }, "alertmanager"),
      ),
    },
    { name: "a store that an operator makes", objects: [policy({ podSelector: { matchLabels: { app: "mysql" } } })] },
    {
      name: "pods of the settings, in that namespace",
      objects: [policy({ podSelector: { matchLabels: { app: "x" } } })],
      settings: { elsewherePods: [{ namespace: "sample", labels: { app: "x", more: "y" } }] },
    },
  ],
  bad: [
    {
      name: "another label",
      objects: guarded(policy({ podSelector: { matchLabels: { app: "smaple" } } })),
      expect: [{ path: "spec.podSelector" }],
    },
    {
      name: "the labels of the controller, not of its pods",
      objects: guarded(
        workload({ app: "x" }, {}, { metadata: { name: "x", namespace: "sample", labels: { app: "y" } } }),
        policy({ podSelector: { matchLabels: { app: "y" } } }),
      ),
      expect: [{ path: "spec.podSelector" }],
    },
    {
      name: "an expression that selects nothing",
      objects: guarded(policy({ podSelector: { matchExpressions: [{ key: "app", operator: "DoesNotExist" }] } })),
      expect: [{ path: "spec.podSelector" }],
    },
    {
      name: "pods of the settings are in another namespace",
      objects: [policy({ podSelector: { matchLabels: { app: "x" } } })],
      settings: { elsewherePods: [{ namespace: "other", labels: { app: "x" } }] },
      expect: [{ path: "spec.podSelector" }],
    },
    {
      name: "pods on the network of their node",
      objects: [
        workload({ app: "sample" }, { hostNetwork: true }),
        policy(),
        policy({ podSelector: { matchLabels: { app: "sample" } } }),
      ],
      expect: [{ path: "spec.podSelector" }],
    },
    {
      name: "a resource of an operator may bring the pods",
      objects: [operated(), policy({ podSelector: { matchLabels: { app: "x" } } })],
      expect: [{ path: "spec.podSelector", verdict: "undecidable" }],
    },
    {
      name: "a Helm release of the namespace may bring the pods",
      objects: [release("sample"), policy({ podSelector: { matchLabels: { app: "x" } } })],
      expect: [{ path: "spec.podSelector", verdict: "undecidable" }],
    },
    {
      name: "a Helm release of another namespace brings none",
      objects: [release("other"), policy({ podSelector: { matchLabels: { app: "x" } } })],
      expect: [{ path: "spec.podSelector" }],
    },
    {
      name: "a resource that brings no pods",
      objects: [operated("ScaledObject", "keda.sh/v1alpha1"), policy({ podSelector: { matchLabels: { app: "x" } } })],
      expect: [{ path: "spec.podSelector" }],
    },
    {
      name: "pods of an Alertmanager on the network of their node, beside which the operator may make others",
      objects: guarded(
        alertmanager({ hostNetwork: true }),
        policy({ podSelector: { matchLabels: { app: "x" } } }, "alertmanager"),
      ),
      expect: [{ path: "spec.podSelector", verdict: "undecidable" }],
    },
    {
      name: "whether pods are on the network of their node is not known yet",
      objects: [
        workload({ app: "sample" }, { hostNetwork: unknown }),
        policy(),
        policy({ podSelector: { matchLabels: { app: "sample" } } }),
      ],
      expect: [{ path: "spec.podSelector", verdict: "undecidable" }],
    },
    {
      name: "a namespace of the policy that is not known yet",
      objects: [policy({ podSelector: { matchLabels: { app: "x" } } }, "a", { metadata: { namespace: unknown } })],
      expect: [{ path: "spec.podSelector", verdict: "undecidable" }],
    },
    {
      name: "a label that is not known yet",
      objects: guarded(policy({ podSelector: { matchLabels: { app: unknown } } })),
      expect: [{ path: "spec.podSelector", verdict: "undecidable" }],
    },
    {
      name: "a label that is not known yet beside one that no pod has",
      objects: guarded(policy({ podSelector: { matchLabels: { tier: unknown, app: "x" } } })),
      expect: [{ path: "spec.podSelector" }],
    },
  ],
};
