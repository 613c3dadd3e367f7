import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { worldAlerts } from "../../../components/monitoring/alerts/worlds.ts";
import { type RuleCase, ruleCases, series, unproven } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";

const watched = sampleWatched();
const groups = worldAlerts(watched);

const set = { namespace: "mmorpg-game", statefulset: "game-world-servers" };
const pod = { namespace: "mmorpg-game", service: "game-world-server", pod: "game-world-servers-3" };
const container = { ...pod, container: "game-world-server" };
const down = "Worlds of game-world-servers in mmorpg-game that are down: 1";
const still = "The roll-out of game-world-servers in mmorpg-game stands still";

const wanted = { [series("kube_statefulset_replicas", set)]: "5x60" };

function ready(values: string): Record<string, string> {
  return { ...wanted, [series("kube_statefulset_status_replicas_ready", set)]: values };
}

/** Steps of a world: what a minute adds to each bucket. */
function steps(perMinute: Readonly<Record<string, number>>): Record<string, string> {
  const name = (le: string) => series("game_server_tick_seconds_bucket", { ...container, le });
  return Object.fromEntries(Object.entries(perMinute).map(([le, count]) => [name(le), `0+${count}x30`]));
}

function revisions(current: string, update: string, updated: string): Record<string, string> {
  return {
    [series("kube_statefulset_status_current_revision", { ...set, revision: current })]: "1x90",
    [series("kube_statefulset_status_update_revision", { ...set, revision: update })]: "1x90",
    [series("kube_statefulset_status_replicas_updated", set)]: updated,
  };
}

const cases: RuleCase[] = [
  {
    title: "wakes somebody when a world is not back after the longest time that it may need by itself",
    series: ready("5 4x40"),
    alert: "WorldDown",
    at: {
      // Down from 60 s on; 995 s later it is too long.
      "1050s": [],
      "1065s": [{ labels: { ...set, severity: "critical" }, summary: down }],
    },
  },
  {
    title: "is silent about a world that drains and comes back in that time",
    series: ready("5 4x15 5x30"),
    alert: "WorldDown",
    at: { "15m": [], "16m": [], "30m": [] },
  },
  {
    title: "wakes nobody for worlds that are updated one after the other, each ready before the next",
    series: ready("5 4x15 5 4x15 5 4x15 5x20"),
    alert: "WorldDown",
    at: { "17m": [], "33m": [], "50m": [] },
  },
  {
    title: "wakes somebody when a world has not saved for longer than it may",
    series: { [series("game_world_save_age_seconds", container)]: "4201x10" },
    alert: "WorldNotSaving",
    at: {
      "45s": [],
      "1m": [{ labels: { ...container, severity: "critical" }, summary: `${pod.pod} last saved 1h 10m 1s ago` }],
    },
  },
  {
    title: "is silent about a save that is just in time",
    series: { [series("game_world_save_age_seconds", container)]: "4200x10" },
    alert: "WorldNotSaving",
    at: { "10m": [] },
  },
  {
    title: "warns of a world of whose steps one in twenty takes longer than 50 ms",
    series: steps({ "0.05": 1120, "0.1": 1200, "+Inf": 1200 }),
    alert: "WorldTickSlow",
    at: {
      "5m": [],
      "7m": [
        {
          labels: { ...pod, severity: "warning" },
          // 1140 of 1200 steps are the 95th percentile: 20 of the 80 between 50 and 100 ms.
          summary: `${pod.pod} falls behind: its steps take 62.5ms`,
        },
      ],
    },
  },
  {
    title: "is silent about a world of whose steps one in thirty does",
    series: steps({ "0.025": 600, "0.05": 1160, "0.1": 1200, "+Inf": 1200 }),
    alert: "WorldTickSlow",
    at: { "7m": [], "20m": [] },
  },
  {
    title: "warns of a roll-out that updates no world in twice the time that one may need",
    series: revisions("a", "b", "5 0 1x80"),
    alert: "WorldRolloutStuck",
    at: { "30m": [], "40m": [{ labels: { ...set, severity: "warning" }, summary: still }] },
  },
  {
    title: "is silent while a roll-out updates a world every 16 minutes",
    series: revisions("a", "b", "5 0x15 1x15 2x15 3x15 4x15"),
    alert: "WorldRolloutStuck",
    at: { "40m": [], "60m": [], "80m": [] },
  },
  {
    title: "is silent about worlds that all run the same revision",
    series: revisions("b", "b", "5x90"),
    alert: "WorldRolloutStuck",
    at: { "80m": [] },
  },
];

describe("the alerts of worlds", () => {
  ruleCases(groups, cases);

  it("are proven, each in both ways", () => {
    assert.deepEqual(unproven(groups, cases), []);
  });

  it("are not there in a region without worlds, where they would match series without a set", () => {
    assert.deepEqual(worldAlerts(sampleWatched({ game: { ...watched.game, worlds: [] } })), []);
  });
});
