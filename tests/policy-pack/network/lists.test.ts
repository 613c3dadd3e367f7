/** Names that clouds and controllers give, written once more: a list that tests itself would not miss a lost entry. */
import assert from "node:assert/strict";
import { guarded, operated, plainService, service, workload } from "../../../policy-pack/rules/network/cases.ts";
import { network } from "../../../policy-pack/rules/network/family.ts";
import { findingsOf, keys } from "../support/findings.ts";

describe("load balancers inside the network", () => {
  for (const [key, value] of [
    ["networking.gke.io/load-balancer-type", "Internal"],
    ["service.beta.kubernetes.io/aws-load-balancer-internal", "true"],
    ["service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"],
    ["service.beta.kubernetes.io/azure-load-balancer-internal", true],
  ] as const) {
    it(key, () => {
      const balancer = plainService({ type: "LoadBalancer" }, { [key]: value });
      assert.deepEqual(findingsOf(network, [balancer], { exposed: ["sample/sample"] }), []);
    });
  }
});

describe("labels that controllers write", () => {
  for (const [kind, labels] of [
    ["Deployment", "pod-template-hash"],
    ["ReplicaSet", "pod-template-hash"],
    ["StatefulSet", "statefulset.kubernetes.io/pod-name apps.kubernetes.io/pod-index controller-revision-hash"],
    ["DaemonSet", "controller-revision-hash pod-template-generation"],
    ["Job", "batch.kubernetes.io/job-name job-name batch.kubernetes.io/controller-uid controller-uid"],
  ] as const) {
    for (const label of labels.split(" ")) {
      it(`${label} of a ${kind}`, () => {
        const pods = workload({ app: "x" }, {}, { kind, metadata: { name: "x", namespace: "sample" } });
        const target = service({ selector: { [label]: "y", app: "x" } });
        assert.deepEqual(keys(findingsOf(network, guarded(pods, target))), []);
      });
    }
  }
});

describe("kinds of operators", () => {
  const lost = service({ selector: { app: "x" } });
  for (const [kind, verdict] of [
    ["Certificate", "violated"],
    ["ExternalSecret", "violated"],
    ["PodMonitor", "violated"],
    ["PrometheusRule", "violated"],
    ["ScaledObject", "violated"],
    ["ServiceMonitor", "violated"],
    ["VirtualService", "violated"],
    ["Prometheus", "undecidable"],
    ["Kafka", "undecidable"],
  ] as const) {
    it(`${kind}: what a Service selects is ${verdict}`, () => {
      assert.deepEqual(keys(findingsOf(network, [lost, operated(kind)])), [
        `network/service-target spec.selector ${verdict}`,
      ]);
    });
  }

  it("a Gateway may start pods, though its group is one of Kubernetes", () => {
    const gateway = operated("Gateway", "gateway.networking.k8s.io/v1");
    assert.deepEqual(keys(findingsOf(network, [lost, gateway])), ["network/service-target spec.selector undecidable"]);
  });

  it("a cluster-wide resource starts none", () => {
    const issuer = operated("ClusterIssuer", "cert-manager.io/v1");
    assert.deepEqual(keys(findingsOf(network, [lost, issuer])), ["network/service-target spec.selector violated"]);
  });
});
