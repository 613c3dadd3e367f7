import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { imageVersion, tracingEnvironment } from "../../components/kube/tracing.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { all, find, first } from "../support/objects.ts";
import {
  adTemplates,
  containersOf,
  environment,
  gameTemplates,
  type Template,
  templates,
  together,
} from "../support/pods.ts";
import { runOf, runWith } from "../support/runs.ts";

const ours = (run: OfflineRun) => [...gameTemplates(run), ...adTemplates(run)];

/** The one container that runs a service of the game or of the ads. */
const serverOf = ({ spec }: Template) => first(spec.containers);

/** Variables of OpenTelemetry, by name. */
function variables(template: Template): Record<string, string | undefined> {
  const found = serverOf(template).env.filter((one) => one.name.startsWith("OTEL_"));
  return Object.fromEntries(found.map(({ name, value }) => [name, value]));
}

/** Key and value of each pair, as an SDK reads them. */
function attributes(template: Template): Record<string, string> {
  const text = variables(template)["OTEL_RESOURCE_ATTRIBUTES"] ?? "";
  return Object.fromEntries(text.split(",").map((pair) => pair.split("=").map(decodeURIComponent)));
}

const isWorld = ({ labels }: Template) => labels["app.kubernetes.io/component"] === "world";

describe("traces", () => {
  for (const stack of ["dev", "prod"] as const) {
    it(`of ${stack} are begun by every world, game server and service, by the same variables: the original's images were told nothing`, async () => {
      const found = ours(await runOf(stack));
      const names = Object.keys(
        tracingEnvironment({ agentsNamespace: "", service: "", region: "", image: "", headPercent: 100 }),
      );
      for (const template of found) {
        assert.deepEqual(Object.keys(variables(template)).sort(), names.toSorted(), template.name);
        assert.deepEqual(template.spec.containers.length, 1, template.name);
      }
      // Jobs, stores and the loader of worlds have no spans.
      const others = templates(await runOf(stack)).filter(
        (one) => !found.some((each) => together(each, one) && each.name === one.name),
      );
      assert.ok(others.length > 0);
      const silent = [...others.flatMap(containersOf), ...found.flatMap(({ spec }) => spec.initContainers ?? [])];
      for (const { env, name } of silent) assert.ok(!(env ?? []).some((one) => one.name.startsWith("OTEL_")), name);
    });
  }

  it("go to the agents' Service, at a port of it, in the region's own namespace", async () => {
    const run = await runOf("prod");
    for (const template of ours(run)) {
      const url = new URL(variables(template)["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "");
      const [service, namespace, zone] = url.hostname.split(".");
      assert.equal(zone, "svc");
      const found = all(run, "Service", template.region).filter(
        (one) => one.name === service && one.namespace === namespace,
      );
      const ports = first(found).object.spec.ports.map((one) => [String(one.port), one.appProtocol]);
      assert.ok(
        ports.some(([port, protocol]) => port === url.port && protocol === "grpc"),
        template.name,
      );
    }
    const elsewhere = await runWith("dev", { "cluster.monitoringNamespace": "watch" });
    for (const template of ours(elsewhere))
      assert.match(
        variables(template)["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "",
        /^http:\/\/otel-agent\.watch-agents\.svc:/,
      );
  });

  it("have the row's name, the region and the tag of the image that runs", async () => {
    for (const template of ours(await runOf("prod"))) {
      const { name, image } = serverOf(template);
      assert.equal(variables(template)["OTEL_SERVICE_NAME"], name);
      const { "game.world_id": world, ...others } = attributes(template);
      assert.deepEqual(
        others,
        { "game.region": template.region, "service.version": imageVersion(image) },
        template.name,
      );
      assert.match(others["service.version"] ?? "", /^v\d+\.\d+\.\d+$/, template.name);
      assert.equal(world, isWorld(template) ? "$(WORLD_ID)" : undefined, template.name);
    }
    const other = await runWith("dev", { "images.authService": `auth:4.5@sha256:${"d".repeat(64)}` });
    const auth = first(gameTemplates(other).filter((one) => one.name === "auth-service"));
    assert.equal(attributes(auth)["service.version"], "4.5");
  });

  it("of a world have its number: kubelet fills in $(WORLD_ID) only where WORLD_ID stands before it", async () => {
    const worlds = gameTemplates(await runOf("prod")).filter(isWorld);
    assert.equal(worlds.length, 3);
    for (const template of worlds) {
      const order = serverOf(template).env.map((one) => one.name);
      const id = order.indexOf("WORLD_ID");
      assert.ok(id >= 0 && id < order.indexOf("OTEL_RESOURCE_ATTRIBUTES"), order.join(" "));
      assert.ok(environment(serverOf(template), "WORLD_ID")?.valueFrom?.fieldRef);
    }
    for (const template of ours(await runOf("prod"))) {
      // The same holds of every variable that names another.
      const { env } = serverOf(template);
      env.forEach(({ name, value }, index) => {
        for (const [, used] of (value ?? "").matchAll(/\$\(([A-Z_]+)\)/g))
          assert.ok(
            env.slice(0, index).some((one) => one.name === used),
            `${template.name} ${name} comes before ${used}`,
          );
      });
    }
  });

  it("are begun for all requests, or for as many as the configuration says", async () => {
    const share = async (run: Promise<OfflineRun>) =>
      [...new Set(ours(await run).map((one) => variables(one)["OTEL_TRACES_SAMPLER_ARG"]))].join();
    assert.equal(await share(runOf("prod")), "1");
    assert.equal(await share(runWith("dev", { "monitoring.tracing.headPercent": 25 })), "0.25");
  });

  it("are no setting that rolls anybody: names and versions are in the pod itself", async () => {
    const { data } = find(await runOf("prod"), "ConfigMap", "game-server-env");
    assert.deepEqual(
      Object.keys(data).filter((key) => key.startsWith("OTEL_")),
      [],
    );
  });
});
