import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { parse } from "yaml";
import { Monitoring } from "../../components/config/monitoring.ts";
import { bytes } from "../../components/kube/quantities.ts";
import { grafanaImage } from "../../components/kube/versions.ts";
import { allDashboards } from "../../components/monitoring/dashboards/all.ts";
import { dashboardTitles } from "../../components/monitoring/dashboards/keys.ts";
import { Grafana, type GrafanaArgs } from "../../components/monitoring/grafana.ts";
import { dataSourcesFile, grafanaIni, grafanaNode, grafanaPlan } from "../../components/monitoring/grafana-settings.ts";
import { type OfflineRun, secretMark } from "../../tools/offline/host.ts";
import { runAlone } from "../support/backup/component.ts";
import { all } from "../support/objects.ts";
import { sampleWatched } from "./support/watched.ts";

const config = Monitoring.parse({});
const addresses = {
  prometheus: "http://prometheus-operated.monitoring.svc:9090",
  alertmanager: "http://alertmanager-operated.monitoring.svc:9093",
  jaeger: "http://jaeger.monitoring.svc:16686",
  loki: "http://loki.monitoring.svc:3100",
};

const base: GrafanaArgs = {
  namespace: "monitoring",
  labels: { app: "grafana" },
  selector: { app: "grafana" },
  plan: grafanaPlan(config.grafana, 15),
  config: config.grafana,
  pool: { name: "services", dedicated: true },
  storageClass: "fast-ssd",
  dataSources: addresses,
  dashboards: allDashboards(sampleWatched()),
  protectData: true,
};

function run(changes: Partial<GrafanaArgs> = {}): Promise<OfflineRun> {
  return runAlone((options) => {
    new Grafana("us-west-grafana", { ...base, ...changes }, options);
  });
}

function setOf(of: OfflineRun) {
  const [set] = all(of, "StatefulSet");
  assert.ok(set);
  return set.object;
}

function containerOf(of: OfflineRun) {
  const [container] = setOf(of).spec.template.spec.containers;
  assert.ok(container);
  return container;
}

/** Keys of `grafana.ini` as `section.key`. */
function ini(text: string): Record<string, string> {
  let section = "";
  return Object.fromEntries(
    text.split("\n").flatMap((line) => {
      section = /^\[(.+)\]$/.exec(line)?.[1] ?? section;
      const [, key, value] = /^(\S+) = (.*)$/.exec(line) ?? [];
      return key === undefined ? [] : [[`${section}.${key}`, value ?? ""]];
    }),
  );
}

