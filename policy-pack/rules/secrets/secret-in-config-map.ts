import { Buffer } from "node:buffer";
import type { ObjectRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { configMap, samples } from "./cases.ts";
import { promises } from "./names.ts";
import type { SecretSettings } from "./settings.ts";
import { credentialIn } from "./shapes.ts";
import { secretIn } from "./text.ts";

const programs = /\.(?:py|js|mjs|cjs|ts|lua|rb|go|rs|java|kt|cs|php|pl|gd|c|h|cpp|sql)$/i;

// `password.txt` is named like what it holds; any other ending says that the value is a file of its own.
function keyName(key: string): string {
  return key.replace(/\.txt$/i, "");
}

/** A ConfigMap is meant to be read: by everyone in the namespace, by tools, by logs. */
export const secretInConfigMap: ObjectRule<SecretSettings> = {
  id: "secret-in-config-map",
  subject: "object",
  kinds: ["ConfigMap"],
  level: "mandatory",
  title: "No ConfigMap holds a secret.",
  why: "ConfigMaps are readable for far more people than Secrets, and are stored without encryption.",
  fix: "move the value to a Secret, or the file to a Secret that is mounted in its place",
  check(object, report, { harmlessNames }) {
    const data = object.root.at("data");
    if (data.unknown) report.undecidable(data);
    for (const [key, value] of data.entries()) {
      const name = harmlessNames.includes(key) ? "" : keyName(key);
      if (value.unknown) {
        if (promises(name) === "certain") {
          report.violated(
            value,
            `key ${key}: its value comes from another resource, and its name says that it is a secret`,
          );
        } else report.undecidable(value);
        continue;
      }
      if (value.text === undefined) continue;
      // A name says what a word is; a file of many lines is read for itself.
      const word = !value.text.trim().includes("\n");
      const because = secretIn({ ...(word ? { name } : {}), value: value.text, file: true, code: programs.test(key) });
      if (because !== undefined) report.violated(value, `key ${key}: ${because}`);
    }
    const binary = object.root.at("binaryData");
    if (binary.unknown) report.undecidable(binary);
    for (const [key, value] of binary.entries()) {
      if (value.unknown) report.undecidable(value);
      const credential = credentialIn(Buffer.from(value.text ?? "", "base64").toString("latin1"));
      if (credential !== undefined) report.violated(value, `key ${key}: it holds ${credential} in plain text`);
    }
  },
  good: [
    {
      name: "settings without secrets",
      objects: [
        configMap({
          LOG_LEVEL: "DEBUG",
          "server.yaml": 'motd: "Welcome."\nmaxPlayers: 2000\npasswordFile: /run/secrets/password\nsecretName: db\n',
          "app.properties": `spring.datasource.password=\${DB_PASSWORD}\n# password = an example\ntoken.ttl=3600\n`,
          "script.sh": '#!/bin/sh\nPASSWORD="$(cat /run/secrets/pw)"\nif [ -z "$TOKEN" ]; then exit 1; fi\n',
          "login.py": 'password = os.environ["PASSWORD"]\ntoken = given\ncheck(password=password)\n',
          "openapi.json": '{"properties":{"password":{"type":"string"},"token":"string"}}',
          "messages.properties": "login.password=Password\nlogin.token=Please enter the token\n",
          "prometheus.yaml": "bearer_token_file: /var/run/token\nbasic_auth:\n  password: <secret>\n",
          "scrub.conf": "mask = password=(\\S+)\nmask = token=[^&]+\n",
          "check.sh": 'grep -q "BEGIN PRIVATE KEY" "$1"\n',
        }),
      ],
    },
    { name: "data that is no mapping", objects: [configMap("password: hunter2")] },
    { name: "binary data", objects: [configMap({}, { binaryData: { "map.bin": "AAECAwQ=" } })] },
  ],
  bad: [
    { name: "a key", objects: [configMap({ DB_PASSWORD: "hunter2" })], expect: [{ path: "data.DB_PASSWORD" }] },
    {
      name: "a key that is a file",
      objects: [configMap({ "password.txt": "hunter2\n" })],
      expect: [{ path: 'data["password.txt"]' }],
    },
    {
      name: "a private key",
      objects: [configMap({ "tls.key": samples.privateKey })],
      expect: [{ path: 'data["tls.key"]' }],
    },
    ...[
      ["ini", "[db]\nuser = game\npassword = hunter2\n"],
      ["ini with Windows ends", "[db]\r\npassword = hunter2\r\n"],
      ["properties", "db.password=hunter2\n"],
      ["yaml", "db:\n  user: game\n  password: hunter2 # for now\n"],
      ["yaml list", "- password: 'hunter2'\n"],
      ["json", '{"db":{"user":"game","password":"hunter2"}}'],
      ["toml", 'apiKey = "abc"\n'],
      ["xml", "<db><password>hunter2</password></db>"],
      ["env", "export GITHUB_TOKEN=abc\n"],
      ["url", "url: amqp://game:hunter2@queue:5672\n"],
      ["query", "hook: https://example.com/deploy?token=abc123\n"],
    ].map(([name, file]) => ({
      name: `a file of many lines: ${name}`,
      objects: [configMap({ settings: `# settings\n${file}` })],
      expect: [{ path: "data.settings" }],
    })),
    {
      name: "binary data that is not known yet, beside a private key",
      objects: [configMap({}, { binaryData: { a: unknown, b: Buffer.from(samples.privateKey).toString("base64") } })],
      expect: [{ path: "binaryData.a", verdict: "undecidable" }, { path: "binaryData.b" }],
    },
    {
      name: "binary data with a private key",
      objects: [configMap({}, { binaryData: { key: Buffer.from(samples.privateKey).toString("base64") } })],
      expect: [{ path: "binaryData.key" }],
    },
    {
      name: "outputs of other resources",
      objects: [configMap({ PASSWORD: unknown, HOST: unknown, TOKEN: "abc" })],
      expect: [{ path: "data.PASSWORD" }, { path: "data.HOST", verdict: "undecidable" }, { path: "data.TOKEN" }],
    },
    {
      name: "data that is not known yet",
      objects: [configMap(unknown, { binaryData: unknown })],
      expect: [
        { path: "data", verdict: "undecidable" },
        { path: "binaryData", verdict: "undecidable" },
      ],
    },
  ],
};
