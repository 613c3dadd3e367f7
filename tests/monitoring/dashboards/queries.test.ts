import assert from "node:assert/strict";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, it } from "mocha";
import { contractMetrics, type Metric } from "../../../components/kube/metrics.ts";
import { objectiveRules } from "../../../components/monitoring/alerts/objectives.ts";
import { allDashboards } from "../../../components/monitoring/dashboards/all.ts";
import { exporters, seriesCatalogue, seriesNames } from "../../../components/monitoring/metrics/catalogue.ts";
import { checkQuery, metricNames } from "../support/promql.ts";
import { checkRules } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";
import { filledIn, queriesOf, read, shown } from "./reading.ts";

const watched = sampleWatched();
const dashboards = allDashboards(watched).map(read);
const queries = dashboards.flatMap(queriesOf);

/** Labels that Prometheus itself gives to series: of their target, and of the region where they leave it. */
const ofTargets = ["namespace", "pod", "container", "service", "region"];

/** Labels by which a query selects, with the metric that they are asked of. */
function selectedLabels(expression: string): { metric: string; label: string }[] {
  const found: { metric: string; label: string }[] = [];
  parser.parse(expression).iterate({
    enter({ name, node }) {
      if (name !== "VectorSelector") return;
      const metric = node.getChild("Identifier");
      const labels = node.getChild("LabelMatchers")?.cursor();
      if (metric === null || labels === undefined) return;
      do {
        if (labels.name !== "LabelName" || labels.to > node.to) continue;
        found.push({
          metric: expression.slice(metric.from, metric.to),
          label: expression.slice(labels.from, labels.to),
        });
      } while (labels.next() && labels.from < node.to);
    },
  });
  return found;
}

/** Labels of each series of the catalogue that an exporter writes. */
function exportedLabels(): Map<string, Set<string>> {
  const metrics: Metric[] = [...Object.values(contractMetrics), ...exporters.flatMap((one) => one.metrics)];
  const labels = new Map<string, Set<string>>();
  for (const metric of metrics) {
    for (const name of seriesNames(metric)) {
      const known = labels.get(name) ?? new Set(metric.type === "histogram" ? ["le"] : []);
      labels.set(name, new Set([...known, ...Object.keys(metric.labels)]));
    }
  }
  return labels;
}

describe("queries of dashboards", () => {
  it("are PromQL, whatever is chosen", () => {
    assert.ok(queries.length > 150, `only ${queries.length} queries`);
    for (const { where, expression } of queries) assert.doesNotThrow(() => checkQuery(expression), where);
  });

  it("ask for series that somebody writes", () => {
    const known = seriesCatalogue(objectiveRules(watched));
    const unknown = queries.flatMap(({ where, expression }) =>
      metricNames(expression)
        .filter((name) => !known.has(name))
        .map((name) => `${where}: ${name}`),
    );
    assert.deepEqual(unknown, []);
  });

  it("select by labels that these series have", () => {
    const known = exportedLabels();
    const wrong = queries.flatMap(({ where, expression }) =>
      selectedLabels(expression)
        .filter(
          ({ metric, label }) => known.has(metric) && !ofTargets.includes(label) && !known.get(metric)?.has(label),
        )
        .map(({ metric, label }) => `${where}: ${metric} has no label ${label}`),
    );
    assert.deepEqual(wrong, []);
    assert.ok(queries.flatMap(({ expression }) => selectedLabels(expression)).length > 500);
  });

  it("have legends whose labels are left in the answer", () => {
    const known = exportedLabels();
    const wrong = dashboards.flatMap((dashboard) =>
      shown(dashboard).flatMap(({ title, targets = [] }) =>
        targets.flatMap(({ expr, legendFormat = "" }) => {
          const grouped = [...expr.matchAll(/ (?:by|group_left) \(([^)]+)\)/g)].flatMap(([, list = ""]) =>
            list.split(", "),
          );
          const exported = metricNames(filledIn(expr, dashboard)).flatMap((name) => [...(known.get(name) ?? [])]);
          const left = grouped.length > 0 ? grouped : [...ofTargets, ...exported, "objective"];
          return [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)]
            .filter(([, label = ""]) => !left.includes(label))
            .map(([, label]) => `${dashboard.title}, ${title}: ${label}`);
        }),
      ),
    );
    assert.deepEqual(wrong, []);
  });

  it("are about the chosen regions, each of them", () => {
    for (const dashboard of dashboards) {
      for (const { targets = [], title } of dashboard.panels) {
        for (const { expr } of targets) {
          const selectors = metricNames(filledIn(expr, dashboard)).length;
          assert.ok(expr.split('region=~"$region"').length > selectors, `${dashboard.title}, ${title}: ${expr}`);
        }
      }
    }
  });

  it("take the name that is noted for a variable that a dashboard lacks as a mistake", () => {
    const empty = { title: "Sample", templating: { list: [] } };
    assert.throws(() => filledIn('up{pod="$pod"}', empty), /Sample has no variable \$pod/);
  });

  checkRules([
    {
      name: "dashboards",
      rules: queries.map(({ expression }, index) => ({ record: `dashboard:query:number${index}`, expression })),
    },
  ]);
});
