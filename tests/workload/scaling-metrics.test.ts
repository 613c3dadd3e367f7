import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { podMonitors, selected } from "../monitoring/support/scraped.ts";
import { all, everything, find, first } from "../support/objects.ts";
import { operatedWorkloads } from "../support/operated.ts";
import { type Labels, templates } from "../support/pods.ts";
import { runOf, runWith } from "../support/runs.ts";

interface Query {
  region: string;
  namespace: string;
  /** Deployment that is scaled. */
  name: string;
  query: string;
  address: string;
}

/** What autoscalers ask Prometheus. */
function queriesOf(run: OfflineRun): Query[] {
  return all(run, "ScaledObject").flatMap(({ object, ...place }) =>
    object.spec.triggers
      .filter((one) => one.type === "prometheus")
      .map(({ metadata }) => ({
        region: place.region,
        namespace: place.namespace,
        name: object.spec.scaleTargetRef.name,
        query: String(metadata["query"]),
        address: String(metadata["serverAddress"]),
      })),
  );
}

/** Name and labels of the one series that a query asks for. */
function asked(query: string): { metric: string; labels: Labels } {
  const [, metric = "", inside = ""] = /^([a-z0-9_:]+)\{(.*)\}$/i.exec(query) ?? [];
  assert.ok(metric !== "", query);
  const pairs = inside.split(",").map((one) => {
    const [, label = "", value = ""] = /^(\w+)="([^"]*)"$/.exec(one) ?? [];
    assert.ok(label !== "", `${query} asks for more than equal labels`);
    return [label, value];
  });
  return { metric, labels: Object.fromEntries(pairs) };
}

/** Rules that a region's Prometheus evaluates, as their object has them. */
function rulesOf(run: OfflineRun, region: string): { record?: string; expr: string }[] {
  return everything(run)
    .filter((one) => one.region === region && one.kind === "PrometheusRule")
    .flatMap(
      ({ resource }) =>
        (resource.inputs["spec"] as { groups: { rules: { record?: string; expr: string }[] }[] }).groups,
    )
    .flatMap(({ rules }) => rules);
}

const both = { "game.gameServers.responseTimeMs": 100 };

describe("metrics that autoscalers ask for", () => {
  it("are series that a rule of the same region records: what scales is what dashboards show", async () => {
    for (const run of [await runOf("prod"), await runWith("dev", both)]) {
      for (const { region, namespace, name, query } of queriesOf(run)) {
        const { metric, labels } = asked(query);
        const made = rulesOf(run, region).filter((one) => one.record === metric);
        assert.equal(made.length, 1, `${region} ${name}: ${metric} is recorded ${made.length} times`);
        // The labels that the rule keeps are those that the query tells apart by.
        assert.deepEqual(Object.keys(labels).sort(), ["namespace", "service"]);
        assert.match(made[0]?.expr ?? "", /sum by \(namespace, service\) \(/);
        assert.equal(labels["namespace"], namespace);
      }
    }
    const counts = Map.groupBy(queriesOf(await runOf("prod")), (one) => one.region);
    assert.deepEqual([...counts].map(([region, list]) => [region, list.length]).sort(), [
      ["eu-west", 4],
      ["us-east", 1],
      ["us-west", 4],
    ]);
    // Players, response time, and three services of the ads.
    assert.equal(queriesOf(await runWith("dev", both)).length, 5);
  });

  it("are of the pods of that Deployment and of no other: worlds have players too", async () => {
    for (const run of [await runOf("prod"), await runWith("dev", both)]) {
      for (const { region, namespace, name, query } of queriesOf(run)) {
        const { labels } = asked(query);
        const monitors = podMonitors(run, region).filter(
          ({ spec }) =>
            spec.namespaceSelector.matchNames.includes(namespace) &&
            spec.podMetricsEndpoints.some((one) =>
              one.relabelings.some((each) => each.targetLabel === "service" && each.replacement === labels["service"]),
            ),
        );
        assert.equal(monitors.length, 1, `${region} ${namespace} ${labels["service"]}`);
        const { spec } = first(monitors);
        assert.deepEqual(spec.namespaceSelector.matchNames, [namespace]);
        const pods = [...templates(run, region), ...operatedWorkloads(run, region)].filter((one) =>
          selected(spec, one),
        );
        assert.deepEqual(
          pods.map((one) => [one.kind, one.namespace, one.name]),
          [["Deployment", namespace, name]],
        );
      }
    }
  });

  it("are asked of the region's own Prometheus, or of the one that the configuration names", async () => {
    const run = await runOf("prod");
    for (const { address, region } of queriesOf(run)) {
      // A Service that the operator makes; tests/workload/references.test.ts looks for it.
      assert.equal(address, "http://prometheus-operated.monitoring.svc:9090");
      const prometheus = operatedWorkloads(run, region).find((one) => one.madeBy.kind === "Prometheus");
      const ports = prometheus?.spec.containers.flatMap((one) => one.ports ?? []).map((one) => one.containerPort);
      assert.ok(ports?.includes(Number(new URL(address).port)));
    }
    const other = queriesOf(await runWith("dev", { "cluster.prometheusUrl": "http://other:9090" }));
    assert.equal(other.length, 4);
    for (const { address } of other) assert.equal(address, "http://other:9090");
    const moved = queriesOf(await runWith("dev", { "cluster.monitoringNamespace": "watch" }));
    for (const { address } of moved) assert.equal(address, "http://prometheus-operated.watch.svc:9090");
  });

  it("keep the count when there is none: without a word KEDA takes an empty answer for zero, and everybody would go", async () => {
    for (const { object, name } of all(await runOf("prod"), "ScaledObject"))
      for (const { metadata } of object.spec.triggers.filter((one) => one.type === "prometheus"))
        assert.equal(metadata["ignoreNullValues"], "false", name);
    const { fallback } = find(await runOf("prod"), "ScaledObject", "game-server-us-west").spec;
    assert.equal(fallback?.behavior, "currentReplicasIfHigher");
  });
});
