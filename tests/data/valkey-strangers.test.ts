import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { ValkeyPods } from "../support/valkey/pods.ts";
import { routed, Sessions } from "../support/valkey/sessions.ts";
import { slotMap } from "../support/valkey/views.ts";
import { until } from "../support/valkey/waiting.ts";

describe("the agent and a volume of another cluster", function () {
  this.timeout(300_000);
  let pods: ValkeyPods;
  let other: ValkeyPods;
  let sessions: Sessions;

  before(async function () {
    const made = await ValkeyPods.create();
    const second = await ValkeyPods.create({ count: 3, replicasPerPrimary: 0, port: made?.port });
    if (made === undefined || second === undefined) return this.skip();
    pods = made;
    other = second;
    await Promise.all([pods.startAll(true), other.startAll(true)]);
    await Promise.all([pods.whole(), other.whole()]);
    sessions = new Sessions(pods);
    await sessions.write(100);
    await routed(other, "SET", "elsewhere", "kept");
  });

  after(() => Promise.all([pods?.stop(), other?.stop()]));

  it("neither meets it nor lets it take slots, and says so on both sides", async () => {
    const before = slotMap(await pods.whole());
    const strangers = new Set((await other.view(other.pod(0))).map((one) => one.id));
    const pod = pods.pod(5);
    await Promise.all([pods.kill(pod), other.kill(other.pod(2))]);
    pods.copyVolume(other.pod(2).folder, pod);
    await pods.startServer(pod);
    pods.startAgent(pod);
    await until("both sides say it", async () =>
      [
        "redis-cluster-5 belongs to another cluster than redis-cluster-0",
        "redis-cluster-0 belongs to another cluster than redis-cluster-5",
      ].every((line) => pods.log().includes(line)),
    );
    for (let round = 0; round < 3; round++) {
      const runs = await Promise.all(pods.pods.map((one) => pods.run(one, "once")));
      assert.deepEqual(
        runs.map((run) => run.code),
        [1, 1, 1, 1, 1, 1],
      );
    }
    for (const one of pods.pods.slice(0, 5)) {
      const view = await pods.view(one);
      assert.deepEqual(slotMap(view), before);
      assert.ok(!view.some(({ id }) => strangers.has(id)), `${one.name} knows a node of the other cluster`);
    }
    for (const one of other.pods.slice(0, 2))
      assert.equal((await other.view(one)).length, 3, "the clusters have merged");
    await sessions.verify();
  });

  it("takes the pod back when its volume is emptied", async () => {
    const pod = pods.pod(5);
    await pods.kill(pod);
    pods.wipe(pod);
    pods.readdress(pod);
    await pods.startServer(pod);
    pods.startAgent(pod);
    await pods.whole();
    await sessions.verify();
  });

  it("joins no cluster that fewer than half of the pods know, when the others are blank", async () => {
    const nodes = await pods.whole();
    await Promise.all(pods.pods.map((pod) => pods.kill(pod)));
    for (const pod of pods.pods) {
      if (pod.ordinal !== 0) pods.wipe(pod);
      pods.readdress(pod);
    }
    await pods.startAll(true);
    const first = nodes.find((one) => one.host === pods.pod(0).host);
    await until("the pods without data know each other", async () => {
      const views = await Promise.all(pods.pods.slice(1).map((pod) => pods.view(pod)));
      return views.every((view) => view.length === 5 && view.every((one) => one.connected));
    });
    const { code, output } = await pods.run(pods.pod(1), "once");
    assert.equal(code, 1);
    assert.match(output, /redis-cluster-0 knows a cluster that is foreign or has fewer than half of the pods: not met/);
    for (const pod of pods.pods.slice(1)) {
      const view = await pods.view(pod);
      assert.ok(!view.some((one) => one.id === first?.id || one.slots.length > 0), pod.name);
    }
    assert.match(String(await pods.call(pods.pod(0), "CLUSTER", "NODES")), / 0-5460\n/);
  });
});
