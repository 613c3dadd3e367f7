import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { isAlert, type RuleGroup } from "../../../components/monitoring/alerts/alert.ts";
import { gameAlerts } from "../../../components/monitoring/alerts/game.ts";
import { objectiveRules } from "../../../components/monitoring/alerts/objectives.ts";
import { recordingRules } from "../../../components/monitoring/alerts/recordings.ts";
import { serviceAlerts } from "../../../components/monitoring/alerts/services.ts";
import type { Watched } from "../../../components/monitoring/watched.ts";
import { projectFolder } from "../../../tools/offline/stack-file.ts";
import { checkRules } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";

function rulesOf(watched: Watched): RuleGroup[] {
  return [recordingRules, gameAlerts, serviceAlerts, objectiveRules].flatMap((make) => make(watched));
}

const watched = sampleWatched();
const groups = rulesOf(watched);
const alerts = groups.flatMap(({ rules }) => rules).filter(isAlert);

describe("the rules of game, services and objectives", () => {
  checkRules(groups);

  it("have groups and alerts that are named once each", () => {
    for (const names of [groups.map((one) => one.name), alerts.map((one) => one.alert)]) {
      assert.equal(new Set(names).size, names.length, names.join(" "));
    }
    for (const { alert } of alerts) assert.match(alert, /^([A-Z][a-z]+)+$/);
  });

  it("name runbooks that are there", () => {
    const missing = alerts.filter(({ runbook }) => !existsSync(join(projectFolder, "docs/runbooks", `${runbook}.md`)));
    assert.deepEqual(
      missing.map(({ alert, runbook }) => `${alert}: ${runbook}`),
      [],
    );
  });

  it("keep the series of others out: every selector of an alert names a namespace", () => {
    for (const { alert, expression } of alerts) {
      const selectors = [...expression.matchAll(/\b(?:kube|game|http|bid|auth)_\w+(\{[^}]*\})?/g)];
      for (const [whole, braces = ""] of selectors) assert.match(braces, /namespace=/, `${alert}: ${whole}`);
    }
  });

  it("take their numbers from what is watched", () => {
    const { game, thresholds } = watched;
    const changed = rulesOf({
      ...watched,
      game: { ...game, maxPlayers: 100, worldRecoverySeconds: 77, worldSaveSeconds: 88, serverGraceSeconds: 66 },
      ads: watched.ads.map((one) => ({ ...one, budgetSeconds: 0.05 })),
      thresholds: { ...thresholds, playersPercent: 50, responseTimeMs: 333, databaseErrors: 44 },
    });
    const text = JSON.stringify(changed);
    for (const gone of ["1800", "2000", "200 ms", "995", "4200", "600 s", "0.2\\nand", "> 10\\"]) {
      assert.ok(!text.includes(gone), gone);
    }
    for (const there of ["> 50", "at most 100", "333 ms", "> 0.333", "> 44", "> 88", "66 s", 'le=\\"0.05\\"']) {
      assert.ok(text.includes(there), there);
    }
    assert.ok(changed.some(({ rules }) => rules.some((rule) => isAlert(rule) && rule.forSeconds === 77)));
  });
});

describe("the rules of a region with neither worlds nor ads", () => {
  const bare = rulesOf(sampleWatched({ game: { ...watched.game, worlds: [] }, ads: [] }));
  checkRules(bare);

  it("have no empty pattern, which would match series without the label", () => {
    assert.doesNotMatch(JSON.stringify(bare), /=~?\\"\\"|\(\)-|\(\|/);
  });
});
