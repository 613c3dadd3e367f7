import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { first } from "../support/objects.ts";
import { projects } from "./support/argo-objects.ts";
import { delivering } from "./support/delivered.ts";

const zones = { "us-west": "America/Los_Angeles", "us-east": "America/New_York", "eu-west": "Europe/Dublin" };
const window = { "delivery.argocd.syncWindow": { startHour: 3, hours: 2 } };

function minute(schedule: string): number {
  return Number(schedule.split(" ")[0]);
}

describe("windows in which Argo CD applies by itself", function () {
  this.timeout(120_000);
  it("are none unless the stack says so", async () => {
    for (const { spec } of await projects("prod", delivering())) assert.equal(spec.syncWindows, undefined);
  });

  it("are in the night of each region: its own time zone, so that summer time is Argo CD's to know", async () => {
    const all = await projects("prod", delivering(window));
    assert.deepEqual(all.map(({ name }) => name).sort(), [
      "ad-platform",
      "ad-platform",
      "mmorpg-game",
      "mmorpg-game",
      "mmorpg-game",
    ]);
    for (const { region, name, spec } of all) {
      assert.deepEqual(spec.syncWindows, [
        {
          kind: "allow",
          schedule: "0 3 * * *",
          duration: "2h",
          timeZone: zones[region as keyof typeof zones],
          applications: [`${name}-${region}`],
          manualSync: true,
        },
      ]);
    }
  });

  it("are four hours from two where nothing else is said", async () => {
    const [project] = await projects("dev", delivering({ "delivery.argocd.syncWindow": {} }));
    const { schedule, duration, timeZone } = first(project?.spec.syncWindows);
    assert.deepEqual([schedule, duration], ["0 2 * * *", "4h"]);
    assert.doesNotThrow(() => new Intl.DateTimeFormat("en", { timeZone }));
  });

  it("never hold up a person: a fix does not wait for the night", async () => {
    for (const hub of [undefined, "us-west"]) {
      for (const { spec } of await projects("prod", delivering({ ...window, "delivery.argocd.hub": hub }))) {
        for (const { manualSync } of spec.syncWindows ?? []) assert.equal(manualSync, true);
      }
    }
  });

  it("of a hub are one for each region, each for its Application alone", async () => {
    for (const { name, spec } of await projects("prod", delivering({ ...window, "delivery.argocd.hub": "eu-west" }))) {
      const windows = spec.syncWindows ?? [];
      const regions = name === "mmorpg-game" ? ["us-east", "us-west", "eu-west"] : ["us-west", "eu-west"];
      assert.deepEqual(
        windows.map(({ applications }) => applications),
        regions.map((region) => [`${name}-${region}`]),
      );
      assert.deepEqual(
        windows.map(({ timeZone }) => timeZone),
        regions.map((region) => zones[region as keyof typeof zones]),
      );
    }
  });

  it("of a hub begin a minute apart: Argo CD took them for one, and refused every edit of the project", async () => {
    const sameZone = {
      "regions.us-east.timeZone": "America/Los_Angeles",
      "regions.eu-west.timeZone": "America/Los_Angeles",
    };
    for (const more of [{}, sameZone]) {
      const changes = delivering({ ...window, ...more, "delivery.argocd.hub": "us-west" });
      for (const { spec } of await projects("prod", changes)) {
        const schedules = (spec.syncWindows ?? []).map(({ schedule }) => schedule);
        assert.equal(new Set(schedules).size, schedules.length);
        for (const schedule of schedules) {
          assert.match(schedule, /^\d 3 \* \* \*$/);
          assert.ok(minute(schedule) < 3);
        }
      }
    }
  });
});
