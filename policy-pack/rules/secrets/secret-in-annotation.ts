import type { ObjectRule } from "../../core/rule.ts";
import { podTemplates } from "../../kube/pods.ts";
import { unknown } from "../../kube/tree.ts";
import { configMap, pod, samples } from "./cases.ts";
import type { SecretSettings } from "./settings.ts";
import { credentialIn } from "./shapes.ts";

/** Known shapes only: annotations hold checksums and JSON of all kinds, and their names say little. */
export const secretInAnnotation: ObjectRule<SecretSettings> = {
  id: "secret-in-annotation",
  subject: "object",
  level: "mandatory",
  title: "No annotation or label holds a credential.",
  why: "Metadata is printed, indexed and sent to metrics by everything that lists objects.",
  fix: "move the credential to a Secret and remove it from the metadata",
  check(object, report) {
    const metadata = [object.root.at("metadata"), ...podTemplates(object).map((one) => one.metadata)];
    for (const list of metadata.flatMap((one) => [one.at("annotations"), one.at("labels")])) {
      if (list.unknown) report.undecidable(list);
      for (const [key, value] of list.entries()) {
        if (value.unknown) report.undecidable(value);
        const credential = credentialIn(value.text ?? "");
        if (credential !== undefined) report.violated(value, `${key} holds ${credential}`);
      }
    }
  },
  good: [
    {
      name: "what people and tools write",
      objects: [
        configMap(undefined, {
          metadata: {
            annotations: { checksum: "90278db471168541", link: "https://example.com/a", owner: "mail@example.com" },
            labels: { app: "game" },
          },
        }),
      ],
    },
  ],
  bad: [
    {
      name: "a URL with a password",
      objects: [configMap(undefined, { metadata: { annotations: { hook: samples.url } } })],
      expect: [{ path: "metadata.annotations.hook" }],
    },
    {
      name: "what kubectl applied last",
      objects: [
        pod({}, {}),
        configMap(undefined, {
          metadata: {
            annotations: { "kubectl.kubernetes.io/last-applied-configuration": `{"env":"${samples.github}"}` },
          },
        }),
      ],
      expect: [{ path: 'metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]' }],
    },
    {
      name: "a label",
      objects: [configMap(undefined, { metadata: { labels: { key: samples.awsKey } } })],
      expect: [{ path: "metadata.labels.key" }],
    },
    {
      name: "the template of a pod",
      objects: [
        {
          apiVersion: "apps/v1",
          kind: "Deployment",
          spec: { template: { metadata: { annotations: { token: samples.jwt } }, spec: { containers: [] } } },
        },
      ],
      expect: [{ path: "spec.template.metadata.annotations.token" }],
    },
    {
      name: "one annotation that is not known yet, and labels that are not",
      objects: [configMap(undefined, { metadata: { annotations: { a: unknown, b: samples.slack }, labels: unknown } })],
      expect: [
        { path: "metadata.annotations.a", verdict: "undecidable" },
        { path: "metadata.annotations.b" },
        { path: "metadata.labels", verdict: "undecidable" },
      ],
    },
  ],
};
