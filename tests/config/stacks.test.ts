import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { enabledRegions } from "../../components/config/sections.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { readStackFile, stackNames } from "../../tools/offline/stack-file.ts";
import { all, everything, find, first, type Kinds } from "../support/objects.ts";
import { containersOf, environment, templateOf } from "../support/pods.ts";
import { runOf } from "../support/runs.ts";
import { configOf, sections } from "../support/stacks.ts";

/** Regions of the original design: players, latency in milliseconds, smallest and largest fleet. */
const original = {
  "us-west": { capacityPlayers: 10_000, latencyThresholdMs: 50, minReplicas: 5, maxReplicas: 50 },
  "us-east": { capacityPlayers: 8_000, latencyThresholdMs: 60, minReplicas: 4, maxReplicas: 40 },
  "eu-west": { capacityPlayers: 12_000, latencyThresholdMs: 45, minReplicas: 6, maxReplicas: 60 },
};

/** Numbers of the ad design for each service; with requests, limits and the rates of the autoscaler. */
const adServices = {
  "campaign-service": {
    replicas: [5, 20],
    cpu: "350m",
    memory: "409Mi",
    // Of a service that bids only the bids are counted.
    requests: { expression: 'rate(http_requests_total{service!~"bidding-service"}[2m])', threshold: "100" },
    up: {
      stabilizationWindowSeconds: 60,
      selectPolicy: "Max",
      policies: [
        { type: "Percent", value: 100, periodSeconds: 60 },
        { type: "Pods", value: 2, periodSeconds: 60 },
      ],
    },
  },
  "bidding-service": {
    replicas: [5, 50],
    cpu: "300m",
    memory: undefined,
    requests: { expression: "rate(bid_requests_total[2m])", threshold: "500" },
    up: {
      stabilizationWindowSeconds: 30,
      selectPolicy: "Max",
      policies: [
        { type: "Percent", value: 200, periodSeconds: 30 },
        // Never the larger one.
        { type: "Pods", value: 1, periodSeconds: 30 },
      ],
    },
  },
} as const;

/** What Prometheus of a region records as a series, which autoscalers ask for. */
function recordedExpression(run: OfflineRun, record: string, region: string): string {
  const file = first(everything(run).filter((one) => one.kind === "PrometheusRule" && one.region === region));
  const { groups } = file.resource.inputs["spec"] as { groups: { rules: { record?: string; expr: string }[] }[] };
  return first(groups.flatMap(({ rules }) => rules).filter((one) => one.record === record)).expr;
}

describe("the stack files", () => {
  it("are dev and prod", () => {
    assert.deepEqual(stackNames(), ["dev", "prod"]);
  });

  it("have the same sections, so that a change of one is looked for in the other", () => {
    assert.deepEqual(Object.keys(sections("dev")).sort(), Object.keys(sections("prod")).sort());
  });

  for (const stack of ["dev", "prod"] as const) {
    it(`keep ${stack} from falling back to whatever cluster the shell points at`, () => {
      assert.deepEqual(readStackFile(stack)["pulumi:disable-default-providers"], ["kubernetes"]);
    });
  }

  it("run the three regions of the original design in prod, with its numbers", () => {
    const regions = enabledRegions(configOf("prod")).map(([name, region]) => [
      name,
      { capacityPlayers: region.capacityPlayers, latencyThresholdMs: region.latencyThresholdMs, ...region.gameServers },
    ]);
    assert.deepEqual(Object.fromEntries(regions), original);
  });

  it("name asia-pacific and keep it off: the original gave it an autoscaler from 0 to 0, which no API server takes", () => {
    assert.deepEqual(configOf("prod").regions["asia-pacific"], {
      enabled: false,
      timeZone: "Etc/UTC",
      capacityPlayers: 0,
      gameServers: { minReplicas: 0, maxReplicas: 0 },
    });
  });

  it("run 5 worlds of 2000 players in each region of prod, on volumes of 10Gi of class fast-ssd", () => {
    const { regions, game, cluster } = configOf("prod");
    for (const region of Object.values(regions)) if (region.enabled) assert.equal(region.worlds.count, 5);
    assert.deepEqual(
      [game.worlds.maxPlayers, game.worlds.diskSize, cluster.storageClass.name],
      [2000, "10Gi", "fast-ssd"],
    );
  });

  it("scale game servers at 1500 players and 70 % CPU, with memory and response time off", () => {
    const { gameServers } = configOf("prod").game;
    assert.deepEqual(
      [gameServers.playersPerServer, gameServers.cpuPercent, gameServers.memoryPercent, gameServers.responseTimeMs],
      [1500, 70, undefined, undefined],
    );
  });

  it("give worlds and game servers the sizes of the original design", () => {
    const { worlds, gameServers } = configOf("prod").game;
    const size = { requests: { cpu: "1000m", memory: "2Gi" }, limits: { cpu: "2000m", memory: "4Gi" } };
    assert.deepEqual([worlds.resources, gameServers.resources], [size, size]);
  });

  it("run three servers of MySQL and three primaries of Valkey with a replica each in prod, one of each in dev", () => {
    const sizes = (stack: "dev" | "prod") => {
      const { mysql, valkey } = configOf(stack).data;
      return [mysql.instances, mysql.routers, mysql.maxConnections, valkey.primaries, valkey.replicasPerPrimary];
    };
    assert.deepEqual(
      [sizes("prod"), sizes("dev")],
      [
        [3, 2, 1000, 3, 1],
        [1, 1, 1000, 1, 0],
      ],
    );
  });

  it("keep metrics for 15 days on two servers in each region of prod, and for 3 days on one in dev", () => {
    const prometheus = (stack: "dev" | "prod") => {
      const { replicas, retentionDays } = configOf(stack).monitoring.prometheus;
      return [replicas, retentionDays];
    };
    assert.deepEqual(
      [prometheus("prod"), prometheus("dev")],
      [
        [2, 15],
        [1, 3],
      ],
    );
  });

  it("tell people of alerts in prod, by page, chat and a heartbeat, and send its series to the view of all regions", () => {
    const { receivers, prometheus } = configOf("prod").monitoring;
    const { page, chat, heartbeat } = receivers;
    assert.deepEqual([page?.kind, chat?.kind, heartbeat?.kind], ["pagerduty", "slack", "webhook"]);
    assert.equal(prometheus.remoteWrite.length, 1);
    // Staging wakes nobody, and its hosts are samples.
    const dev = configOf("dev").monitoring;
    assert.deepEqual([dev.receivers, dev.prometheus.remoteWrite, dev.probePublicHosts], [{}, [], false]);
  });

  it("know the night of each region of prod", () => {
    const zones = enabledRegions(configOf("prod")).map(([, { timeZone }]) => timeZone);
    assert.deepEqual(zones.sort(), ["America/Los_Angeles", "America/New_York", "Europe/Dublin"]);
  });

  it("let the engine deliver everything as they ship: Argo CD needs a repository of the user's", () => {
    for (const stack of ["dev", "prod"] as const) assert.equal(configOf(stack).delivery.mode, "pulumi");
  });

  it("protect data in prod and not in dev", () => {
    assert.deepEqual([configOf("prod").cluster.protectData, configOf("dev").cluster.protectData], [true, false]);
  });
});

