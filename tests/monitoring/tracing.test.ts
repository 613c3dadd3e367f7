import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { parse } from "yaml";
import { Monitoring, type MonitoringConfig } from "../../components/config/monitoring.ts";
import { bytes } from "../../components/kube/quantities.ts";
import { agentConfiguration } from "../../components/monitoring/agent/agent-config.ts";
import { configurationKey } from "../../components/monitoring/collector.ts";
import { decisionSeconds, gatewayConfiguration } from "../../components/monitoring/tracing/gateway-config.ts";
import { jaegerConfiguration, jaegerHealthPath } from "../../components/monitoring/tracing/jaeger-config.ts";
import { Tracing } from "../../components/monitoring/tracing/tracing.ts";
import {
  gatewayHost,
  jaegerSize,
  planGateway,
  planJaeger,
  tracingNodes,
} from "../../components/monitoring/tracing/tracing-plan.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { runAlone } from "../support/backup/component.ts";
import { all, find } from "../support/objects.ts";
import { at } from "./support/telemetry.ts";
import { agentArgs, monitoring } from "./support/telemetry-args.ts";

const { tracing } = monitoring;
const own: MonitoringConfig["tracing"] = Monitoring.parse({
  tracing: { storage: { kind: "opensearch", url: "https://search.example.com", secretName: "search-login" } },
}).tracing;

