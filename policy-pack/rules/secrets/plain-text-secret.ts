import type { PodRule, Report } from "../../core/rule.ts";
import { type Container, containersOf } from "../../kube/pods.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { isSecretFlag } from "./assignments.ts";
import { firstValue, pod, samples, variable } from "./cases.ts";
import { isReference, promises } from "./names.ts";
import type { SecretSettings } from "./settings.ts";
import { secretIn } from "./text.ts";

const probes = ["startupProbe", "livenessProbe", "readinessProbe"];
const hooks = ["postStart", "preStop"];

function checkVariable(one: Field, container: Container, report: Report, harmless: readonly string[]): void {
  const [name, value] = [one.at("name"), one.at("value")];
  const place = { field: value, container };
  if (value.absent) return;
  const text = name.text;
  const known = text === undefined ? undefined : harmless.includes(text) ? "" : text;
  if (value.unknown) {
    // Only an output of another resource is unknown; under such a name it is the secret that the resource made.
    if (known !== undefined && promises(known) === "certain" && value.path !== name.path) {
      report.violated(place, `the value of ${text} stands in the pod, and its name says that it is a secret`);
    } else report.undecidable(place);
    return;
  }
  if (value.text === undefined) return;
  const because = secretIn({ ...(known === undefined ? {} : { name: known }), value: value.text, file: true });
  if (because !== undefined) report.violated(place, `environment variable ${text ?? "without name"}: ${because}`);
  else if (name.unknown && !isReference(value.text)) report.undecidable({ field: name, container });
}

// The name in `--name=value`; names are short, whatever an argument may be.
function assignedName(argument: string): string {
  return /^[^=]*/.exec(argument.slice(0, 200))?.[0].replace(/^-+/, "") ?? "";
}

function checkCommand(list: Field, container: Container, report: Report, harmless: readonly string[]): void {
  let flag = false;
  for (const argument of list.items()) {
    if (argument.unknown) report.undecidable({ field: argument, container });
    const { text } = argument;
    const because = text === undefined ? undefined : secretIn({ value: text, file: true });
    if (because !== undefined && !harmless.includes(assignedName(text ?? ""))) {
      report.violated({ field: argument, container }, `argument: ${because}`);
    } else if (flag && text !== undefined && !text.startsWith("-") && !isReference(text)) {
      report.violated({ field: argument, container }, "argument: it is the secret that the flag before it asks for");
    }
    flag = text !== undefined && isSecretFlag(text) && !harmless.includes(text.replace(/^-+/, ""));
  }
}

function checkHandler(handler: Field, container: Container, report: Report, harmless: readonly string[]): void {
  checkCommand(handler.at("exec", "command"), container, report, harmless);
  for (const header of handler.at("httpGet", "httpHeaders").items()) {
    const [name, value] = [header.at("name"), header.at("value")];
    if (name.text === undefined || value.text === undefined || harmless.includes(name.text)) continue;
    const hidden = /^(?:authorization|proxy-authorization|cookie)$/i.test(name.text) && !isReference(value.text);
    if (hidden || secretIn({ name: name.text, value: value.text }) !== undefined) {
      report.violated({ field: value, container }, `header ${name.text}: it lets in, and it is plain text`);
    }
  }
}

