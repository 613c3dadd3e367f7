import type { PodRule, Report } from "../../core/rule.ts";
import type { PodTemplate } from "../../kube/pods.ts";
import { unknown } from "../../kube/tree.ts";
import { context, podWith, windowsPod } from "./cases.ts";
import { containerContexts, type SecurityContext } from "./contexts.ts";
import type { PodSecuritySettings } from "./settings.ts";
import { type Demand, judge } from "./standard.ts";

interface CapabilityDemand extends Demand {
  mayAdd: readonly string[];
  dropsAll: boolean;
}

// What container runtimes give by default, without NET_RAW.
const ordinary = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];

const demands: readonly CapabilityDemand[] = [
  { level: "baseline", since: 0, mayAdd: ordinary, dropsAll: false },
  { level: "restricted", since: 22, mayAdd: ["NET_BIND_SERVICE"], dropsAll: true },
  { level: "restricted", since: 25, mayAdd: ["NET_BIND_SERVICE"], dropsAll: true, excused: "windows" },
];

function checkDrop(one: SecurityContext, pod: PodTemplate, report: Report): void {
  const drop = one.field.at("capabilities", "drop");
  const dropped = drop.items();
  if (dropped.some((item) => item.value === "ALL")) return;
  const perhaps = dropped.find((item) => item.unknown);
  if (perhaps !== undefined) report.undecidable({ ...one, field: perhaps });
  else if (!(drop.absent && pod.object.partial)) report.violated({ ...one, field: drop }, "must drop ALL");
}

/** Pod Security Standards, "Capabilities": baseline, and restricted in its place from 1.22. */
export const capabilities: PodRule<PodSecuritySettings> = {
  id: "capabilities",
  subject: "pod",
  level: "mandatory",
  title: "Containers have no more Linux capabilities than the level allows.",
  why: "A capability is a piece of root: with SYS_ADMIN or NET_RAW a process leaves its container or forges traffic.",
  fix: 'set securityContext.capabilities to drop: ["ALL"], and add NET_BIND_SERVICE at most',
  check(template, report, settings) {
    judge(demands, template, report, settings, ({ mayAdd, dropsAll }, own) => {
      for (const one of containerContexts(template)) {
        for (const item of one.field.at("capabilities", "add").items()) {
          own.check(
            { ...one, field: item },
            (value) => typeof value === "string" && mayAdd.includes(value),
            `may add only ${mayAdd.join(", ")}`,
          );
        }
        if (dropsAll) checkDrop(one, template, own);
      }
    });
  },
  good: [
    { name: "ALL stands among others", objects: [podWith({ capabilities: { drop: ["NET_RAW", "ALL"] } })] },
    {
      name: "NET_BIND_SERVICE may be added",
      objects: [podWith({ capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } })],
    },
    {
      name: "a Windows pod has no capabilities",
      objects: [windowsPod({ allowPrivilegeEscalation: false })],
    },
    {
      name: "baseline lets the ordinary ones be added and nothing be dropped",
      objects: [podWith({ capabilities: { add: ordinary } })],
      settings: { level: "baseline" },
    },
    {
      name: "restricted wants no more than baseline before 1.22",
      objects: [podWith({ capabilities: { add: ["CHOWN"] } })],
      settings: { version: "1.21" },
    },
  ],
  bad: [
    {
      name: "nothing is dropped",
      objects: [podWith({ capabilities: {} })],
      expect: [{ path: `${context}.capabilities.drop` }],
    },
    {
      name: "all is not ALL",
      objects: [podWith({ capabilities: { drop: ["all"] } })],
      expect: [{ path: `${context}.capabilities.drop` }],
    },
    {
      name: "an ordinary one is added",
      objects: [podWith({ capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE", "CHOWN"] } })],
      expect: [{ path: `${context}.capabilities.add[1]` }],
    },
    {
      name: "NET_RAW is not ordinary",
      objects: [podWith({ capabilities: { add: ["NET_RAW"] } })],
      settings: { level: "baseline" },
      expect: [{ path: `${context}.capabilities.add[0]` }],
    },
    {
      name: "the kernel's own prefix makes it another name",
      objects: [podWith({ capabilities: { add: ["CAP_CHOWN"] } })],
      settings: { level: "baseline" },
      expect: [{ path: `${context}.capabilities.add[0]` }],
    },
    {
      name: "what is dropped is not known yet, and what is added is plain",
      objects: [podWith({ capabilities: { drop: ["NET_RAW", unknown], add: ["SYS_ADMIN"] } })],
      expect: [
        { path: `${context}.capabilities.drop[1]`, verdict: "undecidable" },
        { path: `${context}.capabilities.add[0]` },
      ],
    },
    {
      name: "Windows pods were bound before 1.25",
      objects: [windowsPod({ allowPrivilegeEscalation: false })],
      settings: { version: "1.24" },
      expect: [{ path: `${context}.capabilities.drop` }],
    },
  ],
};
