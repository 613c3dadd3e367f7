import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { debianServer } from "../../lab/toolchain/debian-packages.ts";
import { ValkeyPods } from "../support/valkey/pods.ts";
import { Sessions } from "../support/valkey/sessions.ts";
import { testPassword } from "../support/valkey/users.ts";
import { type NodeLine, slotMap } from "../support/valkey/views.ts";
import { until } from "../support/valkey/waiting.ts";

/** Everything in a view that a pass could change. */
function essence(view: readonly NodeLine[]): string[] {
  return view.map((one) => [one.id, one.host, one.address, one.flags, one.primary, one.epoch, one.slots].join(" "));
}

describe("the agent of six real servers", function () {
  this.timeout(300_000);
  let pods: ValkeyPods;
  let sessions: Sessions;

  before(async function () {
    const made = await ValkeyPods.create();
    if (made === undefined) return this.skip();
    pods = made;
    sessions = new Sessions(pods);
  });

  after(() => pods?.stop());

  it("forms no cluster while one pod is missing", async () => {
    const five = pods.pods.slice(0, 5);
    await Promise.all(five.map((pod) => pods.startServer(pod)));
    for (const pod of five) pods.startAgent(pod);
    await until("five pods know each other", async () => {
      const views = await Promise.all(five.map((pod) => pods.view(pod)));
      return views.every((view) => view.length === 5 && view.every((one) => one.connected && one.host !== ""));
    });
    for (const pod of five) assert.equal((await pods.run(pod, "once")).output, "");
    for (const pod of five) assert.ok(slotMap(await pods.view(pod)).every((owner) => owner === ""));
    assert.match((await pods.run(pods.pod(0), "ready")).output, /the cluster is not up/);
  });

  it("forms one cluster when all are there: each slot once, each primary with a replica", async () => {
    // One has lost its volume meanwhile, and its first node is known to the others.
    await pods.kill(pods.pod(4));
    pods.wipe(pods.pod(4));
    pods.readdress(pods.pod(4));
    await pods.startServer(pods.pod(4));
    pods.startAgent(pods.pod(4));
    await pods.startServer(pods.pod(5));
    pods.startAgent(pods.pod(5));
    const view = await pods.whole();
    const hosts = pods.pods.map((pod) => pod.host);
    const ids = Object.fromEntries(view.map((one) => [one.host, one.id]));
    assert.deepEqual(
      view.map((one) => [one.host, one.slots, one.primary]),
      [
        [hosts[0], [[0, 5460]], "-"],
        [hosts[1], [[5461, 10922]], "-"],
        [hosts[2], [[10923, 16383]], "-"],
        [hosts[3], [], ids[hosts[0] ?? ""]],
        [hosts[4], [], ids[hosts[1] ?? ""]],
        [hosts[5], [], ids[hosts[2] ?? ""]],
      ],
    );
    assert.equal(pods.log().match(/gave slots/g)?.length, 3);
    assert.equal(pods.log().match(/made redis-cluster-\d a replica/g)?.length, 3);
    await sessions.write(200);
    await sessions.verify();
  });

  it("changes nothing and says nothing in a second pass, even in all pods at once", async () => {
    await pods.stopAgents();
    const views = async () => (await Promise.all(pods.pods.map((pod) => pods.view(pod)))).map(essence);
    const before = await views();
    for (let round = 0; round < 3; round++) {
      const runs = await Promise.all(pods.pods.map((pod) => pods.run(pod, "once")));
      assert.deepEqual(
        runs,
        pods.pods.map(() => ({ code: 0, output: "" })),
      );
    }
    assert.deepEqual(await views(), before);
  });

  it("answers the probes of every pod", async () => {
    for (const pod of pods.pods) {
      for (const probe of ["live", "startup", "ready"])
        assert.deepEqual(await pods.run(pod, probe), { code: 0, output: "" }, `${pod.name} ${probe}`);
    }
    assert.equal((await pods.run(pods.pod(0), "nonsense")).code, 2);
  });

  it("hands a primary's slots to its replica before the pod stops, and does nothing for a replica", async () => {
    assert.deepEqual(await pods.run(pods.pod(3), "prestop"), { code: 0, output: "" });
    const { code, output } = await pods.run(pods.pod(0), "prestop");
    assert.equal(code, 0);
    assert.equal(output, `valkey-agent: handed over to ${pods.pod(3).address}\n`);
    const view = await pods.whole();
    const serving = view.filter((one) => one.slots.length > 0).map((one) => one.host);
    assert.deepEqual(serving, [pods.pod(1).host, pods.pod(2).host, pods.pod(3).host]);
    await sessions.verify();
  });

  it("keeps the password out of arguments and out of what it says", () => {
    const lines = pods.argumentLines();
    assert.ok(lines.length > 100, "the client was not called through the stand-in");
    const hash = createHash("sha256").update(testPassword).digest("hex");
    for (const text of [...lines, pods.log()]) {
      assert.ok(!text.includes(testPassword));
      assert.ok(!text.includes(hash));
    }
  });

  it("says when the password is wrong, without it, and leaves the server alive", async () => {
    const wrong = { REDISCLI_AUTH: "WrongSecret" };
    const pass = await pods.run(pods.pod(0), "once", wrong);
    assert.equal(pass.code, 1);
    assert.match(pass.output, /the server refuses to answer: .*(NOAUTH|WRONGPASS)/);
    assert.ok(!pass.output.includes("WrongSecret"));
    assert.notEqual((await pods.run(pods.pod(0), "startup", wrong)).code, 0);
    assert.notEqual((await pods.run(pods.pod(0), "ready", wrong)).code, 0);
    assert.equal((await pods.run(pods.pod(0), "live", wrong)).code, 0);
  });

  it("fails every probe of a server that is gone, and a pass there does nothing", async () => {
    await pods.kill(pods.pod(5));
    for (const call of ["live", "startup", "ready", "once"])
      assert.notEqual((await pods.run(pods.pod(5), call)).code, 0);
  });
});

