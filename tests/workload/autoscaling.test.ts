import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Autoscaler } from "../../components/capacity/autoscaler.ts";
import { find, first, regionNames } from "../support/objects.ts";
import { adTemplates, objectAt } from "../support/pods.ts";
import { runOf, runWith } from "../support/runs.ts";
import type { Changes } from "../support/stacks.ts";

type Scaled = ReturnType<typeof find<"ScaledObject">>;

function behavior({ spec }: Scaled) {
  const { scaleUp, scaleDown } = spec.advanced?.horizontalPodAutoscalerConfig?.behavior ?? {};
  assert.ok(scaleUp && scaleDown);
  return { scaleUp, scaleDown };
}

function autoscaler(object: Scaled, replicas: number): Autoscaler {
  const { minReplicaCount = 1, maxReplicaCount = 100 } = object.spec;
  return new Autoscaler(
    { minReplicas: minReplicaCount, maxReplicas: maxReplicaCount, behavior: behavior(object) },
    replicas,
  );
}

async function servers(changes: Changes = {}, stack: "dev" | "prod" = "prod"): Promise<Scaled> {
  return find(await runWith(stack, changes), "ScaledObject", "game-server-us-west");
}

/** Counts at the given seconds of a load that asks for `wanted` from the beginning, looked at every 15 s. */
function counts(scaler: Autoscaler, wanted: number, at: readonly number[]): number[] {
  const seen = new Map<number, number>();
  for (let now = 0; now <= Math.max(...at); now += 15) seen.set(now, scaler.step(now, wanted));
  return at.map((time) => seen.get(time) ?? Number.NaN);
}

describe("game servers scale", () => {
  it("between the region's own numbers: the original had one autoscaler with 3 to 20 for all", async () => {
    const run = await runOf("prod");
    const ranges = regionNames(run).map((region) => {
      const { spec } = find(run, "ScaledObject", `game-server-${region}`, region);
      return [region, spec.minReplicaCount, spec.maxReplicaCount];
    });
    assert.deepEqual(ranges.sort(), [
      ["eu-west", 6, 60],
      ["us-east", 4, 40],
      ["us-west", 5, 50],
    ]);
  });

  it("at 1500 players and at 70 % of the CPU request, as an absolute value that no change of the request moves", async () => {
    const { triggers } = (await servers()).spec;
    assert.deepEqual(
      triggers.map(({ type, metricType, metadata }) => [type, metricType, metadata["threshold"] ?? metadata["value"]]),
      [
        ["prometheus", "AverageValue", "1500"],
        ["cpu", "AverageValue", "700m"],
      ],
    );
    // Which pods are counted, and what an empty answer means, is in tests/workload/scaling-metrics.test.ts.
    assert.equal(
      triggers[0]?.metadata["query"],
      'service:game_server_active_players:sum{namespace="mmorpg-game",service="game-server"}',
    );
  });

  it("follow the configured share of a changed request", async () => {
    const sized = { "game.gameServers.resources.requests.cpu": "500m", "game.gameServers.cpuPercent": 50 };
    const cpu = (await servers(sized, "dev")).spec.triggers.find((one) => one.type === "cpu");
    assert.equal(cpu?.metadata["value"], "250m");
  });

  it("on memory and response time only where the configuration asks for it", async () => {
    const kinds = async (changes: Changes) =>
      (await servers(changes, "dev")).spec.triggers.map((one) => one.name ?? one.type);
    assert.deepEqual(await kinds({}), ["players", "cpu"]);
    const both = { "game.gameServers.memoryPercent": 80, "game.gameServers.responseTimeMs": 100 };
    assert.deepEqual(await kinds(both), ["players", "cpu", "memory", "response-time"]);
    const { triggers } = (await servers(both, "dev")).spec;
    assert.deepEqual(triggers[2], { type: "memory", metricType: "AverageValue", metadata: { value: "1638Mi" } });
    assert.deepEqual([triggers[3]?.metricType, triggers[3]?.metadata["threshold"]], ["Value", "100"]);
  });

  it("up by the smaller of 50 % and 2 in 60 s, as the original's comment said and its YAML did not", async () => {
    const object = await servers();
    const { scaleUp } = behavior(object);
    assert.deepEqual(scaleUp, {
      stabilizationWindowSeconds: 60,
      selectPolicy: "Min",
      policies: [
        { type: "Percent", value: 50, periodSeconds: 60 },
        { type: "Pods", value: 2, periodSeconds: 60 },
      ],
    });
    assert.deepEqual(counts(autoscaler(object, 10), 40, [0, 45, 60, 120]), [12, 12, 14, 16]);
    assert.deepEqual(counts(autoscaler(object, 5), 40, [0]), [7]);
  });

  it("up by the larger of both where the configuration says Max", async () => {
    const object = await servers({ "game.gameServers.behavior.scaleUp.select": "Max" });
    assert.deepEqual(counts(autoscaler(object, 10), 40, [0, 45, 60]), [15, 15, 23]);
    assert.deepEqual(counts(autoscaler(object, 5), 40, [0]), [8]);
  });

  it("up only when the load lasts for 60 s", async () => {
    const scaler = autoscaler(await servers(), 10);
    assert.equal(scaler.step(0, 10), 10);
    assert.deepEqual(
      [15, 30, 45, 60].map((now) => scaler.step(now, 20)),
      [10, 10, 10, 10],
    );
    assert.equal(scaler.step(75, 20), 12);
  });

  it("down by 10 % in 60 s, and not before the load was low for 300 s", async () => {
    const object = await servers();
    const { scaleDown } = behavior(object);
    assert.equal(scaleDown.stabilizationWindowSeconds, 300);
    assert.deepEqual(scaleDown.policies, [{ type: "Percent", value: 10, periodSeconds: 60 }]);
    const scaler = autoscaler(object, 20);
    assert.equal(scaler.step(0, 20), 20);
    const seen = Array.from({ length: 28 }, (_, index) => scaler.step((index + 1) * 15, 5));
    assert.ok(
      seen.slice(0, 20).every((count) => count === 20),
      seen.join(" "),
    );
    assert.deepEqual([...new Set(seen.slice(20))], [18, 16]);
    assert.equal(seen.filter((count) => count === 18).length, 4);
  });

  it("never down where the configuration turns that off", async () => {
    const object = await servers({ "game.gameServers.behavior.scaleDown.enabled": false }, "dev");
    assert.equal(behavior(object).scaleDown.selectPolicy, "Disabled");
    const scaler = autoscaler(object, 2);
    assert.equal(Array.from({ length: 100 }, (_, index) => scaler.step(index * 15, 1)).at(-1), 2);
  });

  it("down to no fewer than run when Prometheus does not answer", async () => {
    assert.deepEqual((await servers()).spec.fallback, {
      failureThreshold: 3,
      replicas: 5,
      behavior: "currentReplicasIfHigher",
    });
  });
});

