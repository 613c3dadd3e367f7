/** The shipped configurations of agent, gateway and Jaeger in real processes: which traces can be found afterwards. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { imageVersion, tracingEnvironment } from "../../components/kube/tracing.ts";
import { agentConfiguration, agentStateFolder, podLogsFolder } from "../../components/monitoring/agent/agent-config.ts";
import { collectorPorts } from "../../components/monitoring/collector.ts";
import { observabilityExporters } from "../../components/monitoring/metrics/observability.ts";
import { gatewayConfiguration } from "../../components/monitoring/tracing/gateway-config.ts";
import {
  jaegerConfiguration,
  jaegerFolders,
  jaegerHealthPath,
  jaegerPorts,
} from "../../components/monitoring/tracing/jaeger-config.ts";
import { gatewayName } from "../../components/monitoring/tracing/tracing-plan.ts";
import { freePorts } from "../../lab/ports.ts";
import { end, until } from "../support/valkey/waiting.ts";
import { orSkip, Programs } from "./support/programs.ts";
import {
  builtTool,
  collectorLoopback,
  elsewhere,
  listening,
  ownMetrics,
  writeConfiguration,
} from "./support/telemetry.ts";
import { agentArgs, monitoring } from "./support/telemetry-args.ts";

const slowMs = monitoring.tracing.slowMs;
const image = "registry.example.com:5000/game:2.4.1";

/** A trace of two spans; the second is sent in a request of its own. */
interface SentTrace {
  id: string;
  milliseconds: number;
  failed: boolean;
}

const traces = {
  failed: { id: "0af7651916cd43dd8448eb211c80319c", milliseconds: 5, failed: true },
  slow: { id: "1bf7651916cd43dd8448eb211c80319c", milliseconds: slowMs + 100, failed: false },
  quick: { id: "2cf7651916cd43dd8448eb211c80319c", milliseconds: 5, failed: false },
} as const satisfies Record<string, SentTrace>;

type Found = {
  spans: { operationName: string }[];
  processes: Record<string, { serviceName: string; tags: { key: string; value: unknown }[] }>;
};

