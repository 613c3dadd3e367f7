import assert from "node:assert/strict";
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { localTarget, manifestLines, sha256, writeManifest } from "../support/backup/dumps.ts";
import { PostgresServer, superuser } from "../support/backup/postgres.ts";
import { Programs } from "../support/backup/programs.ts";
import { runScript, secretFolder } from "../support/backup/scripts.ts";

/** Signs that end a field of a password file, or a string of a shell, all in one. */
const password = `Back:up\\s#1 $HOME 'x'`;

const roles = `
CREATE ROLE backup LOGIN PASSWORD '${password.replaceAll("'", "''")}';
GRANT pg_read_all_data TO backup;
CREATE ROLE ads LOGIN PASSWORD 'AdsSecret6' CONNECTION LIMIT 7;
CREATE ROLE readers; GRANT readers TO ads;
ALTER ROLE ${superuser} PASSWORD 'SuperSecret7';
CREATE DATABASE ads OWNER ads;
CREATE DATABASE "odd name's" OWNER ads;
`;

const ads = `
SET ROLE ads;
CREATE SCHEMA bidding;
CREATE TYPE bidding.state AS ENUM ('open', 'won');
CREATE TABLE bidding.campaigns (id bigserial PRIMARY KEY, name text NOT NULL, image bytea, rules jsonb,
  state bidding.state DEFAULT 'open', made timestamptz, budget numeric(30, 10) CHECK (budget >= 0));
CREATE TABLE bidding."Bids made" ("at" date NOT NULL, campaign bigint NOT NULL REFERENCES bidding.campaigns ON DELETE CASCADE,
  note text) PARTITION BY RANGE ("at");
CREATE TABLE bidding.bids_2026 PARTITION OF bidding."Bids made" FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE bidding.bids_rest PARTITION OF bidding."Bids made" DEFAULT;
CREATE UNLOGGED TABLE bidding.cache (id int);
INSERT INTO bidding.cache VALUES (1);
INSERT INTO bidding.campaigns (name, image, rules, made, budget) VALUES
  (E'Þórr 雷神 🐉\\n\\\\ ''x'' "y"', '\\x00ff0a0d5c27221a', '{"a": [1, {"b": "ü"}]}', '2026-11-25 01:02:03.456789+00', 12345678901234567890.0123456789),
  (repeat('x', 3000000), NULL, NULL, NULL, NULL);
INSERT INTO bidding."Bids made" VALUES ('2026-05-05', 1, 'in'), ('2020-01-01', 2, 'rest'), ('2026-06-06', 2, NULL);
CREATE VIEW bidding.rich AS SELECT id FROM bidding.campaigns WHERE budget > 0;
CREATE MATERIALIZED VIEW bidding.sums AS SELECT campaign, count(*) FROM bidding."Bids made" GROUP BY 1;
CREATE FUNCTION bidding.twice(x int) RETURNS int LANGUAGE sql AS 'SELECT 2 * x;';
CREATE FUNCTION bidding.stamp() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.made := now(); RETURN NEW; END$$;
CREATE TRIGGER stamp BEFORE UPDATE ON bidding.campaigns FOR EACH ROW EXECUTE FUNCTION bidding.stamp();
GRANT USAGE ON SCHEMA bidding TO readers;
`;

