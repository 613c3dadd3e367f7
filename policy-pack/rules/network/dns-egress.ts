import type { ClusterRule, ExpectedFinding, Manifest } from "../../core/rule.ts";
import { namespaceField } from "../../kube/objects.ts";
import type { PodTemplate } from "../../kube/pods.ts";
import { unknown } from "../../kube/tree.ts";
import { dnsPeer, dnsPorts, egress, guarded, ingressPolicy, inNamespace, policy, workload } from "./cases.ts";
import { isOnHostNetwork, PodIndex } from "./pod-index.ts";
import { isForAllPods, policiesByNamespace } from "./policies.ts";
import type { NetworkSettings } from "./settings.ts";
import { perhaps, together, verdict, type WayOut, wayOut } from "./way-out.ts";

function namespaceBy(operator: string, key = "kubernetes.io/metadata.name"): Manifest {
  return { namespaceSelector: { matchExpressions: [{ key, operator, values: ["kube-system"] }] } };
}

/** One finding for a pod. Pods on the network of their node are left out: policies do not apply to them. */
export const dnsEgress: ClusterRule<NetworkSettings> = {
  id: "dns-egress",
  subject: "cluster",
  level: "mandatory",
  title: "A pod whose calls are restricted may ask DNS, by UDP and TCP.",
  why: "Without UDP no name resolves; without TCP, answers too large for UDP are lost, some day, under load.",
  fix: "allow egress to the cluster's DNS on port 53 for UDP and TCP, best for all pods of the namespace",
  check(cluster, report, { dnsNamespaces, guardedElsewhere }) {
    const index = PodIndex.of(cluster);
    const policies = policiesByNamespace(cluster);
    const [lost] = index.homeless;
    if (lost !== undefined && policies.size > 0)
      report.undecidable({ field: namespaceField(lost.object), object: lost.object });
    const vague = (policies.get(undefined) ?? []).map((one) => perhaps(wayOut(one, dnsNamespaces)));
    for (const namespace of index.namespaces().filter((name) => !guardedElsewhere.includes(name))) {
      const common: WayOut[] = [...vague];
      const own = new Map<PodTemplate, WayOut[]>();
      for (const one of policies.get(namespace) ?? []) {
        const way = wayOut(one, dnsNamespaces);
        if (isForAllPods(one) === true) common.push(way);
        else {
          const { pods, maybe } = index.selected(namespace, one.root.at("spec", "podSelector"));
          for (const pod of pods) {
            const known = own.get(pod);
            if (known === undefined) own.set(pod, [way]);
            else known.push(way);
          }
          if (maybe) common.push(perhaps(way));
        }
      }
      const ofAll = together(common);
      for (const pod of index.pods(namespace)) {
        const answer = verdict(together([ofAll, ...(own.get(pod) ?? [])]));
        const exempt = isOnHostNetwork(pod);
        if (exempt === true || answer === true) continue;
        const place = { field: pod.spec, object: pod.object };
        if (answer === undefined || exempt === undefined) report.undecidable(place);
        else report.violated(place, "the pod's policies let it call others, but not ask DNS by UDP and TCP");
      }
    }
  },
  good: [
    { name: "one policy for all pods", objects: guarded() },
    { name: "nothing is restricted", objects: [workload()], settings: { guardedElsewhere: ["sample"] } },
    {
      name: "a pod that may call nobody",
      objects: [workload(), policy(), ingressPolicy({ from: [inNamespace("other")] })],
    },
    {
      name: "DNS among other peers, in one of two namespaces",
      objects: [workload(), policy(), egress({ to: [inNamespace("other"), dnsPeer], ports: dnsPorts })],
      settings: { dnsNamespaces: ["dns", "kube-system"] },
    },
    {
      name: "UDP in one policy, TCP in another",
      objects: [
        workload(),
        policy(),
        egress({ to: [dnsPeer], ports: [{ protocol: "UDP", port: 53 }] }),
        policy({ podSelector: { matchLabels: { app: "sample" } }, egress: [{ to: [dnsPeer], ports: [{ port: 53 }] }] }),
      ],
    },
    {
      name: "by name of the port",
      objects: [
        workload(),
        policy(),
        egress({ to: [dnsPeer], ports: [{ protocol: "UDP", port: "dns" }, { port: "dns-tcp" }] }),
      ],
    },
    {
      name: "in a range of ports",
      objects: [
        workload(),
        policy(),
        egress({
          to: [dnsPeer],
          ports: [
            { protocol: "UDP", port: 50, endPort: 60 },
            { port: 50, endPort: 60 },
          ],
        }),
      ],
    },
    {
      name: "all ports of the namespace of DNS",
      objects: [workload(), policy(), egress({ to: [inNamespace("kube-system")] })],
    },
    {
      name: "the namespace by an expression",
      objects: [workload(), policy(), egress({ to: [namespaceBy("In")], ports: dnsPorts })],
      settings: { dnsNamespaces: ["dns", "kube-system"] },
    },
    {
      name: "a cache on the node",
      objects: [workload(), policy(), egress({ to: [{ ipBlock: { cidr: "169.254.20.10/32" } }], ports: dnsPorts })],
    },
    {
      name: "DNS in a namespace of its own",
      objects: [workload(), policy(), egress({ to: [inNamespace("dns")], ports: dnsPorts })],
      settings: { dnsNamespaces: ["dns"] },
    },
    {
      name: "a pod on the network of its node",
      objects: [workload({ app: "sample" }, { hostNetwork: true }), policy(), egress({ to: [inNamespace("other")] })],
    },
  ],
  bad: [
    {
      name: "UDP alone",
      objects: [
        workload(),
        policy(),
        ingressPolicy({ from: [inNamespace("x")] }),
        egress({ to: [dnsPeer], ports: [{ protocol: "UDP", port: 53 }] }),
      ],
      expect: [{ path: "spec.template.spec" }],
    },
    {
      name: "no protocol means TCP alone",
      objects: [
        workload(),
        policy(),
        ingressPolicy({ from: [inNamespace("x")] }),
        egress({ to: [dnsPeer], ports: [{ port: 53 }] }),
      ],
      expect: [{ path: "spec.template.spec" }],
    },
    {
      name: "calls without DNS",
      objects: [workload(), policy(), egress({ to: [inNamespace("other")], ports: [{ port: 443 }] })],
      expect: [{ path: "spec.template.spec" }],
    },
    {
      name: "another namespace",
      objects: [workload(), policy(), egress({ to: [inNamespace("other")], ports: dnsPorts })],
      expect: [{ path: "spec.template.spec" }],
    },
    {
      name: "every namespace but that of DNS",
      objects: [workload(), policy(), egress({ to: [namespaceBy("NotIn")], ports: dnsPorts })],
      expect: [
        { path: "spec.template.spec" },
        { path: "spec.egress[0].to[0].namespaceSelector", rule: "peer-namespace" },
      ],
    },
    {
      name: "a namespace by other labels, which may be that of DNS: only others mind",
      objects: [
        workload(),
        policy(),
        egress({ to: [namespaceBy("In", "team")], ports: [{ protocol: "UDP", port: 53 }] }),
        egress({ to: [{ namespaceSelector: { matchLabels: { team: "x" } } }], ports: [{ port: 53 }] }),
      ],
      expect: [{ path: "spec.egress[0].to[0].namespaceSelector", rule: "peer-namespace" }].flatMap((one) => [one, one]),
    },
    {
      name: "an address that is not known yet",
      objects: [workload(), policy(), egress({ to: [{ ipBlock: unknown }], ports: dnsPorts })],
      expect: [{ path: "spec.template.spec", verdict: "undecidable" }],
    },
    {
      name: "a name of a namespace, and peers, that are not known yet",
      objects: [
        workload(),
        policy(),
        egress(
          { to: [inNamespace(unknown)], ports: [{ protocol: "UDP", port: 53 }] },
          { to: unknown, ports: [{ port: 53 }] },
        ),
      ],
      expect: [
        { path: "spec.template.spec", verdict: "undecidable" },
        ...["peer-namespace", "peer-selects-nothing"].map(
          (rule): ExpectedFinding => ({ path: "spec.egress[1].to", verdict: "undecidable", rule }),
        ),
      ],
    },
    {
      name: "a name of a namespace that is not known yet, for all that is allowed",
      objects: [workload(), policy(), egress({ to: [inNamespace(unknown)], ports: dnsPorts })],
      expect: [{ path: "spec.template.spec", verdict: "undecidable" }],
    },
    {
      name: "rules that are not known yet: perhaps the pod may call nobody",
      objects: [workload(), policy(), policy({ policyTypes: ["Egress"], egress: unknown }, "egress")],
      expect: [
        { path: "spec.template.spec", verdict: "undecidable" },
        ...["open-policy", "metadata-egress", "peer-namespace", "peer-selects-nothing", "port-name"].map(
          (rule): ExpectedFinding => ({ path: "spec.egress", verdict: "undecidable", rule }),
        ),
      ],
    },
    {
      name: "pods whose namespace is not known yet",
      objects: [workload({}, {}, { metadata: { namespace: unknown } }), policy()],
      expect: ["dns-egress", "default-deny"].map(
        (rule): ExpectedFinding => ({ path: "metadata.namespace", verdict: "undecidable", rule }),
      ),
    },
    {
      name: "nothing restricts calls: only the default deny is missing",
      objects: [workload(), ingressPolicy({ from: [inNamespace("x")] })],
      expect: [{ path: "metadata.namespace", rule: "default-deny" }],
    },
    {
      name: "all ports of pods beside it",
      objects: [workload(), policy(), egress({ to: [{ podSelector: { matchLabels: { app: "sample" } } }] })],
      expect: [{ path: "spec.template.spec" }],
    },
    {
      name: "DNS is allowed for other pods alone",
      objects: [
        workload(),
        workload({ app: "other" }, {}, { kind: "StatefulSet" }),
        policy(),
        policy({ podSelector: { matchLabels: { app: "other" } }, egress: [{ to: [dnsPeer], ports: dnsPorts }] }),
        policy({ podSelector: { matchLabels: { app: "sample" } }, egress: [{ to: [inNamespace("other")] }] }),
      ],
      expect: [{ path: "spec.template.spec" }],
    },
    {
      name: "the rules are there, but the type is Ingress",
      objects: [
        workload(),
        policy(),
        egress({ to: [inNamespace("other")], ports: [{ port: 443 }] }),
        policy({ policyTypes: ["Ingress"], egress: [{ to: [dnsPeer], ports: dnsPorts }] }),
      ],
      expect: [{ path: "spec.template.spec" }],
    },
    {
      name: "a port that is not known yet",
      objects: [
        workload(),
        policy(),
        egress({ to: [dnsPeer], ports: [{ protocol: "UDP", port: 53 }, { port: unknown }] }),
      ],
      expect: [
        { path: "spec.template.spec", verdict: "undecidable" },
        { path: "spec.egress[0].ports[1].port", verdict: "undecidable", rule: "port-name" },
      ],
    },
    {
      name: "labels of the pod that are not known yet",
      objects: [
        workload(unknown),
        policy(),
        policy({ podSelector: { matchLabels: { app: "sample" } }, egress: [{ to: [inNamespace("other")] }] }),
      ],
      expect: [
        { path: "spec.template.spec", verdict: "undecidable" },
        { path: "spec.podSelector", verdict: "undecidable", rule: "policy-selects-nothing" },
      ],
    },
  ],
};
