import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { localTarget, manifestLines, sha256, writeManifest } from "../support/backup/dumps.ts";
import { freePort } from "../support/backup/ports.ts";
import { Programs } from "../support/backup/programs.ts";
import { runScript, secretFolder } from "../support/backup/scripts.ts";
import { passwords, ValkeyCluster } from "../support/backup/valkey.ts";

const keys = 300;

describe("backup and drill of a real Valkey Cluster", function () {
  this.timeout(300_000);
  let programs: Programs | undefined;
  let cluster: ValkeyCluster | undefined;
  let dump = "";

  before(async function () {
    programs = await Programs.create("busybox", "valkey", "rclone");
    if (programs === undefined) return this.skip();
    cluster = await ValkeyCluster.start(programs, "source");
    const sessions = Array.from(
      { length: keys },
      (_, index) => `SET session:${index} "Þórr 🐉 ${index}\\x00\\xff" EX 100000`,
    );
    const others = [
      `SET big ${"x".repeat(2_000_000)}`,
      "HSET guild:{a} name Bäcker level 7",
      "RPUSH queue:{b} 1 2 3",
      "ZADD ranks:{c} 1.5 one 2 two",
      "SADD set:{d} a b c",
      "XADD log:{e} 1-1 event login",
    ];
    await cluster.load([...sessions, ...others]);
    assert.equal(await cluster.size(), keys + others.length);
    dump = programs.room("dump");
  });

  after(async () => {
    await cluster?.stop();
    programs?.remove();
  });

  function here(): { programs: Programs; cluster: ValkeyCluster } {
    assert.ok(programs && cluster);
    return { programs, cluster };
  }

  const store = (folder: string, environment: Record<string, string> = {}) => ({
    STORE_HOST: "127.0.0.1",
    STORE_PORT: String(here().cluster.port),
    SECRET_FOLDER: secretFolder(here().programs, "secret", { username: "backup", password: passwords.backup }),
    BACKUP_FOLDER: folder,
    ...environment,
  });
  /** With the shell and the tools of its image, which are those of BusyBox. */
  const run = (script: string, environment: Record<string, string>) =>
    runScript(here().programs, script, environment, {
      shell: [join(here().programs.folder, "busybox"), "sh"],
      onlyPrograms: true,
    });
  const dumpTo = (folder: string, environment: Record<string, string> = {}) =>
    run("backup-dump-valkey", store(folder, environment));
  const restore = (folder: string, environment: Record<string, string> = {}) =>
    run("backup-restore-valkey", {
      BACKUP_FOLDER: folder,
      WORK_FOLDER: here().programs.room("work"),
      ...environment,
    });

  /** A copy of the dump with one file changed, and a manifest that agrees with that. */
  function changed(name: string, file: string, change: (content: Buffer) => Buffer): string {
    const folder = here().programs.room(name);
    for (const one of [1, 2, 3]) copyFileSync(join(dump, `primary-${one}.rdb`), join(folder, `primary-${one}.rdb`));
    const content = change(readFileSync(join(dump, file)));
    writeFileSync(join(folder, file), content);
    const line = `file ${sha256(content)} ${content.length} ${file}`;
    writeManifest(
      folder,
      manifestLines(dump).map((one) => (one.endsWith(` ${file}`) && one.startsWith("file ") ? line : one)),
    );
    return folder;
  }

  it("takes every primary, with its slots and keys, as a user who can do nothing else", async () => {
    const { code, stdout, stderr } = await dumpTo(dump);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^dumped valkey \\d{8}-\\d{6}: ${keys + 6} rows or keys, \\d+ bytes\\n$`));
    const lines = manifestLines(dump);
    const about = (key: string) => lines.filter((line) => line.startsWith(`${key} `));
    assert.deepEqual(about("slots"), [
      "slots primary-1.rdb 0-5461",
      "slots primary-2.rdb 5462-10922",
      "slots primary-3.rdb 10923-16383",
    ]);
    assert.equal(about("file").length, 3);
    assert.deepEqual(
      about("dbsize")
        .map((line) => line.replace("dbsize", ""))
        .sort(),
      about("count")
        .map((line) => line.replace(/^count (\d+) (.*)$/, " $2 $1"))
        .sort(),
    );
    assert.match(about("server")[0] ?? "", /^server \d+\.\d+\.\d+$/);
  });

  it("restores it into a server of its own, which nobody can reach, and says so in one line", async () => {
    const { code, stdout, stderr } = await restore(dump);
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      new RegExp(
        `^restored valkey backup \\d{8}-\\d{6} into a server of its own: \\d+ min old, ${keys + 6} rows or keys in 3 tables or files as in the manifest, 0 checks, \\d+ s\\n$`,
      ),
    );
    const servers = here()
      .programs.argumentLines()
      .filter((line) => line.startsWith("valkey-server ") && line.includes("/work/"));
    assert.equal(servers.length, 3);
    for (const line of servers) assert.match(line, /--port 0 /);
  });

  it("runs the checks on each snapshot: one that finds something fails the drill, by name", async () => {
    const checks = here().programs.room("checks");
    const check = (body: string) => writeFileSync(join(checks, "levels.lua"), body);
    check(
      "for _, key in ipairs(redis.call('KEYS', 'guild:*')) do if redis.call('HGET', key, 'level') == '8' then return key end end",
    );
    const good = await restore(dump, { CHECKS_FOLDER: checks });
    assert.equal(good.code, 0, good.stderr);
    check(
      "for _, key in ipairs(redis.call('KEYS', 'guild:*')) do if redis.call('HGET', key, 'level') == '7' then return key end end",
    );
    const bad = await restore(dump, { CHECKS_FOLDER: checks });
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /check levels\.lua found: guild:\{a\}/);
    check("nonsense");
    assert.equal((await restore(dump, { CHECKS_FOLDER: checks })).code, 1);
  });

  it("refuses a snapshot that is changed or cut, or has other keys, though its sums are right", async () => {
    const flipped = changed("flipped", "primary-2.rdb", (content) => {
      const middle = Math.floor(content.length / 2);
      content[middle] = (content[middle] ?? 0) ^ 1;
      return content;
    });
    const bit = await restore(flipped);
    assert.equal(bit.code, 1);
    assert.match(bit.stderr, /primary-2\.rdb was not loaded/);
    const cut = await restore(changed("cut", "primary-1.rdb", (content) => content.subarray(0, content.length - 9)));
    assert.equal(cut.code, 1);
    const other = changed("other", "primary-2.rdb", () => readFileSync(join(dump, "primary-1.rdb")));
    const counted = await restore(other);
    assert.equal(counted.code, 1);
    assert.match(counted.stderr, /primary-2\.rdb: \d+, want \d+/);
  });

  it("counts keys whose time is over as brought back: they were in the backup", async () => {
    const folder = here().programs.room("mortal");
    await here().cluster.load(["SET short:{a} 1 PX 6000", "SET short:{zz} 1 PX 6000"]);
    const { code, stderr } = await dumpTo(folder);
    assert.equal(code, 0, stderr);
    const total = manifestTotal(folder) - (keys + 6);
    assert.equal(total, 2, "the keys ended before they were dumped");
    while ((await here().cluster.call(here().cluster.port, ["EXISTS", "short:{a}"])) === "1")
      await new Promise((resolve) => setTimeout(resolve, 200));
    const proven = await restore(folder);
    assert.equal(proven.code, 0, proven.stderr);
  });

  it("goes to its place and is proven from there", async () => {
    const target = localTarget(here().programs, "target", "valkey");
    const keep = { KEEP_COUNT: "3", KEEP_DAYS: "7" };
    const sent = await run("backup-upload", { ...target, BACKUP_FOLDER: dump, ...keep });
    assert.equal(sent.code, 0, sent.stderr);
    const fetched = join(here().programs.room("scratch"), "backup");
    const age = { MAX_AGE_HOURS: "2" };
    const got = await run("backup-fetch", { ...target, BACKUP_FOLDER: fetched, ...age });
    assert.equal(got.code, 0, got.stderr);
    const proven = await restore(fetched);
    assert.equal(proven.code, 0, proven.stderr);
  });

  it("restores into a cluster of another size, then refuses to, unless it is told that cluster's name", async () => {
    const target = await ValkeyCluster.start(here().programs, "target", 2);
    try {
      const to = {
        TARGET_HOST: "127.0.0.1",
        TARGET_PORT: String(target.port),
        LOCAL_PORT: String(await freePort()),
        SECRET_FOLDER: secretFolder(here().programs, "restorer", { username: "restore", password: passwords.restore }),
      };
      const first = await restore(dump, to);
      assert.equal(first.code, 0, first.stderr);
      assert.equal(await target.size(), keys + 6);
      for (const words of [
        ["GET", "session:42"],
        ["HGETALL", "guild:{a}"],
        ["LRANGE", "queue:{b}", "0", "-1"],
        ["STRLEN", "big"],
      ]) {
        assert.equal(await target.call(target.port, words), await here().cluster.call(here().cluster.port, words));
      }
      assert.ok(Number(await target.call(target.port, ["TTL", "session:42"])) > 90_000);

      await target.call(target.port, ["SET", "newer", "1"]);
      const refused = await restore(dump, to);
      assert.equal(refused.code, 1);
      assert.match(
        refused.stderr,
        new RegExp(`127\\.0\\.0\\.1 has ${keys + 7} keys: .* CONFIRM must say 127\\.0\\.0\\.1`),
      );
      assert.equal((await restore(dump, { ...to, CONFIRM: "yes" })).code, 1);
      assert.equal(await target.call(target.port, ["GET", "newer"]), "1");
      const confirmed = await restore(dump, { ...to, CONFIRM: "127.0.0.1" });
      assert.equal(confirmed.code, 0, confirmed.stderr);
      assert.equal(await target.size(), keys + 6);
      assert.equal(await target.call(target.port, ["EXISTS", "newer"]), "0");
    } finally {
      await target.stop();
    }
  });

  it("keeps passwords out of arguments and messages", async () => {
    const wrong = secretFolder(here().programs, "wrong", { username: "backup", password: "NotThePassword99" });
    const refused = await dumpTo(here().programs.room("refused"), { SECRET_FOLDER: wrong });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /the server refused: .*(WRONGPASS|NOAUTH)/);
    for (const text of [...here().programs.argumentLines(), refused.stderr, refused.stdout]) {
      for (const one of [...Object.values(passwords), "NotThePassword99"]) assert.ok(!text.includes(one), text);
    }
  });

  it("fails when slots have no primary: their keys would not be in the backup", async () => {
    await here().cluster.call(here().cluster.port, ["CLUSTER", "DELSLOTS", "0"]);
    const { code, stderr } = await dumpTo(here().programs.room("holes"));
    assert.equal(code, 1);
    assert.match(stderr, /serves 16383 of 16384 slots/);
  });
});

function manifestTotal(folder: string): number {
  return manifestLines(folder)
    .flatMap((line) => /^count (\d+) /.exec(line)?.[1] ?? [])
    .reduce((sum, one) => sum + Number(one), 0);
}
