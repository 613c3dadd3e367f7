/** The rights and names that are dangerous, written once more: a list that tests itself would not miss a lost entry. */
import assert from "node:assert/strict";
import {
  clusterRole,
  clusterRoleBinding,
  everyone,
  access as oneRule,
  role,
  roleRef,
} from "../../../policy-pack/rules/access/cases.ts";
import { access } from "../../../policy-pack/rules/access/family.ts";
import { findingsOf, keys } from "../support/findings.ts";

// kubernetes.io, "RBAC Good Practices", and CIS Kubernetes Benchmark 5.1; group, resource, verbs.
const dangerous: readonly (readonly [string, string, string])[] = [
  ["rbac.authorization.k8s.io", "roles", "bind escalate"],
  ["rbac.authorization.k8s.io", "clusterroles", "bind escalate"],
  ["", "users", "impersonate"],
  ["", "groups", "impersonate"],
  ["", "serviceaccounts", "impersonate"],
  ["authentication.k8s.io", "uids", "impersonate"],
  ["authentication.k8s.io", "userextras", "impersonate"],
  ["authentication.k8s.io", "userextras/scopes", "impersonate"],
  ["", "serviceaccounts/token", "create"],
  ["", "secrets", "get list watch"],
  ["", "nodes/proxy", "get create update patch delete"],
  ["", "pods/exec", "get create"],
  ["", "pods/attach", "get create"],
  ["", "pods/portforward", "get create"],
  ["", "pods/ephemeralcontainers", "update patch"],
  ["", "pods", "create"],
  ["certificates.k8s.io", "certificatesigningrequests/approval", "update patch"],
  ["certificates.k8s.io", "signers", "approve sign"],
  ...["mutatingwebhookconfigurations", "validatingwebhookconfigurations"].map(
    (resource) => ["admissionregistration.k8s.io", resource, "create update patch delete deletecollection"] as const,
  ),
  ...["mutatingadmissionpolicies", "validatingadmissionpolicies"].flatMap((resource) => [
    ["admissionregistration.k8s.io", resource, "create update patch delete deletecollection"] as const,
    ["admissionregistration.k8s.io", resource.replace(/ies$/, "ybindings"), "create update"] as const,
  ]),
];

describe("dangerous rights", () => {
  for (const [group, resource, verbs] of dangerous) {
    for (const verb of verbs.split(" ")) {
      it(`${verb} ${resource} of "${group}"`, () => {
        const rule = { apiGroups: [group], resources: [resource], verbs: [verb] };
        assert.deepEqual(keys(findingsOf(access, [role(rule)])), ["access/dangerous-verbs rules[0] violated"]);
        const named = { ...rule, resourceNames: ["sample"] };
        assert.deepEqual(keys(findingsOf(access, [role(named)])), [], "of one object");
        const other = { ...rule, apiGroups: ["example.com"] };
        assert.deepEqual(keys(findingsOf(access, [role(other)])), [], "of another group");
        const harmless = { ...rule, verbs: ["use"] };
        assert.deepEqual(keys(findingsOf(access, [role(harmless)])), [], "another verb");
      });
    }
  }

  it("say what they lead to, each once", () => {
    const [finding] = findingsOf(access, [
      clusterRole({ rules: [oneRule({ resources: ["pods/exec", "secrets", "pods/attach"], verbs: ["get"] })] }),
    ]);
    assert.equal(finding?.message, "its holder can read Secrets, which list does too, get into running pods");
  });
});

describe("names that mean too many", () => {
  for (const [name, kind, rule] of [
    ["system:masters", "Group", "cluster-admin"],
    ["system:authenticated", "Group", "everyone-bound"],
    ["system:unauthenticated", "Group", "everyone-bound"],
    ["system:serviceaccounts", "Group", "everyone-bound"],
    ["system:anonymous", "User", "everyone-bound"],
    ["system:serviceaccounts:sample", "Group", "default-account-bound"],
  ] as const) {
    it(`${kind} ${name}`, () => {
      const findings = findingsOf(access, [clusterRoleBinding({ subjects: [everyone(name, kind)] })]);
      assert.deepEqual(keys(findings), [`access/${rule} subjects[0].name violated`]);
      const other = kind === "Group" ? "User" : "Group";
      assert.deepEqual(keys(findingsOf(access, [clusterRoleBinding({ subjects: [everyone(name, other)] })])), []);
    });
  }

  for (const name of ["cluster-admin", "admin", "edit"]) {
    it(`ClusterRole ${name}`, () => {
      const binding = clusterRoleBinding({ roleRef: roleRef("ClusterRole", name), subjects: [] });
      assert.deepEqual(keys(findingsOf(access, [binding])), ["access/cluster-admin roleRef.name violated"]);
    });
  }

  for (const name of ["view", "system:node-proxier"]) {
    it(`ClusterRole ${name} is built in and harmless`, () => {
      const binding = clusterRoleBinding({ roleRef: roleRef("ClusterRole", name), subjects: [] });
      assert.deepEqual(keys(findingsOf(access, [binding])), []);
    });
  }

  for (const name of ["admin", "edit", "view", "cluster-reader"]) {
    it(`a role that goes into ${name}`, () => {
      const label = `rbac.authorization.k8s.io/aggregate-to-${name}`;
      const findings = findingsOf(access, [clusterRole({}, { labels: { [label]: "true" } })]);
      assert.deepEqual(keys(findings), [`access/aggregated-role metadata.labels["${label}"] violated`]);
    });
  }
});
