import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { behindRelays, CuttableNetwork } from "../support/valkey/network.ts";
import { ValkeyPods } from "../support/valkey/pods.ts";
import { Sessions, send } from "../support/valkey/sessions.ts";
import { until } from "../support/valkey/waiting.ts";

describe("the agent in a cut network", function () {
  this.timeout(300_000);
  let pods: ValkeyPods;
  let network: CuttableNetwork;
  let sessions: Sessions;

  before(async function () {
    const made = await ValkeyPods.create({ serverArgs: () => behindRelays(pods.port) });
    if (made === undefined) return this.skip();
    pods = made;
    network = new CuttableNetwork(pods);
    await network.open();
    await pods.startAll(true);
    await pods.whole();
    sessions = new Sessions(pods);
    await sessions.write(100);
  });

  after(async () => {
    await network?.close();
    await pods?.stop();
  });

  it("does nothing on the side of the minority, and the majority works on", async () => {
    // The primary of the last slots, and the replica of the first ones.
    const minority = [pods.pod(2), pods.pod(3)];
    const majority = [pods.pod(0), pods.pod(1), pods.pod(4), pods.pod(5)];
    const before = await pods.whole();
    const said = pods.log();
    network.cut(minority, majority);

    await until("the replica on the other side serves the slots", async () => {
      const view = await pods.view(pods.pod(5));
      return String(view.find((one) => one.host === pods.pod(5).host)?.slots) === "10923,16383";
    });
    for (let index = 0; index < 60; index++)
      assert.equal(await send(pods, majority, ["SET", `meanwhile:${index}`, "majority"]), "OK");
    await until("the minority stops", async () => {
      const states = await Promise.all(minority.map((pod) => pods.call(pod, "CLUSTER", "INFO")));
      return states.every((state) => String(state).includes("cluster_state:fail"));
    });
    await assert.rejects(pods.call(pods.pod(2), "SET", "{meanwhile}", "minority"), /CLUSTERDOWN|MOVED/);

    for (let round = 0; round < 3; round++) {
      const runs = await Promise.all(minority.map((pod) => pods.run(pod, "once")));
      assert.deepEqual(
        runs.map((run) => run.output),
        ["", ""],
      );
    }
    for (const pod of minority) {
      const view = await pods.view(pod);
      assert.deepEqual(
        view.map((one) => [one.id, one.address, one.slots, one.primary, one.epoch]),
        before.map((one) => [one.id, one.address, one.slots, one.primary, one.epoch]),
      );
    }
    assert.equal(pods.log(), said, "an agent did something during the cut");
    assert.notEqual((await pods.run(pods.pod(2), "ready")).code, 0);
  });

  it("is one cluster again when the cut ends, with the majority's writes", async () => {
    network.heal();
    const view = await pods.whole();
    const former = view.find((one) => one.host === pods.pod(2).host);
    assert.equal(former?.primary, view.find((one) => one.host === pods.pod(5).host)?.id);
    for (let index = 0; index < 60; index++)
      assert.equal(await send(pods, pods.pods, ["GET", `meanwhile:${index}`]), "majority");
    await sessions.verify();
  });
});