describe("Grafana", () => {
  let made: OfflineRun;
  before(async () => {
    made = await run();
  });

  it("is one pod with a volume that stays, as large as it is told", () => {
    const { spec } = setOf(made);
    assert.equal(spec.replicas, 1);
    assert.equal(containerOf(made).image, grafanaImage);
    const [claim] = spec.volumeClaimTemplates;
    assert.equal(claim?.spec.resources.requests?.["storage"], "2Gi");
    assert.equal(claim?.spec.storageClassName, "fast-ssd");
    assert.deepEqual(spec.persistentVolumeClaimRetentionPolicy, { whenDeleted: "Retain", whenScaled: "Retain" });
    assert.ok(
      containerOf(made).volumeMounts.some(
        (one) => one.name === claim?.metadata.name && one.mountPath === "/var/lib/grafana",
      ),
    );
    assert.equal(base.plan.claimBytes, bytes("2Gi"));
  });

  it("is kept when the stack is destroyed, where data is protected", async () => {
    const ofSet = (of: OfflineRun) => of.resources.find((one) => one.type === "kubernetes:apps/v1:StatefulSet");
    assert.deepEqual([ofSet(made)?.protect, ofSet(made)?.retainOnDelete], [true, true]);
    const open = await run({ protectData: false });
    assert.deepEqual([ofSet(open)?.protect, ofSet(open)?.retainOnDelete], [false, false]);
  });

  it("runs restricted: no root, no capability, no token, nothing to write to but its volume and /tmp", () => {
    const { spec } = setOf(made).spec.template;
    const container = containerOf(made);
    assert.equal(spec.securityContext.runAsNonRoot, true);
    assert.equal(spec.securityContext.seccompProfile.type, "RuntimeDefault");
    assert.equal(spec.automountServiceAccountToken, false);
    assert.equal(container.securityContext.readOnlyRootFilesystem, true);
    assert.equal(container.securityContext.allowPrivilegeEscalation, false);
    assert.deepEqual(container.securityContext.capabilities.drop, ["ALL"]);
    const writable = container.volumeMounts.filter((one) => !one.readOnly).map((one) => one.mountPath);
    assert.deepEqual(writable.toSorted(), ["/tmp", "/var/lib/grafana"]);
    assert.equal(setOf(made).spec.template.metadata.annotations["realmgrid.io/security-exceptions"], undefined);
  });

  it("is ready when its database answers", () => {
    const { startupProbe, livenessProbe, readinessProbe } = containerOf(made);
    for (const probe of [startupProbe, livenessProbe, readinessProbe]) {
      assert.deepEqual(probe.httpGet, { path: "/api/health", port: "http" });
    }
  });

  it("has its password in one Secret, as a secret, and nowhere else", async () => {
    const secrets = all(made, "Secret");
    assert.deepEqual(
      secrets.map((one) => one.name),
      ["grafana-admin"],
    );
    assert.equal(secrets[0]?.object.data as unknown, secretMark);
    const variables = containerOf(made).env.map(({ name, value, valueFrom }) => [
      name,
      value,
      valueFrom?.secretKeyRef?.name,
      valueFrom?.secretKeyRef?.key,
    ]);
    assert.deepEqual(variables, [
      ["GF_SECURITY_ADMIN_USER", undefined, "grafana-admin", "admin-user"],
      ["GF_SECURITY_ADMIN_PASSWORD", undefined, "grafana-admin", "admin-password"],
      ["GF_SECURITY_SECRET_KEY", undefined, "grafana-admin", "secret-key"],
    ]);
    assert.doesNotMatch(JSON.stringify(made.resources), /offline-sample-value|b2ZmbGluZS1zYW1wbGUtdmFsdWU/);
  });

  it("has no secret among its settings, and none in its dashboards", () => {
    for (const { object } of all(made, "ConfigMap")) {
      assert.doesNotMatch(JSON.stringify(object.data), /admin_password|secret_key|secureJsonData|basicAuth|bearer/i);
    }
  });

  it("makes a new password with a higher number, and starts anew to take it to a new database", async () => {
    const next = await run({ config: { ...config.grafana, passwordGeneration: 2 } });
    const keepers = (of: OfflineRun) =>
      Object.fromEntries(
        of.resources
          .filter((one) => one.type === "random:index/randomPassword:RandomPassword")
          .map((one) => [one.name, one.inputs["keepers"]]),
      );
    assert.deepEqual(keepers(made), {
      "us-west-grafana-password": { generation: "1" },
      // What people saved could not be read any more with another key.
      "us-west-grafana-key": undefined,
    });
    assert.deepEqual(keepers(next)["us-west-grafana-password"], { generation: "2" });
    const checksum = (of: OfflineRun) => setOf(of).spec.template.metadata.annotations["realmgrid.io/config-checksum"];
    assert.notEqual(checksum(made), checksum(next));
  });

  it("does not start anew for a dashboard, which it reads again while it runs", async () => {
    const strict = sampleWatched({ region: "eu-west" });
    const other = await run({ dashboards: allDashboards(strict) });
    assert.deepEqual(setOf(made).spec.template, setOf(other).spec.template);
  });

  it("has a ConfigMap for each dashboard, and all of them in one folder that is no link", () => {
    const maps = all(made, "ConfigMap").filter((one) => one.name.startsWith("grafana-dashboard-"));
    assert.equal(maps.length, base.dashboards.length);
    const volume = setOf(made).spec.template.spec.volumes.find((one) => one.name === "dashboards");
    assert.deepEqual(
      volume?.projected.sources.map((one) => one.configMap.name).toSorted(),
      maps.map((one) => one.name).toSorted(),
    );
    // An item with a folder in its path would be below a link that changes with each update: Grafana knows a dashboard
    // by the path of its file, and would delete all of them and make them anew.
    assert.ok(volume?.projected.sources.every((one) => one.configMap.items === undefined));
    for (const { name, object } of maps) {
      const [[file, text] = ["", ""], ...more] = Object.entries(object.data);
      assert.equal(more.length, 0);
      assert.equal(`grafana-dashboard-${file}`, `${name}.json`);
      assert.equal(JSON.parse(text).uid, file.replace(".json", ""));
    }
  });

  it("has as many objects as its plan says, and room for every dashboard that there may be", () => {
    assert.equal(base.plan.objects.configMaps, 1 + Object.keys(dashboardTitles).length);
    assert.equal(all(made, "ConfigMap").length, base.plan.objects.configMaps);
    assert.equal(all(made, "Service").length, base.plan.objects.services);
    assert.equal(all(made, "Secret").length, base.plan.objects.secrets);
  });
});

