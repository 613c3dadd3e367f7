import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
  burns,
  errorRatio,
  judgedSeconds,
  objectiveDays,
  objectiveMetrics,
  objectiveRules,
  objectives,
  objectiveWindows,
} from "../../../components/monitoring/alerts/objectives.ts";
import { type RuleCase, ruleCases, series, unproven } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";

const watched = sampleWatched();
const groups = objectiveRules(watched);

const game = "mmorpg-game";
const auth = { namespace: game, service: "auth-service", pod: "auth-service-a" };
const server = { namespace: game, service: "game-server", pod: "game-server-us-west-a" };
const bidder = { namespace: "ad-platform", service: "bidding-service", pod: "bidding-service-a" };

/** Logins by result, in promtool's notation. */
function logins(results: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(results).map(([result, values]) => [series("auth_logins_total", { ...auth, result }), values]),
  );
}

/** Labels of an alert on an objective. */
function budget(objective: string, severity: string, namespace = game) {
  return { namespace, objective, severity };
}

const loginsPage = budget("logins", "critical");
const loginsTicket = budget("logins", "warning");

/** Cases of logins, of which 0.1 % may fail. */
const burning: RuleCase[] = [
  {
    title:
      "wakes somebody when a tenth of the logins fail after a good hour: 2 % of the month's budget in nine minutes",
    series: logins({ success: "0+600x60 36540+540x30", error: "0x60 60+60x30" }),
    alert: "ErrorBudgetBurnsFast",
    at: {
      "1h": [],
      "1h5m": [],
      "1h15m": [{ labels: loginsPage }],
    },
  },
  {
    title: "stops within minutes after logins work again, though the hour as a whole is still bad",
    series: logins({ success: "0+540x30 16800+600x30", error: "0+60x30 1800x30" }),
    alert: "ErrorBudgetBurnsFast",
    at: {
      "30m": [
        {
          labels: loginsPage,
          summary: "The error budget of logins in mmorpg-game burns: 10% were bad in 1h",
        },
      ],
      "37m": [],
    },
    answers: [
      { query: `${errorRatio("1h")}{objective="logins"} > bool 0.0144`, at: "37m", samples: { [labels("logins")]: 1 } },
    ],
  },
  {
    title: "wakes nobody fast for 1.4 % of failed logins",
    series: logins({ success: "0+986x90", error: "0+14x90" }),
    alert: "ErrorBudgetBurnsFast",
    at: { "30m": [], "1h30m": [] },
  },
  {
    title: "wakes somebody when 0.7 % of the logins fail for hours",
    series: logins({ success: "0+993x420 417060+1000x60", error: "0+7x420 2940x60" }),
    alert: "ErrorBudgetBurns",
    at: {
      "7h": [{ labels: loginsPage, summary: "The error budget of logins in mmorpg-game burns: 0.7% were bad in 6h" }],
      "7h40m": [],
    },
  },
  {
    title: "wakes nobody for 0.5 % of failed logins",
    series: logins({ success: "0+995x420", error: "0+5x420" }),
    alert: "ErrorBudgetBurns",
    at: { "7h": [] },
  },
  {
    title: "warns when 0.4 % of the logins fail for a day, until the last two hours were good",
    series: logins({ success: "0+996x750 748000+1000x90", error: "0+4x750 3000x90" }),
    step: 120,
    evaluation: 300,
    alert: "ErrorBudgetBurnsSlowly",
    at: {
      "25h": [
        { labels: loginsTicket, summary: "The error budget of logins in mmorpg-game burns: 0.4% were bad in 1d" },
      ],
      "28h": [],
    },
  },
  {
    title: "warns of nothing at 0.2 % within a day",
    series: logins({ success: "0+998x750", error: "0+2x750" }),
    step: 120,
    evaluation: 300,
    alert: "ErrorBudgetBurnsSlowly",
    at: { "25h": [] },
  },
  {
    title: "warns when a little more than the promised share fails for three days",
    series: logins({ success: "0+9988x2200", error: "0+12x2200" }),
    step: 120,
    evaluation: 300,
    alert: "ErrorBudgetLeaks",
    at: {
      "73h": [
        { labels: loginsTicket, summary: "The error budget of logins in mmorpg-game burns: 0.12% were bad in 3d" },
      ],
    },
  },
  {
    title: "warns of nothing while the promise is kept",
    series: logins({ success: "0+9991x2200", error: "0+9x2200" }),
    step: 120,
    evaluation: 300,
    alert: "ErrorBudgetLeaks",
    at: { "73h": [] },
  },
];

