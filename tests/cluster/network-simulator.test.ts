import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Network, type Pod, type Policy } from "../support/network.ts";

const web: Pod = { namespace: "shop", labels: { app: "web" } };
const store: Pod = { namespace: "shop", labels: { app: "store" } };
const stranger: Pod = { namespace: "elsewhere", labels: { app: "web" } };
const port = { port: 80 };

function policy(name: string, spec: object): Policy {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace: "shop" },
    spec,
  } as Policy;
}

const deny = policy("deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
const leave = policy("leave", { podSelector: {}, policyTypes: ["Egress"], egress: [{}] });

function enter(from: object[], ports: object[] = [{ port: 80 }]): Policy {
  return policy("enter", {
    podSelector: { matchLabels: { app: "store" } },
    policyTypes: ["Ingress"],
    ingress: [{ from, ports }],
  });
}

describe("the network simulator", () => {
  it("lets everything through where no policy selects the pods", () => {
    assert.equal(new Network([]).canReach(web, store, port), true);
    assert.equal(new Network([deny]).canReach(stranger, { ...stranger, labels: {} }, port), true);
  });

  it("denies what no rule allows, at either end", () => {
    const into = enter([{ podSelector: {} }]);
    assert.equal(new Network([deny]).canReach(web, store, port), false);
    assert.equal(new Network([deny, into]).canReach(web, store, port), false);
    assert.equal(new Network([deny, leave]).canReach(web, store, port), false);
    assert.equal(new Network([deny, leave, into]).canReach(web, store, port), true);
  });

  it("reads a pod selector alone as pods of the policy's own namespace", () => {
    const rules = [deny, leave, enter([{ podSelector: { matchLabels: { app: "web" } } }])];
    assert.equal(new Network(rules).canReach(web, store, port), true);
    assert.equal(new Network(rules).canReach(stranger, store, port), false);
  });

  it("finds namespaces by the label that Kubernetes sets, and by no other", () => {
    const by = (labels: object) => new Network([deny, enter([{ namespaceSelector: { matchLabels: labels } }])]);
    assert.equal(by({ "kubernetes.io/metadata.name": "elsewhere" }).canReach(stranger, store, port), true);
    assert.equal(by({ name: "elsewhere" }).canReach(stranger, store, port), false);
  });

  it("reads an empty list of rules as none and an empty rule as all", () => {
    const none = policy("none", { podSelector: {}, policyTypes: ["Egress"], egress: [] });
    assert.equal(new Network([none]).canReachAddress(web, "1.1.1.1", port), false);
    assert.equal(new Network([leave]).canReachAddress(web, "1.1.1.1", port), true);
  });

  it("takes exceptions out of an address range, in both families", () => {
    const to = [
      { ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } },
      { ipBlock: { cidr: "::/0", except: ["fd00::/8"] } },
    ];
    const network = new Network([policy("out", { podSelector: {}, policyTypes: ["Egress"], egress: [{ to }] })]);
    const reached = ["1.1.1.1", "10.9.9.9", "2606:4700::1", "fd00::1"].map((ip) =>
      network.canReachAddress(web, ip, port),
    );
    assert.deepEqual(reached, [true, false, true, false]);
    assert.equal(network.canReach(web, { ...stranger, ip: "10.1.1.1" }, port), false);
  });

  it("tells ports and protocols apart", () => {
    const network = new Network([
      deny,
      leave,
      enter([{ podSelector: {} }], [{ port: 80 }, { protocol: "UDP", port: 53 }]),
    ]);
    const reached = [{ port: 80 }, { port: 81 }, { port: 53 }, { port: 53, protocol: "UDP" as const }].map((target) =>
      network.canReach(web, store, target),
    );
    assert.deepEqual(reached, [true, false, false, true]);
  });
});
