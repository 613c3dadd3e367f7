import type { PodRule } from "../../core/rule.ts";
import { containersOf } from "../../kube/pods.ts";
import { container, pod } from "./cases.ts";
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
    for (const one of containersOf(template)) {
      report.check(
        { field: one.field.at("securityContext", "privileged"), container: one },
        (value) => value === undefined || value === false,
        "privileged must be false",
      );
    }
  },
  good: [{ name: "privileged is false", objects: [pod({ containers: [container({ privileged: false })] })] }],
  bad: [
    {
      name: "an init container is privileged",
      objects: [pod({ initContainers: [container({ privileged: true })] })],
      expect: [{ path: "spec.initContainers[0].securityContext.privileged" }],
    },
  ],
};
