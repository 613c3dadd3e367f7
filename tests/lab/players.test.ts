import assert from "node:assert/strict";
import type { V1Pod } from "@kubernetes/client-node";
import { describe, it } from "mocha";
import { contractMetrics } from "../../components/kube/metrics.ts";
import {
  allPlayers,
  metricValue,
  reseatPlayers,
  seatPlayers,
  wantedServers,
} from "../../lab/scenarios/support/players.ts";
import { podMetrics } from "../../lab/scenarios/support/resource-metrics.ts";
import { serverPage, targetGroups } from "../../lab/scenarios/support/server-exporter.ts";

function pod(name: string, phase: string): V1Pod {
  const containers = [{ name: "game-server" }];
  return { metadata: { name, namespace: "mmorpg-game" }, spec: { containers }, status: { phase } };
}

describe("players of the lab", () => {
  it("are shared out evenly, and nobody is lost where they do not divide", () => {
    const seats = seatPlayers(16, ["a", "b", "c"]);
    assert.deepEqual([...seats.values()], [6, 5, 5]);
    assert.equal(allPlayers(seats), 16);
    assert.equal(allPlayers(seatPlayers(16, [])), 0);
  });

  it("stay where they are when a server is new", () => {
    const seats = reseatPlayers(seatPlayers(10, ["a", "b"]), ["a", "b", "c"]);
    assert.deepEqual(Object.fromEntries(seats), { a: 5, b: 5, c: 0 });
  });

  it("move to the others when their server goes", () => {
    const seats = reseatPlayers(seatPlayers(12, ["a", "b", "c"]), ["b", "c"]);
    assert.deepEqual(Object.fromEntries(seats), { b: 6, c: 6 });
  });
});

describe("servers that players ask for", () => {
  const bounds = { playersPerServer: 1500, minReplicas: 5, maxReplicas: 12 };

  it("are as many as the aim needs, rounded up", () => {
    assert.equal(wantedServers(10_501, 5, bounds), 8);
  });

  it("stay as many while the load is within a tenth of the aim, above it as well as below", () => {
    for (const each of [1350, 1500, 1600, 1650]) assert.equal(wantedServers(each * 8, 8, bounds), 8);
    assert.equal(wantedServers(1651 * 8, 8, bounds), 9);
    assert.equal(wantedServers(1349 * 8, 8, bounds), 8);
    assert.equal(wantedServers(1310 * 8, 8, bounds), 7);
  });

  it("are never fewer than the minimum or more than the maximum", () => {
    assert.equal(wantedServers(0, 12, bounds), 5);
    assert.equal(wantedServers(100_000, 5, bounds), 12);
  });
});

describe("the value of a metric", () => {
  it("is read with the unit that the API gives it", () => {
    assert.deepEqual(["7500", "8k", "1600500m", "0"].map(metricValue), [7500, 8000, 1600.5, 0]);
    assert.throws(() => metricValue("1Ki"), RangeError);
  });
});

describe("what the lab tells of its pods", () => {
  it("gives each target the labels that rules go by", () => {
    assert.deepEqual(targetGroups([pod("game-server-a", "Running")], { port: 4711, service: "game-server" }), [
      {
        targets: ["127.0.0.1:4711"],
        labels: {
          __metrics_path__: "/game-server-a/metrics",
          namespace: "mmorpg-game",
          pod: "game-server-a",
          container: "game-server",
          service: "game-server",
        },
      },
    ]);
  });

  it("names the metric as the contract does", () => {
    const { name, type } = contractMetrics.activePlayers;
    const lines = serverPage(1600).trimEnd().split("\n");
    assert.deepEqual(lines.slice(1), [`# TYPE ${name} ${type}`, `${name} 1600`]);
  });

  it("measures pods that run and no others", () => {
    const now = new Date("2026-01-01T00:00:00Z");
    const list = podMetrics([pod("a", "Running"), pod("b", "Pending")], now);
    assert.deepEqual((list as { items: unknown[] }).items, [
      {
        metadata: { name: "a", namespace: "mmorpg-game" },
        timestamp: "2026-01-01T00:00:00.000Z",
        window: "15s",
        containers: [{ name: "game-server", usage: { cpu: "1m", memory: "1Mi" } }],
      },
    ]);
  });
});
