import type { ObjectRule } from "../../core/rule.ts";
import type { Answer } from "../../kube/selectors.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { release } from "./cases.ts";
import type { OwnershipSettings } from "./settings.ts";

// Names of values that are secrets themselves. Charts name references `existingSecret`, `secretName` or
// `passwordSecretRef`: those end differently. A bare `secret` or `secretKey` is as often the name of one, so it is left
// out.
const secretEndings = [
  "pass(word|wd|phrase)",
  "(auth|access|api|bearer|bot|refresh|root|admin|_|^)-?token",
  "(api|private|access|encryption|signing)[-_]?key",
  "(client|jwt|session|shared|webhook)[-_]?secret",
  "connection[-_]?string",
];
const secretName = new RegExp(`(${secretEndings.join("|")})$`, "i");

// Values that are secrets whatever their name; prefixes as their makers document them.
const secretValue =
  /^(-----BEGIN [A-Z ]{0,20}PRIVATE KEY|ghp_|github_pat_|glpat-|xox[abp]-|AKIA[0-9A-Z]{16}$|sk_live_)/;

// A value of such a name says where something is, so it matters little that it is not known yet.
const referenceName = /^existing|(name|ref)$/i;

// Filled in elsewhere: by a chart's template or by Kubernetes.
const placeholder = /^(\{\{|\$[({])/;

// `- {name: DB_PASSWORD, value: ...}`: the way charts take environment variables.
function nameOfValue(parent: Field, key: string): Field | string {
  const beside = parent.at("name");
  return key === "value" && !beside.absent ? beside : key;
}

function isSecretName(name: Field | string): Answer {
  if (typeof name === "string") return secretName.test(name);
  return name.unknown ? undefined : secretName.test(name.text ?? "");
}

const said = "looks like a secret in plain values";

/** No secret in the values of a release. */
export const helmValues: ObjectRule<OwnershipSettings> = {
  id: "helm-values",
  subject: "object",
  kinds: ["Release"],
  level: "mandatory",
  title: "Values of a Helm release name Secrets and hold none.",
  why: "Helm keeps all values in the release's own Secret and prints them to everyone who may read the release.",
  fix: "put the value into a Secret and name that Secret in the chart's value for an existing one",
  check(object, report) {
    if (object.group !== "helm.sh") return;
    const waiting: Field[] = [object.root.at("values")];
    for (let parent = waiting.pop(); parent !== undefined; parent = waiting.pop()) {
      // Whatever is not known yet may be a secret, or hold one.
      if (parent.unknown) {
        report.undecidable(parent);
        continue;
      }
      if (parent.text !== undefined && secretValue.test(parent.text)) report.violated(parent, said);
      waiting.push(...parent.items());
      for (const [key, field] of parent.entries()) {
        const { value, text } = field;
        const isPlain = typeof value === "number" || (text !== undefined && text !== "" && !placeholder.test(text));
        const named = isSecretName(nameOfValue(parent, key));
        if (isPlain && named === true) report.violated(field, said);
        else if (isPlain && named === undefined) report.undecidable(field);
        if (!field.unknown || !referenceName.test(key)) waiting.push(field);
      }
    }
  },
  good: [
    {
      name: "a custom kind of the same name",
      objects: [release({ apiVersion: "a.example/v1", values: { password: "x" } })],
    },
    { name: "no values", objects: [release()] },
    {
      name: "names of Secrets",
      objects: [
        release({
          values: {
            auth: {
              existingSecret: unknown,
              otherSecretName: "x",
              existingSecretPasswordKey: "password",
              secretName: "db",
              tokenFile: "/t",
            },
            imagePullSecrets: [{ name: "registry" }],
            env: [{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } }],
          },
        }),
      ],
    },
    {
      name: "switches, numbers, empty texts and placeholders",
      objects: [
        release({
          values: {
            automountServiceAccountToken: true,
            apiKey: "",
            maxTokens: 5,
            password: "$(DB_PASSWORD)",
            authToken: "{{ .Values.x }}",
          },
        }),
      ],
    },
  ],
  bad: [
    {
      name: "values that are not known yet",
      objects: [release({ values: unknown })],
      expect: [{ path: "values", verdict: "undecidable" }],
    },
    {
      name: "a value that is not known yet in a list, and one whose name is not known yet",
      objects: [release({ values: { hosts: [unknown], env: [{ name: unknown, value: "x" }] } })],
      expect: [
        { path: "values.hosts[0]", verdict: "undecidable" },
        { path: "values.env[0].value", verdict: "undecidable" },
      ],
    },
    {
      name: "a token in a list",
      objects: [release({ values: { args: ["ghp_x"] } })],
      expect: [{ path: "values.args[0]" }],
    },
    { name: "a password", objects: [release({ values: { password: "x" } })], expect: [{ path: "values.password" }] },
    {
      name: "a password of digits",
      objects: [release({ values: { rootPassword: 1234 } })],
      expect: [{ path: "values.rootPassword" }],
    },
    {
      name: "a key deep in a list",
      objects: [release({ values: { hooks: [{ auth: { "api-key": "x" } }] } })],
      expect: [{ path: "values.hooks[0].auth.api-key" }],
    },
    {
      name: "an environment variable",
      objects: [release({ values: { env: [{ name: "DB_PASSWORD", value: "x" }] } })],
      expect: [{ path: "values.env[0].value" }],
    },
    {
      name: "a private key under a harmless name",
      objects: [release({ values: { tls: { content: "-----BEGIN RSA PRIVATE KEY-----\nx" } } })],
      expect: [{ path: "values.tls.content" }],
    },
    {
      name: "a password that is not known yet, beside one that is",
      objects: [release({ values: { password: unknown, clientSecret: "x" } })],
      expect: [{ path: "values.password", verdict: "undecidable" }, { path: "values.clientSecret" }],
    },
  ],
};
