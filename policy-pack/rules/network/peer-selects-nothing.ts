import type { Cluster } from "../../core/cluster.ts";
import type { ClusterRule, Report } from "../../core/rule.ts";
import { type KubeObject, namespaceOf } from "../../kube/objects.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { guarded, ingressPolicy, inNamespace, operated, policy } from "./cases.ts";
import { elsewhereOf, listsSelected, othersMay } from "./elsewhere.ts";
import { PodIndex } from "./pod-index.ts";
import { directions, isEmptySelector, isNetworkPolicy, rulesOf } from "./policies.ts";
import type { NetworkSettings } from "./settings.ts";

const other = { podSelector: { matchLabels: { app: "other" } } };

interface Peer {
  field: Field;
  object: KubeObject;
  namespace: string;
}

function checkPods(cluster: Cluster, peer: Peer, report: Report, settings: NetworkSettings): void {
  const { pods, maybe } = PodIndex.of(cluster).selected(peer.namespace, peer.field);
  const listed = listsSelected(settings, peer.namespace, peer.field);
  if (pods.length > 0 || listed === true) return;
  if (maybe || listed === undefined) report.undecidable(peer);
  else if (elsewhereOf(cluster).mayMake(peer.namespace)) report.undecidable(peer, othersMay);
  else report.violated(peer, "selects no pod of the stack");
}

/** Peers of a policy's own namespace. What other namespaces hold is not known here. */
export const peerSelectsNothing: ClusterRule<NetworkSettings> = {
  id: "peer-selects-nothing",
  subject: "cluster",
  level: "advisory",
  title: "Every peer of a network policy selects a pod.",
  why: "A call that is allowed to nobody fails, and whoever runs a pod with the missing label is let in.",
  fix: "write the labels of the pods; list pods that others make in the setting elsewherePods",
  check(cluster, report, settings) {
    for (const object of cluster.ofKind("NetworkPolicy").filter(isNetworkPolicy)) {
      const namespace = namespaceOf(object);
      for (const { direction, peers } of directions) {
        for (const peer of rulesOf(object, direction)
          .items()
          .flatMap((rule) => rule.at(peers).items())) {
          const [field, beside] = [peer.at("podSelector"), peer.at("namespaceSelector")];
          if (beside.unknown) report.undecidable({ field: beside, object });
          if (field.absent || !beside.absent || isEmptySelector(field) === true) continue;
          if (namespace === undefined) report.undecidable({ field, object });
          else checkPods(cluster, { field, object, namespace }, report, settings);
        }
      }
    }
  },
  good: [
    {
      name: "a workload",
      objects: guarded(ingressPolicy({ from: [{ podSelector: { matchLabels: { app: "sample" } } }] })),
    },
    { name: "all pods of the namespace", objects: [ingressPolicy({ from: [{ podSelector: {} }] })] },
    { name: "pods of another namespace", objects: [ingressPolicy({ from: [{ ...inNamespace("x"), ...other }] })] },
    { name: "a store", objects: [policy({ egress: [{ to: [{ podSelector: { matchLabels: { app: "mysql" } } }] }] })] },
  ],
  bad: [
    {
      name: "nobody may come in",
      objects: [ingressPolicy({ from: [inNamespace("x"), other] })],
      expect: [{ path: "spec.ingress[0].from[1].podSelector" }],
    },
    {
      name: "calls to nobody",
      objects: [policy({ egress: [{ to: [other] }] })],
      expect: [{ path: "spec.egress[0].to[0].podSelector" }],
    },
    {
      name: "an operator may bring the pods",
      objects: [operated(), ingressPolicy({ from: [other] })],
      expect: [{ path: "spec.ingress[0].from[0].podSelector", verdict: "undecidable" }],
    },
    {
      name: "a namespace of the policy that is not known yet",
      objects: [policy({ ingress: [{ from: [other] }] }, "a", { metadata: { namespace: unknown } })],
      expect: [{ path: "spec.ingress[0].from[0].podSelector", verdict: "undecidable" }],
    },
    {
      name: "a selector that is not known yet beside one that selects nothing",
      objects: [ingressPolicy({ from: [{ podSelector: unknown }, other] })],
      expect: [
        { path: "spec.ingress[0].from[0].podSelector", verdict: "undecidable" },
        { path: "spec.ingress[0].from[1].podSelector" },
      ],
    },
  ],
};