describe("backup and drill of a real PostgreSQL server", function () {
  this.timeout(300_000);
  let programs: Programs | undefined;
  let server: PostgresServer | undefined;
  let target: PostgresServer | undefined;
  let secret = "";
  let dump = "";

  before(async function () {
    programs = await Programs.create("postgres", "rclone");
    if (programs === undefined) return this.skip();
    server = await PostgresServer.start(programs, "source");
    await server.sql("postgres", roles);
    await server.sql("ads", ads);
    await server.sql("odd name's", "SET ROLE ads; CREATE TABLE one (id int); INSERT INTO one VALUES (1)");
    secret = secretFolder(programs, "secret", { username: "backup", password });
    dump = programs.room("dump");
    target = await PostgresServer.start(programs, "target");
    // Roles and the empty database are there, as the operator and this program make them.
    await target.sql("postgres", roles);
  });

  after(async () => {
    await server?.stop();
    await target?.stop();
    programs?.remove();
  });

  function here(): { programs: Programs; server: PostgresServer; target: PostgresServer } {
    assert.ok(programs && server && target);
    return { programs, server, target };
  }

  /** The server of the tests has no certificate. */
  const unencrypted = { PGSSLMODE: "disable" };

  const store = (folder: string, environment: Record<string, string> = {}) => ({
    STORE_HOST: "127.0.0.1",
    STORE_PORT: String(here().server.port),
    SECRET_FOLDER: secret,
    BACKUP_FOLDER: folder,
    ...unencrypted,
    ...environment,
  });

  const restore = (folder: string, environment: Record<string, string> = {}) =>
    runScript(here().programs, "backup-restore-postgres", {
      BACKUP_FOLDER: folder,
      WORK_FOLDER: here().programs.room("work"),
      ...environment,
    });

  /** Into the server of the test: quicker than one of its own, and the same but for that. */
  const restoreTo = (folder: string, environment: Record<string, string> = {}) =>
    restore(folder, {
      TARGET_HOST: "127.0.0.1",
      TARGET_PORT: String(here().target.port),
      SECRET_FOLDER: secretFolder(here().programs, "super", { username: superuser, password: "SuperSecret7" }),
      ...unencrypted,
      ...environment,
    });
  const confirm = { CONFIRM: "127.0.0.1" };

  it("dumps every database with all that is in it, and roles without passwords", async () => {
    const { code, stdout, stderr } = await runScript(here().programs, "backup-dump-postgres", store(dump));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^dumped postgres \d{8}-\d{6}: 6 rows or keys, \d+ bytes\n$/);
    const lines = manifestLines(dump);
    const about = (key: string) => lines.filter((line) => line.startsWith(`${key} `));
    assert.match(about("server")[0] ?? "", /^server \d+\.\d+/);
    assert.match(about("position")[0] ?? "", /^position [0-9A-F]+\/[0-9A-F]+$/);
    assert.deepEqual(about("database"), ["database database-1.dump ads", "database database-2.dump odd name's"]);
    assert.deepEqual(about("count"), [
      "count 2 ads.bidding.bids_2026",
      "count 1 ads.bidding.bids_rest",
      "count 2 ads.bidding.campaigns",
      "count 1 odd name's.public.one",
    ]);
    assert.ok(about("objects").includes("objects 1 triggers of ads"));
    assert.ok(about("objects").includes("objects 2 functions of ads"));
    const text = readFileSync(join(dump, "roles.sql"), "utf8");
    assert.match(text, /CREATE ROLE ads;/);
    assert.doesNotMatch(text, /PASSWORD|SCRAM/);
  });

  it("restores it into a server of its own, which nobody can reach, and says so in one line", async () => {
    const { code, stdout, stderr } = await restore(dump);
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^restored postgres backup \d{8}-\d{6} into a server of its own: \d+ min old, 6 rows or keys in 4 tables or files as in the manifest, 0 checks, \d+ s\n$/,
    );
    const servers = here()
      .programs.argumentLines()
      .filter((line) => line.startsWith("postgres ") && line.includes("/work/"));
    assert.equal(servers.length, 1);
    assert.match(servers[0] ?? "", /-c listen_addresses= /);
  });

  it("restores into a server that has no tables, then refuses to, unless it is told that server's name", async () => {
    const first = await restoreTo(dump);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /into 127\.0\.0\.1: /);
    const query = `SELECT id, md5(name), encode(image, 'hex'), rules, state, made, budget FROM bidding.campaigns ORDER BY id;
      SELECT * FROM bidding."Bids made" ORDER BY 1; SELECT * FROM bidding.sums ORDER BY 1; SELECT bidding.twice(21);
      SELECT nspacl, nspowner::regrole FROM pg_namespace WHERE nspname = 'bidding';
      SELECT nextval('bidding.campaigns_id_seq')`;
    assert.deepEqual(await here().target.sql("ads", query), await here().server.sql("ads", query));

    await here().target.sql("ads", "CREATE TABLE later (id int)");
    const refused = await restoreTo(dump);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /127\.0\.0\.1 has 6 tables in ads: .* CONFIRM must say 127\.0\.0\.1/);
    assert.equal((await restoreTo(dump, { CONFIRM: "yes" })).code, 1);
    assert.deepEqual(await here().target.sql("ads", "SELECT count(*) FROM later"), ["0"]);
    const confirmed = await restoreTo(dump, confirm);
    assert.equal(confirmed.code, 0, confirmed.stderr);
    assert.equal((await here().target.try("ads", "SELECT * FROM later")).code, 3);
  });

  it("restores as a user that may make databases and act as their owner, and is no superuser", async () => {
    await here().target.sql(
      "postgres",
      "CREATE ROLE restore LOGIN CREATEDB PASSWORD 'RestoreSecret8'; GRANT ads TO restore;",
    );
    const login = { username: "restore", password: "RestoreSecret8" };
    const { code, stdout, stderr } = await restoreTo(dump, {
      ...confirm,
      SECRET_FOLDER: secretFolder(here().programs, "restore", login),
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /6 rows or keys/);
    const owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'ads'";
    assert.deepEqual(await here().target.sql("postgres", owner), ["ads"]);
  });

  it("runs the checks in their databases: one that finds something fails the drill, by name", async () => {
    const checks = here().programs.room("checks");
    writeFileSync(join(checks, "ads.budget.sql"), "SELECT id FROM bidding.campaigns WHERE budget < 0;");
    const good = await restoreTo(dump, { CHECKS_FOLDER: checks, ...confirm });
    assert.equal(good.code, 0, good.stderr);
    assert.match(good.stdout, /, 1 checks,/);
    writeFileSync(join(checks, "ads.budget.sql"), "SELECT id FROM bidding.campaigns WHERE budget > 0;");
    const bad = await restoreTo(dump, { CHECKS_FOLDER: checks, ...confirm });
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /check ads\.budget\.sql found: 1/);
    writeFileSync(join(checks, "ads.budget.sql"), "SELECT nothing FROM nowhere;");
    assert.match(
      (await restoreTo(dump, { CHECKS_FOLDER: checks, ...confirm })).stderr,
      /ads\.budget\.sql did not run: .*nowhere/,
    );
  });

  it("refuses a dump that holds other rows than its manifest says, or is cut, though its sums are right", async () => {
    const folder = here().programs.room("changed");
    const files = ["roles.sql", "database-1.dump", "database-2.dump"];
    const copy = () => {
      for (const file of files) copyFileSync(join(dump, file), join(folder, file));
    };
    const lines = () =>
      manifestLines(dump).map((line) => {
        const name = /^file .* (\S+)$/.exec(line)?.[1];
        if (name === undefined) return line;
        const content = readFileSync(join(folder, name));
        return `file ${sha256(content)} ${content.length} ${name}`;
      });
    copy();
    writeManifest(
      folder,
      lines().map((line) => line.replace("count 2 ads.bidding.campaigns", "count 3 ads.bidding.campaigns")),
    );
    const rows = await restoreTo(folder, confirm);
    assert.equal(rows.code, 1);
    assert.match(rows.stderr, /ads\.bidding\.campaigns: 2, want 3/);
    truncateSync(join(folder, "database-1.dump"), Math.floor(readFileSync(join(dump, "database-1.dump")).length / 2));
    writeManifest(folder, lines());
    const cut = await restoreTo(folder, confirm);
    assert.equal(cut.code, 1);
    assert.match(cut.stderr, /ads was not loaded: /);
    copyFileSync(join(dump, "database-2.dump"), join(folder, "database-1.dump"));
    writeManifest(
      folder,
      lines().map((line) => line.replace("database-2.dump odd name's", "database-1.dump ads")),
    );
    assert.equal((await restoreTo(folder, confirm)).code, 1);
  });

  it("goes to its place and is proven from there", async () => {
    const target = localTarget(here().programs, "target", "postgres");
    const keep = { KEEP_COUNT: "3", KEEP_DAYS: "7" };
    const sent = await runScript(here().programs, "backup-upload", { ...target, BACKUP_FOLDER: dump, ...keep });
    assert.equal(sent.code, 0, sent.stderr);
    const fetched = join(here().programs.room("scratch"), "backup");
    const age = { MAX_AGE_HOURS: "2" };
    const got = await runScript(here().programs, "backup-fetch", { ...target, BACKUP_FOLDER: fetched, ...age });
    assert.equal(got.code, 0, got.stderr);
    const proven = await restore(fetched);
    assert.equal(proven.code, 0, proven.stderr);
  });

  it("is of one moment while others write", async () => {
    await here().server.sql(
      "odd name's",
      `CREATE TABLE accounts (id serial PRIMARY KEY, money int NOT NULL);
       CREATE TABLE vaults (LIKE accounts INCLUDING ALL);
       CREATE TABLE stop (now bool);
       CREATE PROCEDURE busy() LANGUAGE plpgsql AS $$BEGIN
         WHILE NOT EXISTS (SELECT FROM stop) LOOP
           INSERT INTO accounts (money) VALUES (1); INSERT INTO vaults (money) VALUES (-1); COMMIT;
         END LOOP; END$$;`,
    );
    const busy = here().server.try("odd name's", "CALL busy()");
    const folder = here().programs.room("moment");
    const seen: number[] = [];
    try {
      for (let round = 0; round < 3; round++) {
        const { code, stderr } = await runScript(here().programs, "backup-dump-postgres", store(folder));
        assert.equal(code, 0, stderr);
        const counts = manifestLines(folder).flatMap(
          (line) => /^count (\d+) .*\.(accounts|vaults)$/.exec(line)?.[1] ?? [],
        );
        assert.equal(counts.length, 2);
        assert.equal(counts[0], counts[1]);
        seen.push(Number(counts[0]));
        // The rows of the dump are those of the count: the restore compares them.
        const proven = await restoreTo(folder, confirm);
        assert.equal(proven.code, 0, proven.stderr);
      }
    } finally {
      await here().server.sql("odd name's", "INSERT INTO stop VALUES (true)");
    }
    assert.equal((await busy).code, 0);
    assert.ok((seen[0] ?? 0) < (seen[2] ?? 0), "nobody wrote");
    await here().server.sql("odd name's", "DROP TABLE accounts, vaults, stop; DROP PROCEDURE busy");
  });

  it("keeps passwords out of arguments and messages, and wants TLS unless told otherwise", async () => {
    const folder = here().programs.room("refused");
    const wrong = secretFolder(here().programs, "wrong", { username: "backup", password: "NotThePassword99" });
    const refused = await runScript(here().programs, "backup-dump-postgres", store(folder, { SECRET_FOLDER: wrong }));
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /the server refused: .*password authentication failed/);
    const open = await runScript(here().programs, "backup-dump-postgres", store(folder, { PGSSLMODE: "" }));
    assert.equal(open.code, 1);
    assert.match(open.stderr, /server does not support SSL/);
    for (const text of [...here().programs.argumentLines(), refused.stderr, refused.stdout, open.stderr]) {
      for (const one of [password, "NotThePassword99", "SuperSecret7"]) assert.ok(!text.includes(one), text);
    }
  });

  it("fails when a database is not there or may not be read", async () => {
    const folder = here().programs.room("none");
    const nowhere = await runScript(here().programs, "backup-dump-postgres", store(folder, { DATABASES: "nowhere" }));
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /nowhere was not counted: .*does not exist/);
    await here().server.sql("postgres", "REVOKE pg_read_all_data FROM backup");
    try {
      const denied = await runScript(here().programs, "backup-dump-postgres", store(folder, { DATABASES: "ads" }));
      assert.equal(denied.code, 1);
      assert.match(denied.stderr, /permission denied/);
    } finally {
      await here().server.sql("postgres", "GRANT pg_read_all_data TO backup");
    }
  });
});
