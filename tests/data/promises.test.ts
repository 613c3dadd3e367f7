import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { storePromises } from "../../components/data/promises.ts";
import { type Changes, configOf, type StackName } from "../support/stacks.ts";

function promises(stack: StackName, changes: Changes = {}): Record<string, [number | undefined, number | undefined]> {
  return Object.fromEntries(
    storePromises(configOf(stack, changes)).map(({ owner, store, failure, lostSeconds, backSeconds }) => [
      owner === "game" ? `${store}: ${failure}` : `${owner}, ${store}: ${failure}`,
      [lostSeconds, backSeconds],
    ]),
  );
}

describe("the promises of the stores", () => {
  it("of prod lose nothing with one server, and what is newer than the last backup with all of them", () => {
    assert.deepEqual(promises("prod"), {
      "MySQL: one server, its node or its zone": [0, 22],
      "MySQL: all volumes, the region, a mistake": [6 * 3600, undefined],
      "Valkey: one server, its node or its zone": [1, 7.5],
      "Valkey: all servers at once, volumes left": [1, 26],
      "Valkey: all volumes, the region, a mistake": [6 * 3600, undefined],
      "worlds: a volume, the region, a mistake": [3600, undefined],
      "ads production, PostgreSQL: one server, its node or its zone": [0, 30],
      "ads production, PostgreSQL: all volumes, the region, a mistake": [6 * 3600, undefined],
      "ads production, Valkey: one server, its node or its zone": [1, 7.5],
      "ads production, Valkey: all servers at once, volumes left": [1, 26],
      "ads production, Valkey: all volumes, the region, a mistake": [6 * 3600, undefined],
      "ads production, Kafka: one broker, its node or its zone": [0, 10],
      "ads production, Kafka: all volumes, the region, a mistake": [undefined, undefined],
    });
  });

  it("of dev, with one server each, promise no other server", () => {
    const found = Object.keys(promises("dev"));
    assert.ok(!found.some((one) => one.includes("its node")), found.join("\n"));
  });

  it("follow schedules and times of the configuration", () => {
    const found = promises("prod", {
      "data.backups.schedule": "0 4 * * *",
      "data.backups.maxAgeHours": 26,
      "game.worlds.backup.schedule": "*/30 * * * *",
      "data.valkey.nodeTimeoutMs": 8000,
    });
    assert.deepEqual(found["MySQL: all volumes, the region, a mistake"], [24 * 3600, undefined]);
    assert.deepEqual(found["worlds: a volume, the region, a mistake"], [1800, undefined]);
    assert.deepEqual(found["Valkey: one server, its node or its zone"], [1, 12]);
  });

  it("promise nothing where stores are not backed up", () => {
    const found = promises("prod", { "data.backups": { enabled: false } });
    assert.deepEqual(found["MySQL: all volumes, the region, a mistake"], [undefined, undefined]);
  });
});
