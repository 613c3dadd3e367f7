import type { PodRule } from "../../core/rule.ts";
import { containersOf } from "../../kube/pods.ts";
import { unknown } from "../../kube/tree.ts";
import { pod } from "./cases.ts";
import type { SecretSettings } from "./settings.ts";

const fromSecret = { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "PASSWORD" } } };

/** An opinion, so silent unless the setting `secretsAsFiles` asks for it. */
export const secretEnvironment: PodRule<SecretSettings> = {
  id: "secret-environment",
  subject: "pod",
  level: "advisory",
  title: "Secrets are files of a container, where the settings demand it.",
  why: "Environment variables are inherited by every process, printed by crash reports, and fixed until a restart.",
  fix: "mount the Secret as a volume and read the file",
  check(template, report, { secretsAsFiles }) {
    if (!secretsAsFiles) return;
    for (const container of containersOf(template)) {
      const references = [
        ...container.field
          .at("env")
          .items()
          .map((one) => one.at("valueFrom", "secretKeyRef")),
        ...container.field
          .at("envFrom")
          .items()
          .map((one) => one.at("secretRef")),
      ];
      for (const field of references) {
        report.check({ field, container }, (value) => value === undefined, "a Secret is an environment variable");
      }
    }
  },
  good: [
    { name: "an environment variable, without the setting", objects: [pod({ env: [fromSecret] })] },
    {
      name: "other sources, with the setting",
      objects: [
        pod({
          env: [{ name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
          envFrom: [{ configMapRef: { name: "settings" } }],
        }),
      ],
      settings: { secretsAsFiles: true },
    },
  ],
  bad: [
    {
      name: "one key, and a whole Secret",
      objects: [pod({ env: [fromSecret], envFrom: [{ secretRef: { name: "db" } }] })],
      settings: { secretsAsFiles: true },
      expect: [
        { path: "spec.containers[0].env[0].valueFrom.secretKeyRef" },
        { path: "spec.containers[0].envFrom[0].secretRef" },
      ],
    },
    {
      name: "a source that is not known yet",
      objects: [pod({ env: [{ name: "A", valueFrom: unknown }, fromSecret] })],
      settings: { secretsAsFiles: true },
      expect: [
        { path: "spec.containers[0].env[0].valueFrom", verdict: "undecidable" },
        { path: "spec.containers[0].env[1].valueFrom.secretKeyRef" },
      ],
    },
  ],
};