const counting: RuleCase[] = [
  {
    title: "counts no wrong password against us, and none for us: a flood of them hides no failure",
    series: logins({ success: "0+900x60", error: "0+100x60", denied: "0+90000x60" }),
    answers: [ratioOf("logins", 0.1)],
  },
  {
    title: "sees that every login fails when no counter of successes was ever made",
    series: logins({ error: "0+600x60" }),
    alert: "ErrorBudgetBurnsFast",
    at: { "1h": [{ labels: loginsPage }] },
    answers: [ratioOf("logins", 1)],
  },
  {
    title: "is silent about one failed login in a quiet night, and without any traffic",
    series: logins({ success: "0+1x60", error: "0x30 1x30" }),
    alert: "ErrorBudgetBurnsFast",
    at: { "31m": [], "33m": [], "1h": [] },
  },
  {
    title: "is silent where nothing is counted at all",
    series: {},
    alert: "ErrorBudgetBurnsFast",
    at: { "1h": [] },
  },
  {
    title: "counts a world that drains with its players as one that is there",
    series: worlds({ ready: [1, 1, 1, 1, 0], draining: 4 }),
    alert: "ErrorBudgetBurnsFast",
    at: { "1h": [] },
    answers: [ratioOf("worlds", 0)],
  },
  {
    title: "counts a world once that drains and is still ready",
    series: worlds({ ready: [1, 1, 1, 0, 1], draining: 4 }),
    answers: [ratioOf("worlds", 0.2)],
  },
  {
    title: "wakes somebody when one world of five is gone",
    series: worlds({ ready: [1, 1, 1, 1] }),
    alert: "ErrorBudgetBurnsFast",
    at: { "1h": [{ labels: budget("worlds", "critical") }] },
    answers: [ratioOf("worlds", 0.2)],
  },
  {
    title: "wakes somebody when no world is ready at all",
    series: worlds({ ready: [0, 0, 0, 0, 0] }),
    alert: "ErrorBudgetBurnsFast",
    at: { "1h": [{ labels: budget("worlds", "critical") }] },
    answers: [ratioOf("worlds", 1)],
  },
  {
    title: "counts players who were cut off against those who were moved",
    series: drains(95, 5),
    alert: "ErrorBudgetBurns",
    at: { "1h": [{ labels: budget("drains", "critical") }] },
    answers: [ratioOf("drains", 0.05)],
  },
  {
    title: "is silent about drains that honour 99.6 %",
    series: drains(996, 4),
    alert: "ErrorBudgetLeaks",
    at: { "1h": [] },
  },
  {
    title: "wakes somebody when a fifth of the bids miss their budget",
    series: bids(800, 1000),
    alert: "ErrorBudgetBurnsFast",
    at: { "1h": [{ labels: budget("bids-production", "critical", "ad-platform") }] },
    answers: [ratioOf("bids-production", 0.2, "ad-platform")],
  },
  {
    title: "is silent about 0.9 % of bids that do",
    series: bids(9910, 10000),
    alert: "ErrorBudgetLeaks",
    at: { "1h": [] },
  },
  {
    title: "has the allowed share as a series, for dashboards",
    series: {},
    answers: [
      {
        query: objectiveMetrics.budget,
        at: "1h",
        samples: Object.fromEntries(
          Object.entries({ logins: 0.001, worlds: 0.001, drains: 0.005, "bids-production": 0.01 }).map(
            ([objective, share]) => [series(objectiveMetrics.budget, { objective }), share],
          ),
        ),
      },
    ],
  },
];