describe("the manifests of prod", () => {
  const regions = ["us-west", "eu-west"];
  const inAds = <K extends keyof Kinds>(run: OfflineRun, kind: K, region: string) =>
    all(run, kind, region).filter((one) => one.namespace === "ad-platform");

  for (const [name, wanted] of Object.entries(adServices)) {
    it(`scale ${name} by the numbers of the ad design, in both of its regions`, async () => {
      const run = await runOf("prod");
      for (const region of regions) {
        const { spec } = first(inAds(run, "ScaledObject", region).filter((one) => one.name === name)).object;
        assert.deepEqual([spec?.minReplicaCount, spec?.maxReplicaCount], wanted.replicas);
        const triggers = spec?.triggers ?? [];
        const value = (type: string) => triggers.find((one) => one.type === type)?.metadata["value"];
        // 70 % and 60 % of 500m, and 80 % of 512Mi.
        assert.deepEqual([value("cpu"), value("memory")], [wanted.cpu, wanted.memory]);
        const { metadata, metricType } = first(triggers.filter((one) => one.type === "prometheus"));
        assert.deepEqual([metadata["threshold"], metricType], [wanted.requests.threshold, "AverageValue"]);
        const [, record = "", labels] = /^([\w:]+)(\{.*\})$/.exec(metadata["query"] ?? "") ?? [];
        assert.equal(labels, `{namespace="ad-platform",service="${name}"}`);
        const recorded = recordedExpression(run, record, region);
        assert.ok(recorded.includes(`sum by (namespace, service) (${wanted.requests.expression})`), recorded);
        const behavior = spec?.advanced?.horizontalPodAutoscalerConfig?.behavior;
        assert.deepEqual(behavior?.scaleUp, wanted.up);
        assert.deepEqual(behavior?.scaleDown, {
          stabilizationWindowSeconds: 300,
          selectPolicy: "Min",
          policies: [{ type: "Percent", value: 10, periodSeconds: 60 }],
        });
      }
    });

    it(`give ${name} the size of the ad design, and a Service on 80 and 9090`, async () => {
      const run = await runOf("prod");
      for (const region of regions) {
        const [container] = containersOf(templateOf(run, name, region, "ad-platform"));
        assert.deepEqual(container?.resources, {
          requests: { cpu: "500m", memory: "512Mi" },
          limits: { cpu: "1000m", memory: "1Gi" },
        });
        const { ports } = find(run, "Service", name, region).spec;
        assert.deepEqual(
          ports.map((one) => [one.port, container?.ports.find((each) => each.name === one.targetPort)?.containerPort]),
          [
            [80, 8080],
            [9090, 9090],
          ],
        );
      }
    });
  }

  it("let a bid take 100 ms, and only bidding", async () => {
    const run = await runOf("prod");
    const timeout = (name: string) =>
      environment(templateOf(run, name, "us-west", "ad-platform").spec.containers[0], "BID_TIMEOUT_MS")?.value;
    assert.deepEqual(["bidding-service", "campaign-service", "analytics-service"].map(timeout), [
      "100",
      undefined,
      undefined,
    ]);
  });

  it("give Valkey and PostgreSQL of the ads the sizes and volumes of the ad design", async () => {
    const run = await runOf("prod");
    for (const region of regions) {
      const [valkey] = inAds(run, "StatefulSet", region);
      assert.equal(valkey?.name, "redis-cluster");
      assert.deepEqual(valkey?.object.spec.template.spec.containers.find((one) => one.name === "redis")?.resources, {
        requests: { cpu: "100m", memory: "256Mi" },
        limits: { cpu: "500m", memory: "1Gi" },
      });
      const claims = valkey?.object.spec.volumeClaimTemplates.map((one) => one.spec.resources.requests["storage"]);
      assert.deepEqual(claims, ["10Gi"]);
      const database = first(everything(run).filter((one) => one.kind === "Cluster" && one.region === region));
      const { resources, storage } = database.resource.inputs["spec"] as {
        resources: object;
        storage: { size: string };
      };
      assert.deepEqual(resources, {
        requests: { cpu: "500m", memory: "1Gi" },
        limits: { cpu: "2000m", memory: "4Gi" },
      });
      assert.equal(storage.size, "100Gi");
    }
  });
});
