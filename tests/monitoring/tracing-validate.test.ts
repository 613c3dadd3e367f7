/** Every configuration as it ships, word for word, in the hands of the real programs: do they take it? */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, it } from "mocha";
import { Monitoring } from "../../components/config/monitoring.ts";
import { agentConfiguration } from "../../components/monitoring/agent/agent-config.ts";
import type { CollectorConfiguration } from "../../components/monitoring/collector.ts";
import { gatewayConfiguration } from "../../components/monitoring/tracing/gateway-config.ts";
import { jaegerConfiguration } from "../../components/monitoring/tracing/jaeger-config.ts";
import { temporaryFolder } from "../support/programs.ts";
import { orSkip } from "./support/programs.ts";
import { builtTool, writeConfiguration } from "./support/telemetry.ts";
import { agentArgs, foreignLogs, monitoring } from "./support/telemetry-args.ts";

const jaegerWith = (storage: object) => jaegerConfiguration(Monitoring.parse({ tracing: { storage } }).tracing);
const cluster = { url: "https://search.example.com:9200", secretName: "search-login" };

const configurations: Record<"otelcol" | "jaeger", Record<string, CollectorConfiguration>> = {
  otelcol: {
    "agent before Loki": agentConfiguration(agentArgs()),
    "agent before a service of the user's own": agentConfiguration(foreignLogs),
    "agent without fields that name a person, in a region without worlds": agentConfiguration(
      agentArgs({ logs: { ...monitoring.logs, playerFields: [] }, worlds: [] }),
    ),
    gateway: gatewayConfiguration(monitoring.tracing, "jaeger-collector.monitoring.svc:4317"),
  },
  jaeger: {
    "Jaeger with a volume": jaegerConfiguration(monitoring.tracing),
    "Jaeger before Elasticsearch": jaegerWith({ kind: "elasticsearch", ...cluster }),
    "Jaeger before OpenSearch": jaegerWith({ kind: "opensearch", ...cluster }),
  },
};

const variables = {
  NODE_NAME: "node-1",
  PLAYER_HASH_SALT: "salt",
  LOGS_AUTHORIZATION: "Bearer of-this-test",
  STORAGE_USERNAME: "reader",
};

for (const tool of ["otelcol", "jaeger"] as const) {
  describe(`\`${tool} validate\``, function () {
    this.timeout(60_000);
    const folder = temporaryFolder();
    let program: string | undefined;
    const validate = (name: string, configuration: CollectorConfiguration) =>
      spawnSync(program ?? "", ["validate", `--config=${writeConfiguration(folder.path, name, configuration)}`], {
        env: { ...process.env, ...variables },
        encoding: "utf8",
      });

    before(async function () {
      program = await orSkip(tool, builtTool(tool));
      if (program === undefined) this.skip();
    });
    after(() => folder.remove());

    for (const [name, configuration] of Object.entries(configurations[tool])) {
      it(`takes that of the ${name}`, () => {
        const { status, stderr } = validate(name.replaceAll(/\W+/g, "-"), configuration);
        assert.equal(status, 0, stderr);
        assert.doesNotMatch(stderr, /deprecated/i);
      });
    }

    it("refuses a component that it does not have, so that it says something when it refuses nothing", () => {
      const [configuration] = Object.values(configurations[tool]);
      assert.ok(configuration);
      const { status, stderr } = validate("wrong", { ...configuration, exporters: { nowhere: {} } });
      assert.equal(status, 1);
      assert.match(stderr, /nowhere/);
    });
  });
}
