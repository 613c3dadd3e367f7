import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { after, before, describe, it } from "mocha";
import { localTarget, manifestLines, sha256, writeManifest } from "../support/backup/dumps.ts";
import { MySqlServer } from "../support/backup/mysql.ts";
import { grants, password, players } from "../support/backup/mysql-sample.ts";
import { Programs } from "../support/backup/programs.ts";
import { runScript, secretFolder } from "../support/backup/scripts.ts";

describe("backup and drill of a real MySQL server", function () {
  this.timeout(300_000);
  let programs: Programs | undefined;
  let server: MySqlServer | undefined;
  let target: MySqlServer | undefined;
  let secret = "";
  let dump = "";

  before(async function () {
    programs = await Programs.create("mysql", "rclone");
    if (programs === undefined) return this.skip();
    server = await MySqlServer.start(programs, "source");
    await server.file(players);
    const quoted = password.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
    await server.sql([`CREATE USER backup IDENTIFIED BY '${quoted}'`, ...grants].join(";"));
    secret = secretFolder(programs, "secret", { username: "backup", password });
    dump = programs.room("dump");
    target = await MySqlServer.start(programs, "target");
    const restorer = "CREATE USER restorer IDENTIFIED BY 'RestoreSecret5'; GRANT ALL ON *.* TO restorer";
    await target.sql(`${restorer}; CREATE DATABASE mmorpg`);
  });

  after(async () => {
    await server?.stop();
    await target?.stop();
    programs?.remove();
  });

  function here() {
    assert.ok(programs && server && target);
    return { programs, server, target };
  }

  function store(folder: string, environment: Record<string, string> = {}) {
    return {
      STORE_HOST: "127.0.0.1",
      STORE_PORT: String(here().server.port),
      DATABASES: "mmorpg guilds-eu",
      SECRET_FOLDER: secret,
      BACKUP_FOLDER: folder,
      ...environment,
    };
  }

  const restore = (folder: string, environment: Record<string, string> = {}) =>
    runScript(here().programs, "backup-restore-mysql", {
      BACKUP_FOLDER: folder,
      WORK_FOLDER: here().programs.room("work"),
      ...environment,
    });

  /** Into the server of the test: quicker than one of its own. */
  const restoreTo = (folder: string, environment: Record<string, string> = {}) =>
    restore(folder, {
      TARGET_HOST: "127.0.0.1",
      TARGET_PORT: String(here().target.port),
      SECRET_FOLDER: secretFolder(here().programs, "restorer", { username: "restorer", password: "RestoreSecret5" }),
      ...environment,
    });

  /** A copy of the dump whose SQL is changed and whose manifest agrees with that. */
  function changed(name: string, change: (text: string) => string): string {
    const folder = here().programs.room(name);
    const text = gunzipSync(readFileSync(join(dump, "databases.sql.gz"))).toString("utf8");
    assert.notEqual(change(text), text);
    const packed = gzipSync(change(text));
    writeFileSync(join(folder, "databases.sql.gz"), packed);
    const file = `file ${sha256(packed)} ${packed.length} databases.sql.gz`;
    writeManifest(folder, [...manifestLines(dump).filter((line) => !line.startsWith("file ")), file]);
    return folder;
  }

  it("dumps databases with all that is in them, as a user who can do nothing else", async () => {
    const { code, stdout, stderr } = await runScript(here().programs, "backup-dump-mysql", store(dump));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^dumped mysql \d{8}-\d{6}: 8 rows or keys, \d+ bytes\n$/);
    const lines = manifestLines(dump);
    const about = (key: string) => lines.filter((line) => line.startsWith(`${key} `));
    assert.deepEqual(about("format"), ["format 1"]);
    assert.deepEqual(about("store"), ["store mysql"]);
    assert.match(about("server")[0] ?? "", /^server \d+\.\d+\.\d+/);
    assert.match(about("position")[0] ?? "", /^position [0-9a-f-]{36}:1-\d+$/);
    assert.deepEqual(about("count").sort(), [
      "count 1 guilds-eu.guilds",
      'count 2 mmorpg.odd name\'s "table"',
      "count 2 mmorpg.players",
      "count 3 mmorpg.items",
    ]);
    assert.deepEqual(about("objects").sort(), [
      "objects 1 events of mmorpg",
      "objects 1 triggers of mmorpg",
      "objects 1 views of mmorpg",
      "objects 2 routines of mmorpg",
    ]);
    assert.equal(about("file").length, 1);
  });

  it("restores it into a server of its own, which nobody can reach, and says so in one line", async () => {
    const { code, stdout, stderr } = await restore(dump);
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^restored mysql backup \d{8}-\d{6} into a server of its own: \d+ min old, 8 rows or keys in 4 tables or files as in the manifest, 0 checks, \d+ s\n$/,
    );
    const servers = here()
      .programs.argumentLines()
      .filter((line) => line.startsWith("mysqld ") && line.includes("/work/"));
    assert.ok(servers.length >= 2);
    assert.match(servers.at(-1) ?? "", /--skip-networking --mysqlx=OFF/);
  });

  it("restores into a server that has no tables, then refuses to, unless it is told that server's name", async () => {
    const first = await restoreTo(dump);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /restored mysql backup \S+ into 127\.0\.0\.1: /);
    const query = `USE mmorpg; SELECT id, HEX(name), HEX(face), SHA2(notes, 256), born, money, bag FROM players ORDER BY id;
      SELECT id, player FROM items ORDER BY id; SELECT HEX(name) FROM \`guilds-eu\`.guilds;
      SELECT twice(21); SELECT event_name, starts FROM information_schema.events;
      SELECT constraint_name, delete_rule FROM information_schema.referential_constraints`;
    assert.deepEqual(await here().target.sql(query), await here().server.sql(query));

    await here().target.sql("INSERT INTO mmorpg.items VALUES (77, 1); CREATE TABLE mmorpg.later (id INT)");
    const refused = await restoreTo(dump);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /127\.0\.0\.1 has 6 tables in mmorpg guilds-eu: .* CONFIRM must say 127\.0\.0\.1/);
    assert.equal((await restoreTo(dump, { CONFIRM: "yes" })).code, 1);
    assert.deepEqual(await here().target.sql("SELECT COUNT(*) FROM mmorpg.items"), ["4"]);

    const confirmed = await restoreTo(dump, { CONFIRM: "127.0.0.1" });
    assert.equal(confirmed.code, 0, confirmed.stderr);
    assert.deepEqual(await here().target.sql(query), await here().server.sql(query));
  });

  it("runs the checks in the restored database: one that finds something fails the drill, by name", async () => {
    const checks = here().programs.room("checks");
    writeFileSync(
      join(checks, "orphans.sql"),
      "SELECT items.id FROM items LEFT JOIN players ON players.id = player WHERE players.id IS NULL",
    );
    const good = await restoreTo(dump, { CHECKS_FOLDER: checks, CONFIRM: "127.0.0.1" });
    assert.equal(good.code, 0, good.stderr);
    assert.match(good.stdout, /, 1 checks,/);
    writeFileSync(join(checks, "names.sql"), "SELECT name FROM players WHERE id = 7");
    const bad = await restoreTo(dump, { CHECKS_FOLDER: checks, CONFIRM: "127.0.0.1" });
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /check names\.sql found: second/);
    writeFileSync(join(checks, "names.sql"), "SELECT nothing FROM nowhere");
    const broken = await restoreTo(dump, { CHECKS_FOLDER: checks, CONFIRM: "127.0.0.1" });
    assert.match(broken.stderr, /check names\.sql did not run: .*nowhere/);
  });

  it("refuses a dump that has lost a row, a table, an event, or its end, though its sums are right", async () => {
    const confirm = { CONFIRM: "127.0.0.1" };
    const lost = changed("lost-row", (text) => text.replace(",(2,1)", ""));
    const row = await restoreTo(lost, confirm);
    assert.equal(row.code, 1);
    assert.match(row.stderr, /mmorpg\.items: 2, want 3\n.*does not hold what its manifest says/s);
    const table = await restoreTo(
      changed("lost-table", (text) => text.replaceAll("guilds-eu`", "guilds-us`")),
      confirm,
    );
    assert.match(table.stderr, /guilds-eu\.guilds: missing, want 1/);
    const event = await restoreTo(
      changed("lost-event", (text) => text.replace(/\/\*!50106 CREATE[^;]*EVENT `nightly`[^;]*;;/, "")),
      confirm,
    );
    assert.match(event.stderr, /events of mmorpg: missing, want 1/);
    const broken = await restoreTo(
      changed("broken", (text) => text.slice(0, text.indexOf("Dump completed") - 400)),
      confirm,
    );
    assert.equal(broken.code, 1);
  });

  it("refuses a backup of another store", async () => {
    const folder = here().programs.room("other");
    const lines = manifestLines(dump).map((line) => line.replace("store mysql", "store postgres"));
    writeManifest(folder, lines);
    assert.match((await restore(folder)).stderr, /is no backup of MySQL/);
  });

  it("goes to its place encrypted and is proven from there", async () => {
    const key = secretFolder(here().programs, "key", { password: "KeyOfBackups17" });
    const target = { ...localTarget(here().programs, "target"), ENCRYPTION_FILE: join(key, "password") };
    const sent = await runScript(here().programs, "backup-upload", {
      ...target,
      BACKUP_FOLDER: dump,
      KEEP_COUNT: "3",
      KEEP_DAYS: "7",
    });
    assert.equal(sent.code, 0, sent.stderr);
    const fetched = join(here().programs.room("scratch"), "backup");
    const got = await runScript(here().programs, "backup-fetch", {
      ...target,
      BACKUP_FOLDER: fetched,
      MAX_AGE_HOURS: "2",
    });
    assert.equal(got.code, 0, got.stderr);
    const proven = await restore(fetched);
    assert.equal(proven.code, 0, proven.stderr);
  });

  it("is of one moment while others write", async () => {
    // Money only moves: the sum of both tables is the same at every moment, and rows are added in pairs.
    await here().server.file(`USE mmorpg;
CREATE TABLE accounts (id INT PRIMARY KEY AUTO_INCREMENT, money INT NOT NULL);
CREATE TABLE vaults (id INT PRIMARY KEY AUTO_INCREMENT, money INT NOT NULL);
INSERT INTO accounts (money) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT 100 FROM n;
INSERT INTO vaults (money) SELECT money FROM accounts;
DELIMITER //
CREATE PROCEDURE busy() BEGIN
  DECLARE n INT DEFAULT 0;
  WHILE NOT EXISTS (SELECT 1 FROM accounts WHERE money < -1000000) DO
    SET n = n + 1;
    START TRANSACTION;
    UPDATE accounts SET money = money - 1 WHERE id = 1 + n MOD 1000;
    UPDATE vaults SET money = money + 1 WHERE id = 1 + n MOD 1000;
    INSERT INTO accounts (money) VALUES (0);
    INSERT INTO vaults (money) VALUES (0);
    COMMIT;
  END WHILE;
END//
DELIMITER ;`);
    const busy = here().server.try("CALL mmorpg.busy()");
    const folder = here().programs.room("moment");
    try {
      for (let round = 0; round < 3; round++) {
        const { code, stderr } = await runScript(here().programs, "backup-dump-mysql", store(folder));
        assert.equal(code, 0, stderr);
        const counts = manifestLines(folder).flatMap(
          (line) => /^count (\d+) mmorpg\.(accounts|vaults)$/.exec(line)?.[1] ?? [],
        );
        assert.equal(counts.length, 2);
        assert.equal(counts[0], counts[1]);
        assert.ok(Number(counts[0]) > 1000, "nobody wrote");
        const text = gunzipSync(readFileSync(join(folder, "databases.sql.gz"))).toString("utf8");
        const sum = (table: string) =>
          [...text.matchAll(new RegExp(`INSERT INTO \`${table}\` VALUES (.*);`, "g"))]
            .flatMap(([, rows = ""]) => [...rows.matchAll(/\(\d+,(-?\d+)\)/g)])
            .reduce((whole, [, money]) => whole + Number(money), 0);
        assert.equal(sum("accounts") + sum("vaults"), 200_000);
        const rows = [...text.matchAll(/INSERT INTO `accounts` VALUES (.*);/g)].flatMap(([, all = ""]) =>
          all.split("),("),
        );
        assert.equal(rows.length, Number(counts[0]), "the count is of another moment than the dump");
      }
    } finally {
      await here().server.sql("UPDATE mmorpg.accounts SET money = -2000000 WHERE id = 1");
    }
    assert.equal((await busy).code, 0);
    const proven = await restore(folder);
    assert.equal(proven.code, 0, proven.stderr);
    await here().server.sql("DROP TABLE mmorpg.accounts, mmorpg.vaults; DROP PROCEDURE mmorpg.busy");
  });

  it("fails, and leaves no lock, when a database is not there or may not be read", async () => {
    const folder = here().programs.room("none");
    for (const [database, why] of [
      ["nowhere", /mysqldump failed: .*nowhere/],
      ["mysql", /mysqldump failed: .*denied/],
      ["a;b", /is no name of a database/],
    ] as const) {
      const wanted = store(folder, { DATABASES: database });
      const { code, stderr } = await runScript(here().programs, "backup-dump-mysql", wanted);
      assert.equal(code, 1);
      assert.match(stderr, why);
    }
    await here().server.sql("INSERT INTO mmorpg.items VALUES (9, 1); DELETE FROM mmorpg.items WHERE id = 9");
  });

  it("keeps the password out of arguments and messages", async () => {
    const wrong = secretFolder(here().programs, "wrong", { username: "backup", password: "NotThePassword99" });
    const refused = await runScript(here().programs, "backup-dump-mysql", {
      ...store(here().programs.room("refused")),
      SECRET_FOLDER: wrong,
    });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /the server refused: .*Access denied/);
    // Calls of the test itself are those without the file of options.
    const calls = here()
      .programs.argumentLines()
      .filter((line) => line.includes("--defaults-file="));
    assert.ok(calls.length > 10);
    for (const line of [...calls, refused.stderr, refused.stdout]) {
      for (const secret of [password, "NotThePassword99", "RestoreSecret5"]) assert.ok(!line.includes(secret), line);
    }
  });
});
