/** What Prometheus scrapes beside pods: kubelets, nodes, public hosts; and that it finds what says so. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { checkerOf, customResources } from "../support/ads/definitions.ts";
import { first, regionNames } from "../support/objects.ts";
import { selects } from "../support/pods.ts";
import { runOf, runWith } from "../support/runs.ts";
import { type Endpoint, given, podMonitors, podsOf, selected, specsOf, stacks } from "./support/scraped.ts";

describe("scrapes", () => {
  it("of kubelets are by TLS with the account's token, and of containers too: the original asked in plain HTTP and was refused", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const monitors = specsOf<{
        namespaceSelector: { matchNames: string[] };
        selector: { matchLabels: Record<string, string> };
        serviceDiscoveryRole: string;
        endpoints: (Endpoint & { port: string; scheme: string; bearerTokenFile: string })[];
      }>(run, "ServiceMonitor", region);
      assert.deepEqual(
        monitors.map((one) => one.name),
        ["kubelet"],
      );
      const { spec } = first(monitors);
      // The Service that the operator keeps, with every node behind it (prometheus-operator, `--kubelet-service`).
      assert.deepEqual(spec.namespaceSelector.matchNames, ["kube-system"]);
      assert.deepEqual(spec.selector.matchLabels, { "app.kubernetes.io/name": "kubelet", "k8s-app": "kubelet" });
      assert.deepEqual(
        spec.endpoints.map((one) => [one.path, one.port, one.scheme, one.honorLabels, given(one, "service")]),
        [
          ["/metrics", "https-metrics", "https", true, "kubelet"],
          ["/metrics/cadvisor", "https-metrics", "https", true, "kubelet"],
        ],
      );
      for (const { bearerTokenFile, relabelings } of spec.endpoints) {
        assert.equal(bearerTokenFile, "/var/run/secrets/kubernetes.io/serviceaccount/token");
        const node = relabelings.find((one) => one.targetLabel === "node");
        // Slices are found by another name than Endpoints: a label of the wrong one is silently empty.
        assert.equal(spec.serviceDiscoveryRole, "EndpointSlice");
        assert.deepEqual(node?.sourceLabels, ["__meta_kubernetes_endpointslice_address_target_name"]);
      }
    }
  });

  it("of nodes ask node-exporter at its own port: the original's job of that name asked kubelets", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const { spec } = first(podMonitors(run, region).filter((one) => one.name === "monitoring-agents-node-exporter"));
      assert.deepEqual(
        spec.podMetricsEndpoints.map((one) => one.portNumber),
        [9100],
      );
      const pods = first(podsOf(run, region).filter((one) => selected(spec, one)));
      assert.deepEqual([pods.kind, pods.name, pods.spec.hostNetwork], ["DaemonSet", "node-exporter", true]);
    }
  });

  it("ask public hosts from the regions that run them, and more addresses from all", async () => {
    const probed = (run: OfflineRun, region: string) =>
      specsOf<{ prober: { url: string }; module: string; targets: { staticConfig: { static: string[] } } }>(
        run,
        "Probe",
        region,
      );
    const run = await runOf("prod");
    const more = ["https://api.mmorpg-game.com/", "https://ws.mmorpg-game.com/"];
    const hosts = ["https://api.adplatform.com/", "https://bidding.adplatform.com/"];
    for (const [region, wanted] of Object.entries({
      "us-west": [...hosts, ...more],
      "eu-west": [...hosts, ...more],
      "us-east": more,
    })) {
      const { spec } = first(probed(run, region));
      assert.deepEqual(spec.targets.staticConfig.static, wanted, region);
      // Which is a Service of two pods, in tests/workload/references.test.ts.
      assert.deepEqual([spec.prober.url, spec.module], ["blackbox-exporter.monitoring.svc:9115", "https_answers"]);
    }
    assert.deepEqual(probed(await runOf("dev"), "us-west"), [], "samples, which nobody answers");
    const staging = first(probed(await runWith("dev", { "monitoring.probePublicHosts": true }), "us-west"));
    assert.equal(staging.spec.targets.staticConfig.static.length, 2);
  });

  it("are found by Prometheus, which takes objects with its label from its own namespace alone", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run)) {
      const { spec, object: prometheus } = first(
        specsOf<Record<string, { matchLabels: Record<string, string> } | undefined>>(run, "Prometheus", region),
      );
      for (const [kind, key] of [
        ["PodMonitor", "podMonitor"],
        ["ServiceMonitor", "serviceMonitor"],
        ["Probe", "probe"],
        ["PrometheusRule", "rule"],
      ] as const) {
        assert.equal(spec[`${key}NamespaceSelector`], undefined, "of all namespaces");
        const found = specsOf(run, kind, region);
        assert.ok(found.length > 0, kind);
        for (const { object, name } of found) {
          assert.equal(object.namespace, prometheus.namespace, name);
          const { labels } = object.resource.inputs["metadata"] as { labels: Record<string, string> };
          assert.ok(selects(spec[`${key}Selector`]?.matchLabels, labels), `${kind} ${name}`);
        }
      }
    }
  });

  it("are objects that the operator's definitions allow", async function () {
    const check = await checkerOf("prometheus-operator");
    if (check === undefined) return this.skip();
    for (const stack of Object.values(stacks)) {
      const objects = customResources((await stack()).resources, "monitoring.coreos.com");
      assert.deepEqual(
        objects.flatMap((one): string[] => check(one).map((mistake) => `${one.name} ${mistake}`)),
        [],
      );
      const kinds = new Set(objects.map((one) => one.inputs["kind"]));
      for (const kind of ["Alertmanager", "PodMonitor", "Prometheus", "PrometheusRule", "ServiceMonitor"])
        assert.ok(kinds.has(kind), kind);
    }
    const [monitor] = customResources((await runOf("dev")).resources, "monitoring.coreos.com");
    assert.ok(monitor);
    const wrong = { ...monitor, inputs: { ...monitor.inputs, spec: { podMetricsEndpoint: [] } } };
    assert.ok(check(wrong).length > 0, "the check finds nothing at all");
  });
});
