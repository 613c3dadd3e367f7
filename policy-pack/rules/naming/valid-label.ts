import type { ObjectRule, Report } from "../../core/rule.ts";
import { podTemplates } from "../../kube/pods.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { deployment, labels, metadata, object, template } from "./cases.ts";
import type { NamingSettings } from "./settings.ts";
import { isLabelValue, isQualifiedName } from "./syntax.ts";

/** Bytes that all annotations of an object may have together (apimachinery, `TotalAnnotationSizeLimitB`). */
const maximumAnnotations = 256 * 1024;

function checkLabels(list: Field, report: Report): void {
  if (list.unknown) report.undecidable(list);
  for (const [key, value] of list.entries()) {
    if (!isQualifiedName(key))
      report.violated(value, "the key is no label key: prefix.example.com/name, name of at most 63 characters");
    else if (value.unknown) report.undecidable(value);
    else if (!value.absent && (value.text === undefined || !isLabelValue(value.text))) {
      report.violated(value, "want a text of at most 63 letters, digits, dashes, dots and underscores");
    }
  }
}

function checkAnnotations(list: Field, report: Report): void {
  if (list.unknown) report.undecidable(list);
  let size = 0;
  for (const [key, value] of list.entries()) {
    size += key.length + (value.text?.length ?? 0);
    if (!isQualifiedName(key.toLowerCase())) report.violated(value, "the key is no annotation key");
    else if (!value.unknown && !value.absent && value.text === undefined) report.violated(value, "want a text");
  }
  if (size > maximumAnnotations) report.violated(list, "the annotations have more than 256 KiB together");
}

/** The API server refuses what this finds. YAML makes it easy: `enabled: true` is no text. */
export const validLabel: ObjectRule<NamingSettings> = {
  id: "valid-label",
  subject: "object",
  level: "mandatory",
  title: "Every label and annotation has a key and a value that the API server accepts.",
  why: "A label that is too long or no text is refused in the middle of an update.",
  fix: "shorten it, or move it to an annotation; put numbers and booleans in quotes",
  check(subject, report) {
    const { root } = subject;
    const claims = root
      .at("spec", "volumeClaimTemplates")
      .items()
      .map((one) => one.at("metadata"));
    const pods = podTemplates(subject).map((one) => one.metadata);
    for (const meta of [root.at("metadata"), ...pods, root.at("spec", "jobTemplate", "metadata"), ...claims]) {
      checkLabels(meta.at("labels"), report);
      checkAnnotations(meta.at("annotations"), report);
    }
    const selector = root.at("spec", "selector");
    checkLabels(subject.kind === "Service" ? selector : selector.at("matchLabels"), report);
  },
  good: [
    {
      name: "63 characters, nothing, and capital letters",
      objects: [
        object("v1", "ConfigMap", {
          metadata: metadata({
            labels: { a: "a".repeat(63), b: "", "x.y/Z_z": "A.b_c-1" },
            annotations: { "Example.COM/a": "any text: \n" },
          }),
        }),
      ],
    },
  ],
  bad: [
    ...[
      ["a", "a".repeat(64)],
      ["a", "a b"],
      ["a", "-a"],
      ["a", true],
      ["a", 1],
    ].map(([key, value], index) => ({
      name: `a bad value (${index})`,
      objects: [object("v1", "ConfigMap", { metadata: metadata({ labels: { [String(key)]: value } }) })],
      expect: [{ path: "metadata.labels.a" }],
    })),
    ...["a/b/c", "/a", "a/", "-a", "a".repeat(64), "A.b/c"].map((key, index) => ({
      name: `a bad key (${index})`,
      objects: [object("v1", "ConfigMap", { metadata: metadata({ labels: { [key]: "a" } }) })],
      expect: [{ path: /^a+$/.test(key) ? `metadata.labels.${key}` : `metadata.labels["${key}"]` }],
    })),
    {
      name: "the template of a pod",
      objects: [deployment({ template: template({}, { labels: { ...labels, world: "a".repeat(64) } }) })],
      expect: [{ path: "spec.template.metadata.labels.world" }],
    },
    {
      name: "a selector, and the template of a claim",
      objects: [
        object("v1", "Service", { spec: { selector: { world: 1 } } }),
        object("batch/v1", "CronJob", { spec: { jobTemplate: { metadata: { labels: { world: "a b" } } } } }),
        object("example.com/v1", "World", {
          spec: { volumeClaimTemplates: [{ metadata: { labels: { world: "a b" } } }] },
        }),
      ],
      expect: [
        { path: "spec.selector.world" },
        { path: "spec.jobTemplate.metadata.labels.world" },
        { path: "spec.volumeClaimTemplates[0].metadata.labels.world" },
      ],
    },
    {
      name: "annotations that are no text, have no key, or are too large",
      objects: [
        object("v1", "ConfigMap", { metadata: metadata({ annotations: { a: 1, "b c": "", d: null } }) }),
        object("v1", "ConfigMap", { metadata: metadata({ name: "large", annotations: { a: "a".repeat(262_144) } }) }),
      ],
      expect: [
        { path: "metadata.annotations.a" },
        { path: 'metadata.annotations["b c"]' },
        { path: "metadata.annotations" },
      ],
    },
    {
      name: "one value that is not known yet, beside a bad one",
      objects: [object("v1", "ConfigMap", { metadata: metadata({ labels: { a: unknown, b: "a b" } }) })],
      expect: [{ path: "metadata.labels.a", verdict: "undecidable" }, { path: "metadata.labels.b" }],
    },
    {
      name: "labels that are not known yet",
      objects: [object("v1", "ConfigMap", { metadata: metadata({ labels: unknown, annotations: unknown }) })],
      expect: [
        { path: "metadata.labels", verdict: "undecidable" },
        { path: "metadata.annotations", verdict: "undecidable" },
      ],
    },
  ],
};
