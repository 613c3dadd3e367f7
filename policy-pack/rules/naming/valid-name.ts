import type { ObjectRule, Report } from "../../core/rule.ts";
import { isRelease } from "../../kube/api-groups.ts";
import type { KubeObject } from "../../kube/objects.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { deployment, metadata, object, statefulSet } from "./cases.ts";
import type { NamingSettings } from "./settings.ts";
import { isDnsLabel, isDnsSubdomain, isOldDnsLabel, isPathSegment, maximumLabel } from "./syntax.ts";

/** A StatefulSet's pods carry the label `<name>-<hash of up to 10 characters>` (kubernetes/kubernetes#64023). */
const maximumStatefulSet = 52;
/** A CronJob's Jobs get 11 characters behind its name (batch/v1 validation). */
const maximumCronJob = 52;
/** From here on a Service may start with a digit (feature RelaxedServiceNameValidation, on by default in 1.36). */
const relaxedServiceMinor = 36;

const paths = new Set(["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"]);
// Names with a form of their own: addresses, `v1.` for the core group, `signer:name`.
const ownForms = new Set(["APIService", "ClusterTrustBundle", "IPAddress"]);

interface Syntax {
  accepts: (name: string) => boolean;
  wants: string;
  /** Fields beside the name that have a say. */
  deciding?: readonly Field[];
}

const subdomain: Syntax = {
  accepts: isDnsSubdomain,
  wants: "at most 253 lower-case letters, digits, dashes and dots, starting and ending with a letter or digit",
};
const dnsLabel: Syntax = {
  accepts: isDnsLabel,
  wants: "at most 63 lower-case letters, digits and dashes, starting and ending with a letter or digit",
};

function shorter(syntax: Syntax, length: number, because: string): Syntax {
  return {
    accepts: (name) => name.length <= length && syntax.accepts(name),
    wants: `at most ${length} lower-case letters, digits and dashes, since ${because}`,
  };
}

// The pods of an indexed Job have `<name>-<index>` as their host name.
function jobSyntax(root: KubeObject["root"]): Syntax {
  const spec = root.at("spec");
  const [mode, count] = [spec.at("completionMode"), spec.at("completions")];
  const completions = count.number;
  const short = shorter(subdomain, maximumLabel, "its pods carry it as a label");
  if (mode.unknown || (mode.value === "Indexed" && count.unknown)) return { ...short, deciding: [mode, count] };
  if (mode.value !== "Indexed" || completions === undefined || completions < 1) return short;
  return {
    accepts: (name) => isDnsLabel(`${name}-${completions - 1}`),
    wants: "a DNS label that stays within 63 characters with the index of the last pod behind it",
  };
}

function syntaxOf({ kind, root }: KubeObject, minor: number): Syntax {
  if (paths.has(kind)) return { accepts: isPathSegment, wants: "no slash and no percent sign" };
  switch (kind) {
    case "Namespace":
      return dnsLabel;
    case "Service":
      if (minor >= relaxedServiceMinor) return dnsLabel;
      return { accepts: isOldDnsLabel, wants: `${dnsLabel.wants}; before 1.36 the first must be a letter` };
    case "StatefulSet":
      return shorter(dnsLabel, maximumStatefulSet, "its pods carry it as a label with a hash behind it");
    case "CronJob":
      return shorter(subdomain, maximumCronJob, "its jobs have a time behind it");
    case "Job":
      return jobSyntax(root);
    default:
      return subdomain;
  }
}

// What the API server puts behind a prefix is five letters and digits; it cuts a prefix that is too long for that.
function isPrefix(text: string): boolean {
  if (text === "") return true;
  return isDnsSubdomain(text.endsWith("-") ? `${text}a` : text);
}

function checkDefinition(root: Field, name: Field, report: Report): void {
  const [plural, group] = [root.at("spec", "names", "plural"), root.at("spec", "group")];
  for (const field of [plural, group]) if (field.unknown) report.undecidable(field);
  if (name.text === undefined || plural.text === undefined || group.text === undefined) return;
  if (name.text !== `${plural.text}.${group.text}`) {
    report.violated(name, "a CustomResourceDefinition is named by its plural, a dot and its group");
  }
}

