import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { type ValkeyPod, ValkeyPods } from "../support/valkey/pods.ts";
import { routed, Sessions } from "../support/valkey/sessions.ts";
import { type NodeLine, slotMap } from "../support/valkey/views.ts";
import { until } from "../support/valkey/waiting.ts";

describe("the agent after losses", function () {
  this.timeout(300_000);
  let pods: ValkeyPods;
  let sessions: Sessions;

  before(async function () {
    const made = await ValkeyPods.create();
    if (made === undefined) return this.skip();
    pods = made;
    await pods.startAll(true);
    await pods.whole();
    sessions = new Sessions(pods);
    await sessions.write(200);
  });

  after(() => {
    if (process.env.KEEP) console.log(pods.log());
    return pods?.stop();
  });

  const podOf = (host: string | undefined): ValkeyPod => {
    const pod = pods.pods.find((one) => one.host === host);
    assert.ok(pod, host);
    return pod;
  };

  /** A primary and its replica. */
  const pair = async (): Promise<{ primary: NodeLine; replica: NodeLine }> => {
    const view = await pods.whole();
    const primary = view.find((one) => one.slots.length > 0);
    const replica = view.find((one) => one.primary === primary?.id);
    assert.ok(primary && replica);
    return { primary, replica };
  };

  it("takes a dead primary back as a replica, while writes go on", async () => {
    const { primary, replica } = await pair();
    sessions.start();
    await pods.kill(podOf(primary.host));
    await until("its replica serves the slots", async () => {
      const found = (await pods.view(podOf(replica.host))).find((one) => one.id === replica.id);
      return String(found?.slots) === String(primary.slots);
    });
    const written = sessions.count;
    await until("writes go on", async () => sessions.count > written + 100);
    pods.readdress(podOf(primary.host));
    await pods.startServer(podOf(primary.host));
    pods.startAgent(podOf(primary.host));
    const view = await pods.whole();
    assert.equal(view.find((one) => one.id === primary.id)?.primary, replica.id);
    await sessions.stop();
    await sessions.verify();
  });

  for (const [whose, readdress] of [
    ["new", () => pods.pods.map((pod) => pods.readdress(pod))],
    ["each other's", () => pods.rotateAddresses()],
  ] as const) {
    it(`brings all six together again when they come back with ${whose} addresses`, async () => {
      const before = await pods.whole();
      await Promise.all(pods.pods.map((pod) => pods.kill(pod)));
      readdress();
      await pods.startAll(true);
      const view = await pods.whole();
      assert.deepEqual(slotMap(view), slotMap(before));
      assert.deepEqual(
        view.map((one) => [one.id, one.host, one.primary]),
        before.map((one) => [one.id, one.host, one.primary]),
      );
      await sessions.verify();
      await sessions.write(50);
      for (const one of view.filter(({ primary }) => primary !== "-")) {
        const pair = [one.host, view.find(({ id }) => id === one.primary)?.host].map(podOf);
        await until(`${one.host} has the data of its primary`, async () => {
          const [copy, original] = await Promise.all(pair.map((pod) => pods.call(pod, "DBSIZE")));
          return copy === original;
        });
      }
    });
  }

  it("connects replicas to primaries whose new address they have only heard of from others", async () => {
    await pods.stopAgents();
    await Promise.all(pods.pods.map((pod) => pods.kill(pod)));
    for (const pod of pods.pods) pods.readdress(pod);
    await pods.startAll(false);
    // The other agents reach nobody but their own server, so the first one alone brings all together.
    const others = pods.pods.slice(1);
    const far = others.flatMap((pod) =>
      pods.pods.filter((one) => one !== pod).map((one) => `${pod.name} ${one.address}`),
    );
    writeFileSync(join(pods.folder, "cut"), `${far.join("\n")}\n`);
    for (const pod of others) await pods.run(pod, "once");
    await until("all know each other", async () => {
      await pods.run(pods.pod(0), "once");
      const views = await Promise.all(pods.pods.map((pod) => pods.view(pod)));
      return views.every((view) =>
        view.every((one) => one.connected && !one.flags.some((flag) => flag.includes("fail"))),
      );
    });
    writeFileSync(join(pods.folder, "cut"), "");
    for (const pod of pods.pods) pods.startAgent(pod);
    await pods.whole();
    await sessions.verify();
  });

  for (const which of ["replica", "primary"] as const) {
    it(`gives a ${which} that lost its volume its place back, and forgets its former node`, async () => {
      const lost = (await pair())[which];
      const pod = podOf(lost.host);
      await pods.kill(pod);
      pods.wipe(pod);
      pods.readdress(pod);
      await pods.startServer(pod);
      pods.startAgent(pod);
      const view = await pods.whole();
      const now = view.find((one) => one.host === lost.host);
      assert.ok(now && now.id !== lost.id);
      assert.notEqual(now.primary, "-");
      for (const one of pods.pods) assert.ok(!(await pods.view(one)).some(({ id }) => id === lost.id), one.name);
      assert.match(pods.log(), new RegExp(`forgot ${lost.id}, the former node of ${pod.name}, on [56] nodes`));
      await sessions.verify();
    });
  }

  it("leaves slots whose only copies are lost to a person, who can give them up", async () => {
    const { primary, replica } = await pair();
    const [first, second] = [podOf(primary.host), podOf(replica.host)];
    await Promise.all([pods.kill(first), pods.kill(second)]);
    for (const pod of [first, second]) {
      pods.wipe(pod);
      pods.readdress(pod);
      await pods.startServer(pod);
      pods.startAgent(pod);
    }
    await until("the loss is said", async () => pods.log().includes("DATA LOST"));
    await until("one pod waits for the slots and the other copies a living primary", async () => {
      const found = (await Promise.all([first, second].map((pod) => pods.view(pod)))).map((view, index) =>
        view.find((one) => one.host === [first, second][index]?.host),
      );
      return found.filter((one) => one?.primary !== "-").length === 1;
    });
    const other = pods.pods.find((pod) => pod !== first && pod !== second);
    assert.ok(other);
    const pass = await pods.run(first, "once");
    assert.equal(pass.code, 1);
    assert.ok(pass.output.includes(`accept-loss ${primary.id}`), pass.output);
    const [[from = 0, to = 0] = []] = primary.slots;
    const isLost = async (key: string) => {
      const slot = Number(await pods.call(other, "CLUSTER", "KEYSLOT", key));
      return slot >= from && slot <= to;
    };
    const owners = slotMap(await pods.view(other));
    assert.ok(
      owners.slice(from, to + 1).every((owner) => owner === primary.id),
      "lost slots were given away",
    );
    await sessions.verify(isLost);

    assert.match((await pods.run(first, "accept-loss", "0".repeat(40))).output, /no node knows/);
    const living = (await pods.view(other)).find((one) => one.host === other.host);
    assert.notEqual((await pods.run(first, "accept-loss", living?.id ?? "")).code, 0);
    assert.equal((await pods.run(first, "accept-loss", primary.id)).code, 0);
    const view = await pods.whole();
    assert.ok(slotMap(view).every((owner) => owner !== primary.id));
    await sessions.verify(isLost);
    for (let index = 0; index < 50; index++) await routed(pods, "SET", `after:${index}`, "x");
  });
});
