import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { adTemplates, gameTemplates, templateOf, templates } from "../support/pods.ts";
import { runOf } from "../support/runs.ts";

describe("probes", () => {
  it("ask the metrics port: on the original's game port, a busy game loop got its own pod killed", async () => {
    const run = await runOf("prod");
    for (const [templates, request, metrics] of [
      [gameTemplates(run), "game-port", "metrics-port"],
      // A storm of bids is the busy loop of the ads.
      [adTemplates(run), "http", "metrics"],
    ] as const) {
      for (const { spec, name } of templates) {
        for (const { startupProbe, livenessProbe, readinessProbe, ports } of spec.containers) {
          assert.deepEqual(
            ports.map((port) => [port.name, port.containerPort]),
            [
              [request, 8080],
              [metrics, 9090],
            ],
            name,
          );
          const asked = [startupProbe, livenessProbe, readinessProbe].map((probe) => [
            probe.httpGet.path,
            probe.httpGet.port,
          ]);
          assert.deepEqual(
            asked,
            ["startup", "live", "ready"].map((path) => [`/health/${path}`, metrics]),
            name,
          );
        }
      }
    }
  });

  it("give a server the 110 s to start that the original gave it", async () => {
    for (const { spec, name } of gameTemplates(await runOf("prod"))) {
      for (const { startupProbe: probe } of spec.containers) {
        assert.equal((probe.initialDelaySeconds ?? 0) + probe.periodSeconds * probe.failureThreshold, 110, name);
      }
    }
  });

  it("give a service of the ads 12 tries of 5 s to start, twice the 30 s for which the original only waited", async () => {
    for (const { spec, name } of adTemplates(await runOf("prod"))) {
      for (const { startupProbe: probe } of spec.containers) {
        assert.deepEqual([probe.initialDelaySeconds, probe.periodSeconds, probe.failureThreshold], [undefined, 5, 12]);
        assert.equal(probe.periodSeconds * probe.failureThreshold, 60, name);
      }
    }
  });

  it("restart a hung service of the ads, not one that is busy: bidding misses six times at 10 s, the others three", async () => {
    for (const { spec, name } of adTemplates(await runOf("prod"))) {
      const bidding = name === "bidding-service";
      for (const { livenessProbe, readinessProbe } of spec.containers) {
        assert.deepEqual(
          [livenessProbe.periodSeconds, livenessProbe.failureThreshold, livenessProbe.timeoutSeconds],
          [10, bidding ? 6 : 3, 5],
          name,
        );
        // What is busy gets no more requests long before: bidding after 9 s, the others after 15 s.
        assert.deepEqual(
          [readinessProbe.periodSeconds, readinessProbe.failureThreshold, readinessProbe.timeoutSeconds],
          bidding ? [3, 3, 2] : [5, 3, 3],
          name,
        );
      }
    }
  });

  it("miss three times at 10 s before a server counts as hung, and twice at 5 s before it gets no more players", async () => {
    const { livenessProbe, readinessProbe } =
      templateOf(await runOf("prod"), "game-world-servers").spec.containers[0] ?? {};
    assert.deepEqual(
      [livenessProbe?.periodSeconds, livenessProbe?.failureThreshold, livenessProbe?.timeoutSeconds],
      [10, 3, 5],
    );
    assert.deepEqual(
      [readinessProbe?.periodSeconds, readinessProbe?.failureThreshold, readinessProbe?.timeoutSeconds],
      [5, 2, 3],
    );
  });

  it("end a hung server in 30 s instead of its long drain, in which its players could only wait", async () => {
    const { spec } = templateOf(await runOf("prod"), "game-world-servers");
    assert.equal(spec.containers[0]?.livenessProbe.terminationGracePeriodSeconds, 30);
    assert.equal(spec.terminationGracePeriodSeconds, 900);
    for (const { spec: service, name } of adTemplates(await runOf("prod"))) {
      assert.equal(service.containers[0]?.livenessProbe.terminationGracePeriodSeconds, 30, name);
      assert.equal(service.terminationGracePeriodSeconds, 45, name);
    }
  });

  const valkeys = async () => {
    const found = templates(await runOf("prod"), "us-west").filter((one) => one.name === "redis-cluster");
    assert.deepEqual(found.map((one) => one.namespace).sort(), ["ad-platform", "mmorpg-game"]);
    return found;
  };

  it("of Valkey ask the server itself, and give it ten minutes to load what it had written", async () => {
    for (const { spec, namespace } of await valkeys()) {
      const [server] = spec.containers;
      const asked = [server?.startupProbe, server?.livenessProbe, server?.readinessProbe].map((probe) =>
        probe?.exec.command.at(-1),
      );
      assert.deepEqual(asked, ["startup", "live", "ready"], namespace);
      const { startupProbe: startup } = server ?? {};
      assert.equal((startup?.periodSeconds ?? 0) * (startup?.failureThreshold ?? 0), 600, namespace);
      assert.deepEqual(server?.lifecycle.preStop.exec.command.at(-1), "prestop", namespace);
    }
  });

  it("of Valkey's exporter are its own; the agent beside it serves nobody and ends each of its calls itself", async () => {
    for (const { spec, namespace } of await valkeys()) {
      const probed = spec.containers.map((one) => [
        one.name,
        (one.ports ?? []).length > 0,
        one.livenessProbe !== undefined,
        one.readinessProbe !== undefined,
      ]);
      assert.deepEqual(
        probed,
        [
          ["redis", true, true, true],
          ["agent", false, false, false],
          ["exporter", true, true, true],
        ],
        namespace,
      );
    }
  });

  it("of monitoring ask each program itself, at a port that it declares", async () => {
    const found = templates(await runOf("prod")).filter((one) => one.namespace.startsWith("monitoring"));
    const names = new Set(found.map((one) => one.name));
    assert.deepEqual([...names].sort(), [
      "blackbox-exporter",
      "grafana",
      "jaeger",
      "kube-state-metrics",
      "loki",
      "node-exporter",
      "otel-agent",
      "otel-gateway",
    ]);
    for (const { spec, name } of found)
      for (const { livenessProbe, readinessProbe, ports } of spec.containers)
        for (const { httpGet, timeoutSeconds } of [livenessProbe, readinessProbe]) {
          assert.ok(
            ports.some((one) => one.name === httpGet.port),
            `${name} ${httpGet.path}`,
          );
          // One second, which Kubernetes gives, is short for a program that reads its disk.
          assert.ok(timeoutSeconds >= 3, `${name} ${httpGet.path}`);
        }
  });
});