describe("traces from agent to Jaeger", function () {
  this.timeout(180_000);
  const programs = new Programs();
  let otlp = "";
  let query = "";
  let startJaeger: () => ReturnType<Programs["start"]>;
  let jaeger: Awaited<ReturnType<Programs["start"]>>;
  let metricsPorts: number[] = [];

  const start = (name: string, file: string, config: string, ready: string) =>
    programs.start({
      name,
      file,
      args: [`--config=${config}`],
      environment: { NODE_NAME: "node-1", PLAYER_HASH_SALT: "salt" },
      ready,
    });

  const found = async (id: string): Promise<Found | undefined> => {
    const response = await fetch(`${query}/api/traces/${id}`);
    if (response.status === 404) return undefined;
    const { data } = (await response.json()) as { data: Found[] };
    return data[0];
  };

  const send = async ({ id, milliseconds, failed }: SentTrace, child: boolean) => {
    const environment = tracingEnvironment({
      agentsNamespace: "monitoring-agents",
      service: "game-world-server",
      region: "us-east",
      image,
      headPercent: 100,
      world: true,
    });
    // What an SDK makes of its environment, after kubelet has filled in WORLD_ID.
    const attributes = `service.name=${environment["OTEL_SERVICE_NAME"]},${environment["OTEL_RESOURCE_ATTRIBUTES"]}`
      .replace("$(WORLD_ID)", "3")
      .split(",")
      .map((pair) => pair.split("="))
      .map(([key, stringValue]) => ({ key, value: { stringValue } }));
    const began = BigInt(Date.now() - milliseconds) * 1_000_000n;
    const span = {
      traceId: id,
      spanId: child ? "b7ad6b7169203331" : "c7ad6b7169203331",
      ...(child ? { parentSpanId: "c7ad6b7169203331" } : {}),
      name: child ? "save" : "move",
      kind: 2,
      startTimeUnixNano: String(began),
      endTimeUnixNano: String(began + BigInt(child ? 1 : milliseconds) * 1_000_000n),
      // The failure is in the child only: whoever sees the other span alone knows nothing of it.
      status: child && failed ? { code: 2 } : {},
    };
    const body = { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: {}, spans: [span] }] }] };
    const response = await fetch(`${otlp}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 200, await response.text());
  };

  before(async function () {
    const collector = await orSkip("collector", builtTool("otelcol"));
    const jaegerFile = await orSkip("Jaeger", builtTool("jaeger"));
    if (collector === undefined || jaegerFile === undefined) return this.skip();

    const jaegerAt = await collectorLoopback();
    const [queryPort = 0, queryGrpc = 0] = await freePorts(2);
    query = `http://127.0.0.1:${queryPort}`;
    const jaegerFile_ = writeConfiguration(
      programs.folder,
      "jaeger",
      elsewhere(
        jaegerConfiguration(monitoring.tracing),
        new Map<string | number, string | number>([
          ...listening(jaegerAt, ["grpc", "http", "health"]),
          ...ownMetrics(jaegerAt),
          [`:${jaegerPorts.query}`, `127.0.0.1:${queryPort}`],
          [`:${jaegerPorts.queryGrpc}`, `127.0.0.1:${queryGrpc}`],
          [jaegerFolders.data, join(programs.folder, "badger")],
        ]),
      ),
    );
    startJaeger = () =>
      start("jaeger", jaegerFile, jaegerFile_, `http://127.0.0.1:${jaegerAt.health}${jaegerHealthPath}`);
    jaeger = await startJaeger();

    const gatewayAt = await collectorLoopback();
    const gateway = elsewhere(
      gatewayConfiguration({ keepPercent: 0, slowMs }, "jaeger-collector.monitoring.svc:4317"),
      new Map<string | number, string | number>([
        ...listening(gatewayAt, ["grpc", "health"]),
        ...ownMetrics(gatewayAt),
        ["jaeger-collector.monitoring.svc:4317", `127.0.0.1:${jaegerAt.grpc}`],
      ]),
    );
    const agentAt = await collectorLoopback();
    const agent = elsewhere(
      agentConfiguration(agentArgs()),
      new Map<string | number, string | number>([
        ...listening(agentAt, ["grpc", "http", "health"]),
        ...ownMetrics(agentAt),
        [podLogsFolder, join(programs.folder, "pods")],
        [agentStateFolder, join(programs.folder, "state")],
        [agentArgs().gatewayHost, "127.0.0.1"],
        [String(collectorPorts.grpc), String(gatewayAt.grpc)],
      ]),
    );
    mkdirSync(join(programs.folder, "pods"));
    for (const [name, configuration, at] of [
      ["gateway", gateway, gatewayAt],
      ["agent", agent, agentAt],
    ] as const) {
      const file = writeConfiguration(programs.folder, name, configuration);
      await start(name, collector, file, `http://127.0.0.1:${at.health}/`);
    }
    otlp = `http://127.0.0.1:${agentAt.http}`;
    metricsPorts = [agentAt, gatewayAt, jaegerAt].map(({ metrics }) => metrics);
    // The quick one first: it is decided before those that must be found.
    for (const one of [traces.quick, traces.failed, traces.slow]) {
      await send(one, false);
      await send(one, true);
    }
    await until("the slow trace is found", async () => (await found(traces.slow.id)) !== undefined);
  });
  after(() => programs.stop());

  it("finds a trace with its region, world and version: the original's reached nobody, and its region was text that nobody had filled in", async () => {
    const trace = await found(traces.failed.id);
    assert.deepEqual(trace?.spans.map(({ operationName }) => operationName).sort(), ["move", "save"]);
    const [process] = Object.values(trace?.processes ?? {});
    assert.equal(process?.serviceName, "game-world-server");
    const tags = Object.fromEntries((process?.tags ?? []).map(({ key, value }) => [key, value]));
    assert.equal(tags["game.region"], "us-east");
    assert.equal(tags["game.world_id"], "3");
    assert.equal(tags["service.version"], imageVersion(image));
  });

  it("keeps what failed and what was slow, and nothing else when keepPercent is 0: a tenth at the beginning kept a tenth of the failures", async () => {
    assert.notEqual(await found(traces.failed.id), undefined);
    assert.notEqual(await found(traces.slow.id), undefined);
    assert.equal(await found(traces.quick.id), undefined);
  });

  it("still has them after Jaeger has started anew: the original kept traces in a program that never ran", async () => {
    await end(jaeger, "SIGTERM");
    jaeger = await startJaeger();
    await until("the trace is read from the volume", async () => (await found(traces.failed.id)) !== undefined);
  });

  it("measures itself by the names that alerts and dashboards read: collectors of today leave `_total` out unless they are told", async () => {
    const exporter = observabilityExporters.find(({ services }) => services.includes(gatewayName));
    const pages = await Promise.all(
      metricsPorts.map(async (port) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()),
    );
    const exported = new Set(pages.join("\n").match(/^[a-z_]+/gm));
    // What did not happen in this test has no series yet, and log lines are in the test of the agent.
    const seen = (exporter?.metrics ?? []).filter(({ name }) => !/refused|failed|too_early|log_records/.test(name));
    assert.ok(seen.length > 5);
    assert.deepEqual(
      seen.map(({ name }) => name).filter((name) => !exported.has(name)),
      [],
    );
  });
});
