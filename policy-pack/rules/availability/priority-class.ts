import type { PodRule } from "../../core/rule.ts";
import { job, server } from "./cases.ts";
import type { AvailabilitySettings } from "./settings.ts";

/** Who goes first when nodes are scarce; asked for by a setting. */
export const priorityClass: PodRule<AvailabilitySettings> = {
  id: "priority-class",
  subject: "pod",
  level: "advisory",
  title: "Where the settings ask for it, every pod names a PriorityClass.",
  why: "When nodes are scarce, pods without a class are taken away as if none mattered more than the others.",
  fix: "set priorityClassName",
  check(pod, report, settings) {
    if (!settings.requirePriorityClass) return;
    report.check(
      pod.spec.at("priorityClassName"),
      (value) => typeof value === "string" && value !== "",
      "priorityClassName is missing",
    );
  },
  good: [
    { name: "nobody asked", objects: [server()] },
    { name: "a class", objects: [server({ priorityClassName: "high" })], settings: { requirePriorityClass: true } },
  ],
  bad: [
    {
      name: "no class",
      objects: [server()],
      settings: { requirePriorityClass: true },
      expect: [{ path: "spec.template.spec.priorityClassName" }],
    },
    {
      name: "an empty one of a job",
      objects: [job({}, { priorityClassName: "" })],
      settings: { requirePriorityClass: true },
      expect: [{ path: "spec.template.spec.priorityClassName" }],
    },
  ],
};