describe("the gateway's configuration", () => {
  const policies = (changes: Partial<typeof tracing>) =>
    at(gatewayConfiguration({ ...tracing, ...changes }, "jaeger:4317").processors, "tail_sampling", "policies");

  it("keeps failures, slow traces and a share of the rest: sampled at the beginning, a tenth of the failures were kept", () => {
    assert.deepEqual(policies({ slowMs: 750, keepPercent: 2.5 }), [
      { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
      { name: "slow", type: "latency", latency: { threshold_ms: 750 } },
      { name: "share", type: "probabilistic", probabilistic: { hash_salt: "realmgrid", sampling_percentage: 2.5 } },
    ]);
  });

  it("decides when the slowest trace that is wanted can have ended, and its spans have arrived", () => {
    assert.equal(decisionSeconds({ keepPercent: 1, slowMs: 500 }), 11);
    assert.equal(decisionSeconds({ keepPercent: 1, slowMs: 60_000 }), 70);
  });

  it("gets all spans of a trace, since agents choose the gateway by the id of the trace and know every pod of it", () => {
    const exporter = at(agentConfiguration(agentArgs()).exporters, "load_balancing");
    assert.equal(at(exporter, "routing_key"), "traceID");
    assert.deepEqual(at(exporter, "resolver"), { dns: { hostname: gatewayHost("monitoring"), port: "4317" } });
  });
});

describe("Jaeger's configuration", () => {
  it("keeps traces on a volume for the days that the configuration says: the original named an Elasticsearch that nobody ran", () => {
    const backends = at(jaegerConfiguration({ ...tracing, keepDays: 5 }).extensions, "jaeger_storage", "backends");
    assert.deepEqual(at(backends, "traces", "badger"), {
      directories: { keys: "/badger/keys", values: "/badger/values" },
      ephemeral: false,
      ttl: { spans: "120h" },
    });
  });

  it("logs in to a cluster of the user's own with a Secret, of which the settings show nothing", () => {
    const backends = at(jaegerConfiguration(own).extensions, "jaeger_storage", "backends");
    assert.deepEqual(at(backends, "traces", "opensearch", "server_urls"), ["https://search.example.com"]);
    const login = at(backends, "traces", "opensearch", "auth", "basic");
    assert.equal(at(login, "password_file"), "/etc/jaeger-login/password");
    assert.match(String(at(login, "username")), /^\$\{env:STORAGE_USERNAME\}$/);
  });

  it("is that of version 2: the original's variables SPAN_STORAGE_TYPE and ES_SERVER_URLS are read by nobody any more", () => {
    const { service, receivers } = jaegerConfiguration(tracing);
    assert.deepEqual(service.extensions, ["healthcheckv2", "jaeger_storage", "jaeger_query"]);
    // Thrift over HTTP on port 14268 went with the clients that spoke it.
    assert.deepEqual(Object.keys(receivers), ["otlp"]);
  });
});

describe("tracing in a cluster", () => {
  let run: OfflineRun;
  let ownRun: OfflineRun;
  const runWith = (config: MonitoringConfig["tracing"]) =>
    runAlone((options) => {
      new Tracing(
        "us-west-tracing",
        {
          namespace: "monitoring",
          tracing: config,
          plans: { gateway: planGateway(config), jaeger: planJaeger(config) },
          pool: { name: "services", dedicated: true },
          storageClass: "fast-ssd",
          protectData: true,
        },
        options,
      );
    });
  before(async () => {
    run = await runWith(tracing);
    ownRun = await runWith(own);
  });

  it("has a Service for whoever sends spans and one for whoever reads them: the original's Jaeger had none at all", () => {
    const ports = (name: string) => find(run, "Service", name).spec.ports.map(({ port }) => port);
    assert.deepEqual(ports("jaeger-collector"), [4317, 4318]);
    assert.deepEqual(ports("jaeger-query"), [16686]);
    assert.deepEqual(ports("otel-gateway"), [4317]);
    assert.equal(find(run, "Service", "otel-gateway").spec.clusterIP, "None");
    for (const { object } of all(run, "Service")) assert.ok(!/LoadBalancer|NodePort/.test(object.spec.type ?? ""));
  });

  it("probes Jaeger, runs it as nobody, and keeps its volume: the original lost every trace with the pod", () => {
    const { spec } = find(run, "StatefulSet", "jaeger");
    const pod = spec.template.spec;
    const [container] = pod.containers;
    assert.ok(container);
    for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
      assert.deepEqual(probe.httpGet, { path: jaegerHealthPath, port: "health" });
    }
    assert.ok(container.ports.some(({ name, containerPort }) => name === "health" && containerPort === 13133));
    assert.ok(pod.securityContext.runAsNonRoot && container.securityContext.readOnlyRootFilesystem);
    const [claim] = spec.volumeClaimTemplates;
    assert.equal(claim?.metadata.name, "data");
    assert.equal(container.volumeMounts.find(({ name }) => name === "data")?.mountPath, "/badger");
    assert.equal(all(run, "StatefulSet")[0]?.resource.protect, true);
  });

  it("gives Jaeger the memory that badger takes, which is twice what the original allowed it", () => {
    // Five tables of 64 MiB, 256 MiB of blocks.
    const badger = (5 * 64 + 256) * 2 ** 20;
    assert.ok(bytes("512Mi") < badger);
    assert.ok(bytes(jaegerSize.requests.memory) > badger && bytes(jaegerSize.limits.memory) * 0.8 > 2 * badger);
  });

  it("starts both with the settings in their ConfigMaps, and anew when these change", () => {
    const settings = (name: string) => parse(find(run, "ConfigMap", name).data[configurationKey] ?? "");
    assert.deepEqual(settings("jaeger"), JSON.parse(JSON.stringify(jaegerConfiguration(tracing))));
    assert.equal(
      at(settings("otel-gateway"), "exporters", "otlp_grpc", "endpoint"),
      "jaeger-collector.monitoring.svc:4317",
    );
    const checksum = (one: OfflineRun, name: string) =>
      all(one, "Deployment").find((found) => found.name === name)?.object.spec.template.metadata.annotations;
    assert.equal(Object.keys(checksum(run, "otel-gateway") ?? {}).length, 1);
  });

  it("runs two gateways, never fewer during a rollout, and none that an autoscaler moves traces away from", () => {
    const { spec } = find(run, "Deployment", "otel-gateway");
    assert.equal(spec.replicas, 2);
    assert.deepEqual(spec.strategy.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 });
    assert.equal(all(run, "ScaledObject").length, 0);
  });

  it("has no volume where traces go to a cluster of the user's own, whose password is a file of the pod", () => {
    assert.equal(all(ownRun, "StatefulSet").length, 0);
    const pod = find(ownRun, "Deployment", "jaeger").spec.template.spec;
    assert.equal(pod.volumes.find(({ name }) => name === "login")?.secret.secretName, "search-login");
    assert.equal(pod.containers[0]?.volumeMounts.find(({ name }) => name === "login")?.mountPath, "/etc/jaeger-login");
    assert.equal(planJaeger(own).claimBytes, undefined);
  });

  it("lets agents reach the gateway and the gateway Jaeger: the original's policies let no span out", () => {
    assert.deepEqual(tracingNodes({ tracing, agentsNamespace: "monitoring-agents" }), [
      {
        name: "otel-gateway",
        selector: { app: "otel-gateway" },
        calls: [{ to: "jaeger", ports: [4317] }],
        publicPorts: [],
        scrapes: [{ port: 8888 }],
        foreignCallers: [{ namespace: "monitoring-agents", ports: [4317] }],
      },
      // Nobody from outside reaches the UI, which has no login.
      { name: "jaeger", selector: { app: "jaeger" }, calls: [], publicPorts: [], scrapes: [{ port: 8888 }] },
    ]);
    const [, jaeger] = tracingNodes({ tracing: own, agentsNamespace: "monitoring-agents" });
    assert.deepEqual(jaeger?.calls, [{ to: "internet" }]);
  });
});