describe("services scale", () => {
  it("on CPU, doubling every minute, since a login storm is short", async () => {
    const object = find(await runOf("prod"), "ScaledObject", "auth-service");
    assert.deepEqual([object.spec.minReplicaCount, object.spec.maxReplicaCount], [3, 10]);
    assert.deepEqual(object.spec.triggers, [{ type: "cpu", metricType: "AverageValue", metadata: { value: "175m" } }]);
    assert.deepEqual(counts(autoscaler(object, 3), 10, [0, 45, 60]), [6, 6, 10]);
    assert.equal(object.spec.fallback, undefined);
  });
});

describe("services of the ads scale", () => {
  const scaled = async (name: string) =>
    objectAt(await runOf("prod"), "ScaledObject", name, { region: "us-west", namespace: "ad-platform" });

  it("bidding on 500 requests a second and 60 % of the CPU request, by 200 % in 30 s, to no more than 50", async () => {
    const object = await scaled("bidding-service");
    assert.deepEqual([object.spec.minReplicaCount, object.spec.maxReplicaCount], [5, 50]);
    assert.deepEqual(
      object.spec.triggers.map(({ type, metricType, metadata }) => [
        type,
        metricType,
        metadata["threshold"] ?? metadata["value"],
      ]),
      [
        ["prometheus", "AverageValue", "500"],
        ["cpu", "AverageValue", "300m"],
      ],
    );
    assert.deepEqual(counts(autoscaler(object, 5), 50, [0, 15, 30, 60]), [15, 15, 45, 50]);
  });

  it("campaign on requests, CPU and memory; each down by 10 % in 60 s: all of the original's bidding could go at once", async () => {
    const object = await scaled("campaign-service");
    assert.deepEqual([object.spec.minReplicaCount, object.spec.maxReplicaCount], [5, 20]);
    assert.deepEqual(
      object.spec.triggers.map(({ type, metadata }) => [type, metadata["threshold"] ?? metadata["value"]]),
      [
        ["prometheus", "100"],
        ["cpu", "350m"],
        ["memory", "409Mi"],
      ],
    );
    for (const { name } of adTemplates(await runOf("prod"), "us-west")) {
      const { scaleDown } = behavior(await scaled(name));
      assert.equal(scaleDown.stabilizationWindowSeconds, 300, name);
      assert.deepEqual(scaleDown.policies, [{ type: "Percent", value: 10, periodSeconds: 60 }], name);
    }
  });

  it("down to no fewer than run when Prometheus does not answer", async () => {
    for (const { name } of adTemplates(await runOf("prod"), "us-west")) {
      const { spec } = await scaled(name);
      const replicas = spec.minReplicaCount;
      assert.deepEqual(spec.fallback, { failureThreshold: 3, replicas, behavior: "currentReplicasIfHigher" }, name);
    }
  });
});

describe("the autoscaler of the tests", () => {
  it("takes the smaller change by Min and the larger one by Max, both ways", () => {
    const policies = [
      { type: "Percent", value: 50, periodSeconds: 60 },
      { type: "Pods", value: 2, periodSeconds: 60 },
    ];
    const step = (selectPolicy: string, from: number, to: number) => {
      const rules = { selectPolicy, policies };
      return new Autoscaler(
        { minReplicas: 1, maxReplicas: 100, behavior: { scaleUp: rules, scaleDown: rules } },
        from,
      ).step(0, to);
    };
    assert.deepEqual([step("Min", 10, 40), step("Max", 10, 40)], [12, 15]);
    assert.deepEqual([step("Min", 10, 1), step("Max", 10, 1)], [8, 5]);
    assert.deepEqual([step("Min", 3, 40), step("Max", 3, 40)], [5, 5]);
  });

  it("never passes the ends", () => {
    const rules = { policies: [{ type: "Percent", value: 900, periodSeconds: 60 }] };
    const scaler = new Autoscaler(
      { minReplicas: 2, maxReplicas: 9, behavior: { scaleUp: rules, scaleDown: rules } },
      3,
    );
    assert.deepEqual([scaler.step(0, 500), first([scaler.step(600, 0)])], [9, 2]);
  });
});
