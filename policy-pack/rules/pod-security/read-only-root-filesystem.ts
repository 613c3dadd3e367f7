import { exceptionsAnnotation } from "../../core/exemptions.ts";
import type { PodRule } from "../../core/rule.ts";
import { container, context, ended, excused, pod, podWith, windowsPod } from "./cases.ts";
import { containerContexts } from "./contexts.ts";
import type { PodSecuritySettings } from "./settings.ts";
import { unlessExcused } from "./standard.ts";

const writable = [container({ readOnlyRootFilesystem: false })];

/** No container can change its own image. */
export const readOnlyRootFilesystem: PodRule<PodSecuritySettings> = {
  id: "read-only-root-filesystem",
  subject: "pod",
  level: "mandatory",
  allowance: "writable-root-filesystem",
  title: "Containers cannot write to their own file system.",
  why: "Who breaks in cannot leave a program behind, and nothing fills the node's disk or is lost with the container.",
  fix: "set securityContext.readOnlyRootFilesystem to true and mount an emptyDir where the program writes",
  check(template, report) {
    // Windows writes to its registry at every start, so it has no read-only containers.
    unlessExcused("windows", template, report, (own) => {
      for (const one of containerContexts(template)) {
        own.check(
          { ...one, field: one.field.at("readOnlyRootFilesystem") },
          (value) => value === true,
          "readOnlyRootFilesystem must be true",
        );
      }
    });
  },
  good: [
    { name: "it is true", objects: [podWith({ readOnlyRootFilesystem: true })] },
    { name: "Windows has no such thing", objects: [windowsPod({ readOnlyRootFilesystem: undefined })] },
    { name: "the pod is excused", objects: [pod({ containers: writable }, {}, excused("writable-root-filesystem"))] },
  ],
  bad: [
    {
      name: "absent is writable",
      objects: [podWith({ readOnlyRootFilesystem: undefined })],
      expect: [{ path: `${context}.readOnlyRootFilesystem` }],
    },
    {
      name: "an init container may write",
      objects: [pod({ initContainers: writable })],
      expect: [{ path: "spec.initContainers[0].securityContext.readOnlyRootFilesystem" }],
    },
    {
      name: "the exception has ended",
      objects: [pod({ containers: writable }, {}, excused("writable-root-filesystem", ended))],
      expect: [
        { path: `${context}.readOnlyRootFilesystem` },
        { path: `metadata.annotations["${exceptionsAnnotation}"]`, rule: "security-exception" },
      ],
    },
    {
      name: "the exception is from another rule",
      objects: [pod({ containers: writable }, {}, excused("service-account-token"))],
      expect: [{ path: `${context}.readOnlyRootFilesystem` }],
    },
  ],
};
