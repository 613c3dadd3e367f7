/** What one network policy says, with a third answer where something is not known. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { Field, toTree, unknown } from "../../../policy-pack/kube/tree.ts";
import { policy } from "../../../policy-pack/rules/network/cases.ts";
import {
  allowsPort,
  isDnsOnly,
  isForAllPods,
  isNetworkPolicy,
  isolates,
} from "../../../policy-pack/rules/network/policies.ts";
import { objectsOf } from "../support/findings.ts";

function object(spec: unknown, type?: string) {
  const props = policy(spec);
  const [made] = objectsOf([type === undefined ? props : { type, props }]);
  assert.ok(made !== undefined);
  return made;
}

const patch = "kubernetes:networking.k8s.io/v1:NetworkPolicyPatch";

describe("a network policy", () => {
  for (const [policyTypes, egress, type, wanted] of [
    [["Ingress"], undefined, undefined, [true, false]],
    [["Egress"], undefined, undefined, [false, true]],
    [["Ingress", "Egress"], undefined, undefined, [true, true]],
    [undefined, undefined, undefined, [true, false]],
    [[], [], undefined, [true, false]],
    [undefined, [{}], undefined, [true, true]],
    [undefined, unknown, undefined, [true, undefined]],
    [unknown, undefined, undefined, [undefined, undefined]],
    [["Ingress", unknown], undefined, undefined, [true, undefined]],
    [undefined, undefined, patch, [undefined, undefined]],
  ] as const) {
    const said = wanted.map(String).join(" and ");
    it(`of types ${inspect(policyTypes)} with rules ${inspect(egress)} isolates ${said}`, () => {
      const made = object({ policyTypes, egress }, type);
      assert.deepEqual([isolates(made, "Ingress"), isolates(made, "Egress")], wanted);
    });
  }

  for (const [podSelector, type, wanted] of [
    [{}, undefined, true],
    [null, undefined, true],
    [null, patch, undefined],
    [{}, patch, true],
    [unknown, undefined, undefined],
    [{ matchLabels: {} }, undefined, true],
    [{ matchLabels: unknown }, undefined, undefined],
    [{ matchExpressions: unknown }, undefined, undefined],
    [{ matchLabels: { a: "b" } }, undefined, false],
    [{ matchLabels: { a: "b" }, matchExpressions: unknown }, undefined, false],
    [{ matchExpressions: [{ key: "a", operator: "Exists" }] }, undefined, false],
  ] as const) {
    it(`with the selector ${inspect(podSelector)} is for all pods: ${wanted}`, () => {
      assert.equal(isForAllPods(object({ podSelector }, type)), wanted);
    });
  }

  it("is one of Kubernetes, old or new", () => {
    for (const [apiVersion, wanted] of [
      ["networking.k8s.io/v1", true],
      ["extensions/v1beta1", true],
      ["projectcalico.org/v3", false],
    ] as const) {
      const [made] = objectsOf([policy({}, "a", { apiVersion })]);
      assert.equal(made !== undefined && isNetworkPolicy(made), wanted);
    }
  });
});

const [udp53, tcp53] = [
  { protocol: "UDP", port: 53 },
  { protocol: "TCP", port: 53 },
];

describe("ports of a rule", () => {
  for (const [name, ports, wanted] of [
    ["none are all", undefined, true],
    ["an empty list is all", [], true],
    ["not known", unknown, undefined],
    ["the port", [tcp53], true],
    ["TCP without a word", [{ port: 53 }], true],
    ["another protocol", [udp53], false],
    ["another port", [{ port: 54 }], false],
    ["all ports of the protocol", [{ protocol: "TCP" }], true],
    ["all ports of another protocol", [{ protocol: "UDP" }], false],
    ["a range", [{ port: 50, endPort: 60 }], true],
    ["a range that starts there", [{ port: 53, endPort: 60 }], true],
    ["a range that ends there", [{ port: 50, endPort: 53 }], true],
    ["a range above", [{ port: 54, endPort: 60 }], false],
    ["a range below", [{ port: 50, endPort: 52 }], false],
    ["a range of another protocol", [{ protocol: "UDP", port: 50, endPort: 60 }], false],
    ["an end that is not known", [{ port: 50, endPort: unknown }], undefined],
    ["an end that is not known, from the port on", [{ port: 53, endPort: unknown }], true],
    ["an end that is not known, above", [{ port: 54, endPort: unknown }], false],
    ["an end that is not known, of another protocol", [{ protocol: "UDP", port: 50, endPort: unknown }], false],
    ["a port that is not known", [{ port: unknown }], undefined],
    ["a port that is not known, of another protocol", [{ protocol: "UDP", port: unknown }], false],
    ["a protocol that is not known", [{ protocol: unknown, port: 53 }], undefined],
    ["a protocol that is not known, of another port", [{ protocol: unknown, port: 54 }], false],
    ["the name of the port", [{ port: "dns-tcp" }], true],
    ["the other name of the port", [{ port: "domain" }], true],
    ["the name of the port, of another protocol", [{ protocol: "UDP", port: "dns" }], false],
    ["the name of another port", [{ port: "http" }], false],
    ["something that is no port", [{ port: true }], false],
    ["one of two", [{ port: 54 }, tcp53], true],
    ["one that is not known, and the port", [{ port: unknown }, tcp53], true],
  ] as const) {
    it(`${name}: ${wanted}`, () => {
      assert.equal(allowsPort(new Field(toTree({ ports })), "TCP", 53), wanted);
    });
  }

  it("names of DNS are no names of other ports", () => {
    assert.equal(allowsPort(new Field(toTree({ ports: [{ port: "dns" }] })), "TCP", 80), false);
  });

  for (const [name, ports, wanted] of [
    ["none", undefined, false],
    ["both", [udp53, tcp53], true],
    ["by name", [{ port: "dns" }, { port: "dns-tcp" }], true],
    ["and another", [udp53, { port: 443 }], false],
    ["and a name", [udp53, { port: "http" }], false],
    ["a range of one", [{ port: 53, endPort: 53 }], true],
    ["a range", [{ port: 53, endPort: 54 }], false],
    ["a protocol alone", [{ protocol: "UDP" }], false],
    ["not known", unknown, undefined],
    ["and one that is not known", [udp53, { port: unknown }], undefined],
    ["and an end that is not known", [udp53, { port: 53, endPort: unknown }], undefined],
    ["another, and one that is not known", [{ port: 443 }, { port: unknown }], false],
  ] as const) {
    it(`${name} is DNS alone: ${wanted}`, () => {
      assert.equal(isDnsOnly(new Field(toTree({ ports }))), wanted);
    });
  }
});
