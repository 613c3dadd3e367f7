import type { ObjectRule } from "../../core/rule.ts";
import type { Field } from "../../kube/tree.ts";
import { unknown } from "../../kube/tree.ts";
import { dnsPeer, dnsPorts, egress, ingressPolicy, inNamespace, policy } from "./cases.ts";
import { any, directions, isEmptySelector, isNetworkPolicy, rulesOf } from "./policies.ts";
import type { NetworkSettings } from "./settings.ts";

// Only "In" names namespaces; the others describe all but some.
function namesNamespaces(selector: Field, trusted: readonly string[]): boolean | undefined {
  const labels = selector.at("matchLabels");
  return any([
    labels.unknown ? undefined : labels.entries().some(([key]) => trusted.includes(key)),
    ...selector
      .at("matchExpressions")
      .items()
      .map((one) => {
        const [key, operator] = [one.at("key"), one.at("operator")];
        if (key.unknown || operator.unknown) return undefined;
        return operator.text === "In" && trusted.includes(key.text ?? "");
      }),
  ]);
}

/** Peers by namespace. */
export const peerNamespace: ObjectRule<NetworkSettings> = {
  id: "peer-namespace",
  subject: "object",
  kinds: ["NetworkPolicy"],
  level: "advisory",
  title: "A policy names other namespaces by the label that the API server sets.",
  why: "Whoever may label a namespace gives it any other label, and comes in; an empty selector is the whole cluster.",
  fix: "select by kubernetes.io/metadata.name, with matchLabels or the operator In",
  check(object, report, { trustedNamespaceLabels }) {
    if (!isNetworkPolicy(object)) return;
    for (const { direction, peers } of directions) {
      for (const peer of rulesOf(object, direction)
        .items()
        .flatMap((rule) => rule.at(peers).items())) {
        const selector = peer.at("namespaceSelector");
        if (selector.absent) continue;
        const empty = isEmptySelector(selector);
        if (empty === true) {
          const pods = peer.at("podSelector");
          const everyPod = pods.absent || isEmptySelector(pods);
          if (everyPod === true) report.violated(selector, "an empty selector is every pod of the cluster");
          else if (everyPod === undefined) report.undecidable(pods);
          continue;
        }
        const named = namesNamespaces(selector, trustedNamespaceLabels);
        if (named === false) report.violated(selector, "selects by labels that others can set too");
        else if (named === undefined) report.undecidable(selector);
      }
    }
  },
  good: [
    { name: "by name", objects: [ingressPolicy({ from: [inNamespace("x")] })] },
    {
      name: "by names",
      objects: [
        ingressPolicy({
          from: [
            {
              namespaceSelector: {
                matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["x", "y"] }],
              },
            },
          ],
        }),
      ],
    },
    { name: "by name and a label", objects: [egress({ to: [dnsPeer], ports: dnsPorts })] },
    { name: "a name that is not known yet", objects: [ingressPolicy({ from: [inNamespace(unknown)] })] },
    {
      name: "pods of any namespace by their labels",
      objects: [egress({ to: [{ namespaceSelector: {}, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }] })],
    },
    {
      name: "a policy of another group",
      objects: [
        policy({ ingress: [{ from: [{ namespaceSelector: {} }] }] }, "other", { apiVersion: "projectcalico.org/v3" }),
      ],
    },
    {
      name: "a label of the settings",
      objects: [ingressPolicy({ from: [{ namespaceSelector: { matchLabels: { team: "x" } } }] })],
      settings: { trustedNamespaceLabels: ["team"] },
    },
  ],
  bad: [
    {
      name: "a label of one's own",
      objects: [ingressPolicy({ from: [{ namespaceSelector: { matchLabels: { name: "x" } } }] })],
      expect: [{ path: "spec.ingress[0].from[0].namespaceSelector" }],
    },
    {
      name: "the whole cluster",
      objects: [egress({ to: [{ namespaceSelector: {} }] })],
      expect: [{ path: "spec.egress[0].to[0].namespaceSelector" }],
    },
    {
      name: "the whole cluster, with a selector of pods that is empty too",
      objects: [ingressPolicy({ from: [{ namespaceSelector: { matchLabels: {} }, podSelector: {} }] })],
      expect: [{ path: "spec.ingress[0].from[0].namespaceSelector" }],
    },
    ...["NotIn", "Exists"].map((operator) => ({
      name: `all but some, by ${operator}`,
      objects: [
        ingressPolicy({
          from: [
            {
              namespaceSelector: {
                matchExpressions: [{ key: "kubernetes.io/metadata.name", operator, values: ["x"] }],
              },
            },
          ],
        }),
      ],
      expect: [{ path: "spec.ingress[0].from[0].namespaceSelector" }],
    })),
    ...[
      { key: unknown, operator: "In" },
      { key: "kubernetes.io/metadata.name", operator: unknown },
    ].map((expression) => ({
      name: `${expression.key === unknown ? "a key" : "an operator"} that is not known yet`,
      objects: [ingressPolicy({ from: [{ namespaceSelector: { matchExpressions: [expression] } }] })],
      expect: [{ path: "spec.ingress[0].from[0].namespaceSelector", verdict: "undecidable" as const }],
    })),
    {
      name: "every namespace, and labels of pods that are not known yet",
      objects: [ingressPolicy({ from: [{ namespaceSelector: {}, podSelector: { matchLabels: unknown } }] })],
      expect: [{ path: "spec.ingress[0].from[0].podSelector", verdict: "undecidable" }],
    },
    {
      name: "labels that are not known yet beside the whole cluster",
      objects: [ingressPolicy({ from: [{ namespaceSelector: { matchLabels: unknown } }, { namespaceSelector: {} }] })],
      expect: [
        { path: "spec.ingress[0].from[0].namespaceSelector", verdict: "undecidable" },
        { path: "spec.ingress[0].from[1].namespaceSelector" },
      ],
    },
  ],
};
