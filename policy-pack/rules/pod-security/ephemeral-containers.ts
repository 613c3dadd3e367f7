import type { PodRule } from "../../core/rule.ts";
import { container, pod } from "./cases.ts";
import type { PodSecuritySettings } from "./settings.ts";

/** What is for a person's hand stays out of templates. */
export const ephemeralContainers: PodRule<PodSecuritySettings> = {
  id: "ephemeral-containers",
  subject: "pod",
  level: "advisory",
  title: "No pod is created with ephemeral containers.",
  why: "They are added to running pods by hand; the API server refuses them in templates and at creation.",
  fix: "remove ephemeralContainers and use kubectl debug",
  check(template, report) {
    report.check(
      template.spec.at("ephemeralContainers"),
      (value) => value === undefined || (Array.isArray(value) && value.length === 0),
      "there must be no ephemeral containers",
    );
  },
  good: [{ name: "the list is empty", objects: [pod({ ephemeralContainers: [] })] }],
  bad: [
    {
      name: "there is one, as hardened as the others",
      objects: [pod({ ephemeralContainers: [container({}, { name: "debug" })] })],
      expect: [{ path: "spec.ephemeralContainers" }],
    },
  ],
};
