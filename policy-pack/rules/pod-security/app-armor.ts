import type { PodRule } from "../../core/rule.ts";
import type { Tree } from "../../kube/tree.ts";
import { annotated, container, context, pod, podWith } from "./cases.ts";
import { allContexts } from "./contexts.ts";
import type { PodSecuritySettings } from "./settings.ts";

const prefix = "container.apparmor.security.beta.kubernetes.io/";

function allowedType(value: Tree): boolean {
  return value === "RuntimeDefault" || value === "Localhost";
}

function allowedAnnotation(value: Tree): boolean {
  if (value === undefined || value === "" || value === "runtime/default") return true;
  return typeof value === "string" && value.startsWith("localhost/");
}

/** Pod Security Standards, baseline, "AppArmor". */
export const appArmor: PodRule<PodSecuritySettings> = {
  id: "app-armor",
  subject: "pod",
  level: "mandatory",
  title: "Nothing switches AppArmor off.",
  why: "The profile of the runtime stops a process that has become root from writing to the kernel's own files.",
  fix: "use RuntimeDefault or a Localhost profile, or name none",
  check(template, report) {
    const annotations = template.metadata.at("annotations");
    if (annotations.unknown) report.undecidable(annotations);
    // Whatever follows the prefix: the container of that name may come later.
    for (const [key, field] of annotations.entries()) {
      if (key.startsWith(prefix))
        report.check(field, allowedAnnotation, "the AppArmor profile must not be switched off");
    }
    for (const one of allContexts(template)) {
      const profile = one.field.at("appArmorProfile");
      const place = { ...one, field: profile.at("type") };
      if (!profile.absent) report.check(place, allowedType, "appArmorProfile.type must be RuntimeDefault or Localhost");
    }
  },
  good: [
    {
      name: "the annotation names the runtime's profile, a local one, or none",
      objects: [
        annotated({ [`${prefix}app`]: "runtime/default", [`${prefix}b`]: "localhost/game", [`${prefix}c`]: "" }),
      ],
    },
    {
      name: "the pod has the runtime's profile, the container a local one",
      objects: [
        pod(
          { containers: [container({ appArmorProfile: { type: "Localhost", localhostProfile: "game" } })] },
          { appArmorProfile: { type: "RuntimeDefault" } },
        ),
      ],
    },
  ],
  bad: [
    {
      name: "the annotation says unconfined for a container that is not there",
      objects: [annotated({ [`${prefix}other`]: "unconfined" })],
      expect: [{ path: `metadata.annotations["${prefix}other"]` }],
    },
    {
      name: "the pod is unconfined",
      objects: [pod({}, { appArmorProfile: { type: "Unconfined" } })],
      expect: [{ path: "spec.securityContext.appArmorProfile.type" }],
    },
    {
      name: "the container is unconfined",
      objects: [podWith({ appArmorProfile: { type: "Unconfined" } })],
      expect: [{ path: `${context}.appArmorProfile.type` }],
    },
    {
      name: "a profile without a type",
      objects: [podWith({ appArmorProfile: {} })],
      expect: [{ path: `${context}.appArmorProfile.type` }],
    },
  ],
};
