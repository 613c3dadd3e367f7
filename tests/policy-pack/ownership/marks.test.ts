/** The marks and fields of others, written once more: a list that tests itself would not miss a lost entry. */
import assert from "node:assert/strict";
import type { Manifest } from "../../../policy-pack/core/rule.ts";
import { configMap, engineDeployment, release } from "../../../policy-pack/rules/ownership/cases.ts";
import { ownership } from "../../../policy-pack/rules/ownership/family.ts";
import { findingsOf, keys } from "../support/findings.ts";

function refuses(object: Manifest, rule: string, path: string): void {
  assert.deepEqual(keys(findingsOf(ownership, [object])), [`ownership/${rule} ${path} violated`]);
}

describe("marks of other owners", () => {
  for (const name of [
    "argocd.argoproj.io/tracking-id",
    "config.k8s.io/owning-inventory",
    "kapp.k14s.io/identity",
    "kubectl.kubernetes.io/last-applied-configuration",
    "meta.helm.sh/release-name",
    "meta.helm.sh/release-namespace",
    "objectset.rio.cattle.io/id",
  ]) {
    it(`annotation ${name}`, () =>
      refuses(configMap({ annotations: { [name]: "x" } }), "second-owner", `metadata.annotations["${name}"]`));
  }
  for (const name of [
    "addonmanager.kubernetes.io/mode",
    "argocd.argoproj.io/instance",
    "helm.toolkit.fluxcd.io/name",
    "kapp.k14s.io/app",
    "kustomize.toolkit.fluxcd.io/name",
    "olm.owner",
  ]) {
    it(`label ${name}`, () =>
      refuses(configMap({ labels: { [name]: "x" } }), "second-owner", `metadata.labels["${name}"]`));
  }
});

describe("fields of the API server", () => {
  for (const name of [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
  ]) {
    it(name, () => refuses(configMap({ [name]: "x" }), "server-fields", `metadata.${name}`));
  }
});

describe("options of a Helm release", () => {
  for (const name of ["forceUpdate", "replace", "reuseValues"]) {
    it(name, () => refuses(release({ [name]: true }), "helm-options", name));
  }
});

describe("names of values that are secrets", () => {
  for (const name of [
    "password",
    "mysqlRootPassword",
    "DB_PASSWD",
    "passphrase",
    "authToken",
    "access-token",
    "API_TOKEN",
    "token",
    "apiKey",
    "private_key",
    "encryptionKey",
    "secretAccessKey",
    "clientSecret",
    "jwt_secret",
    "connectionString",
  ]) {
    it(name, () => refuses(release({ values: { [name]: "x" } }), "helm-values", `values.${name}`));
  }
  for (const name of ["existingSecret", "secretName", "passwordFile", "tokenTtl", "secret", "secretKey", "keyName"]) {
    it(`${name} is none`, () => assert.deepEqual(findingsOf(ownership, [release({ values: { [name]: "x" } })]), []));
  }
  it("messages never hold the value", () => {
    const value = "canary-5d8f";
    const findings = findingsOf(ownership, [
      release({ values: { password: value, env: [{ name: "A_TOKEN", value }] } }),
    ]);
    assert.equal(findings.length, 2);
    assert.ok(!JSON.stringify(findings.map(({ message, fix, path }) => [message, fix, path])).includes(value));
  });
});

describe("parts that may not be ignored", () => {
  for (const part of [
    "binaryData",
    "data",
    "metadata",
    "roleRef",
    "rules",
    "spec",
    "spec.jobTemplate",
    "spec.jobTemplate.spec",
    "spec.jobTemplate.spec.template",
    "spec.jobTemplate.spec.template.spec",
    "spec.template",
    "spec.template.spec",
    "stringData",
    "subjects",
    "webhooks",
  ]) {
    it(part, () => refuses(engineDeployment([part]), "ignore-changes", part));
  }
});
