import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "mocha";
import { type ValkeySize, valkeySettings } from "../../components/data/valkey-settings.ts";
import { writeCertificates } from "../../lab/certificates.ts";
import { ValkeyPods, type ValkeyPodsOptions } from "../support/valkey/pods.ts";
import { testPassword } from "../support/valkey/users.ts";
import { until } from "../support/valkey/waiting.ts";

const gibibyte = 2 ** 30;
const size: ValkeySize = {
  memoryLimitBytes: gibibyte,
  usersFile: "/access/users.acl",
  replicationFile: "/access/repl",
};

/** Values of a setting in the order in which they stand. */
const values = (text: string, name: string) =>
  [...text.matchAll(new RegExp(`^${name} (.*)$`, "gm"))].map(([, value]) => value);

describe("the configuration of the servers", () => {
  it("leaves room for the fork below the memory limit", () => {
    const text = valkeySettings(size);
    assert.deepEqual(values(text, "maxmemory"), ["614mb"]);
    assert.deepEqual(values(text, "maxmemory-policy"), ["noeviction"]);
    const [, hard] = /^replica (\d+)mb/.exec(values(text, "client-output-buffer-limit")[0] ?? "") ?? [];
    assert.ok(614 + Number(hard) < 0.75 * 1024);
    assert.deepEqual(values(valkeySettings({ ...size, whenFull: "allkeys-lru" }), "maxmemory-policy"), ["allkeys-lru"]);
    assert.throws(() => valkeySettings({ ...size, memoryLimitBytes: 2 ** 20 }), RangeError);
  });

  it("has the original design's cluster settings, each with a value", () => {
    const text = valkeySettings(size);
    const wanted = {
      "cluster-enabled": "yes",
      "cluster-config-file": "/data/nodes.conf",
      "cluster-node-timeout": "5000",
      appendonly: "yes",
      "protected-mode": "no",
      port: "6379",
    };
    for (const [name, value] of Object.entries(wanted)) assert.deepEqual(values(text, name), [value], name);
    for (const line of text.split("\n").filter(Boolean)) assert.match(line, /^[a-z-]+ \S/, line);
    assert.deepEqual(values(valkeySettings({ ...size, nodeTimeoutMs: 7000 }), "cluster-node-timeout"), ["7000"]);
  });

  it("names every setting once, and closes the plain port with TLS", () => {
    const tls = { caFile: "/tls/ca.crt", certFile: "/tls/tls.crt", keyFile: "/tls/tls.key" };
    for (const text of [valkeySettings(size), valkeySettings({ ...size, tls })]) {
      const names = text
        .split("\n")
        .filter(Boolean)
        .map((line) => line.split(" ")[0]);
      assert.equal(new Set(names).size, names.length);
    }
    assert.deepEqual(values(valkeySettings({ ...size, tls }), "port"), ["0"]);
    assert.deepEqual(values(valkeySettings({ ...size, tls }), "tls-port"), ["6379"]);
  });
});

describe("a real server with the configuration", function () {
  this.timeout(120_000);
  let pods: ValkeyPods | undefined;
  let folder = "";

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "realmgrid-test-"));
  });
  afterEach(async () => {
    await pods?.stop();
    pods = undefined;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const start = async (options: ValkeyPodsOptions): Promise<ValkeyPods | undefined> => {
    pods = await ValkeyPods.create({ count: 1, replicasPerPrimary: 0, ...options });
    return pods;
  };

  for (const whenFull of ["noeviction", "allkeys-lru", "volatile-lru"] as const) {
    for (const memoryLimitBytes of [gibibyte / 64, gibibyte, 48 * gibibyte]) {
      it(`takes a limit of ${memoryLimitBytes / 2 ** 20} MiB and ${whenFull}`, async function () {
        const one = await start({ settings: { memoryLimitBytes, whenFull } });
        if (one === undefined) return this.skip();
        await one.startServer(one.pod(0));
        const reply = await one.call(one.pod(0), "CONFIG", "GET", "maxmemory*");
        assert.ok(
          Array.isArray(reply) && reply.includes(String(Math.floor((memoryLimitBytes * 0.6) / 2 ** 20) * 2 ** 20)),
        );
        assert.ok(reply.includes(whenFull));
      });
    }
  }

  it("speaks TLS only, and the agent with it", async function () {
    await writeCertificates(folder);
    const [caFile, certFile, keyFile] = ["ca.crt", "server.crt", "server.key"].map((file) => join(folder, file));
    assert.ok(caFile && certFile && keyFile);
    const one = await start({
      count: 2,
      replicasPerPrimary: 1,
      settings: { tls: { caFile, certFile, keyFile } },
      agentEnvironment: () => ({ TLS_CA_FILE: caFile, TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile }),
    });
    if (one === undefined) return this.skip();
    for (const pod of one.pods) {
      await one.startServer(pod, false);
      one.startAgent(pod);
    }
    for (const pod of one.pods)
      await until(`${pod.name} is ready`, async () => (await one.run(pod, "ready")).code === 0);
    assert.match(one.log(), /made redis-cluster-1 a replica of redis-cluster-0/);
    await assert.rejects(one.call(one.pod(0), "PING"), "the server speaks plain TCP");
  });

  it("lets each user do its own work only", async function () {
    const one = await start({});
    if (one === undefined) return this.skip();
    await one.startAll(true);
    await one.whole();
    const as = (user: string, ...words: string[]) => one.callAs(user, one.pod(0), ...words);
    assert.equal(await as("world", "SET", "session", "1"), "OK");
    assert.ok(await as("world", "CLUSTER", "SLOTS"));
    assert.ok(await as("agent", "INFO"));
    for (const [user, ...words] of [
      ["world", "FLUSHALL"],
      ["world", "CONFIG", "GET", "*"],
      ["world", "CLUSTER", "FORGET", "x"],
      ["world", "KEYS", "*"],
      ["agent", "GET", "session"],
      ["agent", "FLUSHALL"],
      ["replication", "GET", "session"],
      ["replication", "CONFIG", "GET", "*"],
    ] as const)
      await assert.rejects(as(user, ...words), /NOPERM/, `${user} ${words}`);
    await assert.rejects(as("default", "PING"), /WRONGPASS/);
    assert.ok(!readFileSync(`/proc/${one.pod(0).server?.pid}/cmdline`, "utf8").includes(testPassword));
  });
});
