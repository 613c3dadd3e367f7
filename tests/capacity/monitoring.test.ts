import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { limitRangeMistakes } from "../../components/capacity/checks.ts";
import { bytes } from "../../components/kube/quantities.ts";
import { type Changes, mistakePaths, mistakesOf, onlyMistake, planOf } from "../support/stacks.ts";

describe("monitoring", () => {
  for (const stack of ["dev", "prod"] as const) {
    it(`of ${stack} fits the limit range of its namespaces: volumes, containers and pods`, () => {
      for (const { name, namespaces, monitoring } of planOf(stack).regions) {
        const own = namespaces.filter(({ namespace }) => namespace.startsWith(monitoring.namespace));
        assert.deepEqual(
          own.map(({ namespace, workloads }) => [namespace, workloads.length]),
          [
            ["monitoring", 8],
            ["monitoring-agents", 2],
          ],
          name,
        );
        for (const { workloads } of own) {
          assert.deepEqual(
            limitRangeMistakes(workloads, () => ({ containers: [] })),
            [],
          );
        }
        const { diskBytes, memoryBytes } = monitoring.series;
        assert.ok(diskBytes >= bytes("1Gi") && diskBytes <= bytes("100Gi"), name);
        assert.ok(2 * memoryBytes <= bytes("8Gi"), name);
      }
    });
  }

  it("keeps metrics for as long as the largest region's volume holds them: nobody checked that before the API server did", () => {
    const samples = Math.max(...planOf("prod").regions.map((one) => one.monitoring.series.samplesPerSecond));
    const days = Math.floor((0.8 * 100 * 2 ** 30) / (samples * 2 * 86_400));
    assert.ok(days > 15 && days < 90, String(days));
    assert.deepEqual(mistakePaths("prod", { "monitoring.prometheus.retentionDays": days }), []);
    for (const retentionDays of [days + 1, 90]) {
      const mistake = onlyMistake("prod", { "monitoring.prometheus.retentionDays": retentionDays });
      assert.equal(mistake.path, "monitoring.prometheus.retentionDays");
      assert.equal(mistake.got, retentionDays);
      const [, said, region, rest] = /^at most (\d+) days in ([a-z-]+): (.*)$/.exec(mistake.want) ?? [];
      assert.deepEqual([Number(said), region], [days, "eu-west"]);
      const needed = Math.ceil((samples * 2 * 86_400 * retentionDays) / 0.8 / 2 ** 30);
      assert.equal(
        rest,
        `${samples} samples/s x 2 bytes fill 80 % of 100Gi (limit range of the namespace) in that time, not ${needed}Gi`,
      );
      assert.equal(
        mistake.fix,
        `lower it to ${days}, and keep what is older where monitoring.prometheus.remoteWrite sends it`,
      );
    }
  });

  for (const [path, changes] of [
    ["monitoring.prometheus.diskSize", { "monitoring.prometheus.diskSize": "101Gi" }],
    ["monitoring.grafana.diskSize", { "monitoring.grafana.diskSize": "512Mi" }],
    ["monitoring.tracing.storage.diskSize", { "monitoring.tracing.storage": { kind: "volume", diskSize: "101Gi" } }],
    ["monitoring.logs.store.diskSize", { "monitoring.logs.store": { kind: "loki", diskSize: "101Gi" } }],
  ] as [string, Changes][]) {
    it(`refuses a volume that its namespace would refuse, at ${path}`, () => {
      const mistake = onlyMistake("prod", changes);
      assert.equal(mistake.path, path);
      assert.match(mistake.want, /^1Gi to 100Gi \(limit range of the namespace\)$/);
    });
  }

  it("refuses a region whose series need more memory than a container may have", () => {
    const large: Changes = {
      "regions.us-west.pools.worlds.maxNodes": 600,
      "regions.us-west.pools.services.maxNodes": 9,
    };
    const mistake = onlyMistake("dev", large);
    assert.equal(mistake.path, "monitoring.prometheus");
    assert.match(mistake.want, /^limits\.memory at most 8Gi/);
    assert.match(mistake.why ?? "", /us-west may have \d+ series/);
  });

  it("refuses more agents in one namespace than Kubernetes is tested with, by the nodes and not by game servers", () => {
    const pools = "regions.us-west.pools";
    const mistakes = mistakesOf("dev", { [`${pools}.worlds.maxNodes`]: 1000, [`${pools}.sessions.maxNodes`]: 1000 });
    const found = mistakes.find((one) => one.path === pools);
    assert.equal(found?.got, 2004);
    assert.match(found.want, /^at most 3000 pods in the namespace at the peak, not 4008$/);
  });
});

describe("agents on the nodes", () => {
  it("fit in what every node keeps for them, with room for kubelet and system", () => {
    for (const stack of ["dev", "prod"] as const) {
      const { config, regions } = planOf(stack);
      const { cpu, memory } = config.cluster.nodeReserved;
      assert.deepEqual([cpu, memory], ["500m", "3Gi"]);
      for (const { monitoring } of regions) {
        const pods = Object.values(monitoring.agents).map((plan) => plan.pod.requests);
        assert.equal(pods.length, 2);
        assert.ok(pods.reduce((whole, one) => whole + one.cpuMillis, 0) <= 250);
        assert.ok(pods.reduce((whole, one) => whole + one.memoryBytes, 0) <= bytes("1536Mi"));
      }
    }
  });

  it("are refused where nodes keep less than they ask for, with the sum", () => {
    const enough: Changes = { "cluster.nodeReserved": { cpu: "200m", memory: "512Mi" } };
    assert.deepEqual(mistakePaths("prod", enough), []);
    const cpu = onlyMistake("prod", { "cluster.nodeReserved.cpu": "199m" });
    assert.deepEqual([cpu.path, cpu.got], ["cluster.nodeReserved.cpu", "199m"]);
    assert.match(cpu.want, /^at least 200m = node-exporter 100m \+ otel-agent 100m, and what kubelet/);
    const memory = onlyMistake("prod", { "cluster.nodeReserved.memory": "511Mi" });
    assert.equal(memory.path, "cluster.nodeReserved.memory");
    assert.match(memory.want, /^at least 512Mi = node-exporter 256Mi \+ otel-agent 256Mi, and what kubelet/);
  });

  it("are on the nodes of every pool, and no pool is planned larger for them", () => {
    for (const { region, monitoring, pools } of planOf("prod").regions) {
      const nodes = Object.values(region.pools).reduce((whole, { maxNodes }) => whole + maxNodes, 0);
      const agents = Object.values(monitoring.agents);
      assert.deepEqual(
        agents.map(({ maxReplicas }) => maxReplicas),
        [nodes, nodes],
      );
      assert.ok(pools.every((line) => line.nodesNeeded <= line.maxNodes));
    }
    const mistake = onlyMistake("prod", {
      "regions.us-west.pools.services.minNodes": 1,
      "regions.us-west.pools.services.maxNodes": 2,
    });
    assert.match(mistake.why ?? "", /prometheus-realmgrid: 2 running/);
    assert.doesNotMatch(mistake.why ?? "", /node-exporter|otel-agent/);
  });
});
