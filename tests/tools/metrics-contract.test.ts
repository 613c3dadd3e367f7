import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { adServices } from "../../components/ads/workloads.ts";
import { Monitoring } from "../../components/config/monitoring.ts";
import { gameRows } from "../../components/game/workloads.ts";
import { type ContractMetric, contractMetrics, recordedMetrics } from "../../components/kube/metrics.ts";
import { tracingEnvironment } from "../../components/kube/tracing.ts";
import { allDashboards } from "../../components/monitoring/dashboards/all.ts";
import { secretStatements } from "../../components/monitoring/logs/redaction.ts";
import { exporters, seriesCatalogue, seriesNames } from "../../components/monitoring/metrics/catalogue.ts";
import { rulesOf } from "../../components/monitoring/rules.ts";
import { imageKinds, metricsContract, redactedNames } from "../../tools/metrics-contract.ts";
import { queriesOf, read } from "../monitoring/dashboards/reading.ts";
import { metricNames } from "../monitoring/support/promql.ts";
import { sampleWatched } from "../monitoring/support/watched.ts";

const page = metricsContract();
const metrics: readonly ContractMetric[] = Object.values(contractMetrics);

/** Cells of the lines below a heading, up to the next heading. */
function section(heading: string): string[][] {
  const [, body = ""] = page.split(`\n## ${heading}\n`);
  const [own = ""] = body.split("\n## ");
  return own
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => heading);

/** What the page asks of the image of a row. */
function askedOf(row: string): string[][] {
  const own = headings.filter((heading) => heading.split(": ")[1]?.split(", ").includes(row));
  assert.equal(own.length, 1, `${row}: ${own.join("; ")}`);
  return section(own[0] ?? "");
}

/** Rows of the platform by what exports a metric. */
const rowsOf: Readonly<Record<ContractMetric["from"][number], readonly string[]>> = {
  world: ["game-world-server"],
  "game-server": ["game-server"],
  service: gameRows.filter((row) => row.component === "service").map((row) => row.name),
  auth: ["auth-service"],
  matchmaking: ["matchmaking-service"],
  ads: adServices.map((row) => row.name),
  bidding: ["bidding-service"],
};

describe("docs/metrics-contract.md", () => {
  it("asks of each row of the platform for exactly the metrics that the contract wants from it", () => {
    for (const { name: row } of [...gameRows, ...adServices]) {
      const wanted = metrics.filter(({ from }) => from.some((one) => rowsOf[one].includes(row)));
      assert.ok(wanted.length >= 2, row);
      assert.deepEqual(
        askedOf(row).map(([name]) => name),
        wanted.map(({ name }) => `\`${name}\``),
        row,
      );
    }
  });

  it("says type, labels with their values, bounds, meaning and use of each", () => {
    for (const metric of metrics) {
      for (const row of metric.from.flatMap((one) => rowsOf[one])) {
        const cells = askedOf(row).find(([name]) => name === `\`${metric.name}\``) ?? [];
        const [, type, labels = "", bounds, about, neededFor] = cells;
        assert.deepEqual([type, about, neededFor], [metric.type, metric.about, metric.neededFor]);
        assert.equal(bounds, (metric.buckets ?? []).join(", "));
        const said = Object.entries(metric.labels).flatMap(([label, values]) => [label, ...values]);
        assert.deepEqual(
          [...labels.matchAll(/`([^`]+)`/g)].map(([, text]) => text),
          said,
        );
      }
    }
  });

  it("has every metric of an image that an alert, a recording or a dashboard asks for", () => {
    const watched = sampleWatched();
    const rules = rulesOf(watched, 100_000);
    const asked = [
      ...rules.flatMap((group) => group.rules.map(({ expression }) => expression)),
      ...allDashboards(watched).flatMap((one) => queriesOf(read(one)).map(({ expression }) => expression)),
    ].flatMap(metricNames);
    const known = seriesCatalogue(rules);
    const foreign = new Set(exporters.flatMap((one) => one.metrics.flatMap(seriesNames)));
    const made = new Set([...known].filter(([, from]) => from === "recording rule").map(([name]) => name));
    const images = [...new Set(asked)].filter((name) => !foreign.has(name) && !made.has(name));
    const listed = new Set(
      imageKinds().flatMap(({ title, rows }) => section(`${title}: ${rows.join(", ")}`).map(([name]) => name)),
    );
    assert.ok(images.length >= 12, images.join(" "));
    assert.deepEqual(
      images.filter(
        (name) => !listed.has(`\`${name}\``) && !listed.has(`\`${name.replace(/_(bucket|sum|count)$/, "")}\``),
      ),
      [],
    );
  });

  it("has every series that autoscalers ask for", () => {
    assert.deepEqual(
      section("Series that autoscalers ask for").map(([name]) => name),
      Object.values(recordedMetrics).map((name) => `\`${name}\``),
    );
  });

  it("has the variables that pods get to send traces", () => {
    const environment = tracingEnvironment({
      agentsNamespace: "monitoring-agents",
      service: "NAME",
      region: "REGION",
      image: "image:VERSION",
      headPercent: 100,
      world: true,
    });
    assert.deepEqual(
      section("Traces").map(([name, value]) => [name, value]),
      Object.entries(environment).map(([name, value]) => [`\`${name}\``, `\`${value}\``]),
    );
  });

  it("promises no cleaning of logs that the agent does not do", () => {
    const [byName = ""] = secretStatements();
    const [, alternatives = ""] = /\(\?:(passw[^{}]+?cookie)\)/.exec(byName) ?? [];
    const pattern = new RegExp(`^(?:${alternatives})$`);
    for (const name of redactedNames) assert.match(name, pattern);
    for (const field of Monitoring.parse({}).logs.playerFields) assert.ok(page.includes(`\`${field}\``), field);
  });

  it("says nothing that does not belong on a page: no gap where a value is missing", () => {
    assert.doesNotMatch(page, /undefined|NaN|Infinity|\[object/);
    assert.ok(page.endsWith("\n"));
  });
});
