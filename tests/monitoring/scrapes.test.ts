/** What Prometheus scrapes: every pod once, by its own address, with the labels that rules and dashboards rely on. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { scrapeIntervalSeconds } from "../../components/monitoring/prometheus-plan.ts";
import { first, regionNames } from "../support/objects.ts";
import { containersOf } from "../support/pods.ts";
import { runOf } from "../support/runs.ts";
import { given, podMonitors, podsOf, selected, specsOf, stacks } from "./support/scraped.ts";

/** Ports of pods that an operator writes itself, by workload: their manifests are not known here. */
const declaredByOperators: Readonly<Record<string, number>> = {
  // mysql-operator, MetricsSpec; CloudNativePG, "Monitoring"; Strimzi, `tcp-prometheus`.
  "mysql-cluster": 9104,
  "postgres-cluster": 9187,
  "postgres-pooler": 9127,
  "ads-brokers": 9404,
  "ads-controllers": 9404,
};

/** Pods without a page: MySQL Router has none, and what keeps topics and users of Kafka serves nobody. */
const silent = ["ads-entity-operator", "mysql-cluster-router"];

describe("scrapes", () => {
  for (const [title, stack] of Object.entries(stacks)) {
    it(`of ${title} take every pod by one PodMonitor: the original asked a Service, whose random pod answered each time`, async () => {
      const run = await stack();
      for (const region of regionNames(run)) {
        const monitors = podMonitors(run, region);
        for (const pods of podsOf(run, region)) {
          const found = monitors.filter(({ spec }) => selected(spec, pods)).map((one) => one.name);
          // A job is gone before the next scrape; what became of it is told by kube-state-metrics.
          const none = pods.kind === "CronJob" || silent.includes(pods.name);
          assert.equal(found.length, none ? 0 : 1, `${region} ${pods.namespace} ${pods.name}: ${found.join(", ")}`);
        }
        for (const { name, spec } of monitors)
          assert.ok(
            podsOf(run, region).some((pods) => selected(spec, pods)),
            `${region} ${name} selects nothing`,
          );
      }
    });

    it(`of ${title} ask at ports that containers declare, each once: the original asked a bidding-service that had none`, async () => {
      const run = await stack();
      for (const region of regionNames(run)) {
        const pods = podsOf(run, region);
        for (const { name, spec } of podMonitors(run, region)) {
          const asked = spec.podMetricsEndpoints.map((one) => one.portNumber);
          assert.equal(new Set(asked).size, asked.length, name);
          for (const one of pods.filter((each) => selected(spec, each))) {
            const declared = containersOf(one).flatMap((container) => container.ports ?? []);
            const operators = declaredByOperators[one.name];
            for (const port of asked) {
              if (operators !== undefined) assert.equal(port, operators, `${region} ${name} ${one.name}`);
              // Two ports of one number would make two targets of one pod.
              else
                assert.equal(
                  declared.filter((each) => each.containerPort === port && (each.protocol ?? "TCP") === "TCP").length,
                  1,
                  `${region} ${name} ${one.name}: ${port}`,
                );
            }
          }
        }
        for (const one of pods) {
          const asked = podMonitors(run, region)
            .filter(({ spec }) => selected(spec, one))
            .flatMap(({ spec }) => spec.podMetricsEndpoints.map((endpoint) => endpoint.portNumber));
          for (const { name, containerPort } of containersOf(one).flatMap((container) => container.ports ?? []))
            if (/^(metrics|metrics-port|exporter)$/.test(name))
              assert.ok(asked.includes(containerPort), `${region} ${one.namespace} ${one.name}: nobody asks ${name}`);
        }
      }
    });
  }

  it("tell pods apart, and have the name of the row as `service`: series of the original named neither pod nor namespace", async () => {
    const run = await runOf("prod");
    const rows = podMonitors(run, "us-west").flatMap(({ spec }) =>
      spec.podMetricsEndpoints.map((one) => `${spec.namespaceSelector.matchNames.join()} ${given(one, "service")}`),
    );
    assert.deepEqual(rows.sort(), [
      "ad-platform analytics-service",
      "ad-platform bidding-service",
      "ad-platform campaign-service",
      "ad-platform kafka",
      "ad-platform postgres",
      "ad-platform postgres-server",
      "ad-platform redis",
      "mmorpg-game auth-service",
      "mmorpg-game game-server",
      "mmorpg-game game-world-server",
      "mmorpg-game guild-service",
      "mmorpg-game matchmaking-service",
      "mmorpg-game mysql-server",
      "mmorpg-game player-service",
      "mmorpg-game redis",
      "mmorpg-game world-service",
      "monitoring alertmanager",
      "monitoring blackbox-exporter",
      "monitoring grafana",
      "monitoring jaeger",
      "monitoring kube-state-metrics",
      "monitoring loki",
      "monitoring otel-gateway",
      "monitoring prometheus",
      "monitoring-agents node-exporter",
      "monitoring-agents otel-agent",
    ]);
    // The operator sets namespace, pod and container of each target; nothing may take them away again.
    for (const { name, spec } of podMonitors(run, "us-west"))
      for (const { relabelings, path, honorLabels } of spec.podMetricsEndpoints) {
        assert.deepEqual([path, relabelings.map((one) => one.targetLabel)], ["/metrics", ["service"]], name);
        // Its page speaks of other pods, by their own names.
        assert.equal(honorLabels ?? false, name === "monitoring-kube-state-metrics", name);
      }
  });

  it("come every 15 s, for campaigns 10 s and for bids 5 s as in the original, and give up before the next is due", async () => {
    const run = await runOf("prod");
    const own = regionNames(run).flatMap((region) =>
      podMonitors(run, region).flatMap(({ name, spec }) =>
        spec.podMetricsEndpoints
          .filter((one) => one.interval !== undefined || one.scrapeTimeout !== undefined)
          .map(({ interval, scrapeTimeout }) => [region, name, interval, scrapeTimeout].join(" ")),
      ),
    );
    assert.deepEqual(own.sort(), [
      "eu-west ad-platform-bidding-service 5s 4s",
      "eu-west ad-platform-campaign-service 10s 9s",
      "us-west ad-platform-bidding-service 5s 4s",
      "us-west ad-platform-campaign-service 10s 9s",
    ]);
    for (const region of regionNames(run)) {
      const { spec } = first(specsOf<{ scrapeInterval: string }>(run, "Prometheus", region));
      assert.equal(spec.scrapeInterval, `${scrapeIntervalSeconds}s`);
    }
    assert.equal(scrapeIntervalSeconds, 15);
  });

  it("of exporters of the game's stores are in the game's namespace: the original looked for them beside Prometheus", async () => {
    const run = await runOf("prod");
    for (const region of regionNames(run))
      for (const [service, port] of [
        ["mysql-server", 9104],
        ["redis", 9121],
      ] as const) {
        const { spec } = first(podMonitors(run, region).filter((one) => one.name === `mmorpg-game-${service}`));
        assert.deepEqual(spec.namespaceSelector.matchNames, ["mmorpg-game"]);
        assert.deepEqual(
          spec.podMetricsEndpoints.map((one) => [one.portNumber, given(one, "service")]),
          [[port, service]],
        );
      }
  });
});
