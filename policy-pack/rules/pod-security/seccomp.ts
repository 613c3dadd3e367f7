import type { PodRule, Report } from "../../core/rule.ts";
import type { PodTemplate } from "../../kube/pods.ts";
import type { Field, Tree } from "../../kube/tree.ts";
import { annotated, container, context, pod, podWith, windowsPod } from "./cases.ts";
import { allContexts, checkInherited, type Held } from "./contexts.ts";
import type { PodSecuritySettings } from "./settings.ts";
import { type Demand, judge } from "./standard.ts";

const podAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
const containerPrefix = "container.seccomp.security.alpha.kubernetes.io/";

interface SeccompDemand extends Demand {
  check(pod: PodTemplate, report: Report): void;
}

function allowedAnnotation(value: Tree): boolean {
  if (value === undefined || value === "runtime/default" || value === "docker/default") return true;
  return typeof value === "string" && value.startsWith("localhost/");
}

function checkAnnotations(pod: PodTemplate, report: Report): void {
  const annotations = pod.metadata.at("annotations");
  if (annotations.unknown) report.undecidable(annotations);
  for (const [key, field] of annotations.entries()) {
    if (key !== podAnnotation && !key.startsWith(containerPrefix)) continue;
    report.check(field, allowedAnnotation, "the seccomp profile must not be switched off");
  }
}

function allowedType(value: Tree): boolean {
  return value === "RuntimeDefault" || value === "Localhost";
}

function profile(context: Field): Held {
  const holder = context.at("seccompProfile");
  return { holder, value: holder.at("type") };
}

const message = "seccompProfile.type must be RuntimeDefault or Localhost";

function checkWhatIsSet(pod: PodTemplate, report: Report): void {
  for (const one of allContexts(pod)) {
    const { holder, value } = profile(one.field);
    if (!holder.absent) report.check({ ...one, field: value }, allowedType, message);
  }
}

function checkSet(pod: PodTemplate, report: Report): void {
  checkInherited(pod, report, profile, allowedType, message);
}

const demands: readonly SeccompDemand[] = [
  { level: "baseline", since: 0, check: checkAnnotations },
  { level: "baseline", since: 19, check: checkWhatIsSet },
  { level: "restricted", since: 19, check: checkSet },
  { level: "restricted", since: 25, check: checkSet, excused: "windows" },
];

const unconfined = { seccompProfile: { type: "Unconfined" } };
const runtimeDefault = { seccompProfile: { type: "RuntimeDefault" } };
const none = { seccompProfile: null };

/** Pod Security Standards, "Seccomp": baseline, and restricted in its place from 1.19. */
export const seccomp: PodRule<PodSecuritySettings> = {
  id: "seccomp",
  subject: "pod",
  level: "mandatory",
  title: "Containers call the kernel through a seccomp profile.",
  why: "The profile refuses the rarely used system calls in which most ways out of a container were found.",
  fix: "set securityContext.seccompProfile.type of the pod to RuntimeDefault",
  check(template, report, settings) {
    judge(demands, template, report, settings, (demand, own) => demand.check(template, own));
  },
  good: [
    {
      name: "each container has a profile and the pod has none",
      objects: [pod({ containers: [container(runtimeDefault)] }, none)],
    },
    { name: "a profile of the node", objects: [podWith({ seccompProfile: { type: "Localhost" } })] },
    { name: "baseline wants none", objects: [pod({}, none)], settings: { level: "baseline" } },
    { name: "a Windows pod has none", objects: [{ ...pod({ os: { name: "windows" } }, none) }] },
    {
      name: "annotations mean nothing from 1.19",
      objects: [annotated({ [podAnnotation]: "unconfined" })],
      settings: { version: "1.19" },
    },
    {
      name: "annotations counted before, and fields did not",
      objects: [pod({}, unconfined, { [podAnnotation]: "docker/default", [`${containerPrefix}app`]: "localhost/a" })],
      settings: { version: "1.18" },
    },
  ],
  bad: [
    {
      name: "neither the pod nor its second container has a profile",
      objects: [pod({ containers: [container(runtimeDefault), container({}, { name: "b" })] }, none)],
      expect: [{ path: "spec.containers[1].securityContext.seccompProfile.type" }],
    },
    {
      name: "the pod is unconfined though its container is not",
      objects: [pod({ containers: [container(runtimeDefault)] }, unconfined)],
      expect: [{ path: "spec.securityContext.seccompProfile.type" }],
    },
    {
      name: "an init container is unconfined though the pod is not",
      objects: [pod({ initContainers: [container(unconfined)] })],
      expect: [{ path: "spec.initContainers[0].securityContext.seccompProfile.type" }],
    },
    {
      name: "a profile without a type covers nothing",
      objects: [podWith({ seccompProfile: {} })],
      expect: [{ path: `${context}.seccompProfile.type` }],
    },
    {
      name: "baseline refuses what is unconfined",
      objects: [pod({ containers: [container(unconfined)] }, unconfined)],
      settings: { level: "baseline" },
      expect: [{ path: "spec.securityContext.seccompProfile.type" }, { path: `${context}.seccompProfile.type` }],
    },
    {
      name: "Windows pods were bound before 1.25",
      objects: [windowsPod({ ...unconfined, allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } })],
      settings: { version: "1.24" },
      expect: [{ path: `${context}.seccompProfile.type` }],
    },
    {
      name: "annotations of the pod and of a container before 1.19",
      objects: [annotated({ [podAnnotation]: "unconfined", [`${containerPrefix}app`]: "" })],
      settings: { version: "1.18" },
      expect: [
        { path: `metadata.annotations["${podAnnotation}"]` },
        { path: `metadata.annotations["${containerPrefix}app"]` },
      ],
    },
  ],
};
