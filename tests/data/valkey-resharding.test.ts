import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { ValkeyPods } from "../support/valkey/pods.ts";
import { Sessions } from "../support/valkey/sessions.ts";
import { type NodeLine, slotMap } from "../support/valkey/views.ts";
import { until } from "../support/valkey/waiting.ts";

describe("the agent during a resharding", function () {
  this.timeout(600_000);
  let pods: ValkeyPods;
  let sessions: Sessions;
  let idOf: (ordinal: number) => string;

  before(async function () {
    const made = await ValkeyPods.create();
    if (made === undefined) return this.skip();
    pods = made;
    await pods.startAll(true);
    const view = await pods.whole();
    idOf = (ordinal) => view.find((one) => one.host === pods.pod(ordinal).host)?.id ?? "";
    // A primary with few slots, since each that is moved is written to disk by every server.
    await pods.stopAgents();
    await Promise.all(pods.pods.map((pod) => pods.call(pod, "CLUSTER", "DELSLOTSRANGE", "150", "5460")));
    await pods.call(pods.pod(1), "CLUSTER", "ADDSLOTSRANGE", "150", "5460");
    await pods.whole();
    for (const pod of pods.pods) pods.startAgent(pod);
    sessions = new Sessions(pods);
    await sessions.write(400);
  });

  after(() => pods?.stop());

  /** Moves slots with the server's own tool. */
  const move = async (from: number, to: number, slots: number): Promise<void> => {
    const { address } = pods.pod(0);
    const plan = ["--cluster-from", idOf(from), "--cluster-to", idOf(to), "--cluster-slots", String(slots)];
    await pods.tool(["--cluster", "reshard", `${address}:${pods.port}`, ...plan, "--cluster-yes"]);
  };

  const served = (view: readonly NodeLine[], ordinal: number) =>
    slotMap(view).filter((owner) => owner === idOf(ordinal)).length;

  it("touches no slot that is on its way, not even when a pass finds it half moved", async () => {
    await pods.call(pods.pod(1), "CLUSTER", "SETSLOT", "100", "IMPORTING", idOf(0));
    await pods.call(pods.pod(0), "CLUSTER", "SETSLOT", "100", "MIGRATING", idOf(1));
    for (const pod of pods.pods) assert.deepEqual(await pods.run(pod, "once"), { code: 0, output: "" });
    const [own] = (await pods.view(pods.pod(0))).filter((one) => one.host === pods.pod(0).host);
    assert.deepEqual(own?.moving, [`[100->-${idOf(1)}]`]);
    for (const ordinal of [0, 1]) await pods.call(pods.pod(ordinal), "CLUSTER", "SETSLOT", "100", "STABLE");
    await pods.whole();
  });

  it("lets every slot of a primary go and come back, under writes", async () => {
    const said = pods.log();
    sessions.start();
    await move(0, 1, 150);
    await until("the primary serves no slot", async () => served(await pods.view(pods.pod(0)), 0) === 0);
    for (const pod of pods.pods) await pods.run(pod, "once");
    const [own] = (await pods.view(pods.pod(0))).filter((one) => one.host === pods.pod(0).host);
    assert.ok(own?.flags.includes("master"), "the emptied primary was made a replica, and could get no slots back");
    await move(1, 0, 80);
    const view = await pods.whole();
    await sessions.stop();
    assert.deepEqual(
      [0, 1, 2].map((ordinal) => served(view, ordinal)),
      [80, 10_843, 5461],
    );
    await sessions.verify();
    assert.doesNotMatch(pods.log().slice(said.length), /gave slots|made redis|met redis|forgot/);
  });
});
