import type { PodRule } from "../../core/rule.ts";
import { pod } from "./cases.ts";
import type { PodSecuritySettings } from "./settings.ts";

/** Containers of a pod do not see into each other. */
export const sharedProcessNamespace: PodRule<PodSecuritySettings> = {
  id: "shared-process-namespace",
  subject: "pod",
  level: "advisory",
  title: "The containers of a pod have processes of their own.",
  why: "With shared processes each container reads the environment and the files of the others.",
  fix: "remove shareProcessNamespace",
  check(template, report) {
    report.check(
      template.spec.at("shareProcessNamespace"),
      (value) => value === undefined || value === false,
      "shareProcessNamespace must be false",
    );
  },
  good: [{ name: "it is false", objects: [pod({ shareProcessNamespace: false })] }],
  bad: [
    {
      name: "it is true",
      objects: [pod({ shareProcessNamespace: true })],
      expect: [{ path: "spec.shareProcessNamespace" }],
    },
  ],
};