/** Plain text in a pod is read by everyone who may read pods, and by every tool that prints them. */
export const plainTextSecret: PodRule<SecretSettings> = {
  id: "plain-text-secret",
  subject: "pod",
  level: "mandatory",
  title: "No secret stands in the environment, the arguments or the probes of a container.",
  why: "Who may read pods reads it, and it stays in the history of the workload, in crash reports and in this state.",
  fix: "put it into a Secret and refer to it with valueFrom.secretKeyRef or a volume",
  check(template, report, { harmlessNames }) {
    for (const container of containersOf(template)) {
      const { field } = container;
      if (field.unknown) {
        report.undecidable({ field, container });
        continue;
      }
      for (const one of field.at("env").items()) checkVariable(one, container, report, harmlessNames);
      for (const list of ["command", "args"]) checkCommand(field.at(list), container, report, harmlessNames);
      for (const probe of probes) checkHandler(field.at(probe), container, report, harmlessNames);
      for (const hook of hooks) checkHandler(field.at("lifecycle", hook), container, report, harmlessNames);
    }
  },
  good: [
    {
      name: "a reference to a Secret",
      objects: [pod({ env: [{ name: "PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "PASSWORD" } } }] })],
    },
    ...[
      ["PASSWORD_FILE", "/run/secrets/password"],
      ["PASSWORD", "/run/secrets/password"],
      ["CREDENTIALS", "/credentials"],
      ["TOKEN_TTL_SECONDS", "3600"],
      ["SECRET_NAME", "game-server-secrets"],
      ["TLS_SECRET", "game-tls"],
      ["KEYCLOAK_URL", "https://keycloak.example.com/realms/game"],
      ["MAX_TOKENS", "4096"],
      ["ALLOW_EMPTY_PASSWORD", "yes"],
      ["BATTLE_PASS", "season-12"],
      ["PWD", "/app"],
      ["PUBLIC_KEY", samples.random],
      ["CACHE_KEY", "players-by-region"],
      ["KMS_KEY", "1234abcd-12ab-34cd-56ef-1234567890ab"],
      ["COMMIT", "3b18e512dba79e4c8300dd08aeb37f8e728b8dad"],
      ["PASSWORD", ""],
      ["PASSWORD", "$(DB_PASSWORD)"],
      ["DATABASE_URL", "postgres://$(USER):$(PASSWORD)@db:5432/game"],
      ["DATABASE_URL", "postgres://user:password@host/db"],
      ["WEBSITE", "https://example.com:8443/a@b"],
    ].map(([name, value]) => ({
      name: `${name} with ${value === "" ? "nothing" : "a harmless value"}`,
      objects: [variable(name, value)],
    })),
    { name: "a flag with a reference", objects: [pod({ args: ["--token", "$(TOKEN)", "--password=$(PASSWORD)"] })] },
    { name: "a flag without value", objects: [pod({ args: ["--prompt-password", "--verbose"] })] },
    {
      name: "a script that reads a secret",
      objects: [pod({ command: ["sh", "-c", 'PASSWORD="$(cat /run/pw)" exec app'] })],
    },
    {
      name: "a name that the settings call harmless",
      objects: [variable("CANCEL_TOKEN", "stop"), pod({ args: ["--token=stop", "--token", "stop"] })],
      settings: { harmlessNames: ["CANCEL_TOKEN", "token"] },
    },
  ],
  bad: [
    ...[
      ["PASSWORD", "hunter2"],
      ["DB_PASSWORD", "123456"],
      ["dbPassword", "hunter2"],
      ["MYSQL_PASS", "hunter2"],
      ["PGPASSWORD", samples.random],
      ["GITHUB_TOKEN", "abc"],
      ["API_KEY", "abc"],
      ["AWS_SECRET_ACCESS_KEY", "abc"],
      ["SECRET_KEY_BASE", "abc"],
      ["JWT_SECRET", "abc"],
      ["WORLD_MESH_KEY", samples.random],
      ["ANYTHING", samples.awsKey],
      ["ANYTHING", samples.github],
      ["ANYTHING", samples.slack],
      ["ANYTHING", samples.stripe],
      ["ANYTHING", samples.jwt],
      ["ANYTHING", samples.privateKey],
      ["DATABASE", samples.url],
      ["JAVA_OPTS", "-Xmx2g -Djavax.net.ssl.keyStorePassword=changeit"],
      ["CONNECTION", "Server=db;User Id=sa;Password=hunter2;"],
    ].map(([name, value], index) => ({
      name: `${name} with a secret (${index})`,
      objects: [variable(name, value)],
      expect: [{ path: firstValue }],
    })),
    {
      name: "the output of another resource",
      objects: [variable("DB_PASSWORD", unknown)],
      expect: [{ path: firstValue }],
    },
    {
      name: "an output under a harmless name",
      objects: [variable("DB_HOST", unknown)],
      expect: [{ path: firstValue, verdict: "undecidable" }],
    },
    {
      name: "a name that is not known yet",
      objects: [variable(unknown, "hunter2")],
      expect: [{ path: "spec.containers[0].env[0].name", verdict: "undecidable" }],
    },
    {
      name: "a list that is not known yet beside a secret",
      objects: [pod({ env: unknown, args: ["--password=hunter2"] })],
      expect: [{ path: "spec.containers[0].env", verdict: "undecidable" }, { path: "spec.containers[0].args[0]" }],
    },
    {
      name: "a flag, and its value behind it",
      objects: [pod({ args: ["--requirepass", "hunter2"], command: ["app", "--token=abc", unknown] })],
      expect: [
        { path: "spec.containers[0].args[1]" },
        { path: "spec.containers[0].command[1]" },
        { path: "spec.containers[0].command[2]", verdict: "undecidable" },
      ],
    },
    {
      name: "a script",
      objects: [pod({ command: ["sh", "-c", "set -e\nexport DB_PASSWORD=hunter2\nexec app"] })],
      expect: [{ path: "spec.containers[0].command[2]" }],
    },
    {
      name: "every probe and every hook, and headers that let nobody in",
      objects: [
        pod({
          startupProbe: { exec: { command: ["--password=hunter2"] } },
          readinessProbe: {
            httpGet: {
              httpHeaders: [
                { name: "X-Api-Key", value: "abc" },
                { name: "Host", value: "a" },
              ],
            },
          },
          lifecycle: {
            postStart: {
              httpGet: {
                httpHeaders: [
                  { name: "Cookie", value: "a=b" },
                  { name: "Authorization", value: "$(A)" },
                ],
              },
            },
          },
        }),
        pod({}, { containers: unknown }),
      ],
      expect: [
        { path: "spec.containers[0].startupProbe.exec.command[0]" },
        { path: "spec.containers[0].readinessProbe.httpGet.httpHeaders[0].value" },
        { path: "spec.containers[0].lifecycle.postStart.httpGet.httpHeaders[0].value" },
        { path: "spec.containers", verdict: "undecidable" },
      ],
    },
    {
      name: "a probe with a header, and one with a command",
      objects: [
        pod({
          livenessProbe: { httpGet: { httpHeaders: [{ name: "Authorization", value: "Bearer abc" }] } },
          lifecycle: { preStop: { exec: { command: ["app", "--password=hunter2"] } } },
        }),
      ],
      expect: [
        { path: "spec.containers[0].livenessProbe.httpGet.httpHeaders[0].value" },
        { path: "spec.containers[0].lifecycle.preStop.exec.command[1]" },
      ],
    },
    {
      name: "an init container and a sidecar",
      objects: [
        pod({}, { initContainers: [{ env: [{ name: "TOKEN", value: "abc" }], restartPolicy: "Always" }] }),
        pod({}, { ephemeralContainers: [{ args: ["--api-key=abc"] }] }),
      ],
      expect: [{ path: "spec.initContainers[0].env[0].value" }, { path: "spec.ephemeralContainers[0].args[0]" }],
    },
  ],
};
