import type { Manifest, PodRule } from "../../core/rule.ts";
import { excused, pod } from "./cases.ts";
import type { PodSecuritySettings } from "./settings.ts";

const path = "spec.automountServiceAccountToken";

function prometheus(annotations: Manifest, podAnnotations: Manifest): Manifest {
  const { spec } = pod({ automountServiceAccountToken: true }) as { spec: Manifest };
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "Prometheus",
    metadata: { name: "sample", namespace: "sample", annotations },
    spec: { ...spec, podMetadata: { annotations: podAnnotations } },
  };
}

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
      objects: [pod({ automountServiceAccountToken: true }, {}, excused("service-account-token"))],
    },
    { name: "a Prometheus excuses its pods", objects: [prometheus({}, excused("service-account-token"))] },
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
    {
      name: "an exception of a Prometheus itself is none of its pods",
      objects: [prometheus(excused("service-account-token"), {})],
      expect: [{ path }],
    },
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
