/** Credentials by their shape, and assignments inside files. */
import assert from "node:assert/strict";
import { lineWithSecret } from "../../../policy-pack/rules/secrets/assignments.ts";
import { samples } from "../../../policy-pack/rules/secrets/cases.ts";
import { credentialIn } from "../../../policy-pack/rules/secrets/shapes.ts";

const { random } = samples;

describe("credentials by their shape", () => {
  const shaped: Record<string, string> = {
    ...samples,
    asia: `key=ASIA${"IOSFODNN7EXAMPLE"} `,
    fineGrained: `github_pat_${random}${random}`,
    gitlab: `glpat-${random.slice(0, 20)}`,
    slackHook: `https://hooks.slack.com/services/T${"12345678"}/B${"12345678"}/${random.slice(0, 24)}`,
    discord: `https://discord.com/api/webhooks/${"1".repeat(18)}/${random}${random}`,
    stripeTest: `rk_test_${random.slice(0, 24)}`,
    google: `AIza${random.slice(0, 35)}`,
    npm: `npm_${random.slice(0, 36)}`,
    docker: `dckr_pat_${random.slice(0, 27)}`,
    pulumi: `pul-${"0123456789".repeat(4)}`,
    vault: `hvs.${random}`,
    sendgrid: `SG.${random.slice(0, 22)}.${random}`,
    age: `AGE-SECRET-KEY-1${"0A".repeat(29)}`,
    pgp: `-----BEGIN ${"PGP PRIVATE"} KEY BLOCK-----\n\n${random}`,
    escaped: `-----BEGIN ${"PRIVATE"} KEY-----\\n${random}`,
    header: `{"Authorization": "Bearer ${random}"}`,
    basic: `-H 'Authorization: Basic ${random}'`,
  };
  for (const [name, text] of Object.entries(shaped).filter(([key]) => key !== "random")) {
    it(`finds ${name}, alone and in the middle of a file`, () => {
      assert.notEqual(credentialIn(text), undefined);
      assert.notEqual(credentialIn(`first line\n"${text}"\nlast line`), undefined);
    });
  }

  for (const text of [
    random,
    "AKIA",
    "XAKIAIOSFODNN7EXAMPLEX",
    `-----BEGIN ${"CERTIFICATE"}-----\n${random}`,
    `-----BEGIN ${"PUBLIC"} KEY-----\n${random}`,
    `grep 'BEGIN ${"PRIVATE"} KEY'`,
    "https://example.com/@scope/package",
    "https://example.com:443/path?at=a@b",
    "postgres://user@host/db",
    "postgres://user:@host/db",
    "postgres://$(USER):$(PASSWORD)@host/db",
    `postgres://user:\${PASSWORD}@host/db`,
    "postgres://user:<password>@host/db",
    "postgres://user:password@host/db",
    "git@github.com:acme/app.git",
    "eyJhbGciOiJIUzI1NiJ9",
    "sk_live_short",
    "Authorization: Basic $TOKEN",
    "Basic configuration of the server",
    "://",
    "::://@",
  ]) {
    it(`lets ${text.slice(0, 40).replaceAll("\n", " ")} pass`, () => {
      assert.equal(credentialIn(text), undefined);
    });
  }

  it("takes no longer for texts of a megabyte that start over and over", () => {
    const pieces = [
      "eyJ",
      "-eyJ",
      "eyJaaaaaaaaaaa.",
      "://a:",
      "a://b:c",
      "SG.",
      "-----BEGIN PRIVATE KEY",
      "xox",
      "gh",
      "AKIA",
    ];
    for (const piece of [...pieces, "Authorization: ", "hooks.slack.com/services/T", "A ", "github_pat_"]) {
      credentialIn(piece.repeat(1_000_000 / piece.length));
    }
  });
});

describe("assignments in files", () => {
  const found: readonly (readonly [text: string, line: number])[] = [
    ["password=hunter2", 1],
    ["a: b\n\n  password: hunter2", 3],
    ['"password" : "hunter2"', 1],
    ["--db-password=hunter2", 1],
    ["curl -u x --header=y -o z; TOKEN=abc", 1],
    ["<clientSecret>abc</clientSecret>", 1],
    ["x\r\napi_key = abc\r\n", 2],
    ["echo $A;export API_KEY=abc && run", 1],
    ["redis:\n  requirepass: hunter2", 2],
  ];
  for (const [text, line] of found) {
    it(`finds ${JSON.stringify(text)}`, () => {
      assert.equal(lineWithSecret(text), line);
    });
  }

  for (const text of [
    "password:",
    'password = ""',
    "password: null",
    "password: ~/.pw",
    "# password = hunter2",
    "// password: hunter2",
    "passwordFile = /run/pw",
    "password = getpass()",
    "token: config.token",
    "password: string",
    "type: password",
    "the password: please keep it",
    "login.token=Please enter the token",
    "password == hunter2",
    "token => hunter2",
    "$password=hunter2",
    'if [ "$TOKEN" = "abc" ]',
    "select * from a where password = ?",
    "s/password=.*/password=***/",
    "host:password",
    "image: registry/token:1.0",
    "<password>{{ .Values.password }}</password>",
    "secret: $__file{/etc/secret}",
    "minToken: 12",
  ]) {
    it(`lets ${JSON.stringify(text)} pass`, () => {
      assert.equal(lineWithSecret(text), undefined);
    });
  }

  it("reads a bare word of a program as the name of a variable", () => {
    assert.equal(lineWithSecret("password = given", true), undefined);
    assert.equal(lineWithSecret("password = given"), 1);
    assert.equal(lineWithSecret('password = "given"', true), 1);
  });

  it("takes no longer for texts of a megabyte", () => {
    for (const piece of [
      "a",
      "a=",
      "a:",
      "a ",
      " ",
      "password=",
      "password: ",
      "-",
      "<a>",
      "<password>x",
      '"',
      "token =\t",
    ]) {
      lineWithSecret(piece.repeat(1_000_000 / piece.length));
    }
  });
});
