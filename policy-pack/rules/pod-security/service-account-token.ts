import { exceptionsAnnotation } from "../../core/exemptions.ts";
import type { PodRule } from "../../core/rule.ts";
import { pod } from "./cases.ts";
import type { PodSecuritySettings } from "./settings.ts";

const path = "spec.automountServiceAccountToken";

const exception = { allow: "service-account-token", because: "it lists pods", until: "2026-12-31" };

/** No pod has a key to the API server that it does not need. */
export const serviceAccountToken: PodRule<PodSecuritySettings> = {
  id: "service-account-token",
  subject: "pod",
  level: "mandatory",
  allowance: "service-account-token",
  title: "No pod gets a token for the API server unless it says what for.",
  why: "The token lies in every container as a file: who reads one file may do what the service account may.",
  fix: "set automountServiceAccountToken of the pod to false; that of its service account cannot be relied on",
  check(template, report) {
    report.check(
      template.spec.at("automountServiceAccountToken"),
      (value) => value === false,
      "automountServiceAccountToken must be false",
    );
  },
  good: [
    { name: "it is false", objects: [pod({ automountServiceAccountToken: false })] },
    {
      name: "the pod is excused",
      objects: [
        pod({ automountServiceAccountToken: true }, {}, { [exceptionsAnnotation]: JSON.stringify([exception]) }),
      ],
    },
    {
      name: "a token that is mounted by hand has an audience and an end",
      objects: [
        pod({
          volumes: [
            {
              name: "vault",
              projected: {
                sources: [{ serviceAccountToken: { path: "vault", audience: "vault", expirationSeconds: 600 } }],
              },
            },
          ],
        }),
      ],
    },
  ],
  bad: [
    { name: "it is true", objects: [pod({ automountServiceAccountToken: true })], expect: [{ path }] },
    {
      name: "absent is true, whatever the service account may say",
      objects: [
        pod({ automountServiceAccountToken: undefined }),
        {
          apiVersion: "v1",
          kind: "ServiceAccount",
          metadata: { name: "sample", namespace: "sample" },
          automountServiceAccountToken: false,
        },
      ],
      expect: [{ path }],
    },
  ],
};
