import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { imageVersion, traceAgent, tracingEnvironment } from "../../components/kube/tracing.ts";

const world = {
  agentsNamespace: "monitoring-agents",
  service: "game-world-server",
  region: "us-east",
  image: "registry.example.com:5000/team/game:2.4.1",
  headPercent: 25,
  world: true,
};

describe("the version of an image", () => {
  const cases: Record<string, string> = {
    "game:1.2.3": "1.2.3",
    "registry.example.com/team/game:v2": "v2",
    "registry.example.com:5000/team/game:2.4.1": "2.4.1",
    "registry.example.com:5000/team/game": "unknown",
    game: "unknown",
    "localhost:5000/game@sha256:0123456789abcdef0123456789abcdef": "sha256:0123456789ab",
    "localhost:5000/game:7@sha256:0123456789abcdef0123456789abcdef": "7",
  };
  for (const [image, version] of Object.entries(cases)) {
    it(`of ${image} is ${version}`, () => assert.equal(imageVersion(image), version));
  }
});

describe("the environment of tracing", () => {
  it("calls the agent of its own node by OTLP: the original sent Thrift, which is no more, to a Service that it never made", () => {
    const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL } = tracingEnvironment(world);
    assert.equal(OTEL_EXPORTER_OTLP_ENDPOINT, "http://otel-agent.monitoring-agents.svc:4317");
    assert.equal(OTEL_EXPORTER_OTLP_PROTOCOL, "grpc");
    assert.match(
      String(OTEL_EXPORTER_OTLP_ENDPOINT),
      new RegExp(`//${traceAgent.name}\\..*:${traceAgent.ports.grpc}$`),
    );
  });

  it("has region, world and version as values: the original's REGION stayed text, and nobody set a version", () => {
    assert.equal(
      tracingEnvironment(world)["OTEL_RESOURCE_ATTRIBUTES"],
      "game.region=us-east,game.world_id=$(WORLD_ID),service.version=2.4.1",
    );
    for (const value of Object.values(tracingEnvironment(world))) assert.doesNotMatch(value, /\$\{/);
  });

  it("speaks of a world only where there is one: pods of a region have no WORLD_ID, and kubelet leaves $(WORLD_ID) as it is", () => {
    assert.equal(
      tracingEnvironment({ ...world, world: false })["OTEL_RESOURCE_ATTRIBUTES"],
      "game.region=us-east,service.version=2.4.1",
    );
  });

  it("samples by the variables of OpenTelemetry: the original's `type: probabilistic` is read by clients that are no more", () => {
    const { OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG } = tracingEnvironment(world);
    assert.deepEqual([OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG], ["parentbased_traceidratio", "0.25"]);
  });

  it("sends traces alone, since an SDK sends metrics and logs too unless it is told", () => {
    const { OTEL_METRICS_EXPORTER, OTEL_LOGS_EXPORTER } = tracingEnvironment(world);
    assert.deepEqual([OTEL_METRICS_EXPORTER, OTEL_LOGS_EXPORTER], ["none", "none"]);
  });

  it("keeps the pairs apart whatever the names are", () => {
    const environment = tracingEnvironment({ ...world, world: false, region: "eu,game.world_id=7" });
    assert.equal(environment["OTEL_RESOURCE_ATTRIBUTES"], "game.region=eu%2Cgame.world_id%3D7,service.version=2.4.1");
  });
});
