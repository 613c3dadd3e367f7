import type { Cluster } from "../../core/cluster.ts";
import type { ClusterRule, ExpectedFinding, Place } from "../../core/rule.ts";
import { type KubeObject, nameField, nameOf, namespaceField } from "../../kube/objects.ts";
import type { PodTemplate } from "../../kube/pods.ts";
import { type Answer, all } from "../../kube/selectors.ts";
import { unknown } from "../../kube/tree.ts";
import { dnsPeer, dnsPorts, guarded, inNamespace, policy, workload } from "./cases.ts";
import { PodIndex } from "./pod-index.ts";
import {
  any,
  type Direction,
  directions,
  isDnsOnly,
  isForAllPods,
  isolates,
  policiesByNamespace,
  rulesOf,
} from "./policies.ts";
import type { NetworkSettings } from "./settings.ts";

// Nothing passes, or out of the pod nothing but DNS, which people write into the same policy.
function denies(policy: KubeObject, direction: Direction): Answer {
  const rules = rulesOf(policy, direction);
  const items = rules.items();
  const closed = direction === "Egress" ? all(items.map(isDnsOnly)) : items.length === 0;
  return all([isForAllPods(policy), isolates(policy, direction), rules.unknown ? undefined : closed]);
}

function namespacesOf(cluster: Cluster): Map<string | undefined, KubeObject> {
  return new Map(cluster.ofKind("Namespace").map((object) => [nameOf(object), object]));
}

function placeOf(made: KubeObject | undefined, pods: readonly PodTemplate[]): Place | undefined {
  if (made !== undefined) return { field: nameField(made), object: made };
  const first = pods[0]?.object;
  return first === undefined ? undefined : { field: namespaceField(first), object: first };
}

