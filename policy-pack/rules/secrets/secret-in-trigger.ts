import type { ObjectRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { samples } from "./cases.ts";
import type { SecretSettings } from "./settings.ts";
import { secretIn } from "./text.ts";

function scaledObject(metadata: unknown): Readonly<Record<string, unknown>> {
  return {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: { name: "sample", namespace: "sample" },
    spec: { triggers: [{ type: "any", metadata }] },
  };
}

/** Scalers of KEDA take connection strings, and take them from a TriggerAuthentication as well. */
export const secretInTrigger: ObjectRule<SecretSettings> = {
  id: "secret-in-trigger",
  subject: "object",
  kinds: ["ScaledObject", "ScaledJob"],
  level: "mandatory",
  title: "No trigger of KEDA holds a secret.",
  why: "A ScaledObject is readable for everyone who may look at scaling, and KEDA prints triggers in its events.",
  fix: "put it into a Secret, name it in a TriggerAuthentication, and refer to that with authenticationRef",
  check(object, report, { harmlessNames }) {
    for (const trigger of object.root.at("spec", "triggers").items()) {
      const metadata = trigger.at("metadata");
      if (metadata.unknown) report.undecidable(metadata);
      for (const [key, value] of metadata.entries()) {
        if (value.unknown) report.undecidable(value);
        if (value.text === undefined || harmlessNames.includes(key)) continue;
        const because = secretIn({ name: key, value: value.text, file: true });
        if (because !== undefined) report.violated(value, `${key} of a trigger: ${because}`);
      }
    }
  },
  good: [
    {
      name: "a query, and names of environment variables",
      objects: [
        scaledObject({
          serverAddress: "http://prometheus.monitoring:9090",
          query: 'sum(rate(login_total{token!=""}[1m]))',
          threshold: "100",
          passwordFromEnv: "REDIS_PASSWORD",
        }),
      ],
    },
  ],
  bad: [
    {
      name: "a password",
      objects: [scaledObject({ password: "hunter2" })],
      expect: [{ path: "spec.triggers[0].metadata.password" }],
    },
    {
      name: "a connection string",
      objects: [scaledObject({ host: samples.url, connection: "Endpoint=sb://x/;SharedAccessKey=abc=;" })],
      expect: [{ path: "spec.triggers[0].metadata.host" }, { path: "spec.triggers[0].metadata.connection" }],
    },
    {
      name: "an address that is not known yet, and metadata that is not",
      objects: [scaledObject({ host: unknown, token: "abc" }), scaledObject(unknown)],
      expect: [
        { path: "spec.triggers[0].metadata.host", verdict: "undecidable" },
        { path: "spec.triggers[0].metadata.token" },
        { path: "spec.triggers[0].metadata", verdict: "undecidable" },
      ],
    },
  ],
};
