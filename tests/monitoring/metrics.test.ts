import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Data } from "../../components/config/data.ts";
import { mysqlClusterSpec } from "../../components/data/mysql-cluster-spec.ts";
import { planMySql } from "../../components/data/mysql-plan.ts";
import { isAlert } from "../../components/monitoring/alerts/alert.ts";
import { exporters, seriesCatalogue } from "../../components/monitoring/metrics/catalogue.ts";
import { mysqlCollectors } from "../../components/monitoring/metrics/stores.ts";
import { rulesOf } from "../../components/monitoring/rules.ts";
import { kubeletMonitorSpec } from "../../components/monitoring/scrapes.ts";
import { checkQuery, metricNames } from "./support/promql.ts";
import { sampleWatched } from "./support/watched.ts";

const watched = sampleWatched();
const groups = rulesOf(watched, 100_000);
const metrics = exporters.flatMap((exporter) => exporter.metrics);

describe("the catalogue of metrics", () => {
  it("has every metric that a rule reads: otherwise an alert is silent for ever, and nobody notices", () => {
    const known = seriesCatalogue(groups);
    const unknown = groups.flatMap(({ rules }) =>
      rules.flatMap((rule) =>
        metricNames(rule.expression)
          .filter((name) => !known.has(name))
          .map((name) => `${isAlert(rule) ? rule.alert : rule.record} reads ${name}`),
      ),
    );
    assert.deepEqual(unknown, []);
  });

  it("says where a series comes from", () => {
    const known = seriesCatalogue(groups);
    assert.equal(known.get("game_server_active_players"), "contract of the images");
    assert.equal(known.get("game_server_response_time_seconds_bucket"), "contract of the images");
    assert.equal(known.get("kube_cronjob_status_last_successful_time"), "kube-state-metrics 2.20");
    assert.equal(known.get("service:requests:rate2m"), "recording rule");
    assert.equal(known.get("game_server_response_time_p99"), undefined);
    assert.equal(known.get("game_server_response_time_seconds"), undefined);
  });

  it("has each metric once, with a sentence about it", () => {
    const names = metrics.map(({ name }) => name);
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
    for (const { name, about } of metrics) {
      assert.match(name, /^[a-zA-Z_][a-zA-Z0-9_]*$/);
      assert.ok(about.length > 3, name);
    }
  });

  it("has what the exporter beside MySQL collects only when it is told to", () => {
    const { mysql } = Data.parse({});
    const spec = mysqlClusterSpec({
      mysql,
      plan: planMySql(mysql),
      namespace: "mmorpg-game",
      rootSecret: "mysql-root",
      route: "router",
      firstServerId: 1000,
      storageClass: "",
      pool: { name: "data", dedicated: false },
      protectData: false,
      needs: [],
    });
    const text = JSON.stringify(spec["metrics"]);
    for (const collector of mysqlCollectors)
      assert.ok(text.includes(`--collect.${collector}"`), `${collector}: ${text}`);
  });

  it("has nothing of kubelet that is dropped while it is scraped", () => {
    const kept = kubeletMonitorSpec().endpoints.flatMap(({ metricRelabelings }) =>
      metricRelabelings.map(({ regex }) => new RegExp(`^(${regex})$`)),
    );
    const kubelet = exporters.filter(({ services }) => services.includes("kubelet"));
    const names = [...seriesCatalogue()].filter(([, from]) => kubelet.some(({ program }) => program === from));
    assert.ok(names.length > 10);
    assert.deepEqual(
      names.filter(([name]) => !kept.some((regex) => regex.test(name))),
      [],
    );
  });
});

describe("the reading of PromQL", () => {
  it("finds the metrics of a query, and neither its functions, labels nor recorded colons are in the way", () => {
    const query =
      'sum by (pod) (rate(a_total{b="c"}[5m])) / on (pod) group_left () service:d:sum > 0 and absent(a_total)';
    assert.deepEqual(metricNames(query), ["a_total", "service:d:sum"]);
    assert.deepEqual(metricNames("vector(1)"), []);
  });

  it("refuses what is no PromQL, and says where", () => {
    assert.throws(() => checkQuery("sum(up"), /no PromQL at character 7/);
    assert.throws(() => checkQuery("rate(up[$__rate_interval])"), /no PromQL at character 9/);
    assert.throws(() => checkQuery(""), /no PromQL/);
    assert.doesNotThrow(() => checkQuery("rate(up[5m])"));
  });

  it("refuses a selector that does not say which metric it selects", () => {
    assert.throws(() => metricNames('{__name__=~"a|b"}'), /does not name its metric/);
  });
});
