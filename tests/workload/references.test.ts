import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { gameNamespace } from "../../components/game/workloads.ts";
import { all, everything, regionNames } from "../support/objects.ts";
import { operatedWorkloads } from "../support/operated.ts";
import {
  adTemplates,
  containersOf,
  environment,
  objectAt,
  type Place,
  selects,
  templates,
  together,
} from "../support/pods.ts";
import { namingOf, serviceOf, unresolved } from "../support/references.ts";
import { registrationsOf } from "../support/registrations.ts";
import { runOf, runWith } from "../support/runs.ts";

describe("names that objects refer to", () => {
  for (const stack of ["dev", "prod"] as const) {
    it(`are objects of the same region in ${stack}: the original named 21 things that nothing defined`, async () => {
      const run = await runOf(stack);
      for (const region of regionNames(run)) {
        assert.deepEqual(unresolved(run, region), []);
      }
    });
  }

  it("are said to be somebody else's where metrics, traces, logs and alerts go to services of one's own", async () => {
    const run = await runWith("dev", {
      "monitoring.tracing.storage": { kind: "elasticsearch", url: "https://traces.example.com", secretName: "traces" },
      "monitoring.logs.store": { kind: "otlp", endpoint: "https://logs.example.com", secretName: "logs" },
      "monitoring.prometheus.remoteWrite": [{ url: "https://metrics.example.com/write", secretName: "metrics" }],
      "monitoring.receivers.page": { kind: "pagerduty", secretName: "pager" },
    });
    assert.deepEqual(unresolved(run, "us-west"), []);
    const named = [...templates(run), ...operatedWorkloads(run)].flatMap(
      ({ annotations }) => annotations["realmgrid.io/made-elsewhere"]?.split(" ") ?? [],
    );
    for (const secret of ["traces", "logs", "metrics", "pager"]) assert.ok(named.includes(`Secret/${secret}`), secret);
  });

  it("are found missing by this test when they are", async () => {
    const run = await runOf("dev");
    for (const [resource, name] of [
      ["us-west-game-environment", "ConfigMap mmorpg-game/game-server-env"],
      ["us-west-data-mysql-readers", "Service mmorpg-game/mysql-replica-service"],
      // A store of the same name in the next namespace is no help.
      ["us-west-data-redis-peers", "Service mmorpg-game/redis-cluster-peers"],
      ["us-west-data-credentials-redis-backup", "Secret mmorpg-game/redis-backup"],
      ["us-west-data-credentials-mysql-migrations", "Secret mmorpg-game/mysql-migrations"],
      ["us-west-data-credentials-mysql-operator-root", "Secret mmorpg-game/mysql-operator-root"],
      ["us-west-cluster-priority-data", "PriorityClass stores"],
      ["us-west-cluster-priority-ads", "PriorityClass ad-services"],
      ["us-west-cluster-priority-monitoring", "PriorityClass monitoring"],
      // Made by the operator, of resources that are not there.
      ["us-west-monitoring-prometheus-prometheus", "Service monitoring/prometheus-operated"],
      ["us-west-monitoring-prometheus-alertmanager", "Service monitoring/alertmanager-operated"],
      ["us-west-monitoring-prometheus-alertmanager-settings", "Secret monitoring/alertmanager-settings"],
      ["us-west-monitoring-prometheus-account", "ServiceAccount monitoring/prometheus"],
      ["us-west-monitoring-prometheus-role", "ClusterRole monitoring-prometheus"],
      ["us-west-namespace-monitoring-agents", "Namespace monitoring-agents"],
      // Named in the text of settings alone.
      ["us-west-monitoring-tracing-query-service", "Service monitoring/jaeger-query"],
      ["us-west-monitoring-tracing-collector-service", "Service monitoring/jaeger-collector"],
      ["us-west-monitoring-tracing-gateway-service", "Service monitoring/otel-gateway"],
      ["us-west-monitoring-logs-service", "Service monitoring/loki"],
      ["us-west-monitoring-telemetry-service", "Service monitoring-agents/otel-agent"],
      ["us-west-monitoring-telemetry-salt-secret", "Secret monitoring-agents/otel-agent-salt"],
      ["us-west-monitoring-grafana-secret", "Secret monitoring/grafana-admin"],
      [
        "us-west-monitoring-grafana-dashboard-realmgrid-fleet",
        "ConfigMap monitoring/grafana-dashboard-realmgrid-fleet",
      ],
      ["us-west-ad-platform-staging-settings", "ConfigMap ad-platform-staging/ad-platform-config"],
      ["us-west-ad-platform-staging-data-redis-peers", "Service ad-platform-staging/redis-cluster-peers"],
      ["us-west-ad-platform-staging-data-postgres-service", "Service ad-platform-staging/postgres-service"],
      ["us-west-ad-platform-staging-data-kafka-service", "Service ad-platform-staging/kafka-service"],
      ["us-west-ad-platform-staging-data-postgres", "Service ad-platform-staging/postgres-cluster-rw"],
      ["us-west-ad-platform-staging-data-postgres", "Cluster ad-platform-staging/postgres-cluster"],
      ["us-west-ad-platform-staging-data-kafka", "Kafka ad-platform-staging/ads"],
      ["us-west-ad-platform-staging-data-credentials-redis-backup", "Secret ad-platform-staging/redis-backup"],
      [
        "us-west-ad-platform-staging-data-credentials-postgres-migrations",
        "Secret ad-platform-staging/postgres-migrations",
      ],
      [
        "us-west-ad-platform-staging-data-credentials-postgres-analytics-service",
        "Secret ad-platform-staging/postgres-analytics-service",
      ],
      [
        "us-west-ad-platform-staging-data-credentials-kafka-bidding-service",
        "Secret ad-platform-staging/kafka-bidding-service",
      ],
    ] as const) {
      // A component may have the name of the object that it makes.
      const resources = run.resources.filter((one) => one.name !== resource || !one.type.startsWith("kubernetes:"));
      assert.equal(resources.length, run.resources.length - 1, resource);
      assert.ok(unresolved({ ...run, resources }, "us-west").includes(name), name);
    }
  });

  it("lead to Secrets that have the keys", async () => {
    const run = await runOf("dev");
    const dataOf = new Map(
      (await registrationsOf("dev"))
        .filter((one) => one.type === "kubernetes:core/v1:Secret")
        .map(({ raw }) => {
          const { metadata, data } = raw as {
            metadata: { name: string; namespace: string };
            data: { value: Record<string, string> };
          };
          return [`${metadata.namespace}/${metadata.name}`, data.value];
        }),
    );
    const wanted = templates(run).flatMap(({ namespace, ...template }) => [
      ...containersOf(template).flatMap((one) =>
        (one.env ?? []).flatMap(({ valueFrom }) => {
          const ref = valueFrom?.secretKeyRef;
          return ref ? [`${namespace}/${ref.name} ${ref.key}`] : [];
        }),
      ),
      ...(template.spec.volumes ?? []).flatMap((volume) =>
        (volume.projected?.sources ?? []).flatMap((source) => {
          const { secret } = source as Partial<typeof source>;
          return secret === undefined ? [] : secret.items.map((item) => `${namespace}/${secret.name} ${item.key}`);
        }),
      ),
    ]);
    // The keys that the operator of MySQL looks for in the administrator's Secret.
    const rootKeys = ["rootUser", "rootPassword", "rootHost"];
    wanted.push(...rootKeys.map((key) => `${gameNamespace}/mysql-operator-root ${key}`));
    for (const object of everything(run)) {
      const { kind, namespace } = object;
      const { spec } = namingOf(object);
      if (kind === "KafkaUser") {
        const { name, key } = spec.authentication.password.valueFrom.secretKeyRef;
        wanted.push(`${namespace}/${name} ${key}`);
      }
    }
    assert.ok(wanted.includes("mmorpg-game/game-server-secrets SESSION_SIGNING_KEY"));
    assert.ok(wanted.includes("mmorpg-game/mysql-auth-service password"));
    assert.ok(wanted.includes("mmorpg-game/redis-replication previous-password"));
    assert.ok(wanted.includes("ad-platform-staging/redis-replication previous-password"));
    assert.ok(wanted.includes("ad-platform-staging/postgres-campaign-service url"));
    assert.ok(wanted.includes("ad-platform-staging/kafka-bidding-service password"));
    assert.ok(wanted.includes("monitoring/grafana-admin admin-password"));
    assert.ok(wanted.includes("monitoring-agents/otel-agent-salt salt"));
    for (const one of wanted) {
      const [name = "", key = ""] = one.split(" ");
      assert.ok(key in (dataOf.get(name) ?? {}), `the Secret ${name} has no ${key}`);
    }
    // The script that sets users reads files by these names, and so do the operators of PostgreSQL and Kafka.
    for (const [name, data] of dataOf) {
      if (/\/(mysql|redis|postgres|kafka)-/.test(name))
        for (const key of ["username", "password", "previous-password"]) assert.ok(key in data, `${name} ${key}`);
    }
  });

  it("lead to ConfigMaps that have the keys", async () => {
    const run = await runOf("dev");
    const wanted = templates(run).flatMap((template) =>
      (template.spec.volumes ?? []).flatMap(({ configMap }) =>
        ((configMap as Partial<typeof configMap> | undefined)?.items ?? []).map((item) => ({
          template,
          configMap,
          item,
        })),
      ),
    );
    assert.ok(wanted.some(({ configMap }) => configMap.name === "grafana-settings"));
    for (const { template, configMap, item } of wanted) {
      const { data } = objectAt(run, "ConfigMap", configMap.name, template);
      assert.ok(item.key in data, `the ConfigMap ${configMap.name} has no ${item.key}`);
    }
  });

  it("stand in addresses with a login too, which are Secrets: those of the ads lead to poolers", async () => {
    const run = await runOf("dev");
    const registrations = await registrationsOf("dev");
    const seen = adTemplates(run).flatMap((template) => {
      const ref = environment(template.spec.containers[0], "DATABASE_URL")?.valueFrom?.secretKeyRef;
      if (ref === undefined) return [];
      const secret = registrations.find(({ type, raw }) => {
        const { metadata } = raw as { metadata?: Place & { name: string } };
        return (
          type === "kubernetes:core/v1:Secret" &&
          metadata?.name === ref.name &&
          metadata.namespace === template.namespace
        );
      });
      assert.ok(secret, ref.name);
      const { data } = secret.raw as { data: { value: Record<string, string> } };
      const url = new URL(Buffer.from(data.value[ref.key] ?? "", "base64").toString());
      assert.equal(url.username, template.name);
      const { namespace, name } = serviceOf(url.hostname, template.namespace);
      const service = objectAt(run, "Service", name, { region: template.region, namespace: namespace ?? "" });
      assert.equal(String(service.spec.ports[0]?.port), url.port);
      const behind = operatedWorkloads(run, template.region).filter(
        (one) => together(one, template) && selects(service.spec.selector, one.labels),
      );
      return [[template.name, ...behind.map((one) => one.name)]];
    });
    // Bids wait for no disk, so bidding-service has none.
    assert.deepEqual(seen.sort(), [
      ["analytics-service", "postgres-pooler"],
      ["campaign-service", "postgres-pooler"],
    ]);
  });

  it("are plain text in every object: a pod that hung on an output of another resource had every world deleted", async () => {
    const registrations = await registrationsOf("dev");
    const hanging = registrations.filter((one) => one.type.startsWith("kubernetes:") && one.outputsOf.length > 0);
    for (const one of hanging) {
      assert.equal(one.type, "kubernetes:core/v1:Secret", one.name);
      assert.ok(
        one.outputsOf.every((urn) => urn.includes("RandomPassword")),
        one.name,
      );
    }
    // The settings of Alertmanager are a Secret that no password is in.
    const secrets = all(await runOf("dev"), "Secret").filter((one) => one.name !== "alertmanager-settings");
    assert.deepEqual(hanging.map((one) => one.name).sort(), secrets.map((one) => one.resource.name).sort());
  });
});