function labels(objective: string, namespace = game): string {
  return series("", { namespace, objective });
}

/** The share of bad events in an hour, rounded: sums of binary fractions are not exact. */
function ratioOf(objective: string, value: number, namespace = game) {
  const query = `round(${errorRatio("1h")}{objective="${objective}"}, 0.0001)`;
  return { query, at: "1h", samples: { [labels(objective, namespace)]: value } };
}

function worlds({ ready, draining }: { ready: readonly number[]; draining?: number }): Record<string, string> {
  const pod = (index: number) => ({ namespace: game, pod: `game-world-servers-${index}` });
  const state = { ...pod(draining ?? 0), service: "game-world-server" };
  return {
    [series("kube_statefulset_replicas", { namespace: game, statefulset: "game-world-servers" })]: "5x90",
    ...Object.fromEntries(
      ready.map((value, index) => [
        series("kube_pod_status_ready", { ...pod(index), condition: "true" }),
        `${value}x90`,
      ]),
    ),
    ...(draining === undefined ? {} : { [series("game_server_drain_state", state)]: "1x90" }),
  };
}

function drains(moved: number, cut: number): Record<string, string> {
  const name = (outcome: string) => series("game_server_drained_players_total", { ...server, outcome });
  return { [name("moved")]: `0+${moved}x90`, [name("cut")]: `0+${cut}x90` };
}

function bids(within: number, all: number): Record<string, string> {
  const name = "bid_request_duration_seconds";
  return {
    [series(`${name}_bucket`, { ...bidder, le: "0.1" })]: `0+${within}x90`,
    [series(`${name}_bucket`, { ...bidder, le: "0.25" })]: `0+${all}x90`,
    [series(`${name}_count`, bidder)]: `0+${all}x90`,
  };
}

// The shortest window is five minutes: an evaluation a minute is enough, and a quarter of the work.
const cases = [...burning, ...counting].map((one) => ({ evaluation: 60, ...one }));

describe("the objectives", () => {
  ruleCases(groups, cases);

  it("have alerts that are proven, each in both ways", () => {
    assert.deepEqual(unproven(groups, cases), []);
  });

  it("are named once each and leave something to fail", () => {
    const all = objectives(watched);
    assert.deepEqual(
      all.map((one) => one.name),
      ["logins", "worlds", "drains", "bids-production"],
    );
    for (const { target } of all) assert.ok(target > 0.9 && target < 1);
  });

  it("are those that a region has: no worlds without worlds, a bid objective for each environment", () => {
    const [production] = watched.ads;
    const staging = production === undefined ? [] : [{ ...production, environment: "staging" as const }];
    const names = (ads: typeof watched.ads) =>
      objectives(sampleWatched({ game: { ...watched.game, worlds: [] }, ads })).map((one) => one.name);
    assert.deepEqual(names([]), ["logins", "drains"]);
    assert.deepEqual(names([...watched.ads, ...staging]), ["logins", "drains", "bids-production", "bids-staging"]);
  });

  it("judge a bid by the largest bound of a bucket that lies within its budget", () => {
    assert.deepEqual([0.05, 0.1, 0.12, 0.25].map(judgedSeconds), [0.05, 0.1, 0.1, 0.25]);
  });

  it("use up the part of the budget that the alert says", () => {
    const hours = { "1h": 1, "6h": 6, "1d": 24, "3d": 72 } as const;
    for (const { factor, long, usedPercent } of burns) {
      assert.ok(long in hours);
      const used = (factor * hours[long as keyof typeof hours] * 100) / (objectiveDays * 24);
      assert.equal(Number(used.toFixed(6)), usedPercent);
    }
  });

  it("record every window that an alert reads", () => {
    const recorded = new Set(objectiveWindows.map(errorRatio));
    for (const { long, short } of burns) assert.ok(recorded.has(errorRatio(long)) && recorded.has(errorRatio(short)));
  });
});
