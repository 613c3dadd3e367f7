import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { allDashboards } from "../../../components/monitoring/dashboards/all.ts";
import { gridWidth } from "../../../components/monitoring/dashboards/dashboard.ts";
import { dashboardTag, type dashboardTitles, dashboardUid } from "../../../components/monitoring/dashboards/keys.ts";
import { dataSources } from "../../../components/monitoring/dashboards/panel.ts";
import type { Watched } from "../../../components/monitoring/watched.ts";
import { sampleWatched } from "../support/watched.ts";
import { type ReadDashboard, type ReadPanel, read, shown } from "./reading.ts";

const watched = sampleWatched();
const dashboards = allDashboards(watched).map(read);

const gameOnly = sampleWatched({
  ads: [],
  stores: watched.stores.filter((one) => one.namespace === watched.game.namespace),
  probes: [],
});

function dashboardOf(key: keyof typeof dashboardTitles, of: Watched = watched): ReadDashboard {
  const found = allDashboards(of).find((one) => one.uid === dashboardUid(key));
  if (found === undefined) throw new Error(`there is no dashboard ${key}`);
  return read(found);
}

function panelOf(key: keyof typeof dashboardTitles, title: string | RegExp, of: Watched = watched): ReadPanel {
  const found = shown(dashboardOf(key, of)).find((one) =>
    typeof title === "string" ? one.title === title : title.test(one.title),
  );
  if (found === undefined) throw new Error(`${key} has no panel ${title}`);
  return found;
}

/** Values of the lines of a panel, from below. */
function lines({ fieldConfig }: ReadPanel): (number | null)[] {
  return (fieldConfig?.defaults.thresholds?.steps ?? []).map((one) => one.value).filter((one) => one !== null);
}

function overlap(one: ReadPanel["gridPos"], other: ReadPanel["gridPos"]): boolean {
  return one.x < other.x + other.w && other.x < one.x + one.w && one.y < other.y + other.h && other.y < one.y + one.h;
}

