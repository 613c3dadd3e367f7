import type { ClusterRule } from "../../core/rule.ts";
import { autoscalersOf } from "../../kube/autoscalers.ts";
import { floorOf, replicaKinds } from "../../kube/floor.ts";
import { namespaceOf } from "../../kube/objects.ts";
import type { PodTemplate } from "../../kube/pods.ts";
import { type Answer, all, selects } from "../../kube/selectors.ts";
import type { Field } from "../../kube/tree.ts";
import { autoscaler, looseBudget, template, workload } from "./cases.ts";
import type { AvailabilitySettings } from "./settings.ts";

function any(answers: readonly Answer[]): Answer {
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}

function hasKey(field: Field): Answer {
  return field.unknown ? undefined : field.text !== undefined && field.text !== "";
}

/** A constraint that counts the pod's own kind. */
function spreads(constraint: Field, labels: Field): Answer {
  return all([hasKey(constraint.at("topologyKey")), selects(constraint.at("labelSelector"), labels)]);
}

/** A term of anti-affinity that keeps the pod away from its own kind. */
function repels(term: Field, pod: PodTemplate): Answer {
  const labels = pod.metadata.at("labels");
  const namespaces = term.at("namespaces").items();
  const own = namespaceOf(pod.object);
  const inNamespace = (): Answer => {
    if (!term.at("namespaceSelector").absent) return undefined;
    if (namespaces.length === 0 || namespaces.some((one) => one.text === own && own !== undefined)) return true;
    return own === undefined || namespaces.some((one) => one.unknown) ? undefined : false;
  };
  // A key listed here asks for pods whose label differs from the pod's own.
  const differs = term.at("mismatchLabelKeys").items();
  const ownKind = differs.length === 0 ? true : differs.some((one) => one.unknown) ? undefined : false;
  return all([hasKey(term.at("topologyKey")), selects(term.at("labelSelector"), labels), inNamespace(), ownKind]);
}

function keepsApart(pod: PodTemplate): Answer {
  const labels = pod.metadata.at("labels");
  const affinity = pod.spec.at("affinity", "podAntiAffinity");
  return any([
    ...pod.spec
      .at("topologySpreadConstraints")
      .items()
      .map((one) => spreads(one, labels)),
    ...affinity
      .at("requiredDuringSchedulingIgnoredDuringExecution")
      .items()
      .map((one) => repels(one, pod)),
    ...affinity
      .at("preferredDuringSchedulingIgnoredDuringExecution")
      .items()
      .map((one) => repels(one.at("podAffinityTerm"), pod)),
  ]);
}

const term = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "sample" } } };
const path = "spec.template.spec.topologySpreadConstraints";

function apart(podAntiAffinity: object) {
  return [
    workload({ template: template({ topologySpreadConstraints: null, affinity: { podAntiAffinity } }) }),
    looseBudget,
  ];
}

function spread(constraint: object) {
  return [workload({ template: template({ topologySpreadConstraints: [{ ...term, ...constraint }] }) }), looseBudget];
}

/** Pods of one workload that do not share a fate. */
export const spreadRule: ClusterRule<AvailabilitySettings> = {
  id: "spread",
  subject: "cluster",
  level: "advisory",
  title: "Pods of a workload that always has several are spread by its own labels.",
  why: "The scheduler may put all pods on one node, and its loss is then the loss of the whole workload.",
  fix: "add a topologySpreadConstraint, or podAntiAffinity, whose labelSelector matches the labels of the pod template",
  check(cluster, report) {
    const autoscalers = autoscalersOf(cluster.objects);
    for (const object of cluster.ofKind(...replicaKinds)) {
      const floor = floorOf(object, autoscalers);
      // An operator spreads its pods itself, and its resource shows a part of them.
      if (object.partial || object.madeBy !== undefined || floor.atMost <= 1 || (floor.atLeast <= 1 && !floor.unknown))
        continue;
      for (const pod of cluster.podsOf(object)) {
        const answer = keepsApart(pod);
        const place = { field: pod.spec.at("topologySpreadConstraints"), object };
        if (answer === false && floor.atLeast > 1)
          report.violated(place, "nothing keeps the pods of the workload apart");
        else if (answer !== true) report.undecidable(place);
      }
    }
  },
  good: [
    { name: "spread over nodes", objects: [workload(), looseBudget] },
    {
      name: "one pod has nothing to be apart from",
      objects: [workload({ replicas: 1, template: template({ topologySpreadConstraints: null }) }, "StatefulSet")],
    },
    {
      name: "a DaemonSet is spread by nature",
      objects: [workload({ replicas: null, template: template({ topologySpreadConstraints: null }) }, "DaemonSet")],
    },
    { name: "a must of anti-affinity", objects: apart({ requiredDuringSchedulingIgnoredDuringExecution: [term] }) },
    {
      name: "a wish of anti-affinity, by an expression",
      objects: apart({
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 1,
            podAffinityTerm: { ...term, labelSelector: { matchExpressions: [{ key: "app", operator: "Exists" }] } },
          },
        ],
      }),
    },
    { name: "every revision for itself", objects: spread({ matchLabelKeys: ["pod-template-hash"] }) },
    {
      name: "anti-affinity in the own namespace, by name",
      objects: apart({ requiredDuringSchedulingIgnoredDuringExecution: [{ ...term, namespaces: ["sample"] }] }),
    },
  ],
  bad: [
    {
      name: "nothing",
      objects: [workload({ template: template({ topologySpreadConstraints: null }) }), looseBudget],
      expect: [{ path }],
    },
    {
      name: "the autoscaler keeps three",
      objects: [
        workload({ replicas: null, template: template({ topologySpreadConstraints: [] }) }),
        looseBudget,
        autoscaler(),
      ],
      expect: [{ path }],
    },
    {
      name: "the selector counts other pods",
      objects: spread({ labelSelector: { matchLabels: { app: "other" } } }),
      expect: [{ path }],
    },
    { name: "no selector counts none", objects: spread({ labelSelector: null }), expect: [{ path }] },
    { name: "no topology", objects: spread({ topologyKey: "" }), expect: [{ path }] },
    {
      name: "anti-affinity to other pods",
      objects: apart({
        requiredDuringSchedulingIgnoredDuringExecution: [{ ...term, labelSelector: { matchLabels: { app: "other" } } }],
      }),
      expect: [{ path }],
    },
    {
      name: "anti-affinity in another namespace",
      objects: apart({ requiredDuringSchedulingIgnoredDuringExecution: [{ ...term, namespaces: ["other"] }] }),
      expect: [{ path }],
    },
    {
      name: "anti-affinity to pods that differ",
      objects: apart({ requiredDuringSchedulingIgnoredDuringExecution: [{ ...term, mismatchLabelKeys: ["app"] }] }),
      expect: [{ path }],
    },
    {
      name: "a wish of anti-affinity without its term",
      objects: apart({ preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, ...term }] }),
      expect: [{ path }],
    },
  ],
};