describe("the agent of a single server", function () {
  this.timeout(120_000);
  let pods: ValkeyPods | undefined;

  after(() => pods?.stop());

  it("gives it all slots", async function () {
    pods = await ValkeyPods.create({ count: 1, replicasPerPrimary: 0 });
    if (pods === undefined) return this.skip();
    await pods.startAll(true);
    const view = await pods.whole();
    assert.deepEqual(view[0]?.slots, [[0, 16383]]);
    await until("the pod is ready", async () => (await pods?.run(pods.pod(0), "ready"))?.code === 0);
  });
});

describe("the agent with the tools of a small image", function () {
  this.timeout(120_000);
  let pods: ValkeyPods | undefined;
  let tools = "";

  after(async () => {
    await pods?.stop();
    if (tools !== "") rmSync(tools, { recursive: true, force: true });
  });

  it("forms a cluster and answers probes with busybox alone", async function () {
    const busybox = await debianServer("busybox").catch((error) => {
      console.warn(`    SKIPPED: busybox, because ${error instanceof Error ? error.message : error}`);
    });
    if (busybox === undefined) return this.skip();
    tools = mkdtempSync(join(tmpdir(), "realmgrid-busybox-"));
    const program = busybox.programs["server"] ?? "";
    execFileSync(program, ["--install", "-s", tools], { env: { ...process.env, ...busybox.environment } });
    pods = await ValkeyPods.create({ count: 2, shell: [program, "sh"], toolsFolder: tools });
    if (pods === undefined) return this.skip();
    await pods.startAll(true);
    await pods.whole();
    for (const pod of pods.pods) {
      for (const call of ["live", "startup", "ready", "once"])
        assert.deepEqual(await pods.run(pod, call), { code: 0, output: "" }, `${pod.name} ${call}`);
    }
    assert.match((await pods.run(pods.pod(0), "prestop")).output, /handed over/);
  });
});
