import type { PodRule } from "../../core/rule.ts";
import { container, context, pod, podWith } from "./cases.ts";
import { containerContexts } from "./contexts.ts";
import type { PodSecuritySettings } from "./settings.ts";

/** Pod Security Standards, baseline, "Privileged Containers". */
export const privileged: PodRule<PodSecuritySettings> = {
  id: "privileged",
  subject: "pod",
  level: "mandatory",
  title: "No container is privileged.",
  why: "A privileged container has every right of its node, so one break-in is a break-in to all pods of the node.",
  fix: "remove securityContext.privileged",
  check(template, report) {
    for (const one of containerContexts(template)) {
      report.check(
        { ...one, field: one.field.at("privileged") },
        (value) => value === undefined || value === false,
        "privileged must be false",
      );
    }
  },
  good: [{ name: "privileged is false", objects: [podWith({ privileged: false })] }],
  bad: [
    {
      name: "the container is privileged",
      objects: [podWith({ privileged: true })],
      expect: [{ path: `${context}.privileged` }],
    },
    {
      name: "an init container is privileged",
      objects: [pod({ initContainers: [container({ privileged: true })] })],
      expect: [{ path: "spec.initContainers[0].securityContext.privileged" }],
    },
    {
      name: "an ephemeral container is privileged",
      objects: [pod({ ephemeralContainers: [container({ privileged: true })] })],
      expect: [
        { path: "spec.ephemeralContainers[0].securityContext.privileged" },
        { path: "spec.ephemeralContainers", rule: "ephemeral-containers" },
      ],
    },
    {
      name: "the text true is no boolean, and who wrote it meant it",
      objects: [podWith({ privileged: "true" })],
      expect: [{ path: `${context}.privileged` }],
    },
  ],
};
