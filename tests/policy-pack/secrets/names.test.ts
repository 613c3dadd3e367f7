/** Names are read word by word. */
import assert from "node:assert/strict";
import { looksRandom, namedSecret, promises, words } from "../../../policy-pack/rules/secrets/names.ts";

const certain = [
  "PASSWORD",
  "DB_PASSWORD",
  "dbPassword",
  "spring.datasource.password",
  "PGPASSWORD",
  "MYSQL_PASS",
  "DB_PWD",
  "PASSPHRASE",
  "TOKEN",
  "GITHUB_TOKEN",
  "SECRET",
  "CLIENT_SECRET",
  "AWS_SECRET_ACCESS_KEY",
  "API_KEY",
  "APIKey",
  "api-key",
  "PRIVATE_KEY",
  "SECRET_KEY_BASE",
  "CREDENTIALS",
];

const harmless = [
  "",
  "PASSWORD_FILE",
  "PASSWORD_MIN_LENGTH",
  "TOKEN_TTL_SECONDS",
  "TOKENIZER",
  "SECRET_NAME",
  "secretName",
  "TLS_SECRET",
  "IMAGE_PULL_SECRET",
  "existingSecret",
  "KEYCLOAK_URL",
  "KEYBOARD",
  "MONKEY",
  "PASSENGER",
  "BYPASS",
  "COMPASS",
  "SECRETARY",
  "PUBLIC_KEY",
  "ETCD_INITIAL_CLUSTER_TOKEN",
  "PWD",
  "passwordFromEnv",
  "bearer_token_file",
  "constructor",
  "a".repeat(10_000),
];

describe("names of secrets", () => {
  for (const name of certain) {
    it(`${name} is one`, () => {
      assert.equal(promises(name), "certain");
    });
  }

  for (const name of harmless) {
    it(`${name.slice(0, 40)} is none`, () => {
      assert.equal(promises(name), undefined);
    });
  }

  it("reads capital letters in the middle as starts of words", () => {
    assert.deepEqual(words("myHTTPApiKey2"), ["my", "http", "api", "key2"]);
  });

  it("takes a random value for a secret where the name leaves it open", () => {
    assert.equal(namedSecret("WORLD_MESH_KEY", "f3Zq9Xw7Lp2Rt8Vb4Nc6Md1K"), true);
    assert.equal(namedSecret("CACHE_KEY", "players-by-region"), false);
    assert.equal(namedSecret("NOTHING", "f3Zq9Xw7Lp2Rt8Vb4Nc6Md1K"), false);
  });

  it("tells random text from names, addresses, versions and ids", () => {
    for (const text of ["9f86d081884c7d659a2feaa0c55ad015", "c29tZSBiYXNlNjQgdGV4dCE=", "f3Zq9Xw7Lp2Rt8Vb"]) {
      assert.equal(looksRandom(text), true, text);
    }
    for (const text of [
      "game-server-eu-west-1-production",
      "registry.example.com/app:1.0.0",
      "1234abcd-12ab-34cd-56ef-1234567890ab",
      "aaaaaaaaaaaaaaa1",
      "2026-06-30T12:00:00Z",
      "0123456789012345",
      "short1",
    ]) {
      assert.equal(looksRandom(text), false, text);
    }
  });

  it("lets switches, places and references pass", () => {
    const values = [
      "",
      "true",
      "No",
      "/run/secrets/db",
      "./secret.txt",
      "$(PW)",
      `\${PW}`,
      "{{ .pw }}",
      "<secret>",
      "***",
    ];
    for (const value of [
      ...values,
      "vault:secret/data/db#pw",
      "arn:aws:secretsmanager:a",
      "redacted",
      "none",
      "y",
      "???",
      "placeholder_key",
      "db@azurekeyvault",
    ]) {
      assert.equal(namedSecret("PASSWORD", value), false, value);
    }
    for (const value of ["hunter2", "changeme", "123456", "p@ss word", "$1$abc", "!Passw0rd1", "/Zx9+a=="]) {
      assert.equal(namedSecret("PASSWORD", value), value !== "!Passw0rd1", value);
    }
  });

  it("lets numbers pass that count, and no password", () => {
    assert.equal(namedSecret("TOKEN", "3600"), false);
    assert.equal(namedSecret("TOKEN", "5m"), false);
    assert.equal(namedSecret("PASSWORD", "3600"), true);
  });
});
