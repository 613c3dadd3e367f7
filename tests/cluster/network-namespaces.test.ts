import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { allPodsOf, type Network, networkOf, type Pod } from "../support/network.ts";
import { all, regionNames } from "../support/objects.ts";
import { runOf, runWith } from "../support/runs.ts";

const stranger: Pod = { namespace: "elsewhere", labels: {} };

describe("the network of every namespace", () => {
  it("follows the namespaces of gateway, monitoring and operators from the configuration", async () => {
    const moved = await runWith("dev", {
      "cluster.gatewayNamespace": "edge",
      "cluster.monitoringNamespace": "watch",
      "data.operatorNamespace": "databases",
      "ads.staging.postgres.operatorNamespace": "postgres-operator",
      "ads.staging.kafka.operatorNamespace": "kafka-operator",
    });
    const [pods, network, before] = [allPodsOf(moved), networkOf(moved), networkOf(await runOf("dev"))];
    for (const [name, port, to, from] of [
      ["mmorpg-game/game-server", 8080, "edge", "envoy-gateway-system"],
      ["mmorpg-game/game-server", 9090, "watch", "monitoring"],
      ["mmorpg-game/mysql", 3306, "databases", "mysql-operator"],
      ["ad-platform-staging/campaign-service", 8080, "edge", "envoy-gateway-system"],
      ["ad-platform-staging/campaign-service", 9090, "watch", "monitoring"],
      ["ad-platform-staging/postgres", 5432, "postgres-operator", "cnpg-system"],
      ["ad-platform-staging/kafka", 9091, "kafka-operator", "strimzi"],
    ] as const) {
      const reach = (by: Network, namespace: string) =>
        by.canReach({ namespace, labels: { app: "prometheus" } }, pods[name] ?? stranger, { port });
      assert.deepEqual([reach(network, to), reach(network, from)], [true, false], `${name}:${port} from ${to}`);
      assert.deepEqual([reach(before, to), reach(before, from)], [false, true], `${name}:${port} from ${from}`);
    }
  });

  it("follows monitoring and KEDA where these move: traces, logs and questions go where they are, and not to where they were", async () => {
    const moved = await runWith("dev", {
      "cluster.monitoringNamespace": "watch",
      "cluster.kedaNamespace": "autoscaling",
    });
    const [pods, network] = [allPodsOf(moved), networkOf(moved)];
    const [podsBefore, before] = [allPodsOf(await runOf("dev")), networkOf(await runOf("dev"))];
    const keda = (namespace: string): Pod => ({ namespace, labels: { app: "keda-operator" } });
    for (const [from, to, port] of [
      ["mmorpg-game/auth-service", "watch-agents/otel-agent", 4317],
      ["ad-platform-staging/bidding-service", "watch-agents/otel-agent", 4318],
      ["watch-agents/otel-agent", "watch/otel-gateway", 4317],
      ["watch-agents/otel-agent", "watch/loki", 3100],
      ["watch/prometheus", "watch-agents/otel-agent", 8888],
    ] as const) {
      const there = (name: string) => name.replace(/^watch/, "monitoring");
      const ends = [pods[from], pods[to], podsBefore[there(from)], podsBefore[there(to)]];
      const [caller, target, callerBefore, targetBefore] = ends.map((pod) => {
        assert.ok(pod, `${from} -> ${to}`);
        return pod;
      }) as [Pod, Pod, Pod, Pod];
      assert.ok(network.canReach(caller, target, { port }), `${from} -> ${to}`);
      assert.ok(!network.canReach(caller, targetBefore, { port }), `${from} -> ${there(to)}`);
      assert.ok(before.canReach(callerBefore, targetBefore, { port }), `${there(from)} -> ${there(to)}`);
    }
    const prometheus = pods["watch/prometheus"] ?? stranger;
    assert.ok(network.canReach(keda("autoscaling"), prometheus, { port: 9090 }));
    assert.ok(!network.canReach(keda("keda"), prometheus, { port: 9090 }));
  });

  it("denies both ways by default in every namespace of every region: the original denied only the way in", async () => {
    for (const stack of ["dev", "prod"] as const) {
      const run = await runOf(stack);
      for (const region of regionNames(run)) {
        const deny = all(run, "NetworkPolicy", region).filter((one) => one.name === "default-deny");
        assert.deepEqual(
          deny.map((one) => one.namespace).sort(),
          all(run, "Namespace", region)
            .map((one) => one.name)
            .sort(),
        );
        for (const { object } of deny) {
          assert.deepEqual(object.spec, { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
        }
        for (const [name, pod] of Object.entries(allPodsOf(run, region))) {
          assert.ok(networkOf(run, region).selecting(pod).length >= 3, `${name} has no policy of its own`);
        }
      }
    }
  });

  it("selects namespaces only by the label that Kubernetes sets on each: the original's label was on none", async () => {
    for (const { object } of all(await runOf("prod"), "NetworkPolicy")) {
      const text = JSON.stringify(object.spec);
      for (const [selector] of text.matchAll(/"namespaceSelector":\{[^}]*\}\}/g)) {
        assert.match(
          selector,
          /^"namespaceSelector":\{"matchLabels":\{"kubernetes\.io\/metadata\.name":"[a-z-]+"\}\}$/,
        );
      }
    }
  });
});