describe("settings of Grafana", () => {
  const settings = ini(grafanaIni());

  it("let nobody in who has not logged in, and tell nobody outside", () => {
    const wanted = {
      "auth.anonymous.enabled": "false",
      "users.allow_sign_up": "false",
      "security.disable_gravatar": "true",
      "analytics.reporting_enabled": "false",
      "analytics.check_for_updates": "false",
      "analytics.check_for_plugin_updates": "false",
      "snapshots.external_enabled": "false",
      "public_dashboards.enabled": "false",
    };
    for (const [key, value] of Object.entries(wanted)) assert.equal(settings[key], value, key);
  });

  it("log to the console as JSON, export metrics and leave alerts to Alertmanager", () => {
    assert.equal(settings["log.mode"], "console");
    assert.equal(settings["log.console.format"], "json");
    assert.equal(settings["metrics.enabled"], "true");
    assert.equal(settings["unified_alerting.enabled"], "false");
  });

  it("keep the plugins of the image, which Grafana 13 would stop and fail to replace on a read-only root", () => {
    assert.equal(settings["plugins.preinstall_disabled"], "true");
    const off = settings["plugins.disable_plugins"]?.split(",") ?? [];
    for (const { type } of parse(dataSourcesFile(addresses)).datasources) assert.ok(!off.includes(type), type);
  });

  it("begin with the fleet", () => {
    assert.equal(settings["dashboards.default_home_dashboard_path"], "/etc/grafana-dashboards/realmgrid-fleet.json");
  });
});

describe("data sources of Grafana", () => {
  interface Source {
    uid: string;
    type: string;
    url: string;
    isDefault?: boolean;
    editable: boolean;
    jsonData: Record<string, unknown>;
  }
  const sourcesOf = (file: string): Source[] => parse(file).datasources;

  it("are the servers of the region, by the uids that dashboards use", () => {
    assert.deepEqual(
      sourcesOf(dataSourcesFile(addresses)).map(({ uid, type, url, isDefault }) => [
        uid,
        type,
        url,
        isDefault ?? false,
      ]),
      [
        ["prometheus", "prometheus", addresses.prometheus, true],
        ["alertmanager", "alertmanager", addresses.alertmanager, false],
        ["jaeger", "jaeger", addresses.jaeger, false],
        ["loki", "loki", addresses.loki, false],
      ],
    );
  });

  it("lead from traces to logs and back", () => {
    const text = dataSourcesFile(addresses);
    const [, , jaeger, loki] = sourcesOf(text);
    assert.match(JSON.stringify(jaeger?.jsonData), /"datasourceUid":"loki"/);
    assert.match(JSON.stringify(loki?.jsonData), /"datasourceUid":"jaeger"/);
    // Grafana puts variables of its environment in place of a single dollar, which are empty here.
    assert.doesNotMatch(text, /(?<!\$)\$(?!\$)\{/);
  });

  it("are without Loki where logs go elsewhere, and nothing points to it or calls it", () => {
    const { loki: _, ...rest } = addresses;
    assert.doesNotMatch(dataSourcesFile(rest), /loki/i);
    const elsewhere = Monitoring.parse({ logs: { store: { kind: "otlp", endpoint: "https://logs.example.com" } } });
    const called = (of: typeof config) => grafanaNode(of).calls.map((one) => one.to);
    assert.deepEqual(called(config), ["prometheus", "alertmanager", "jaeger", "loki"]);
    assert.deepEqual(called(elsewhere), ["prometheus", "alertmanager", "jaeger"]);
  });
});
