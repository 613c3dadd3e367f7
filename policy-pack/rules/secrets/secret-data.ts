import type { ObjectRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { secret } from "./cases.ts";
import type { SecretSettings } from "./settings.ts";

/** Keys that the API server demands (core/v1 validation, `ValidateSecret`). */
const keysOfTypes: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
};

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

// A line feed within the text is allowed, as encoders write it (Go, encoding/base64).
function isBase64(text: string): boolean {
  return base64.test(text.replace(/[\r\n]/g, ""));
}

/** What the API server refuses is found before anything is applied. */
export const secretData: ObjectRule<SecretSettings> = {
  id: "secret-data",
  subject: "object",
  kinds: ["Secret"],
  level: "mandatory",
  title: "A Secret's data is base64 and has the keys of its type.",
  why: "The API server refuses plain text in `data`, or decodes what happens to be base64 into bytes nobody wrote.",
  fix: "encode the value, or write plain text in stringData; give a typed Secret the keys of its type",
  check(object, report) {
    const [data, stringData] = [object.root.at("data"), object.root.at("stringData")];
    for (const [key, value] of data.entries()) {
      report.check(
        value,
        (written) => written === undefined || (typeof written === "string" && isBase64(written)),
        `key ${key}: the value is not base64`,
      );
    }
    if (data.unknown) report.undecidable(data);
    // Data that is no mapping, such as the mark of a recorder in its place, says nothing about keys.
    if (object.partial || data.unknown || stringData.unknown || typeof data.value === "string") return;
    const type = object.root.at("type");
    if (type.unknown) report.undecidable(type);
    for (const key of keysOfTypes[type.text ?? ""] ?? []) {
      if (data.at(key).absent && stringData.at(key).absent) report.violated(data, `the type demands the key ${key}`);
    }
  },
  good: [
    {
      name: "base64",
      objects: [secret({ data: { PASSWORD: "aHVudGVyMg==", EMPTY: "", NULL: null, A: "YWJj\nYWJj" } })],
    },
    { name: "plain text where it belongs", objects: [secret({ stringData: { PASSWORD: "hunter2" } })] },
    {
      name: "a certificate whose keys come later, or were taken out by a recorder",
      objects: [
        secret({ type: "kubernetes.io/tls", stringData: unknown }),
        secret({ type: "kubernetes.io/tls", data: "[secret]" }),
      ],
    },
    {
      name: "a certificate",
      objects: [secret({ type: "kubernetes.io/tls", data: { "tls.crt": "YQ==" }, stringData: { "tls.key": "a" } })],
    },
  ],
  bad: [
    {
      name: "plain text",
      objects: [secret({ data: { PASSWORD: "hunter2", OTHER: "aHVudGVyMg" } })],
      expect: [{ path: "data.PASSWORD" }, { path: "data.OTHER" }],
    },
    {
      name: "a value that is not known yet beside plain text",
      objects: [secret({ data: { A: unknown, B: "hunter 2" } })],
      expect: [{ path: "data.A", verdict: "undecidable" }, { path: "data.B" }],
    },
    {
      name: "data that is not known yet",
      objects: [secret({ type: "kubernetes.io/tls", data: unknown })],
      expect: [{ path: "data", verdict: "undecidable" }],
    },
    {
      name: "a type that is not known yet",
      objects: [secret({ type: unknown, data: {} })],
      expect: [{ path: "type", verdict: "undecidable" }],
    },
    {
      name: "a certificate without key",
      objects: [secret({ type: "kubernetes.io/tls", data: { "tls.crt": "YQ==" } })],
      expect: [{ path: "data" }],
    },
    {
      name: "a pull secret under the wrong key",
      objects: [secret({ type: "kubernetes.io/dockerconfigjson", data: { "config.json": "e30=" } })],
      expect: [{ path: "data" }],
    },
  ],
};
