import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { hoursAgo, localTarget, sha256, stampOf, writeDump, writeManifest } from "../support/backup/dumps.ts";
import { asRoot, Programs, podUser } from "../support/backup/programs.ts";
import { runScript, secretFolder } from "../support/backup/scripts.ts";

const password = "KeyOfBackups17";

/** Flips one bit in the middle of a file. */
function damage(file: string): void {
  const content = readFileSync(file);
  const middle = Math.floor(content.length / 2);
  content[middle] = (content[middle] ?? 0) ^ 1;
  writeFileSync(file, content);
}

describe("upload and fetch, with rclone and the shell and tools of its image", function () {
  this.timeout(120_000);
  let programs: Programs | undefined;
  let target: Record<string, string> = {};
  let [dump, fetched, place] = ["", "", ""];
  let test = 0;

  before(async function () {
    this.timeout(300_000);
    programs = await Programs.create("busybox", "rclone");
    if (programs === undefined) this.skip();
  });

  after(() => programs?.remove());

  beforeEach(() => {
    const here = some();
    test += 1;
    target = localTarget(here, `target-${test}`);
    place = join(target["REMOTE_PATH"] ?? "", "mysql");
    dump = here.room(`dump-${test}`);
    fetched = join(here.room(`fetched-${test}`), "backup");
  });

  function some(): Programs {
    assert.ok(programs);
    return programs;
  }

  function run(script: string, environment: Record<string, string>) {
    const here = some();
    // Nothing is on the PATH but what the image has: BusyBox and rclone.
    const options = { shell: [join(here.folder, "busybox"), "sh"], onlyPrograms: true };
    return runScript(here, script, { ...target, ...environment }, options);
  }

  const upload = (environment: Record<string, string> = {}) =>
    run("backup-upload", { BACKUP_FOLDER: dump, KEEP_COUNT: "2", KEEP_DAYS: "7", ...environment });
  const fetch = (environment: Record<string, string> = {}) =>
    run("backup-fetch", { BACKUP_FOLDER: fetched, MAX_AGE_HOURS: "26", ...environment });
  const kept = () => readdirSync(place).sort();

  /** A backup in its place, without the script. */
  function existing(hours: number, complete = true): string {
    const stamp = stampOf(hoursAgo(hours));
    mkdirSync(join(place, stamp), { recursive: true });
    writeDump(join(place, stamp), hoursAgo(hours), { "databases.sql.gz": `rows of ${stamp}` });
    if (!complete) rmSync(join(place, stamp, "manifest"));
    return stamp;
  }

  function own(): void {
    if (asRoot) execFileSync("chown", ["-R", `${podUser}:${podUser}`, target["REMOTE_PATH"] ?? ""]);
  }

  it("bring back what was dumped, byte by byte", async () => {
    const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 256));
    const stamp = writeDump(dump, hoursAgo(0), { "databases.sql.gz": content, "roles.sql": "CREATE ROLE ads;\n" });
    const sent = await upload();
    assert.equal(sent.code, 0, sent.stderr);
    assert.match(sent.stdout, new RegExp(`uploaded mysql backup ${stamp}\nkept 1 backups of mysql, removed 0`));
    const got = await fetch();
    assert.equal(got.code, 0, got.stderr);
    assert.match(got.stdout, new RegExp(`fetched mysql backup ${stamp}: 2 files as in the manifest`));
    assert.deepEqual(readFileSync(join(fetched, "databases.sql.gz")), content);
    assert.deepEqual(readdirSync(fetched).sort(), ["databases.sql.gz", "manifest", "roles.sql"]);
  });

  it("keep neither names nor content readable with a password, and open nothing with another", async () => {
    const secret = secretFolder(some(), `key-${test}`, { password, other: "AnotherKey18" });
    const encrypted = { ENCRYPTION_FILE: join(secret, "password") };
    writeDump(dump, hoursAgo(0), { "databases.sql.gz": "a dump of players".repeat(100) });
    const sent = await upload(encrypted);
    assert.equal(sent.code, 0, sent.stderr);
    const root = target["REMOTE_PATH"] ?? "";
    const files = readdirSync(root, { recursive: true, encoding: "utf8" });
    assert.ok(files.length >= 4);
    assert.doesNotMatch(files.join("\n"), /mysql|manifest|sql|\d{8}-\d{6}/);
    for (const file of readdirSync(root, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())) {
      assert.doesNotMatch(readFileSync(join(file.parentPath, file.name), "latin1"), /players|format/);
    }
    const got = await fetch(encrypted);
    assert.equal(got.code, 0, got.stderr);
    const wrong = await fetch({ ENCRYPTION_FILE: join(secret, "other") });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /no complete backup of mysql/);
    for (const line of some().argumentLines()) assert.doesNotMatch(line, new RegExp(password));
    for (const { stdout, stderr } of [sent, got, wrong]) assert.doesNotMatch(stdout + stderr, new RegExp(password));
  });

  it("refuse a file that is changed, cut, or gone, by name", async () => {
    const stamp = writeDump(dump, hoursAgo(0), { "databases.sql.gz": "rows and rows and rows", "roles.sql": "roles" });
    assert.equal((await upload()).code, 0);
    const file = join(place, stamp, "databases.sql.gz");
    const whole = readFileSync(file);
    damage(file);
    const changed = await fetch();
    assert.equal(changed.code, 1);
    assert.match(changed.stderr, /databases\.sql\.gz is changed/);
    writeFileSync(file, whole);
    truncateSync(file, 5);
    assert.match((await fetch()).stderr, /databases\.sql\.gz has 5 bytes, its manifest says 22/);
    rmSync(file);
    const gone = await fetch();
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /databases\.sql\.gz is missing/);
  });

  it("refuse a manifest that is changed, cut, of another time, of an unknown format, or that names files elsewhere", async () => {
    const stamp = writeDump(dump, hoursAgo(0), { "databases.sql.gz": "rows" });
    assert.equal((await upload()).code, 0);
    const file = join(place, stamp, "manifest");
    const text = readFileSync(file, "utf8");
    const lines = text.trimEnd().split("\n").slice(0, -1);
    const refused = async (why: RegExp) => {
      const { code, stderr } = await fetch();
      assert.equal(code, 1);
      assert.match(stderr, why);
    };
    writeFileSync(file, text.replace("count 3", "count 4"));
    await refused(/manifest .* is changed/);
    writeFileSync(file, text.slice(0, 60));
    await refused(/manifest .* is cut/);
    writeManifest(join(place, stamp), ["format 2", ...lines.slice(1)]);
    await refused(/has format 2, want 1/);
    writeManifest(join(place, stamp), [...lines, `file ${sha256("x")} 1 ../../etc/passwd`]);
    await refused(/names files outside/);
    writeManifest(
      join(place, stamp),
      lines.filter((line) => !line.startsWith("file ")),
    );
    await refused(/names no file/);
    writeManifest(
      join(place, stamp),
      lines.map((line) => line.replace(stamp, "20200101-000000")),
    );
    await refused(/is that of another backup/);
  });

  it("do not count an upload that was interrupted, and use the one before", async () => {
    const whole = existing(3);
    existing(1, false);
    own();
    const { code, stdout, stderr } = await fetch();
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`fetched mysql backup ${whole}`));
  });

  it("write the manifest after everything else: an upload that dies before has none", async () => {
    writeDump(dump, hoursAgo(0), { "databases.sql.gz": "rows" });
    assert.equal((await upload()).code, 0);
    const writes = some()
      .argumentLines()
      .filter((line) => /^rclone (copy|copyto|check|cat) /.test(line) && line.includes(place));
    assert.deepEqual(
      writes.map((line) => line.split(" ")[1]),
      ["copy", "check", "copyto", "cat"],
    );
    assert.match(writes[0] ?? "", /--exclude \/manifest/);
  });

  it("refuse to upload a dump that is not what its manifest says, or has none", async () => {
    writeDump(dump, hoursAgo(0), { "databases.sql.gz": "rows and rows" });
    damage(join(dump, "databases.sql.gz"));
    const changed = await upload();
    assert.equal(changed.code, 1);
    assert.match(changed.stderr, /databases\.sql\.gz is changed/);
    rmSync(join(dump, "manifest"));
    assert.match((await upload()).stderr, /has no manifest/);
    assert.ok(!existsSync(place));
  });

  it("go on where a run before failed after its upload, but never write over another backup", async () => {
    const time = hoursAgo(0);
    writeDump(dump, time, { "databases.sql.gz": "rows" });
    assert.equal((await upload()).code, 0);
    const again = await upload();
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /is there already\nkept 1 backups/);
    const stamp = writeDump(dump, time, { "databases.sql.gz": "other rows" });
    const other = await upload();
    assert.equal(other.code, 1);
    assert.match(other.stderr, new RegExp(`there is another backup ${stamp} already`));
    assert.equal(readFileSync(join(place, stamp, "databases.sql.gz"), "utf8"), "rows");
  });

  it("fail when there is no backup, and when the newest is too old, but bring an old one that is asked for", async () => {
    const nothing = await fetch();
    assert.equal(nothing.code, 1);
    assert.match(nothing.stderr, /no complete backup of mysql/);
    const older = existing(60);
    const old = existing(30);
    own();
    const late = await fetch();
    assert.equal(late.code, 1);
    assert.match(late.stderr, new RegExp(`newest backup of mysql is ${old}, 30 h old, want at most 26 h`));
    assert.equal((await fetch({ MAX_AGE_HOURS: "31" })).code, 0);
    const asked = await fetch({ STAMP: older });
    assert.equal(asked.code, 0, asked.stderr);
    assert.match(readFileSync(join(fetched, "databases.sql.gz"), "utf8"), new RegExp(older));
    const unknown = await fetch({ STAMP: "20200101-000000" });
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, new RegExp(`no complete backup 20200101-000000 .* newest are ${older} ${old}`));
  });

  it("remove what is older than the days and beyond the count, and the rests of old uploads", async () => {
    const [ancient, old] = [existing(24 * 30), existing(24 * 20)];
    const [within, yesterday] = [existing(24 * 6), existing(24)];
    const rest = existing(24 * 3, false);
    const onItsWay = existing(2, false);
    own();
    const stamp = writeDump(dump, hoursAgo(0), { "databases.sql.gz": "rows" });
    const { code, stdout, stderr } = await upload();
    assert.equal(code, 0, stderr);
    assert.deepEqual(kept(), [within, yesterday, onItsWay, stamp].sort());
    assert.match(stdout, /kept 3 backups of mysql, removed 3/);
    for (const gone of [ancient, old, rest]) assert.ok(!existsSync(join(place, gone)));
    // Its manifest goes first: a removal that is cut off must leave nothing that counts.
    const removals = some()
      .argumentLines()
      .filter((line) => line.includes(`${place}/${ancient}`));
    assert.deepEqual(
      removals.map((line) => line.split(" ")[1]),
      ["deletefile", "purge"],
    );
  });

  it("keep the count however old, so that a schedule that stood still loses nothing", async () => {
    const old = [existing(24 * 300), existing(24 * 200), existing(24 * 100)];
    own();
    const stamp = writeDump(dump, hoursAgo(0), { "databases.sql.gz": "rows" });
    assert.equal((await upload({ KEEP_COUNT: "3" })).code, 0);
    assert.deepEqual(kept(), [...old.slice(1), stamp].sort());
  });

  it("never remove the one just made, even where clocks were wrong and others seem newer", async () => {
    const future = [existing(-24 * 30), existing(-24 * 31)];
    own();
    const stamp = writeDump(dump, hoursAgo(24 * 20), { "databases.sql.gz": "rows" });
    assert.equal((await upload({ KEEP_COUNT: "1", KEEP_DAYS: "1" })).code, 0);
    assert.deepEqual(kept(), [...future, stamp].sort());
  });

  it("never touch what is not named like a backup", async () => {
    const strangers = ["manual", "20200101", "20200101-000000-copy", "x20200101-000000"];
    for (const name of strangers) {
      mkdirSync(join(place, name), { recursive: true });
      writeFileSync(join(place, name, "manifest"), "mine");
    }
    writeFileSync(join(place, "20200101-000001"), "a file, no folder");
    own();
    const stamp = writeDump(dump, hoursAgo(0), { "databases.sql.gz": "rows" });
    assert.equal((await upload({ KEEP_COUNT: "1", KEEP_DAYS: "1" })).code, 0);
    assert.deepEqual(kept(), [...strangers, "20200101-000001", stamp].sort());
    const { code, stdout } = await fetch();
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(stamp));
  });

  it("fail and remove nothing where the count or the days are not numbers, or the place cannot be listed", async () => {
    existing(24 * 300);
    own();
    writeDump(dump, hoursAgo(0), { "databases.sql.gz": "rows" });
    for (const [name, value] of [
      ["KEEP_COUNT", "0"],
      ["KEEP_DAYS", ""],
      ["KEEP_COUNT", "-1"],
    ] as const) {
      const { code, stderr } = await upload({ [name]: value });
      assert.equal(code, 1);
      assert.match(stderr, /at least 1/);
    }
    const unknown = await upload({ RCLONE_CONFIG_BACKUP_TYPE: "nosuchkind" });
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /cannot be listed/);
    const unread = await fetch({ RCLONE_CONFIG_BACKUP_TYPE: "nosuchkind" });
    assert.match(unread.stderr, /cannot be listed/);
    assert.doesNotMatch(unread.stderr, /no complete backup/, "nobody knows that");
    assert.equal(kept().length, 1);
  });
});
