import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { isAlert } from "../../../components/monitoring/alerts/alert.ts";
import { mostLagSeconds, replacedSeconds } from "../../../components/monitoring/alerts/store.ts";
import { storeAlerts } from "../../../components/monitoring/alerts/stores.ts";
import { projectFolder } from "../../../tools/offline/stack-file.ts";
import { checkRules } from "../support/promtool.ts";
import { sampleWatched } from "../support/watched.ts";

const watched = sampleWatched();
const groups = storeAlerts(watched);
const alerts = groups.flatMap(({ rules }) => rules).filter(isAlert);

describe("the alerts of stores", () => {
  checkRules(groups);

  it("are a group for each store, of which two namespaces may have one of the same kind", () => {
    assert.deepEqual(
      groups.map(({ name }) => name),
      [
        "store-mysql-mmorpg-game",
        "store-valkey-mmorpg-game",
        "store-postgres-ad-platform",
        "store-valkey-ad-platform",
        "store-kafka-ad-platform",
      ],
    );
  });

  it("say in their labels whose store it is", () => {
    const named = alerts.map(({ labels }) => `${labels?.["namespace"]}/${labels?.["service"]}`);
    const stores = watched.stores.map(({ namespace, service }) => `${namespace}/${service}`);
    assert.deepEqual(new Set(named), new Set(stores));
  });

  it("do not wake anybody for a restart or a drained node, which every store survives", () => {
    const down = alerts.filter(({ alert }) => alert.endsWith("ServersDown"));
    assert.equal(down.length, watched.stores.length);
    for (const one of down) assert.equal(one.forSeconds, replacedSeconds, one.alert);
    const single = watched.stores.map((store) => ({ ...store, servers: 1 }));
    const alone = storeAlerts({ ...watched, stores: single }).flatMap(({ rules }) => rules.filter(isAlert));
    for (const one of alone.filter(({ alert }) => alert.endsWith("ServersDown"))) {
      assert.ok(one.forSeconds < replacedSeconds, `${one.alert}: nothing stands in for one server`);
    }
  });

  it("let a follower lag by what may be lost, or, where nothing may, by what a failover may take", () => {
    const [store] = watched.stores;
    assert.ok(store);
    assert.equal(mostLagSeconds({ ...store, lostSeconds: 5, backSeconds: 22 }), 5);
    assert.equal(mostLagSeconds({ ...store, lostSeconds: 0, backSeconds: 22 }), 22);
  });

  it("have runbooks that are there", () => {
    const named = new Set(alerts.map(({ runbook }) => `docs/runbooks/${runbook}.md`));
    assert.deepEqual(
      [...named].filter((file) => !existsSync(join(projectFolder, file))),
      [],
    );
  });

  it("are none where there are no stores", () => {
    assert.deepEqual(storeAlerts({ ...watched, stores: [] }), []);
  });
});
