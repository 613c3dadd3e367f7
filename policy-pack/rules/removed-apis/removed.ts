import type { ObjectRule } from "../../core/rule.ts";
import { apiVersion } from "../../kube/objects.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { api } from "./cases.ts";
import { minorOf, type RemovedApiSettings } from "./settings.ts";
import { type ApiEnd, apiEnds, endOf, insteadText, isRemoved } from "./versions.ts";

/** Where objects name the API of another: an autoscaler with an old one never finds what it scales. */
const targets: Readonly<Record<string, readonly string[]>> = {
  HorizontalPodAutoscaler: ["spec", "scaleTargetRef"],
  ScaledObject: ["spec", "scaleTargetRef"],
  VerticalPodAutoscaler: ["spec", "targetRef"],
  Rollout: ["spec", "workloadRef"],
};

function namedApi(target: Field): ApiEnd | undefined {
  const [written, kind] = [target.at("apiVersion").text, target.at("kind").text];
  if (written === undefined || kind === undefined) return undefined;
  const slash = written.indexOf("/");
  return endOf({ group: slash < 0 ? "" : written.slice(0, slash), version: written.slice(slash + 1), kind });
}

/** Deprecated API Migration Guide of kubernetes.io. */
export const removed: ObjectRule<RemovedApiSettings> = {
  id: "removed",
  subject: "object",
  level: "mandatory",
  title: "Every API version is served by the Kubernetes version of the clusters.",
  why: "The update stops at an object whose API is gone, and an upgraded cluster cannot take the stack any more.",
  fix: "write the object in the API version that takes its place",
  check(object, report, settings) {
    const minor = minorOf(settings);
    const own = endOf(object);
    if (own !== undefined && isRemoved(own, minor)) {
      report.violated(
        object.root.at("apiVersion"),
        `${apiVersion(object)} ${object.kind} is not served since 1.${own.removed}${insteadText(own)}`,
      );
    }
    const path = targets[object.kind];
    if (path !== undefined) {
      const target = object.root.at(...path);
      const named = namedApi(target);
      if (named !== undefined && isRemoved(named, minor)) {
        report.violated(
          target.at("apiVersion"),
          `it names ${named.group}/${named.version}, which is not served since 1.${named.removed}${insteadText(named)}`,
        );
      }
      for (const key of ["apiVersion", "kind"]) if (target.at(key).unknown) report.undecidable(target.at(key));
    }
  },
  good: [
    {
      name: "what took the place",
      objects: [
        api("apps/v1", "Deployment"),
        api("batch/v1", "CronJob"),
        api("policy/v1", "PodDisruptionBudget"),
        api("networking.k8s.io/v1", "Ingress"),
        api("autoscaling/v2", "HorizontalPodAutoscaler", {
          spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "sample" } },
        }),
      ],
    },
    { name: "an old version, before it went", objects: [api("batch/v1", "CronJob")], settings: { version: "1.24" } },
    { name: "a custom kind of the same name", objects: [api("example.com/v1beta1", "Ingress")] },
    {
      name: "a custom group that looks like one of Kubernetes",
      objects: [api("autoscaling.k8s.io/v1beta1", "HorizontalPodAutoscaler")],
    },
  ],
  bad: [
    ...apiEnds
      .filter((one) => isRemoved(one, 36))
      .flatMap((one) =>
        one.kinds.map((kind) => ({
          name: `${one.group}/${one.version} ${kind}`,
          objects: [api(`${one.group}/${one.version}`, kind)],
          expect: [{ path: "apiVersion" }],
        })),
      ),
    {
      name: "an API that goes with the next version",
      objects: [api("networking.k8s.io/v1beta1", "ServiceCIDR")],
      settings: { version: "1.37" },
      expect: [{ path: "apiVersion" }],
    },
    {
      name: "the targets of autoscalers",
      objects: [
        api("keda.sh/v1alpha1", "ScaledObject", {
          spec: { scaleTargetRef: { apiVersion: "apps/v1beta1", kind: "StatefulSet", name: "a" } },
        }),
        api("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", {
          spec: { targetRef: { apiVersion: "extensions/v1beta1", kind: "Deployment", name: "a" } },
        }),
        api("argoproj.io/v1alpha1", "Rollout", {
          spec: { workloadRef: { apiVersion: "apps/v1beta2", kind: "Deployment", name: "a" } },
        }),
        api("autoscaling/v2", "HorizontalPodAutoscaler", {
          spec: { scaleTargetRef: { apiVersion: unknown, kind: unknown } },
        }),
      ],
      expect: [
        { path: "spec.scaleTargetRef.apiVersion" },
        { path: "spec.targetRef.apiVersion" },
        { path: "spec.workloadRef.apiVersion" },
        { path: "spec.scaleTargetRef.apiVersion", verdict: "undecidable" },
        { path: "spec.scaleTargetRef.kind", verdict: "undecidable" },
      ],
    },
  ],
};
