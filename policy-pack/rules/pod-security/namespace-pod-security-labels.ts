import { exceptionsAnnotation, stateOf } from "../../core/exemptions.ts";
import type { Manifest, ObjectRule } from "../../core/rule.ts";
import { type Tree, unknown } from "../../kube/tree.ts";
import { ended, excused } from "./cases.ts";
import type { PodSecuritySettings } from "./settings.ts";
import { type Demand, inForce, minorOf } from "./standard.ts";

const label = "pod-security.kubernetes.io/enforce";
const versionLabel = `${label}-version`;

// Versions in which a level began to refuse what it let pass before; all others only relaxed it.
const tightened: readonly Demand[] = [
  { level: "restricted", since: 8 },
  { level: "baseline", since: 19 },
  { level: "restricted", since: 22 },
  { level: "restricted", since: 23 },
  { level: "baseline", since: 34 },
];

// The API server reads only this form; what it cannot read it refuses.
function keepsUp(version: Tree, settings: PodSecuritySettings): boolean {
  if (version === undefined || version === "latest") return true;
  const minor = typeof version === "string" && version.startsWith("v") ? minorOf(version) : undefined;
  const newest = inForce(tightened, settings)?.since ?? 0;
  return minor !== undefined && minor >= newest;
}

function namespace(labels?: Manifest, annotations?: Manifest): Manifest {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: "sample", labels, annotations } };
}

/** Allowance of a Namespace for agents of nodes, which need what no lower level than `privileged` lets pass. */
const agents = "node-agents";

const labelPath = `metadata.labels["${label}"]`;
const versionPath = `metadata.labels["${versionLabel}"]`;

/** The cluster holds the same standard as this pack, for pods that come from elsewhere. */
export const namespacePodSecurityLabels: ObjectRule<PodSecuritySettings> = {
  id: "namespace-pod-security-labels",
  subject: "object",
  kinds: ["Namespace"],
  level: "mandatory",
  title: "Each namespace makes the API server enforce the level of the Pod Security Standards.",
  why: "The pack sees what Pulumi applies; what an operator, a chart or a person creates only the API server sees.",
  fix: `label the namespace with ${label} at the level of the pack, and with ${versionLabel} or none; for agents of nodes excuse the namespace from it as ${agents} in ${exceptionsAnnotation}`,
  check(object, report, settings) {
    // Other groups have namespaces of their own, for example those of a message bus.
    if (object.group !== "") return;
    const metadata = object.root.at("metadata");
    const labels = metadata.at("labels");
    const exception = stateOf(agents, metadata, report.today);
    const ours = settings.level === "baseline" ? ["baseline", "restricted"] : ["restricted"];
    const levels = exception === "holds" ? ["privileged", "baseline", "restricted"] : ours;
    report.check(
      labels.at(label),
      (value) => typeof value === "string" && levels.includes(value),
      `the namespace must enforce ${levels.join(" or ")}${exception === "ended" ? " (its exception has ended)" : ""}`,
    );
    report.check(
      labels.at(versionLabel),
      (value) => keepsUp(value, settings),
      `the version must be latest or one that refuses what v${settings.version} refuses`,
    );
  },
  good: [
    { name: "the level, at the newest version", objects: [namespace({ [label]: "restricted" })] },
    { name: "latest by name", objects: [namespace({ [label]: "restricted", [versionLabel]: "latest" })] },
    {
      name: "an older version that refuses as much",
      objects: [namespace({ [label]: "restricted", [versionLabel]: "v1.34" })],
    },
    {
      name: "restricted where baseline is wanted",
      objects: [namespace({ [label]: "restricted", [versionLabel]: "v1.34" })],
      settings: { level: "baseline" },
    },
    {
      name: "another level, for agents of nodes",
      objects: ["privileged", "baseline"].map((level) => namespace({ [label]: level }, excused(agents))),
    },
    {
      name: "a namespace of another kind of thing",
      objects: [{ apiVersion: "servicebus.azure.com/v1", kind: "Namespace", metadata: { name: "sample" } }],
    },
  ],
  bad: [
    { name: "no labels at all", objects: [namespace()], expect: [{ path: labelPath }] },
    {
      name: "to warn is not to enforce",
      objects: [namespace({ "pod-security.kubernetes.io/warn": "restricted" })],
      expect: [{ path: labelPath }],
    },
    { name: "a weaker level", objects: [namespace({ [label]: "baseline" })], expect: [{ path: labelPath }] },
    {
      name: "no level at all",
      objects: [namespace({ [label]: "privileged" })],
      settings: { level: "baseline" },
      expect: [{ path: labelPath }],
    },
    {
      name: "a version that let more pass",
      objects: [namespace({ [label]: "restricted", [versionLabel]: "v1.33" })],
      expect: [{ path: versionPath }],
    },
    {
      name: "labels that are not known yet",
      objects: [{ apiVersion: "v1", kind: "Namespace", metadata: { name: "sample", labels: unknown } }],
      expect: [{ path: "metadata.labels", verdict: "undecidable" }],
    },
    {
      name: "the exception for agents of nodes has ended",
      objects: [namespace({ [label]: "privileged" }, excused(agents, ended))],
      expect: [{ path: labelPath }],
    },
    {
      name: "an exception that pods may carry is none for a namespace",
      objects: [namespace({ [label]: "privileged" }, excused("host-namespaces"))],
      expect: [{ path: labelPath }],
    },
    {
      name: "agents of nodes need a level too, and one that there is",
      objects: [namespace({}, excused(agents)), namespace({ [label]: "none" }, excused(agents))],
      expect: [{ path: labelPath }, { path: labelPath }],
    },
    {
      name: "agents of nodes excuse from no version",
      objects: [namespace({ [label]: "privileged", [versionLabel]: "v1.33" }, excused(agents))],
      expect: [{ path: versionPath }],
    },
    {
      name: "an exception that nobody can read",
      objects: [namespace({ [label]: "privileged" }, { [exceptionsAnnotation]: agents })],
      expect: [{ path: labelPath }],
    },
    {
      name: "a version that the API server cannot read",
      objects: [namespace({ [label]: "restricted", [versionLabel]: "1.36" })],
      expect: [{ path: versionPath }],
    },
  ],
};
