/** Rotation of passwords by the script as it ships, on a real server. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { call } from "../support/valkey/client.ts";
import { ValkeyPods } from "../support/valkey/pods.ts";
import { accessScript, testPassword } from "../support/valkey/users.ts";

describe("the access lists of a server", function () {
  this.timeout(180_000);
  let pods: ValkeyPods;

  before(async function () {
    const created = await ValkeyPods.create({ count: 1, replicasPerPrimary: 0 });
    if (created === undefined) return this.skip();
    pods = created;
    await pods.startAll(false);
  });

  after(() => pods?.stop());

  /** The passwords of a user as kubelet would mount them. */
  const mount = (user: string, password: string, previous: string) => {
    const folder = join(pods.folder, "users", user);
    writeFileSync(join(folder, "password"), password);
    writeFileSync(join(folder, "previous-password"), previous);
  };

  const run = async (action: string, change: Record<string, string> = {}) => {
    const pod = pods.pod(0);
    const child = spawn("sh", [accessScript, action], {
      env: {
        ...pods.environment(pod),
        USERS_FOLDER: join(pods.folder, "users"),
        RULES_FILE: join(pods.folder, "rules"),
        ACCESS_FOLDER: pods.folder,
        REPLICATION_USER: "replication",
        ...change,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += String(chunk)));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, output };
  };

  /** Whether a password opens the server for a user. */
  const opens = async (user: string, password: string) => {
    try {
      return (await call({ address: pods.pod(0).address, port: pods.port, user, password }, "PING")) === "PONG";
    } catch (error) {
      if (error instanceof Error && /WRONGPASS/.test(error.message)) return false;
      throw error;
    }
  };

  it("does nothing while nothing changes", async () => {
    assert.deepEqual(await run("refresh"), { code: 0, output: "" });
  });

  it("lets the new and the last password in after a rotation, and the one before those out after the next", async () => {
    mount("world", "Second2", testPassword);
    const { code, output } = await run("refresh");
    assert.equal(code, 0, output);
    assert.match(output, /^valkey-access: the server has read users\.acl\n$/);
    assert.deepEqual([await opens("world", "Second2"), await opens("world", testPassword)], [true, true]);
    mount("world", "Third3", "Second2");
    await run("refresh");
    assert.deepEqual(
      [await opens("world", "Third3"), await opens("world", "Second2"), await opens("world", testPassword)],
      [true, true, false],
    );
  });

  it("gives replicas the password that a primary knows before and after it has heard of the new one", async () => {
    mount("replication", "NewReplication", testPassword);
    const { output } = await run("refresh");
    assert.match(output, /read users\.acl/);
    assert.match(
      readFileSync(join(pods.folder, "replication.conf"), "utf8"),
      new RegExp(`masterauth ${testPassword}\n`),
    );
    mount("replication", "NewerReplication", "NewReplication");
    assert.match((await run("refresh")).output, /read replication\.conf/);
    const reply = await pods.call(pods.pod(0), "CONFIG", "GET", "masterauth");
    assert.deepEqual(reply, ["masterauth", "NewReplication"]);
  });

  it("keeps the lists that are there when a Secret is incomplete", async () => {
    const before = readFileSync(join(pods.folder, "users.acl"), "utf8");
    mount("world", "", "Third3");
    const { code, output } = await run("refresh");
    assert.equal(code, 1);
    assert.match(output, /users\/world\/password is missing or empty/);
    assert.equal(readFileSync(join(pods.folder, "users.acl"), "utf8"), before);
    assert.equal(await opens("world", "Third3"), true);
    mount("world", "Third3", "Second2");
  });

  it("tries again after the server has refused", async () => {
    mount("world", "Fourth4", "Third3");
    const refused = await run("refresh", { REDISCLI_AUTH: "wrong" });
    assert.equal(refused.code, 1);
    assert.ok(existsSync(join(pods.folder, "users.acl.unread")));
    assert.equal(await opens("world", "Fourth4"), false);
    assert.equal((await run("refresh")).code, 0);
    assert.equal(await opens("world", "Fourth4"), true);
  });

  it("writes hashes, and says no password in its output or among the arguments of a process", async () => {
    const said: string[] = [];
    for (const password of ["Fifth5", "Sixth6"]) {
      mount("world", password, "Fourth4");
      said.push((await run("refresh")).output);
    }
    const lists = readFileSync(join(pods.folder, "users.acl"), "utf8");
    const seen = `${lists}${said.join("")}${readFileSync(join(pods.folder, "argv"), "utf8")}`;
    for (const secret of ["Fifth5", "Sixth6", "Fourth4", testPassword]) assert.ok(!seen.includes(secret), secret);
    assert.match(lists, /^user world on #[0-9a-f]{64} #[0-9a-f]{64} ~\*/m);
  });
});
