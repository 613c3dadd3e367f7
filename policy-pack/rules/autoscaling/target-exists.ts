import type { ClusterRule, Report } from "../../core/rule.ts";
import { type Autoscaler, autoscalersOf, horizontalKinds } from "../../kube/autoscalers.ts";
import { makersIn } from "../../kube/makers.ts";
import { type KubeObject, namespaceOf } from "../../kube/objects.ts";
import { autoscaler, scaledObject, target, vertical, workload } from "./cases.ts";
import type { AutoscalingSettings } from "./settings.ts";

// Kinds that Kubernetes serves in this group only.
const groups = new Map(["Deployment", "StatefulSet", "ReplicaSet"].map((kind) => [kind, "apps"]));

// Kinds without a count that an autoscaler could set.
const unscalable = new Set(["DaemonSet", "Job", "CronJob", "Pod"]);

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

function checkGroup({ object, ref, kind }: Autoscaler, found: KubeObject | undefined, report: Report): void {
  const field = ref.at("apiVersion");
  const wanted = groups.get(kind ?? "") ?? found?.group;
  if (wanted === undefined || (field.absent && object.partial)) return;
  if (field.unknown) {
    report.undecidable({ field, object });
    return;
  }
  // KEDA takes apps/v1 where nothing is written; the others look into the core group.
  const written = field.absent && object.kind === "ScaledObject" ? "apps" : groupOf(field.text ?? "");
  if (written === wanted) return;
  report.violated(
    { field, object },
    `${kind} is of the API group ${wanted === "" ? "v1" : wanted}, so no target is found here`,
  );
}

/** Autoscalers that have something to scale. */
export const targetExists: ClusterRule<AutoscalingSettings> = {
  id: "target-exists",
  subject: "cluster",
  level: "mandatory",
  title: "An autoscaler acts on a workload that exists.",
  why: "An autoscaler without a target does nothing, and nobody notices before the load comes.",
  fix: "name apiVersion, kind and name of a workload of the same namespace, or list it in targetsElsewhere",
  check(cluster, report, settings) {
    const autoscalers = autoscalersOf(cluster.objects);
    const elsewhere = new Set(settings.targetsElsewhere);
    for (const one of autoscalers.all) {
      const { object, ref, kind, name, unknown } = one;
      const [kindField, nameField] = [ref.at("kind"), ref.at("name")];
      const namespace = namespaceOf(object);
      const found = autoscalers.targetOf(one);
      checkGroup(one, found, report);
      if (kind === undefined && !kindField.unknown && !object.partial) {
        report.violated({ field: kindField, object }, "names no kind");
      } else if (kind !== undefined && unscalable.has(kind) && horizontalKinds.has(object.kind)) {
        report.violated({ field: kindField, object }, `${kind} has no number of pods to set`);
      } else if (name === undefined && !nameField.unknown) {
        if (!object.partial) report.violated({ field: nameField, object }, "names no workload");
      } else if (unknown) {
        const open = [kindField, nameField].find((field) => field.unknown) ?? object.root.at("metadata", "namespace");
        report.undecidable({ field: open, object });
      } else if (found === undefined && kind !== undefined && !elsewhere.has(`${namespace}/${kind}/${name}`)) {
        if (autoscalers.mayHaveTarget(one) || makersIn(cluster.objects, namespace).length > 0) {
          report.undecidable(
            { field: nameField, object },
            `no ${kind} of that name is seen; one may come from elsewhere`,
          );
        } else report.violated({ field: nameField, object }, `the stack has no ${kind} of that name in ${namespace}`);
      }
    }
  },
  good: [
    { name: "an HPA", objects: [workload(), autoscaler()] },
    { name: "a ScaledObject, which takes a Deployment of apps/v1", objects: [workload(), scaledObject()] },
    { name: "a VPA", objects: [workload(), vertical()] },
    {
      name: "a VPA of a DaemonSet",
      objects: [workload({}, {}, "DaemonSet"), vertical({ targetRef: { ...target, kind: "DaemonSet" } })],
    },
    {
      name: "another program makes the target",
      objects: [autoscaler()],
      settings: { targetsElsewhere: ["sample/Deployment/sample"] },
    },
    {
      name: "a custom resource with a count",
      objects: [
        {
          apiVersion: "argoproj.io/v1alpha1",
          kind: "Rollout",
          metadata: { name: "sample", namespace: "sample" },
          spec: {},
        },
        autoscaler({
          scaleTargetRef: { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", name: "sample" },
          metrics: [{ type: "External" }],
        }),
      ],
    },
  ],
  bad: [
    { name: "no such name", objects: [autoscaler()], expect: [{ path: "spec.scaleTargetRef.name" }] },
    { name: "no such name for KEDA", objects: [scaledObject()], expect: [{ path: "spec.scaleTargetRef.name" }] },
    { name: "no such name for a VPA", objects: [vertical()], expect: [{ path: "spec.targetRef.name" }] },
    {
      name: "another kind of that name",
      objects: [workload(), autoscaler({ scaleTargetRef: { ...target, kind: "StatefulSet" } })],
      expect: [{ path: "spec.scaleTargetRef.name" }],
    },
    {
      name: "another namespace",
      objects: [workload(), { ...autoscaler(), metadata: { name: "sample", namespace: "other" } }],
      expect: [{ path: "spec.scaleTargetRef.name" }],
    },
    {
      name: "no API group, and the core group has no Deployment",
      objects: [workload(), autoscaler({ scaleTargetRef: { kind: "Deployment", name: "sample" } })],
      expect: [{ path: "spec.scaleTargetRef.apiVersion" }],
    },
    {
      name: "a group that is gone",
      objects: [workload(), autoscaler({ scaleTargetRef: { ...target, apiVersion: "extensions/v1beta1" } })],
      expect: [{ path: "spec.scaleTargetRef.apiVersion" }],
    },
    {
      name: "a DaemonSet",
      objects: [workload({}, {}, "DaemonSet"), autoscaler({ scaleTargetRef: { ...target, kind: "DaemonSet" } })],
      expect: [{ path: "spec.scaleTargetRef.kind" }],
    },
    {
      name: "no kind",
      objects: [workload(), autoscaler({ scaleTargetRef: { apiVersion: "apps/v1", name: "sample" } })],
      expect: [{ path: "spec.scaleTargetRef.kind" }],
    },
    {
      name: "no name",
      objects: [workload(), scaledObject({ scaleTargetRef: { kind: "Deployment" } })],
      expect: [{ path: "spec.scaleTargetRef.name" }],
    },
    {
      name: "a chart of the namespace may bring the target",
      objects: [{ apiVersion: "helm.sh/v3", kind: "Release", namespace: "sample", name: "sample" }, autoscaler()],
      expect: [{ path: "spec.scaleTargetRef.name", verdict: "undecidable" }],
    },
  ],
};