/** One finding for a namespace, at its Namespace or else at the first object with pods in it. */
export const defaultDeny: ClusterRule<NetworkSettings> = {
  id: "default-deny",
  subject: "cluster",
  level: "mandatory",
  title: "Every namespace with pods denies all traffic, in and out, unless a policy allows it.",
  why: "Without it every pod of the cluster reaches every port, and a pod that was broken into reaches the internet.",
  fix: 'add a NetworkPolicy with podSelector {} and policyTypes ["Ingress", "Egress"] and no rules',
  check(cluster, report, { guardedElsewhere }) {
    const pods = PodIndex.of(cluster);
    const policies = policiesByNamespace(cluster);
    const made = namespacesOf(cluster);
    const homeless = policies.get(undefined) ?? [];
    const [lost] = pods.homeless;
    if (lost !== undefined) report.undecidable({ field: namespaceField(lost.object), object: lost.object });
    for (const namespace of pods.namespaces().filter((name) => !guardedElsewhere.includes(name))) {
      const place = placeOf(made.get(namespace), pods.pods(namespace));
      if (place === undefined) continue;
      const own = policies.get(namespace) ?? [];
      const answers = directions.map(({ direction }) => ({
        direction,
        answer: any([
          ...own.map((one) => denies(one, direction)),
          ...homeless.map((one) => (denies(one, direction) === false ? false : undefined)),
        ]),
      }));
      const missing = answers.filter(({ answer }) => answer === false).map(({ direction }) => direction.toLowerCase());
      if (missing.length > 0)
        report.violated(place, `no policy denies all ${missing.join(" and all ")} of ${namespace}`);
      else if (answers.some(({ answer }) => answer === undefined)) report.undecidable(place);
    }
  },
  good: [
    { name: "one policy for both", objects: guarded() },
    {
      name: "one policy for each direction",
      objects: [workload(), policy({ policyTypes: ["Ingress"] }, "in"), policy({ policyTypes: ["Egress"] }, "out")],
    },
    {
      name: "types left out, so that rules for DNS imply egress",
      objects: [workload(), policy({ policyTypes: undefined, egress: [{ to: [dnsPeer], ports: dnsPorts }] })],
    },
    {
      name: "the policies allow more for single pods",
      objects: guarded(
        policy({ podSelector: { matchLabels: { app: "sample" } }, ingress: [{ from: [inNamespace("a")] }] }),
      ),
    },
    { name: "no pods", objects: [policy({ policyTypes: ["Ingress"] })] },
    { name: "guarded by somebody else", objects: [workload()], settings: { guardedElsewhere: ["sample"] } },
  ],
  bad: [
    { name: "no policy", objects: [workload()], expect: [{ path: "metadata.namespace" }] },
    {
      name: "no policy, told at the Namespace",
      objects: [workload(), { apiVersion: "v1", kind: "Namespace", metadata: { name: "sample" } }],
      expect: [{ path: "metadata.name" }],
    },
    {
      name: "ingress alone is half",
      objects: [workload(), policy({ policyTypes: ["Ingress"] })],
      expect: [{ path: "metadata.namespace" }],
    },
    {
      name: "no types and no rules means ingress alone",
      objects: [workload(), policy({ policyTypes: [] })],
      expect: [{ path: "metadata.namespace" }],
    },
    {
      name: "egress alone is half",
      objects: [workload(), policy({ policyTypes: ["Egress"] })],
      expect: [{ path: "metadata.namespace" }],
    },
    {
      name: "some pods alone",
      objects: [workload(), policy({ podSelector: { matchLabels: { app: "sample" } } })],
      expect: [{ path: "metadata.namespace" }],
    },
    {
      name: "it lets others in",
      objects: [workload(), policy({ ingress: [{ from: [inNamespace("other")] }] })],
      expect: [{ path: "metadata.namespace" }],
    },
    {
      name: "it lets pods out",
      objects: [workload(), policy({ egress: [{ to: [dnsPeer], ports: [...dnsPorts, { port: 443 }] }] })],
      expect: [{ path: "metadata.namespace" }],
    },
    {
      name: "a policy of another namespace",
      objects: [workload(), policy({}, "other", { metadata: { name: "default-deny", namespace: "other" } })],
      expect: [{ path: "metadata.namespace" }],
    },
    {
      name: "a policy of another group",
      objects: [workload(), policy({}, "other", { apiVersion: "projectcalico.org/v3" })],
      expect: [{ path: "metadata.namespace" }],
    },
    {
      name: "pods of a custom kind in the default namespace",
      objects: [
        {
          apiVersion: "agones.dev/v1",
          kind: "Fleet",
          metadata: { name: "sample" },
          spec: { template: { spec: { template: { spec: { containers: [{ name: "a", image: "a:1" }] } } } } },
        },
      ],
      expect: [{ path: "metadata.namespace" }],
    },
    {
      name: "types that are not known yet",
      objects: [workload(), policy({ policyTypes: unknown })],
      expect: [{ path: "metadata.namespace", verdict: "undecidable" }],
    },
    {
      name: "an egress type that is not known yet, and no ingress",
      objects: [
        workload(),
        policy({ podSelector: { matchLabels: { app: "sample" } }, policyTypes: ["Ingress", unknown] }),
      ],
      expect: [{ path: "metadata.namespace" }],
    },
    {
      name: "a policy whose namespace is not known yet",
      objects: [workload(), policy({}, "x", { metadata: { name: "default-deny", namespace: unknown } })],
      expect: [{ path: "metadata.namespace", verdict: "undecidable" }],
    },
    {
      name: "a policy whose namespace is not known yet, and that would be half",
      objects: [
        workload(),
        policy({ policyTypes: ["Ingress"] }, "x", { metadata: { name: "default-deny", namespace: unknown } }),
      ],
      expect: [{ path: "metadata.namespace" }],
    },
    {
      name: "pods whose namespace is not known yet",
      objects: [workload({}, {}, { metadata: { name: "sample", namespace: unknown } })],
      expect: [{ path: "metadata.namespace", verdict: "undecidable" }],
    },
    {
      name: "rules that are not known yet",
      objects: [workload(), policy({ ingress: unknown })],
      expect: [
        { path: "metadata.namespace", verdict: "undecidable" },
        ...["open-policy", "peer-namespace", "peer-selects-nothing", "port-name"].map(
          (rule): ExpectedFinding => ({
            path: "spec.ingress",
            verdict: "undecidable",
            rule,
          }),
        ),
      ],
    },
  ],
};