/** The API server refuses most of these; the rest are accepted, and no pod ever starts. */
export const validName: ObjectRule<NamingSettings> = {
  id: "valid-name",
  subject: "object",
  level: "mandatory",
  title: "Every object has a name that its kind accepts, and that what it makes can carry.",
  why: "A bad name is refused in the middle of an update; one that is too long is accepted, and no pod ever starts.",
  fix: "choose a shorter name of lower-case letters, digits and dashes",
  check(subject, report, { version }) {
    if (isRelease(subject) || ownForms.has(subject.kind)) return;
    const { accepts, wants, deciding = [] } = syntaxOf(subject, Number(version.split(".")[1]));
    const meta = subject.root.at("metadata");
    const [name, prefix] = [meta.at("name"), meta.at("generateName")];
    if (name.unknown) report.undecidable(name);
    else if (!name.absent && !(name.text !== undefined && accepts(name.text))) report.violated(name, `want ${wants}`);
    if (name.absent && prefix.unknown) report.undecidable(prefix);
    if (name.absent && prefix.text !== undefined && !paths.has(subject.kind) && !isPrefix(prefix.text)) {
      report.violated(prefix, `want ${subdomain.wants}`);
    }
    for (const field of deciding) if (field.unknown) report.undecidable(field);
    if (subject.kind === "CustomResourceDefinition") checkDefinition(subject.root, name, report);
  },
  good: [
    { name: "a name of 52 characters", objects: [statefulSet({}, { name: "a".repeat(52) })] },
    { name: "a Deployment may have dots and be longer", objects: [deployment({}, { name: `a.${"b".repeat(100)}` })] },
    {
      name: "a role of the system",
      objects: [object("rbac.authorization.k8s.io/v1", "Role", { metadata: metadata({ name: "system:A.b" }) })],
    },
    {
      name: "a name that the API server makes",
      objects: [object("v1", "ConfigMap", { metadata: { generateName: "sample-", namespace: "sample" } })],
    },
    {
      name: "an API service of the core group",
      objects: [{ apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata: { name: "v1." } }],
    },
    {
      name: "a Service that starts with a digit, from 1.36",
      objects: [object("v1", "Service", { metadata: metadata({ name: "4x" }) })],
    },
    {
      name: "a release has no metadata",
      objects: [{ apiVersion: "helm.sh/v3", kind: "Release", name: "A", namespace: "sample" }],
    },
    {
      name: "an indexed Job whose pods have short names",
      objects: [
        object("batch/v1", "Job", {
          metadata: metadata({ name: "a".repeat(60) }),
          spec: {
            completionMode: "Indexed",
            completions: 100,
            template: { metadata: { labels: metadata()["labels"] } },
          },
        }),
      ],
    },
    {
      name: "a definition of a kind",
      objects: [
        {
          apiVersion: "apiextensions.k8s.io/v1",
          kind: "CustomResourceDefinition",
          metadata: { name: "worlds.game.example.com" },
          spec: { group: "game.example.com", names: { plural: "worlds" } },
        },
      ],
    },
  ],
  bad: [
    ...[
      ["ConfigMap", "Sample"],
      ["ConfigMap", "sam_ple"],
      ["ConfigMap", "sample-"],
      ["ConfigMap", "sam..ple"],
      ["ConfigMap", "a".repeat(254)],
      ["ConfigMap", ""],
      ["ConfigMap", 7],
      ["Service", "a".repeat(64)],
      ["Service", "sam.ple"],
      ["Job", "a".repeat(64)],
      ["Role", "a/b"],
      ["Role", ".."],
    ].map(([kind, name], index) => ({
      name: `${kind} with a bad name (${index})`,
      objects: [object("v1", String(kind), { metadata: metadata({ name }) })],
      expect: [{ path: "metadata.name" }],
    })),
    {
      name: "a Service that starts with a digit, before 1.36",
      objects: [object("v1", "Service", { metadata: metadata({ name: "4x" }) })],
      settings: { version: "1.35" },
      expect: [{ path: "metadata.name" }],
    },
    {
      name: "a StatefulSet of 53 characters",
      objects: [statefulSet({}, { name: "a".repeat(53) })],
      expect: [{ path: "metadata.name" }],
    },
    {
      name: "a StatefulSet with a dot",
      objects: [statefulSet({}, { name: "a.b" })],
      expect: [{ path: "metadata.name" }],
    },
    {
      name: "a CronJob of 53 characters",
      objects: [object("batch/v1", "CronJob", { metadata: metadata({ name: "a".repeat(53) }) })],
      expect: [{ path: "metadata.name" }],
    },
    {
      name: "a Namespace with a dot",
      objects: [{ apiVersion: "v1", kind: "Namespace", metadata: { name: "a.b" } }],
      expect: [{ path: "metadata.name" }],
    },
    {
      name: "an indexed Job whose last pod has a name that is too long",
      objects: [
        object("batch/v1", "Job", {
          metadata: metadata({ name: "a".repeat(60) }),
          spec: {
            completionMode: "Indexed",
            completions: 1001,
            template: { metadata: { labels: metadata()["labels"] } },
          },
        }),
      ],
      expect: [{ path: "metadata.name" }],
    },
    {
      name: "a prefix with a capital letter",
      objects: [object("v1", "ConfigMap", { metadata: { generateName: "Sample-", namespace: "sample" } })],
      expect: [{ path: "metadata.generateName" }],
    },
    {
      name: "a definition of a kind with another name",
      objects: [
        {
          apiVersion: "apiextensions.k8s.io/v1",
          kind: "CustomResourceDefinition",
          metadata: { name: "world.game.example.com" },
          spec: { group: "game.example.com", names: { plural: "worlds" } },
        },
      ],
      expect: [{ path: "metadata.name" }],
    },
    {
      name: "a prefix, a number of pods and a group that are not known yet",
      objects: [
        object("v1", "ConfigMap", { metadata: { generateName: unknown, namespace: "sample" } }),
        object("batch/v1", "Job", { spec: { completionMode: "Indexed", completions: unknown } }),
        {
          apiVersion: "apiextensions.k8s.io/v1",
          kind: "CustomResourceDefinition",
          metadata: { name: "a.b" },
          spec: { group: unknown, names: { plural: "c" } },
        },
      ],
      expect: [
        { path: "metadata.generateName", verdict: "undecidable" },
        { path: "spec.completions", verdict: "undecidable" },
        { path: "spec.group", verdict: "undecidable" },
      ],
    },
    {
      name: "a name that is not known yet",
      objects: [object("v1", "ConfigMap", { metadata: metadata({ name: unknown }) })],
      expect: [{ path: "metadata.name", verdict: "undecidable" }],
    },
  ],
};