describe("dashboards", () => {
  it("are one for each subject, at addresses that never change", () => {
    assert.deepEqual(
      dashboards.map((one) => one.uid),
      [
        "realmgrid-fleet",
        "realmgrid-region",
        "realmgrid-worlds",
        "realmgrid-game-servers",
        "realmgrid-services",
        "realmgrid-mysql",
        "realmgrid-valkey",
        "realmgrid-postgres",
        "realmgrid-kafka",
        "realmgrid-edge",
        "realmgrid-bidding",
        "realmgrid-objectives",
        "realmgrid-capacity",
        "realmgrid-tracing-and-logs",
        "realmgrid-monitoring",
      ],
    );
    // Grafana's limit.
    for (const { uid } of dashboards) assert.match(uid, /^[a-z-]{1,40}$/);
  });

  it("are the same, byte for byte, of the same region", () => {
    assert.equal(JSON.stringify(allDashboards(sampleWatched())), JSON.stringify(allDashboards(sampleWatched())));
  });

  it("leave out what a region does not have", () => {
    const left = allDashboards(gameOnly).map((one) => one.uid);
    for (const key of ["postgres", "kafka", "bidding"] as const) assert.ok(!left.includes(dashboardUid(key)), key);
    assert.ok(left.includes(dashboardUid("mysql")));
    for (const one of allDashboards(gameOnly).map(read)) {
      assert.ok(shown(one).every((panel) => (panel.targets ?? []).length > 0));
      assert.doesNotMatch(JSON.stringify(one), /Infinity|NaN|undefined/, one.title);
    }
  });

  it("lead to each other, and only to dashboards that exist", () => {
    for (const all of [dashboards, allDashboards(gameOnly).map(read)]) {
      const addresses = all.map((one) => `/d/${one.uid}`);
      for (const { title, tags, links, panels } of all) {
        assert.deepEqual(tags, [dashboardTag], title);
        assert.deepEqual(
          links.map((one) => [one.type, one.tags, one.includeVars]),
          [["dashboards", [dashboardTag], true]],
        );
        for (const { url } of panels.flatMap((one) => one.links ?? [])) assert.ok(addresses.includes(url), url);
      }
    }
  });

  it("fit into a ConfigMap, with room", () => {
    for (const one of dashboards) {
      assert.ok(Buffer.byteLength(JSON.stringify(one)) < 900_000, one.title);
    }
  });

  it("cannot be saved in Grafana, where the change would be lost with the next start", () => {
    assert.ok(dashboards.every((one) => !one.editable));
  });

  it("name their data source by its uid, and no other than that of metrics", () => {
    for (const one of dashboards) {
      const sources = [
        ...shown(one).flatMap(({ datasource, targets = [] }) => [datasource, ...targets.map((it) => it.datasource)]),
        ...one.templating.list.map((it) => it.datasource),
      ];
      for (const source of sources) assert.deepEqual(source, dataSources.prometheus, one.title);
      assert.doesNotMatch(JSON.stringify(one), /"datasource":"/);
    }
  });

  it("show all regions at first, and series without that label too", () => {
    for (const { templating, title } of dashboards) {
      const region = templating.list.find((one) => one.name === "region");
      assert.deepEqual([region?.includeAll, region?.allValue], [true, ".*"], title);
    }
  });
});

describe("panels of dashboards", () => {
  it("each have a title, a unit, a description and a query", () => {
    for (const one of dashboards) {
      for (const { title, description, fieldConfig, targets = [] } of shown(one)) {
        const where = `${one.title}, ${title}`;
        assert.notEqual(title, "", where);
        assert.match(description ?? "", /^[A-Z0-9].*\.$/, where);
        assert.notEqual(fieldConfig?.defaults.unit ?? "", "", where);
        assert.ok(targets.length > 0, where);
        assert.equal(new Set(targets.map((it) => it.refId)).size, targets.length, where);
      }
    }
  });

  it("have one title and one number each on their dashboard", () => {
    for (const one of dashboards) {
      const titles = shown(one).map((panel) => panel.title);
      const repeated = titles.filter((title, index) => titles.indexOf(title) !== index);
      assert.deepEqual(repeated, [], one.title);
      assert.equal(new Set(one.panels.map((panel) => panel.id)).size, one.panels.length, one.title);
    }
  });

  it("stand side by side on the grid, none over another", () => {
    for (const { panels, title } of dashboards) {
      for (const [index, { gridPos }] of panels.entries()) {
        assert.ok(gridPos.x >= 0 && gridPos.x + gridPos.w <= gridWidth, title);
        for (const other of panels.slice(index + 1)) {
          assert.ok(!overlap(gridPos, other.gridPos), `${title}: ${panels[index]?.title} and ${other.title}`);
        }
      }
    }
  });

  it("move their lines with the players that a server takes", () => {
    const larger = sampleWatched({ game: { ...watched.game, maxPlayers: 500 } });
    for (const key of ["worlds", "game-servers"] as const) {
      assert.deepEqual(lines(panelOf(key, "Players of each")), [1800, 2000]);
      assert.deepEqual(lines(panelOf(key, "Players of each", larger)), [450, 500]);
    }
    assert.deepEqual(lines(panelOf("region", "Players", larger)), [(5 + 50) * 500]);
    const places = panelOf("game-servers", "Players", larger).targets?.[1];
    assert.match(places?.expr ?? "", /^500 \* /);
  });

  it("have their lines where the alerts have their thresholds", () => {
    const strict = sampleWatched({
      thresholds: {
        ...watched.thresholds,
        responseTimeMs: 150,
        memoryPercent: 80,
        quotaPercent: 70,
        certificateDays: 21,
      },
    });
    assert.deepEqual(lines(panelOf("worlds", "Response time", strict)), [0.15]);
    assert.deepEqual(lines(panelOf("services", "Memory of the limit", strict)), [0.8, 1]);
    assert.deepEqual(lines(panelOf("capacity", "Quota in use", strict)), [0.7, 1]);
    assert.deepEqual(lines(panelOf("edge", "Days until certificates end", strict)), [21]);
    assert.deepEqual(lines(panelOf("bidding", "Latency against the budget")), [0.1]);
  });

  it("have lines in ascending order, as Grafana wants them", () => {
    for (const one of dashboards) {
      for (const panel of shown(one)) {
        const values = lines(panel).map(Number);
        assert.deepEqual(
          values,
          values.toSorted((a, b) => a - b),
          `${one.title}, ${panel.title}`,
        );
      }
    }
  });

  it("show the target of the autoscaler as the autoscaler itself has it", () => {
    const target = panelOf("game-servers", "Load of a server against the autoscaler's target").targets?.[1];
    assert.match(target?.expr ?? "", /kube_horizontalpodautoscaler_spec_target_metric\{.*metric_name="s0-prometheus"/);
  });

  it("have a row of bidding for each environment, with its own budget", () => {
    const [production] = watched.ads;
    assert.ok(production);
    const staging = { ...production, environment: "staging", namespace: "ad-staging", budgetSeconds: 0.2 } as const;
    const two = dashboardOf("bidding", sampleWatched({ ads: [production, staging] }));
    const budgets = shown(two).filter((one) => one.title === "Latency against the budget");
    assert.deepEqual(budgets.map(lines), [[0.1], [0.2]]);
    // A histogram says how many were faster than 150 ms or than 250 ms, and nothing of what lies between.
    assert.ok(shown(two).some((one) => one.title === "Bids within 0.15 s"));
  });
});
