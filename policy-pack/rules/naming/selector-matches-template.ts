import type { ObjectRule } from "../../core/rule.ts";
import { selects, selectsMap } from "../../kube/selectors.ts";
import { unknown } from "../../kube/tree.ts";
import { deployment, labels, object, statefulSet, template } from "./cases.ts";
import type { NamingSettings } from "./settings.ts";

const name = "app.kubernetes.io/name";

/** apps/v1 validation; a selector can never be changed afterwards. */
export const selectorMatchesTemplate: ObjectRule<NamingSettings> = {
  id: "selector-matches-template",
  subject: "object",
  kinds: ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Rollout"],
  level: "mandatory",
  title: "A controller selects the pods of its own template.",
  why: "The API server refuses a controller that does not find its own pods, and a selector cannot be changed later.",
  fix: "put the labels of the selector on the template",
  check(subject, report) {
    const [selector, meta] = [subject.root.at("spec", "selector"), subject.root.at("spec", "template", "metadata")];
    const plainMap = subject.kind === "ReplicationController";
    if (selector.absent) {
      // Old versions, and a ReplicationController to this day, take the labels of the template.
      const required = !plainMap && !subject.partial && !/^v1(?:alpha|beta)/.test(subject.version);
      if (required && subject.root.at("spec", "workloadRef").absent)
        report.violated(selector, "the selector is missing");
      return;
    }
    const templateLeftOut = subject.partial || !subject.root.at("spec", "workloadRef").absent;
    if (templateLeftOut && meta.at("labels").absent) return;
    const empty =
      !selector.unknown &&
      !plainMap &&
      selector.at("matchLabels").entries().length === 0 &&
      !selector.at("matchLabels").unknown &&
      selector.at("matchExpressions").items().length === 0;
    if (empty) {
      if (!subject.partial)
        report.violated(selector, "an empty selector selects every pod, and the API server refuses it");
      return;
    }
    const answer = plainMap ? selectsMap(selector, meta.at("labels")) : selects(selector, meta.at("labels"));
    if (answer === undefined) report.undecidable(selector);
    else if (!answer) report.violated(selector, "the selector does not select the pods of the template");
  },
  good: [
    { name: "a label", objects: [deployment()] },
    {
      name: "expressions",
      objects: [
        statefulSet({
          selector: {
            matchLabels: { [name]: "sample" },
            matchExpressions: [
              { key: name, operator: "In", values: ["other", "sample"] },
              { key: name, operator: "NotIn", values: ["other"] },
              { key: name, operator: "Exists" },
              { key: "canary", operator: "DoesNotExist" },
            ],
          },
        }),
      ],
    },
    {
      name: "a ReplicationController selects by a plain map, or by its template",
      objects: [
        object("v1", "ReplicationController", { spec: { selector: { [name]: "sample" }, template: template() } }),
        object("v1", "ReplicationController", {
          metadata: { name: "b", namespace: "b", labels },
          spec: { template: template() },
        }),
      ],
    },
    {
      name: "a rollout that borrows the selector as well",
      objects: [object("argoproj.io/v1alpha1", "Rollout", { spec: { workloadRef: { name: "a" } } })],
    },
    {
      name: "an old version without selector",
      objects: [{ ...deployment({ selector: undefined }), apiVersion: "extensions/v1beta1" }],
    },
    {
      name: "a rollout that borrows the template of a Deployment",
      objects: [
        object("argoproj.io/v1alpha1", "Rollout", {
          spec: { selector: { matchLabels: { a: "b" } }, workloadRef: { name: "a" } },
        }),
      ],
    },
  ],
  bad: [
    {
      name: "another value",
      objects: [deployment({ selector: { matchLabels: { [name]: "other" } } })],
      expect: [{ path: "spec.selector" }],
    },
    {
      name: "a label that the template lacks",
      objects: [statefulSet({ selector: { matchLabels: { [name]: "sample", a: "b" } } })],
      expect: [{ path: "spec.selector" }],
    },
    ...[
      { key: name, operator: "In", values: ["other"] },
      { key: name, operator: "NotIn", values: ["sample"] },
      { key: "canary", operator: "Exists" },
      { key: name, operator: "DoesNotExist" },
    ].map((expression) => ({
      name: `the expression ${expression.operator}`,
      objects: [{ ...deployment({ selector: { matchExpressions: [expression] } }), kind: "DaemonSet" }],
      expect: [{ path: "spec.selector" }],
    })),
    { name: "no selector", objects: [deployment({ selector: null })], expect: [{ path: "spec.selector" }] },
    {
      name: "an empty selector",
      objects: [deployment({ selector: { matchLabels: {} } })],
      expect: [{ path: "spec.selector" }],
    },
    {
      name: "a template without labels",
      objects: [{ ...deployment({ template: { spec: { containers: [] } } }), kind: "ReplicaSet" }],
      settings: { requiredLabels: [] },
      expect: [{ path: "spec.selector" }],
    },
    {
      name: "labels of the selector that are not known yet",
      objects: [deployment({ selector: { matchLabels: unknown } })],
      expect: [
        { path: "spec.selector", verdict: "undecidable" },
        { path: "spec.selector.matchLabels", verdict: "undecidable", rule: "valid-label" },
      ],
    },
    {
      name: "a plain map of a ReplicationController",
      objects: [object("v1", "ReplicationController", { spec: { selector: { a: "b" }, template: template() } })],
      expect: [{ path: "spec.selector" }],
    },
    {
      name: "a label that is not known yet, beside one that is wrong, and alone",
      objects: [
        deployment({ selector: { matchLabels: { a: unknown, [name]: "other" } } }),
        deployment({ selector: { matchLabels: { [name]: unknown } } }, { name: "other" }),
      ],
      expect: [
        { path: "spec.selector" },
        { path: "spec.selector", verdict: "undecidable" },
        { path: "spec.selector.matchLabels.a", verdict: "undecidable", rule: "valid-label" },
        { path: `spec.selector.matchLabels["${name}"]`, verdict: "undecidable", rule: "valid-label" },
      ],
    },
  ],
};
