import type { PodRule } from "../../core/rule.ts";
import { container, context, pod, podWith } from "./cases.ts";
import { allContexts } from "./contexts.ts";
import type { PodSecuritySettings } from "./settings.ts";

/** Pod Security Standards, baseline, "HostProcess". */
export const windowsHostProcess: PodRule<PodSecuritySettings> = {
  id: "windows-host-process",
  subject: "pod",
  level: "mandatory",
  title: "No Windows container is a process of its node.",
  why: "A host process has the rights of its node's user: what privileged is on Linux.",
  fix: "remove windowsOptions.hostProcess",
  check(template, report) {
    for (const one of allContexts(template)) {
      report.check(
        { ...one, field: one.field.at("windowsOptions", "hostProcess") },
        (value) => value === undefined || value === false,
        "windowsOptions.hostProcess must be false",
      );
    }
  },
  good: [
    {
      name: "it is false, and other options are set",
      objects: [podWith({ windowsOptions: { hostProcess: false, runAsUserName: "ContainerUser" } })],
    },
  ],
  bad: [
    {
      name: "the pod is one, without the host network that the API would ask for",
      objects: [pod({}, { windowsOptions: { hostProcess: true } })],
      expect: [{ path: "spec.securityContext.windowsOptions.hostProcess" }],
    },
    {
      name: "the container is one",
      objects: [podWith({ windowsOptions: { hostProcess: true } })],
      expect: [{ path: `${context}.windowsOptions.hostProcess` }],
    },
    {
      name: "an init container is one though the pod says no",
      objects: [
        pod(
          { initContainers: [container({ windowsOptions: { hostProcess: true } })] },
          { windowsOptions: { hostProcess: false } },
        ),
      ],
      expect: [{ path: "spec.initContainers[0].securityContext.windowsOptions.hostProcess" }],
    },
  ],
};
