import type { PodRule } from "../../core/rule.ts";
import { context, pod, podWith } from "./cases.ts";
import { allContexts } from "./contexts.ts";
import type { PodSecuritySettings } from "./settings.ts";

function isOther(value: unknown): boolean {
  return value === undefined || (typeof value === "number" && value !== 0);
}

/** Files of root's group stay closed. */
export const rootGroup: PodRule<PodSecuritySettings> = {
  id: "root-group",
  subject: "pod",
  level: "advisory",
  title: "Nothing asks for the group 0.",
  why: "Many images let root's group write to their programs, and files on a volume get an owner that others share.",
  fix: "use a group of the workload's own in runAsGroup, fsGroup and supplementalGroups",
  check(template, report) {
    for (const one of allContexts(template)) {
      report.check({ ...one, field: one.field.at("runAsGroup") }, isOther, "runAsGroup must not be 0");
    }
    const context = template.spec.at("securityContext");
    report.check(context.at("fsGroup"), isOther, "fsGroup must not be 0");
    for (const group of context.at("supplementalGroups").items()) {
      report.check(group, isOther, "supplementalGroups must not have 0");
    }
  },
  good: [
    {
      name: "groups of its own",
      objects: [pod({}, { runAsGroup: 1000, fsGroup: 1000, supplementalGroups: [2000] })],
    },
  ],
  bad: [
    {
      name: "every group of the pod is 0",
      objects: [pod({}, { runAsGroup: 0, fsGroup: 0, supplementalGroups: [1000, 0] })],
      expect: ["runAsGroup", "fsGroup", "supplementalGroups[1]"].map((key) => ({
        path: `spec.securityContext.${key}`,
      })),
    },
    {
      name: "the group of a container is 0",
      objects: [podWith({ runAsGroup: 0 })],
      expect: [{ path: `${context}.runAsGroup` }],
    },
  ],
};
