import type { ObjectRule } from "../../core/rule.ts";
import { podTemplates } from "../../kube/pods.ts";
import { unknown } from "../../kube/tree.ts";
import { deployment, labels, metadata, object, pod, template } from "./cases.ts";
import type { NamingSettings } from "./settings.ts";

/** Kinds whose metadata and pod template both come from the program. Operators label the pods of their own kinds. */
const workloads = [
  "Pod",
  "Deployment",
  "StatefulSet",
  "DaemonSet",
  "ReplicaSet",
  "ReplicationController",
  "Job",
  "CronJob",
  "Fleet",
  "GameServer",
  "Rollout",
  "ScaledJob",
];

const nameLabel = '["app.kubernetes.io/name"]';

/** kubernetes.io, "Recommended Labels". */
export const recommendedLabels: ObjectRule<NamingSettings> = {
  id: "recommended-labels",
  subject: "object",
  kinds: workloads,
  level: "advisory",
  title: "Every workload and its pods say what they are and who manages them.",
  why: "Dashboards, cost reports and people in the middle of an incident find things by their labels.",
  fix: "add the label to the object and to the template of its pods",
  check(subject, report, { requiredLabels }) {
    // The metadata of a Pod is that of its only template.
    const places = new Map(
      [subject.root.at("metadata"), ...podTemplates(subject).map((one) => one.metadata)].map((one) => [one.path, one]),
    );
    for (const meta of places.values()) {
      for (const label of requiredLabels) {
        const field = meta.at("labels", label);
        report.check(field, (value) => value !== undefined && value !== "", `the label ${label} is missing`);
      }
    }
  },
  good: [
    { name: "both labels, on both", objects: [deployment()] },
    { name: "objects without pods", objects: [object("v1", "ConfigMap", { metadata: metadata({ labels: {} }) })] },
    {
      name: "no label is demanded",
      objects: [pod()].map((one) => ({ ...one, metadata: metadata({ labels: {} }) })),
      settings: { requiredLabels: [] },
    },
  ],
  bad: [
    {
      name: "the object has none",
      objects: [deployment({}, { labels: { "app.kubernetes.io/managed-by": "realmgrid" } })],
      expect: [{ path: `metadata.labels${nameLabel}` }],
    },
    {
      name: "the template has an empty one",
      objects: [
        deployment({
          selector: { matchLabels: { app: "a" } },
          template: template({}, { labels: { ...labels, app: "a", "app.kubernetes.io/name": "" } }),
        }),
      ],
      expect: [{ path: `spec.template.metadata.labels${nameLabel}` }],
    },
    {
      name: "the template of a CronJob",
      objects: [
        object("batch/v1", "CronJob", { spec: { jobTemplate: { spec: { template: { spec: { containers: [] } } } } } }),
      ],
      settings: { requiredLabels: ["app.kubernetes.io/name"] },
      expect: [{ path: `spec.jobTemplate.spec.template.metadata.labels${nameLabel}` }],
    },
    {
      name: "a Pod is told once",
      objects: [{ ...pod(), metadata: metadata({ labels: { "app.kubernetes.io/name": "sample" } }) }],
      expect: [{ path: 'metadata.labels["app.kubernetes.io/managed-by"]' }],
    },
    {
      name: "a label that is not known yet",
      objects: [deployment({}, { labels: { ...labels, "app.kubernetes.io/name": unknown } })],
      expect: [
        { path: `metadata.labels${nameLabel}`, verdict: "undecidable" },
        { path: `metadata.labels${nameLabel}`, verdict: "undecidable", rule: "valid-label" },
      ],
    },
  ],
};
