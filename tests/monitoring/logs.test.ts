import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { parse } from "yaml";
import { agentConfiguration } from "../../components/monitoring/agent/agent-config.ts";
import { configurationFile, configurationKey } from "../../components/monitoring/collector.ts";
import { Logs } from "../../components/monitoring/logs/logs.ts";
import { type LokiStore, lokiNode, planLoki } from "../../components/monitoring/logs/logs-plan.ts";
import { lokiConfiguration, lokiFolder } from "../../components/monitoring/logs/loki-config.ts";
import { streamAttributes, streamLabels } from "../../components/monitoring/logs/reading.ts";
import { playerStatements, secretStatements } from "../../components/monitoring/logs/redaction.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import { runAlone } from "../support/backup/component.ts";
import { all } from "../support/objects.ts";
import { at } from "./support/telemetry.ts";
import { agentArgs, foreignLogs, monitoring } from "./support/telemetry-args.ts";

const region = "us-west";

describe("the configuration of the agent", () => {
  const { receivers, processors, exporters, service } = agentConfiguration(agentArgs());

  it("redacts and hashes before a line is read, batched or kept on disk", () => {
    assert.deepEqual(service.pipelines["logs"], {
      receivers: ["file_log"],
      processors: ["memory_limiter", "transform/redact", "transform/read"],
      exporters: ["otlp_http/logs"],
    });
    const redact = processors["transform/redact"] as { error_mode: string; log_statements: { statements: string[] }[] };
    // A statement that fails must not let the line pass as it is.
    assert.equal(redact.error_mode, "propagate");
    assert.deepEqual(redact.log_statements[0]?.statements, [
      ...secretStatements(),
      ...playerStatements(monitoring.logs.playerFields),
    ]);
  });

  it("hashes each field that the configuration names, with a salt that is no part of it", () => {
    const statements = playerStatements(["player_id", "device.serial"]);
    for (const field of ["player_id", "device.serial"])
      assert.ok(statements.some((one) => one.includes(`"${field}=sha256`)));
    for (const one of statements) assert.match(one, /SHA256/);
    for (const one of statements) assert.ok(one.includes(["$", "{env:PLAYER_HASH_SALT}"].join("")), one);
    assert.deepEqual(playerStatements([]), []);
  });

  it("reads the log files of every pod but its own, whose lines about lines would never end", () => {
    const { include, exclude } = receivers["file_log"] as { include: string[]; exclude: string[] };
    assert.deepEqual(include, ["/var/log/pods/*/*/*.log"]);
    assert.deepEqual(exclude, ["/var/log/pods/monitoring-agents_otel-agent-*/*/*.log"]);
  });

  it("waits for a store that is away and never gives a line up: queue on disk, no end of tries, full queue stops reading", () => {
    const logs = exporters["otlp_http/logs"];
    assert.equal(at(logs, "sending_queue", "storage"), "file_storage");
    assert.equal(at(logs, "sending_queue", "block_on_overflow"), true);
    assert.equal(at(logs, "retry_on_failure", "max_elapsed_time"), "0s");
    assert.equal(at(receivers, "file_log", "storage"), "file_storage");
  });

  it("sends to Loki of its region, or to the service that the configuration names, with the header of its Secret", () => {
    const to = (args: typeof foreignLogs, key: string) => at(agentConfiguration(args).exporters, "otlp_http/logs", key);
    assert.equal(to(agentArgs(), "endpoint"), "http://loki.monitoring.svc:3100/otlp");
    assert.equal(to(agentArgs(), "headers"), undefined);
    assert.equal(to(foreignLogs, "endpoint"), "https://otlp.example.com");
    assert.match(String(at(to(foreignLogs, "headers"), "authorization")), /^\$\{env:LOGS_AUTHORIZATION\}$/);
  });

  it("has no `$` that a collector would take for a variable, except the three that are", () => {
    const file = configurationFile(agentConfiguration(foreignLogs));
    const variables = new Set(file.replaceAll("$$", "").match(/\$[^\s"']*?\}|\$/g));
    assert.deepEqual([...variables].map((one) => one.slice(2)).sort(), [
      "env:LOGS_AUTHORIZATION}",
      "env:NODE_NAME}",
      "env:PLAYER_HASH_SALT}",
    ]);
  });
});

describe("the configuration of Loki", () => {
  const config = lokiConfiguration(14);

  it("makes labels of namespace, service, container and region alone: with pods, worlds or players each would be a stream", () => {
    assert.deepEqual(config.limits_config.otlp_config.resource_attributes, {
      ignore_defaults: true,
      attributes_config: [
        {
          action: "index_label",
          attributes: ["k8s.namespace.name", "service.name", "k8s.container.name", "game.region"],
        },
      ],
    });
    for (const [key, label] of Object.entries(streamLabels)) {
      assert.equal(label, streamAttributes[key as keyof typeof streamAttributes].replaceAll(".", "_"));
    }
  });

  it("keeps lines for the days that the configuration says, and takes old ones as long as it would keep them", () => {
    assert.equal(config.limits_config.retention_period, "336h");
    assert.equal(config.limits_config.reject_old_samples_max_age, "336h");
    assert.equal(config.compactor.retention_enabled, true);
    assert.equal(config.compactor.delete_request_store, "filesystem");
    assert.equal(config.limits_config.allow_structured_metadata, true);
  });

  it("writes everything to its volume, since the rest of its file system is read-only", () => {
    const folders = JSON.stringify(config).match(/"\/[^"]*"/g) ?? [];
    for (const folder of folders) assert.ok(folder.startsWith(`"${lokiFolder}`), folder);
  });
});

describe("Loki in a cluster", () => {
  const store = monitoring.logs.store as LokiStore;
  let run: OfflineRun;
  before(async () => {
    run = await runAlone((options) => {
      new Logs(
        `${region}-logs`,
        {
          namespace: "monitoring",
          store,
          keepDays: 14,
          plan: planLoki(store),
          pool: { name: "services", dedicated: true },
          storageClass: "fast-ssd",
          protectData: true,
        },
        options,
      );
    });
  });

  it("is one server with a volume that outlives it, started with the settings that are in its ConfigMap", () => {
    const [set] = all(run, "StatefulSet");
    const { spec } = set?.object ?? assert.fail();
    assert.equal(spec.replicas, 1);
    assert.equal(spec.volumeClaimTemplates[0]?.spec.resources.requests["storage"], store.diskSize);
    assert.equal(set?.resource.protect, true);
    const [config] = all(run, "ConfigMap");
    assert.deepEqual(
      parse(config?.object.data[configurationKey] ?? ""),
      JSON.parse(JSON.stringify(lokiConfiguration(14))),
    );
    const [container] = spec.template.spec.containers;
    assert.deepEqual(container?.args, ["-config.file=/etc/loki/config.yaml"]);
    assert.ok(container?.volumeMounts.some(({ name, mountPath }) => name === "data" && mountPath === lokiFolder));
  });

  it("is reached by the agents and by Prometheus, and calls nobody", () => {
    assert.deepEqual(lokiNode("monitoring-agents"), {
      name: "loki",
      selector: { app: "loki" },
      calls: [],
      publicPorts: [],
      scrapes: [{ port: 3100 }],
      foreignCallers: [{ namespace: "monitoring-agents", ports: [3100] }],
    });
  });
});
